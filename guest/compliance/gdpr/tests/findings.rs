//! Each control: what it says, and what it does not.

use ControlState::{NotAssessable, NotSatisfied, Satisfied};
use Severity::{High, Info, Low, Medium};
use activemirror_guest::compliance::{ControlState, Event, EventKind, Guest, Leaf, Severity, Source, Value};

use crate::{all_findings, on};
use activemirror_guests_tests::events::{action, answer, decision, event, told, user};

const RESULT: [(&str, &str); 1] = [("email", "⟦email⟧")];

#[track_caller]
fn check(control: &str, events: &[Event], expected: &[(ControlState, Severity, &[u64])]) {
    let expected: Vec<_> = expected.iter().map(|(state, how, at)| (*state, *how, at.to_vec())).collect();
    assert_eq!(on(control, events), expected);
}

#[test]
fn minimisation_wants_a_need_for_what_answers_show() {
    let shows = answer("Yours is ⟦email⟧, born ⟦date-of-birth⟧.");
    check(
        "GDPR-5.1.c",
        &[user("Hi"), shows.clone()],
        &[(NotSatisfied, Low, &[1]), (NotSatisfied, Medium, &[1])],
    );
    check("GDPR-5.1.c", &[user("Which e-mail and birthday do you have?"), shows.clone()], &[]);
    check("GDPR-5.1.c", &[user("I am ⟦email⟧, born ⟦date-of-birth⟧"), shows.clone()], &[]);
    let used = action("book", &[("email", "⟦email⟧"), ("dob", "⟦date-of-birth⟧")]);
    check("GDPR-5.1.c", &[used.clone(), shows.clone()], &[]);
    check("GDPR-5.1.c", &[shows, used], &[]);
}

#[test]
fn minimisation_is_satisfied_where_answers_keep_quiet() {
    check("GDPR-5.1.c", &[user("Hi"), told(&RESULT), answer("Done.")], &[(Satisfied, Info, &[1])]);
    check("GDPR-5.1.c", &[told(&[("name", "⟦person-name⟧")]), answer("Hello ⟦person-name⟧.")], &[]);
}

#[test]
fn minimisation_lets_the_operator_be_reached() {
    check("GDPR-5.1.c", &[answer("Write to us at ⟦email⟧ or call our hotline: ⟦phone⟧.")], &[]);
    check("GDPR-5.1.c", &[answer("Our records say your e-mail is ⟦email⟧.")], &[(NotSatisfied, Low, &[0])]);
}

#[test]
fn minimisation_minds_numbers_in_full() {
    let given = user("My card is ⟦payment-card⟧");
    check(
        "GDPR-5.1.c",
        &[given.clone(), answer("Card ⟦payment-card⟧, right?")],
        &[(NotSatisfied, Low, &[1])],
    );
    check("GDPR-5.1.c", &[given, answer("The card that ends in 1111, right?")], &[]);
    check("GDPR-5.1.c", &[answer("And the code is ⟦card-security-code⟧.")], &[(NotSatisfied, High, &[0])]);
}

#[test]
fn pseudonymisation_is_shown_by_marks_and_refuted_by_what_stands_open() {
    check("GDPR-32.1.a", &[user("⟦email⟧"), told(&RESULT)], &[(Satisfied, Info, &[0, 1])]);
    check("GDPR-32.1.a", &[user("I am ann@mail.example")], &[(NotSatisfied, Medium, &[0])]);
    check("GDPR-32.1.a", &[told(&[("card", "4111 1111 1111 1111")])], &[(NotSatisfied, High, &[0])]);
    let both = [user("⟦email⟧ or ann@mail.example"), answer("ann@mail.example it is")];
    check("GDPR-32.1.a", &both, &[(NotSatisfied, Medium, &[0]), (NotSatisfied, Medium, &[1])]);
    check("GDPR-32.1.a", &[user("Where is order 4411?"), answer("Ask support@shop.example.")], &[]);
}

#[test]
fn an_address_as_a_key_stands_open_too() {
    let mut odd = told(&[]);
    odd.leaves.push(Leaf { path: "/data/ann@mail.example".into(), value: Value::Boolean(true) });
    check("GDPR-32.1.a", &[odd], &[(NotSatisfied, Medium, &[0])]);
}

#[track_caller]
fn check_special(text: &str, is_special: bool) {
    let expected: &[(ControlState, Severity, &[u64])] = &[(NotAssessable, Low, &[0])];
    check("GDPR-9.1", &[user(text)], if is_special { expected } else { &[] });
}

#[test]
fn special_categories_are_statements_about_people() {
    check_special("I'm feeling sick and want to cancel.", true);
    check_special("I’m pregnant.", true);
    check_special("My wife was diagnosed with something.", true);
    check_special("my daughter has type 2 diabetes", true);
    check_special("I need a wheelchair at the gate", true);
    check_special("I am a Muslim, so please halal food", true);
    check_special("I'm a trade union representative", true);
    check_special("My insurance number is ⟦medical-id⟧", true);
}

#[test]
fn special_categories_are_not_words_alone() {
    check_special("It is urgent because of my sick cat.", false);
    check_special("Can I cancel for health reasons? It covers illness-related cancellations.", false);
    check_special("I am sick of waiting!", false);
    check_special("I'm sick and tired of this", false);
    check_special("My wife passed away yesterday", false);
    check_special("I am not pregnant", false);
    check_special("I have a question about surgery coverage", false);
    check_special("Do you have gay bars in Berlin?", false);
    check_special("I have no allergies", false);
    check_special("The Western Union transfer of a member", false);
}

#[test]
fn special_categories_want_consent_before_they_go_on() {
    let books = action("book_seat", &[("reason", "passenger is pregnant")]);
    check("GDPR-9.1", core::slice::from_ref(&books), &[(NotSatisfied, Medium, &[0])]);
    check("GDPR-9.1", &[user("I consent to that use."), books.clone()], &[(Satisfied, Info, &[0, 1])]);
    let back = [user("I consent to it."), user("I withdraw my consent."), books];
    check("GDPR-9.1", &back, &[(NotSatisfied, Medium, &[2])]);
    check("GDPR-9.1", &[told(&[("diagnosis", "flu")])], &[(NotAssessable, Low, &[0])]);
    check("GDPR-9.1", &[told(&[("diagnosis", "none")])], &[]);
}

#[test]
fn a_decision_with_effect_needs_to_be_sure_or_reviewed() {
    let unsure = decision("Deny the refund: the order looks too old.", Some(0.4));
    check("GDPR-22.3", core::slice::from_ref(&unsure), &[(NotSatisfied, High, &[0])]);
    let reviewed = [unsure.clone(), action("transfer_to_human_agents", &[])];
    check("GDPR-22.3", &reviewed, &[(Satisfied, Info, &[0, 1])]);
    let carried_out = [unsure, action("refund_order", &[]), action("transfer_to_human_agents", &[])];
    check("GDPR-22.3", &carried_out, &[(NotSatisfied, High, &[0, 1])]);
    check("GDPR-22.3", &[decision("Refund it.", Some(0.6))], &[(NotSatisfied, Medium, &[0])]);
}

#[test]
fn other_decisions_are_nobody_s_business() {
    check("GDPR-22.3", &[decision("Deny the refund.", Some(0.9))], &[]);
    check("GDPR-22.3", &[decision("Deny the refund.", None)], &[]);
    check("GDPR-22.3", &[decision("Search for flights first.", Some(0.2))], &[]);
    let mut named = decision("Deny the refund.", Some(0.2));
    named.leaves.push(Leaf { path: "/metadata/approved_by".into(), value: Value::Text("K. L.".into()) });
    check("GDPR-22.3", &[named], &[(Satisfied, Info, &[0, 0])]);
}

#[test]
fn requests_are_due_within_a_month() {
    let asks = user("Please delete all my personal data.");
    check("GDPR-17", core::slice::from_ref(&asks), &[(NotAssessable, Medium, &[0])]);
    check("GDPR-12.3", core::slice::from_ref(&asks), &[(NotAssessable, Medium, &[0])]);
    let done = [asks.clone(), action("delete_user_account", &[]), told(&[("status", "deleted")])];
    check("GDPR-12.3", &done, &[(Satisfied, Info, &[0, 2])]);
    let failed = [asks.clone(), action("delete_user_account", &[]), told(&[("error", "not allowed")])];
    check("GDPR-12.3", &failed, &[(NotAssessable, Medium, &[0])]);
    let passed_on = [asks.clone(), action("create_privacy_ticket", &[])];
    check("GDPR-12.3", &passed_on, &[(NotAssessable, Low, &[0, 1])]);
    let refused = [asks, answer("I'm sorry, I can't delete your data.")];
    check("GDPR-12.3", &refused, &[(NotSatisfied, High, &[0, 1])]);
}

#[track_caller]
fn check_request(text: &str, controls: &[&str]) {
    let rights = ["GDPR-15", "GDPR-17", "GDPR-20"];
    let findings = all_findings(&[user(text)]).into_iter().map(|finding| finding.control);
    let found: Vec<String> = findings.filter(|control| rights.contains(&&**control)).collect();
    assert_eq!(found, controls, "{text}");
}

#[test]
fn requests_are_known_by_what_they_ask_for() {
    check_request("What information do you have about me?", &["GDPR-15"]);
    check_request("Can I get a copy of my personal data?", &["GDPR-15"]);
    check_request("Delete my account, please.", &["GDPR-17"]);
    check_request("I want to export my data to another shop.", &["GDPR-20"]);
    check_request("Please remove my second bag.", &[]);
    check_request("Remove my baggage details and send a copy of my flight information.", &[]);
    check_request("What data do you have about my flight? Download my booking information.", &[]);
    check_request("What information do you need for the booking?", &[]);
    check_request("Don't delete my account!", &[]);
    check_request("Can you delete my reservation?", &[]);
}

#[test]
fn withdrawn_consent_is_obeyed() {
    let withdraws = user("I withdraw my consent to the processing of my data.");
    let goes_on = action("update_profile", &[]);
    check("GDPR-7.3", &[withdraws.clone(), goes_on], &[(NotSatisfied, High, &[0, 1])]);
    let recorded = action("revoke_consent", &[("email", "⟦email⟧")]);
    check("GDPR-7.3", &[withdraws.clone(), recorded], &[(Satisfied, Info, &[0, 1])]);
    check("GDPR-7.3", core::slice::from_ref(&withdraws), &[(NotAssessable, Low, &[0])]);
    let books = action("book_flight", &[("email", "⟦email⟧")]);
    check("GDPR-7.3", &[withdraws.clone(), books.clone()], &[(NotSatisfied, High, &[0, 1])]);
    let asked_for = [withdraws, user("Now book that flight."), books.clone()];
    check("GDPR-7.3", &asked_for, &[(NotAssessable, Low, &[0])]);
    let ads_only = [user("Unsubscribe me from your newsletter"), books, action("send_newsletter", &[])];
    check("GDPR-7.3", &ads_only, &[(NotSatisfied, High, &[0, 2])]);
    check("GDPR-7.3", &[user("I don't withdraw my consent.")], &[]);
}

#[test]
fn what_no_trace_shows_is_said_once_where_there_is_a_person() {
    for control in ["GDPR-13", "GDPR-6.1"] {
        check(control, &[answer("x"), user("a"), user("b")], &[(NotAssessable, Info, &[1])]);
        let robot = [event(EventKind::Observation, Source::Unknown), action("turn_left", &[])];
        check(control, &robot, &[]);
    }
}

#[test]
fn findings_name_declared_controls_and_no_personal_data() {
    let declared = activemirror_compliance_gdpr::Gdpr::describe().controls;
    let events = [
        user("I'm Zebedee@mail.example, pregnant. Delete my data. I withdraw my consent. ⟦zebedee⟧"),
        action("zebedee_refund_share", &[("zebedee", "⟦email⟧ wheelchair")]),
        decision("Deny Zebedee a refund", Some(0.1)),
        answer("Zebedee, born ⟦date-of-birth⟧ and ⟦zebedee⟧, I can't delete it, 4111 1111 1111 1111"),
    ];
    let findings = all_findings(&events);
    assert!(findings.len() >= 9, "{findings:?}");
    for finding in findings {
        assert!(declared.contains(&finding.control), "{}", finding.control);
        assert!(!finding.message.to_lowercase().contains("zebedee"), "{}", finding.message);
        assert!(finding.message.len() <= 500 && finding.message.ends_with('.'));
    }
}
