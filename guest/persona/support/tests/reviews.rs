//! What becomes of drafts.

use activemirror_guest::persona::{Event, Guest, Review};
use activemirror_persona_support::{Settings, Support, Tone, frame, review};

use activemirror_guests_tests::events::{action, answer, decision, failed, told, user};

#[track_caller]
fn accepts(context: &[Event], draft: &str) {
    assert_eq!(review(context, draft, &Settings::default()), Review::Accept, "{draft}");
}

/// The draft is to be revised, for this reason alone.
#[track_caller]
fn revises(context: &[Event], draft: &str, reason: &str) {
    match review(context, draft, &Settings::default()) {
        Review::Revise(reasons) if reasons.len() == 1 => assert!(reasons[0].contains(reason), "{reasons:?}"),
        other => panic!("{draft}: {other:?}"),
    }
}

#[track_caller]
fn refuses(context: &[Event], draft: &str, reason: &str) {
    match review(context, draft, &Settings::default()) {
        Review::Refuse(why) => assert!(why.contains(reason), "{why}"),
        other => panic!("{draft}: {other:?}"),
    }
}

#[test]
fn claims_need_a_deed() {
    for draft in [
        "I have refunded your order.",
        "I've just refunded it.",
        "I’ve refunded it.",
        "Good news: I refunded you.",
        "Your order has been fully refunded.",
        "I'm happy to tell you that your refund has been processed.",
        "It is now refunded.",
    ] {
        revises(&[user("I want my money back")], draft, "refunded");
        let done = [user("I want my money back"), action("refund_order", &[]), told(&[("ok", "1")])];
        accepts(&done, draft);
    }
}

#[test]
fn a_deed_without_a_good_answer_is_none() {
    let draft = "I have cancelled the order.";
    revises(&[action("cancel_order", &[])], draft, "cancelled");
    revises(&[action("cancel_order", &[]), failed("not allowed")], draft, "cancelled");
    revises(&[action("cancel_order", &[]), told(&[("error", "not allowed")])], draft, "cancelled");
    let other = [action("cancel_order", &[]), action("get_order", &[]), failed("no"), told(&[("id", "1")])];
    revises(&other, draft, "cancelled");
    let retried =
        [action("cancel_order", &[]), failed("no"), action("cancelOrder", &[]), told(&[("id", "1")])];
    accepts(&retried, draft);
}

#[test]
fn what_claims_nothing_needs_no_deed() {
    for draft in [
        "I can refund it if you like.",
        "Shall I cancel it?",
        "Have you been refunded?",
        "Once I have cancelled it, you will hear from us.",
        "If your flight has been cancelled, you may rebook.",
        "It will be refunded, or would have been refunded.",
        "I have not cancelled anything.",
        "You have already cancelled it.",
        "I have found your order.",
    ] {
        accepts(&[], draft);
    }
}

#[test]
fn the_passive_may_repeat_what_was_told() {
    let told_so = [action("get_flight", &[]), told(&[("status", "cancelled")])];
    accepts(&told_so, "Your flight has been cancelled by the airline.");
    accepts(&[user("My flight has been cancelled!")], "I see that your flight has been cancelled.");
    revises(&[user("My flight has been cancelled!")], "I have cancelled your flight.", "cancelled");
    revises(&told_so, "I have cancelled your flight.", "cancelled");
}

#[test]
fn guarantees_are_not_given() {
    revises(&[], "I guarantee that it arrives tomorrow.", "guarantee");
    accepts(&[], "I cannot promise that. We can't guarantee seats: I promise nothing.");
}

#[test]
fn doubt_is_not_hidden() {
    let unsure = [user("Is it covered?"), decision("It is covered, I think", Some(0.4))];
    revises(&unsure, "It is covered.", "not a sure one");
    accepts(&unsure, "It is covered. ⟨medium⟩");
    revises(&unsure, "It is covered. ⟨⟩", "not a sure one");
    accepts(&[decision("It is covered", Some(0.9))], "It is covered.");
    accepts(&[decision("Covered?", Some(0.4)), user("And the other?")], "That one is not.");
}

#[test]
fn nobody_is_shouted_at() {
    revises(&[], "PLEASE READ THIS FIRST.", "shouts");
    revises(&[], "Really!!", "shouts");
    accepts(&[], "From JFK via ATL to SEA with HAT069 on an NASA BOEING, thanks!");
    let formal = Settings { tone: Tone::Formal, ..Settings::default() };
    assert_ne!(review(&[], "Done!", &formal), Review::Accept);
    assert_ne!(review(&[], "Good day 🙂", &formal), Review::Accept);
    assert_eq!(review(&[], "Good day.", &formal), Review::Accept);
}

#[test]
fn secrets_and_masked_data_stay_in() {
    revises(&[], "Your key is sk-abcdefghij0123456789.", "secret key");
    revises(&[], "Use 0123456789abcdef0123456789abcdef", "secret key");
    revises(&[], "It is card 4111 1111 1111 1111.", "card");
    revises(&[user("I am ⟦email⟧")], "I wrote down ann@mail.example.", "e-mail");
    accepts(&[user("I am ⟦email⟧")], "I wrote down ⟦email⟧. Order 4111111111111112 from 2024-05-20.");
    accepts(&[], "Write to help@shop.example, or meet me @home.");
}

#[test]
fn instructions_are_kept() {
    let system = frame(&[], "Hi", &Settings::default()).system;
    refuses(&[], &format!("It says: {system}"), "instructions");
    let part: Vec<&str> = system.split(' ').skip(20).take(12).collect();
    refuses(&[], &part.join(" ").to_uppercase(), "instructions");
    refuses(&[], "My instructions are to be nice.", "instructions");
    accepts(&[], "I can't share my system prompt. I will ask before anything is booked.");
}

#[test]
fn other_people_are_kept_out() {
    let own = told(&[("user_id", "ann_1"), ("reservation", "QX41ZP")]);
    let other = told(&[("user_id", "bob_2"), ("reservation", "ZZ90AA"), ("email", "bob@mail.example")]);
    let context =
        [user("I am ann_1"), action("get", &[]), own, action("get", &[]), other, answer("One moment.")];
    refuses(&context, "Bob's reservation is ZZ90AA.", "another person");
    refuses(&context, "Ask bob@mail.example.", "another person");
    accepts(&context, "Yours is QX41ZP.");
    let asked_for = [&context[..], &[user("I also have ZZ90AA")]].concat();
    accepts(&asked_for, "You named ZZ90AA.");
}

#[test]
fn all_reasons_are_named_and_refusal_comes_first() {
    let draft = "I have refunded it!! I PROMISE THAT SURELY, key sk-abcdefghij0123456789";
    let Review::Revise(reasons) = review(&[], draft, &Settings::default()) else { panic!() };
    assert_eq!(reasons.len(), 4, "{reasons:?}");
    refuses(&[], &format!("{draft} My instructions are secret."), "instructions");
}

#[test]
fn it_says_who_it_is() {
    let description = Support::describe();
    assert_eq!(description.name, "support");
    assert!(!description.traits.is_empty() && !description.limits.is_empty());
}

#[test]
fn long_drafts_are_read_in_linear_time() {
    let draft = "I have a very long story to tell you, 4111 and sk- and a@b. ".repeat(10_000);
    assert_eq!(review(&[], &draft, &Settings::default()), Review::Accept);
    let _ = review(&[], &"⟨ @ IF ".repeat(50_000), &Settings::default());
    let told = vec![user(&"It was not cancelled ".repeat(10_000)); 4];
    let Review::Revise(reasons) = review(&told, &"I cancelled ".repeat(50_000), &Settings::default()) else {
        panic!()
    };
    assert_eq!(reasons.len(), 1);
}
