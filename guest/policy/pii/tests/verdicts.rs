//! Verdicts on events, through what the plugin exports but for the host's `config`.

use activemirror_guest::policy::{
    Event, EventKind, Leaf, Mark, Place, PluginError, Source, Span, Value, Verdict,
};
use activemirror_policy_pii::{MARKS_MAX, Settings, decide};

fn event(content: Option<&str>, leaves: Vec<(&str, Value)>) -> Event {
    Event {
        sequence: 7,
        time: 1_716_200_000_000,
        kind: EventKind::Observation,
        source: Source::User,
        content: content.map(String::from),
        action: None,
        intent: None,
        confidence: None,
        leaves: leaves.into_iter().map(|(path, value)| Leaf { path: path.into(), value }).collect(),
        marks: Vec::new(),
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn verdict(event: &Event) -> Verdict {
    decide(&Settings::default(), core::slice::from_ref(event)).remove(0)
}

/// The marks of a verdict as place, category and marked text.
fn shown(event: &Event, marks: &[Mark]) -> Vec<String> {
    marks
        .iter()
        .map(|mark| format!("{:?} {} {:?}", mark.span.place, mark.category, slice(event, &mark.span)))
        .collect()
}

fn slice<'e>(event: &'e Event, span: &Span) -> &'e str {
    let range = span.start as usize..span.end as usize;
    match span.place {
        Place::Content => &event.content.as_deref().expect("content is there")[range],
        Place::LeafPath(index) => &event.leaves[index as usize].path[range],
        Place::Action => &event.action.as_deref().expect("an action is there")[range],
        Place::Intent => &event.intent.as_deref().expect("an intent is there")[range],
        Place::LeafValue(index) => match &event.leaves[index as usize].value {
            Value::Text(text) => &text[range],
            _ => "",
        },
    }
}

#[track_caller]
fn check_masks(event: &Event, expected: &[&str]) {
    match verdict(event) {
        Verdict::Mask(marks) => assert_eq!(shown(event, &marks), expected),
        other => panic!("{other:?} is no mask"),
    }
}

#[track_caller]
fn check_drops(event: &Event, expected: &[&str]) {
    match verdict(event) {
        Verdict::Drop(marks) => assert_eq!(shown(event, &marks), expected),
        other => panic!("{other:?} is no drop"),
    }
}

#[test]
fn nothing_personal_is_allowed() {
    let leaves = vec![
        ("/data/flight_number", text("HAT069")),
        ("/data/date", text("2024-05-20")),
        ("/data/price", Value::Signed(1859)),
    ];
    assert_eq!(verdict(&event(Some("Which flight would you like?"), leaves)), Verdict::Allow);
    assert_eq!(verdict(&event(None, Vec::new())), Verdict::Allow);
}

#[test]
fn content_and_values_are_masked() {
    let leaves = vec![("/parameters/note", text("reach me at mia@example.com"))];
    check_masks(
        &event(Some("I'm at 212-555-0142"), leaves),
        &["Place::Content phone \"212-555-0142\"", "Place::LeafValue(0) email \"mia@example.com\""],
    );
}

#[test]
fn a_fields_name_makes_its_whole_value_personal() {
    let fields = [
        ("dob", "6 June 1990", "date-of-birth"),
        ("date_of_birth", "19900405", "date-of-birth"),
        ("userEmail", "mia @ example", "email"),
        ("Phone-Number", "555 0142", "phone"),
        ("address1", "Rose Cottage", "street-address"),
        ("zip", "78750", "postal-code"),
        ("ssn", "12345", "national-id"),
        ("card_number", "4111-XXXX-XXXX-11112222", "payment-card"),
        ("first_name", "Mia", "person-name"),
        ("lastName", "Li", "person-name"),
    ];
    for (field, value, category) in fields {
        let path = format!("/data/customer/{field}");
        let event = event(None, vec![(&path, text(value))]);
        let Verdict::Mask(marks) = verdict(&event) else { panic!("{field} is masked") };
        let whole = Span { place: Place::LeafValue(0), start: 0, end: value.len() as u32 };
        assert_eq!(marks, [Mark { span: whole, category: category.into() }], "{field}");
    }
}

#[test]
fn a_name_beside_personal_fields_is_a_persons() {
    let person =
        vec![("/data/users[0]/name", text("Mia Li")), ("/data/users[0]/email", text("mia@example.com"))];
    check_masks(
        &event(None, person),
        &["Place::LeafValue(0) person-name \"Mia Li\"", "Place::LeafValue(1) email \"mia@example.com\""],
    );
    let tool = vec![("/data/tool/name", text("Search")), ("/data/user/email", text("mia@example.com"))];
    check_masks(&event(None, tool), &["Place::LeafValue(1) email \"mia@example.com\""]);
}

#[test]
fn a_field_that_says_it_has_no_value_is_left() {
    let leaves = vec![
        ("/data/email", text("none")),
        ("/data/phone", text("")),
        ("/data/dob", Value::Null),
        ("/data/email_verified", Value::Boolean(true)),
        ("/data/addresses", Value::EmptyList),
    ];
    assert_eq!(verdict(&event(None, leaves)), Verdict::Allow);
}

#[test]
fn numbers_are_marked_as_a_whole() {
    let leaves = vec![
        ("/data/phone", Value::Signed(5_551_234_567)),
        ("/data/id", Value::Signed(4_111_111_111_111_111)),
        ("/data/zip", Value::Unsigned(78750)),
        ("/data/order", Value::Signed(5_551_234_567)),
        ("/data/card/number", Value::Decimal("4111111111111111000".into())),
    ];
    check_masks(
        &event(None, leaves),
        &[
            "Place::LeafValue(0) phone \"\"",
            "Place::LeafValue(1) payment-card \"\"",
            "Place::LeafValue(2) postal-code \"\"",
            "Place::LeafValue(4) payment-card \"\"",
        ],
    );
}

#[test]
fn keys_that_are_personal_are_masked_in_the_path() {
    let leaves = vec![
        ("/data/accounts/mia@example.com/balance", Value::Signed(3)),
        ("/data/4111111111111111[0]", Value::Null),
    ];
    check_masks(
        &event(None, leaves),
        &[
            "Place::LeafPath(0) email \"mia@example.com\"",
            "Place::LeafPath(1) payment-card \"4111111111111111\"",
        ],
    );
}

#[test]
fn a_security_code_is_dropped_before_anything_is_masked() {
    check_drops(
        &event(Some("4111 1111 1111 1111 12/27 123"), Vec::new()),
        &["Place::Content card-security-code \"123\""],
    );
    check_drops(
        &event(None, vec![("/parameters/cvv", text("1234"))]),
        &["Place::LeafValue(0) card-security-code \"1234\""],
    );
    check_drops(
        &event(None, vec![("/parameters/card/cvc", Value::Signed(123))]),
        &["Place::LeafValue(0) card-security-code \"\""],
    );
    let inside = event(None, vec![("/parameters/address", text("12 Elm Street, cvv 123"))]);
    check_drops(&inside, &["Place::LeafValue(0) card-security-code \"123\""]);
}

#[test]
fn what_is_marked_already_is_not_reported_again() {
    let mut event = event(
        Some("mia@example.com, 212-555-0142, 12 Elm Street"),
        vec![("/data/phone", Value::Signed(5_551_234_567)), ("/data/mia@example.com/zip", text("78750"))],
    );
    let Verdict::Mask(marks) = verdict(&event) else { panic!("there is something to mask") };
    assert_eq!(marks.len(), 6);
    event.marks = marks[..3].to_vec();
    let Verdict::Mask(rest) = verdict(&event) else { panic!("there is something left") };
    assert_eq!(rest, marks[3..]);
    event.marks = marks;
    assert_eq!(verdict(&event), Verdict::Allow);
}

#[test]
fn only_the_rest_of_a_marked_stretch_is_reported() {
    let mut event = event(Some("12 Elm Street, Suite 5"), Vec::new());
    let span = Span { place: Place::Content, start: 3, end: 13 };
    event.marks = vec![Mark { span, category: "place".into() }];
    check_masks(
        &event,
        &["Place::Content street-address \"12 \"", "Place::Content street-address \", Suite 5\""],
    );
}

#[test]
fn the_verdicts_of_one_event_come_to_rest() {
    let mut event =
        event(Some("4111 1111 1111 1111 12/27 123, mia@example.com, born 4/5/1990, cvv 999"), Vec::new());
    let mut outcomes = Vec::new();
    for _ in 0..4 {
        match verdict(&event) {
            Verdict::Drop(marks) => {
                outcomes.push("drop");
                drop_from_content(&mut event, &marks);
            }
            Verdict::Mask(marks) => {
                outcomes.push("mask");
                event.marks.extend(marks);
            }
            Verdict::Allow => outcomes.push("allow"),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(outcomes, ["drop", "mask", "allow", "allow"]);
    assert_eq!(
        event.content.as_deref(),
        Some("4111 1111 1111 1111 12/27 , mia@example.com, born 4/5/1990, cvv ")
    );
}

/// What a host does with a drop.
fn drop_from_content(event: &mut Event, marks: &[Mark]) {
    let content = event.content.as_mut().expect("content is there");
    for mark in marks.iter().rev() {
        content.replace_range(mark.span.start as usize..mark.span.end as usize, "");
    }
}

#[test]
fn personal_data_in_a_name_is_masked_but_no_name_on_a_guess() {
    let mut hidden = event(None, Vec::new());
    hidden.intent = Some("write to mia@example.com".into());
    check_masks(&hidden, &["Place::Intent email \"mia@example.com\""]);
    hidden.intent = Some("greet Mr. Rossi in 12 Elm Street".into());
    hidden.action = Some("get_user_details".into());
    assert_eq!(verdict(&hidden), Verdict::Allow);
}

#[test]
fn what_must_not_be_stored_goes_before_anything_is_masked() {
    let mut both = event(Some("cvv 123 or mia@example.com"), Vec::new());
    both.action = Some("charge 4111111111111111".into());
    check_drops(&both, &["Place::Content card-security-code \"123\""]);
    both.content = Some("cvv or mia@example.com".into());
    check_masks(
        &both,
        &["Place::Content email \"mia@example.com\"", "Place::Action payment-card \"4111111111111111\""],
    );
}

#[test]
fn a_setting_against_a_fields_category_shows_what_is_inside() {
    let event = event(None, vec![("/data/address", text("12 Elm Street, mia@example.com"))]);
    let settings =
        Settings::read(|name| if name == "except" { vec!["street-address".into()] } else { Vec::new() });
    let Verdict::Mask(marks) =
        decide(&settings.expect("is a category"), core::slice::from_ref(&event)).remove(0)
    else {
        panic!("there is an address")
    };
    assert_eq!(shown(&event, &marks), ["Place::LeafValue(0) email \"mia@example.com\""]);
}

#[test]
fn marks_that_do_not_lie_on_characters_cover_nothing() {
    let mut event = event(Some("é mia@example.com"), Vec::new());
    let span = |start, end| Mark { span: Span { place: Place::Content, start, end }, category: "x".into() };
    event.marks = vec![span(1, 30), span(9, 5), span(0, u32::MAX), span(1, 5)];
    check_masks(&event, &["Place::Content email \"mia@example.com\""]);
}

#[test]
fn settings_choose_categories_and_texts() {
    let read = |setting: &'static str, value: &'static str| {
        Settings::read(|name| if name == setting { vec![value.into()] } else { Vec::new() })
    };
    let event = event(Some("mia@example.com or 212-555-0142"), Vec::new());
    let categories = |settings: Settings| match decide(&settings, core::slice::from_ref(&event)).remove(0) {
        Verdict::Mask(marks) => marks.into_iter().map(|mark| mark.category).collect(),
        _ => Vec::new(),
    };
    assert_eq!(categories(read("categories", "phone").expect("is one")), ["phone"]);
    assert_eq!(categories(read("except", "phone").expect("is one")), ["email"]);
    assert_eq!(categories(read("allow", "MIA@example.com").expect("any text is one")), ["phone"]);
    assert_eq!(read("except", "telephone"), Err(PluginError::BadConfig("except".into())));
}

#[test]
fn more_than_one_call_can_tell_is_denied() {
    let many = event(Some("a@b.co "), vec![("/data/note", text("c@d.co")); 100]);
    let events = vec![many; 200];
    let verdicts = decide(&Settings::default(), &events);
    let told: usize =
        verdicts.iter().map(|verdict| if let Verdict::Mask(marks) = verdict { marks.len() } else { 0 }).sum();
    assert!((MARKS_MAX - 101..=MARKS_MAX).contains(&told), "{told} marks");
    assert!(matches!(verdicts.last(), Some(Verdict::Deny(reason)) if reason.contains("fewer events")));
    assert_eq!(verdicts.len(), events.len());
}
