//! How the persona goes about a message.

use activemirror_guest::persona::{Event, Pattern};
use activemirror_persona_support::{Settings, Tone, frame};

use activemirror_guests_tests::events::{action, answer, decision, failed, told, user};

#[track_caller]
fn check(message: &str, pattern: Pattern) {
    assert_eq!(frame(&[], message, &Settings::default()).pattern, pattern, "{message}");
}

#[test]
fn the_words_of_a_message_choose_the_pattern() {
    check("Why was I charged twice?", Pattern::Analytical);
    check("My order doesn't work and I want a refund.", Pattern::Analytical);
    check("Should I take the big plan, or which one is worth it?", Pattern::Strategic);
    check("Any ideas for a gift? Suggest something.", Pattern::Creative);
    check("Hello, I need some help.", Pattern::Exploratory);
    check("", Pattern::Exploratory);
    check("WHAT IF I move? Compare the options!", Pattern::Strategic);
}

#[test]
fn where_words_say_nothing_the_conversation_does() {
    check("Yes, please.", Pattern::Analytical);
    let context = [action("look_up", &[]), failed("timeout")];
    assert_eq!(frame(&context, "Hm, and?", &Settings::default()).pattern, Pattern::Analytical);
    let mended = [action("look_up", &[]), failed("timeout"), action("look_up", &[]), told(&[("id", "1")])];
    assert_eq!(frame(&mended, "Hm, and?", &Settings::default()).pattern, Pattern::Exploratory);
}

#[test]
fn the_system_text_has_name_tone_and_rules() {
    let settings = Settings { name: "Mara".into(), tone: Tone::Formal, ..Settings::default() };
    let frame = frame(&[], "Hi", &settings);
    for part in ["You are Mara, a support agent.", "polite and formal", "wait for a yes", "⟨⟨high⟩⟩"]
    {
        assert!(frame.system.contains(part), "{part}");
    }
    assert!(frame.constraints.iter().any(|constraint| constraint == "Ask before you write."));
    assert!(frame.constraints.iter().any(|constraint| constraint.contains("how sure you are")));
}

#[track_caller]
fn constraints(context: &[Event], message: &str) -> usize {
    frame(context, message, &Settings::default()).constraints.len()
}

#[test]
fn constraints_follow_the_conversation() {
    let always = constraints(&[], "Hi");
    let unsure = decision("Probably the blue one", Some(0.3));
    assert_eq!(constraints(core::slice::from_ref(&unsure), "Hi"), always + 1);
    assert_eq!(constraints(&[unsure, user("And now?")], "Hi"), always, "a decision of an earlier turn");
    assert_eq!(constraints(&[decision("The blue one", Some(0.9))], "Hi"), always);
    assert_eq!(constraints(&[action("pay", &[]), failed("declined")], "Hi"), always + 1);
    assert_eq!(constraints(&[user("I am ⟦email⟧"), answer("Hello.")], "Hi"), always + 1);
    assert_eq!(constraints(&[], "This is unacceptable!"), always + 1);
}
