//! Input made to harm: the detectors' work stays proportional to the text, and what they report
//! can be used as it is.

use activemirror_guest::policy::{Event, EventKind, Leaf, Mark, Place, Source, Span, Value, Verdict};
use activemirror_policy_pii::{Category, FINDINGS_MAX, Scanner, Settings, decide, find};
use proptest::prelude::*;

const LENGTH: usize = 1 << 20;

/// Pieces whose repetition once cost some detector somewhere more than a linear amount of work.
const PIECES: &[&str] = &[
    "1",
    "9",
    "@",
    "a@",
    "a@b.co ",
    ".",
    "a.",
    "@a.",
    " ",
    "\n",
    "\n\n>",
    "-",
    "1-",
    "1 ",
    "1.",
    "(1) ",
    "+1",
    "+",
    "((",
    "12 ",
    "4111",
    "4111 ",
    "4111 1111 1111 1111 ",
    "123 ",
    "cvv ",
    "cvv 123 ",
    "born ",
    "1/1/1990 ",
    "May 1 ",
    "A",
    "a",
    "A ",
    "Aa ",
    "Aa 1 ",
    "1 Aa ",
    "1 Aa Street ",
    "Rue Aa ",
    "Unit 1 ",
    "Apt. 1, ",
    "corner of ",
    "corner of 1 Aa and ",
    "P.O. ",
    "Mr. ",
    "Mr. Aa-",
    "my name is ",
    "passengers: Aa Bb, ",
    ":",
    "::",
    "1:",
    "a:1",
    "fe80::1 ",
    "1.1.1.1",
    "cc=",
    "cc:\"",
    "cc:'",
    "\"email\":\"",
    "\\\"dob\\\":\\\"",
    "{\"a\":{\"name\":\"Aa\",",
    "<dob>",
    "dob: ",
    "=",
    "\"",
    "\\",
    "é",
    "É ",
    "٣",
    "１",
    "\u{301}",
    "𝟙",
    "DE89",
    "DE",
    "GB82 WEST ",
    "AA99",
    "A1",
    "a1b2",
    "_1",
    "$1 ",
    "1%",
    "x1",
    "no. ",
    "number is ",
    "passport ",
    "zip ",
    "is is ",
    "\u{2011}",
    "\u{a0}",
    "de la ",
    "1 rue de la ",
    "Aa utca 1",
    "PSC 1, Box 1 APO AE ",
    "and ",
    "{",
    "}",
    "|",
    "/",
    "//",
    "[",
    "~1",
];

#[test]
fn work_is_linear_in_the_length_of_the_text() {
    for piece in PIECES {
        let work = |length: usize| {
            let mut scanner = Scanner::new();
            scanner.find(&piece.repeat(length / piece.len()));
            scanner.work()
        };
        let (short, long) = (work(LENGTH / 16), work(LENGTH));
        assert!(
            long <= WORK_PER_BYTE * LENGTH as u64,
            "{piece:?} costs {} steps a byte",
            long / LENGTH as u64
        );
        assert!(
            long <= 17 * short.max(1_000),
            "{piece:?} costs {short} steps and for 16 times the length {long}"
        );
    }
}

const WORK_PER_BYTE: u64 = 160;

#[test]
fn many_findings_end_in_one_that_takes_the_rest() {
    let text = "a@b.co ".repeat(LENGTH / 7);
    let findings = find(&text);
    assert_eq!(findings.len(), FINDINGS_MAX);
    assert_eq!(findings[FINDINGS_MAX - 2].end + 1, findings[FINDINGS_MAX - 1].start);
    assert_eq!(findings.last().map(|last| last.end), Some(text.len()));
}

#[test]
fn a_security_code_behind_many_findings_is_still_dropped() {
    let text = "a@b.co ".repeat(2 * FINDINGS_MAX) + "4111 1111 1111 1111 12/27 123";
    assert!(find(&text).iter().any(|finding| finding.category == Category::CardSecurityCode));
}

#[test]
fn what_lies_across_the_border_of_two_pages_is_found_whole() {
    for before in 0..64 {
        let text = format!("{}born on April 5, 1990, mail mia@example.com", "x ".repeat(16_360 + before));
        let found: Vec<&str> = find(&text).iter().map(|finding| &text[finding.start..finding.end]).collect();
        assert_eq!(found, ["April 5, 1990", "mia@example.com"], "{before}");
    }
}

/// Text of pieces that detectors care about, and of anything else.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => prop::sample::select(PIECES).prop_map(String::from),
        1 => any::<String>(),
        1 => any::<char>().prop_map(String::from),
        1 => "[0-9 .()+-]{1,24}",
        1 => "[A-Z][a-z]{1,8} ",
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// A field's value of any kind.
fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => texts().prop_map(Value::Text),
        1 => any::<i64>().prop_map(Value::Signed),
        1 => any::<u64>().prop_map(Value::Unsigned),
        1 => "-?[0-9]{1,30}".prop_map(Value::Decimal),
        1 => any::<f64>().prop_map(Value::Float),
        1 => Just(Value::Null),
    ]
}

fn paths() -> impl Strategy<Value = String> {
    let field =
        prop::sample::select(vec!["name", "email", "cvv", "dob", "address", "city", "note", "card/number"]);
    (any::<String>(), field).prop_map(|(object, field)| format!("/data/{object}/{field}"))
}

fn spans() -> impl Strategy<Value = Span> {
    let place = prop_oneof![
        Just(Place::Content),
        (0..4u32).prop_map(Place::LeafValue),
        (0..4u32).prop_map(Place::LeafPath),
        Just(Place::Action),
        Just(Place::Intent),
    ];
    (place, 0..80u32, 0..80u32).prop_map(|(place, start, end)| Span { place, start, end })
}

fn events() -> impl Strategy<Value = Event> {
    let leaves = prop::collection::vec((paths(), values()), 0..4);
    let marks = prop::collection::vec(spans(), 0..6);
    (texts(), texts(), leaves, marks).prop_map(|(content, name, leaves, spans)| Event {
        sequence: 0,
        time: 0,
        kind: EventKind::Thought,
        source: Source::Unknown,
        content: Some(content),
        action: Some(name.clone()),
        intent: Some(name),
        confidence: None,
        leaves: leaves.into_iter().map(|(path, value)| Leaf { path, value }).collect(),
        marks: spans.into_iter().map(|span| Mark { span, category: "earlier".into() }).collect(),
    })
}

/// The text that a place holds; a number's is empty.
fn text_at(event: &Event, place: Place) -> &str {
    match place {
        Place::Content => event.content.as_deref().unwrap_or_default(),
        Place::LeafPath(index) => &event.leaves[index as usize].path,
        Place::Action => event.action.as_deref().unwrap_or_default(),
        Place::Intent => event.intent.as_deref().unwrap_or_default(),
        Place::LeafValue(index) => match &event.leaves[index as usize].value {
            Value::Text(text) => text,
            _ => "",
        },
    }
}

proptest! {
    #[test]
    fn marks_lie_on_characters_and_are_not_repeated(mut event in events()) {
        for _ in 0..2 {
            let marks = match decide(&Settings::default(), core::slice::from_ref(&event)).remove(0) {
                Verdict::Mask(marks) | Verdict::Drop(marks) => marks,
                Verdict::Allow => return Ok(()),
                other => return Err(TestCaseError::fail(format!("{other:?}"))),
            };
            for Mark { span, .. } in &marks {
                let text = text_at(&event, span.place);
                prop_assert!(text.get(span.start as usize..span.end as usize).is_some(), "{span:?} in {text:?}");
                prop_assert!(span.start < span.end || text.is_empty());
            }
            event.marks.extend(marks);
        }
        let last = decide(&Settings::default(), core::slice::from_ref(&event)).remove(0);
        prop_assert_eq!(last, Verdict::Allow);
    }

    #[test]
    fn findings_are_ordered_apart_and_on_character_boundaries(text in texts()) {
        let mut end = 0;
        for finding in find(&text) {
            prop_assert!(finding.start >= end && finding.start < finding.end);
            prop_assert!(text.is_char_boundary(finding.start) && text.is_char_boundary(finding.end));
            end = finding.end;
        }
        prop_assert!(end <= text.len());
    }
}
