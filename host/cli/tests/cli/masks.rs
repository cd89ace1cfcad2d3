//! Masks are a view: originals come back byte for byte, imitations stay what they are.

use crate::place::{Place, trace};

const SAID: &str = "write to zoe.keller@example.org, not to ⟦email·00ff00⟧ or ⟦email·dropped⟧ – grüße 🦀";

fn place() -> Place {
    let place = Place::new();
    let file = place.file("one.jsonl", trace("t", "zoe", SAID));
    place.good(&["--plugin", "pii", "import", file.to_str().unwrap()]);
    place
}

fn said(place: &Place, arguments: &[&str]) -> String {
    place.json(arguments)[0]["events"][0]["content"].as_str().unwrap().to_owned()
}

#[test]
fn a_token_stands_for_the_original_and_an_imitation_for_itself() {
    let place = place();
    let masked = said(&place, &["show", "t"]);
    assert!(!masked.contains("zoe.keller"), "{masked}");
    assert!(masked.contains("⟦email·00ff00⟧") && masked.contains("⟦email·dropped⟧"), "{masked}");
    assert_eq!(masked.matches('⟦').count(), 3, "one token and two imitations: {masked}");
    assert!(masked.ends_with("– grüße 🦀"), "{masked}");
}

#[test]
fn revealing_gives_back_every_byte() {
    let place = place();
    assert_eq!(said(&place, &["show", "t", "--reveal"]), SAID);
    assert_eq!(said(&place, &["export", "t", "--reveal"]), SAID);
    assert!(!said(&place, &["export", "t"]).contains("zoe.keller"));
}

#[test]
fn the_log_notes_who_looked() {
    let place = place();
    let records = |place: &Place| place.json(&["verify"])[0]["records"].as_u64().unwrap();
    let before = records(&place);
    place.good(&["show", "t"]);
    assert_eq!(records(&place), before, "a masked look leaves no record");
    place.good(&["show", "t", "--reveal"]);
    assert_eq!(records(&place), before + 1, "a revealing one does");
}

#[test]
fn a_card_security_code_is_never_stored() {
    let place = Place::new();
    let text = "card 4111 1111 1111 1111, security code 737, thanks";
    let file = place.file("one.jsonl", trace("t", "zoe", text));
    place.good(&["--plugin", "pii", "import", file.to_str().unwrap()]);
    let revealed = said(&place, &["show", "t", "--reveal"]);
    assert!(revealed.contains("4111 1111 1111 1111") && !revealed.contains("737"), "{revealed}");
    let masked = said(&place, &["show", "t"]);
    assert!(!masked.contains("4111") && masked.contains("dropped"), "{masked}");
}

#[test]
fn terminal_sequences_in_a_text_do_nothing() {
    let place = Place::new();
    let file = place.file("one.jsonl", trace("t", "zoe", "\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}txt"));
    place.good(&["--no-plugins", "import", file.to_str().unwrap()]);
    let shown = place.good(&["show", "t"]);
    assert!(
        !shown.contains('\u{1b}') && !shown.contains('\u{7}') && !shown.contains('\u{202e}'),
        "{shown:?}"
    );
}

#[test]
fn what_surrounds_the_events_meets_the_policies_too() {
    let place = Place::new();
    let file = place.file("one.jsonl", SURROUNDED);
    place.good(&["--plugin", "pii", "import", file.to_str().unwrap()]);
    for masked in [place.good(&["export", "t"]), place.good(&["show", "t"])] {
        for secret in SECRETS {
            assert!(!masked.contains(secret), "{secret} in {masked}");
        }
    }
    let masked = &place.json(&["export", "t"])[0];
    let token = masked["user_id"].as_str().unwrap();
    assert!(token.starts_with("⟦email·"), "{masked}");
    assert_eq!(masked["events"][0]["action"], format!("write to {token}"), "equal originals, equal tokens");
    let revealed = place.json(&["export", "t", "--reveal"]);
    let expected: serde_json::Value = serde_json::from_str(SURROUNDED).unwrap();
    for field in ["user_id", "system", "contact"] {
        assert_eq!(revealed[0][field], expected[field]);
    }
    assert_eq!(revealed[0]["events"][0]["action"], expected["events"][0]["action"]);
    assert_eq!(revealed[0]["events"][0]["semantics"], expected["events"][0]["semantics"]);
}

#[test]
fn erasing_a_person_takes_what_surrounds_their_events_along() {
    let place = Place::new();
    let file = place.file("one.jsonl", SURROUNDED);
    place.good(&["--plugin", "pii", "import", file.to_str().unwrap()]);
    place.good(&["vault", "erase", "--subject", "ada@example.org", "--yes"]);
    let left = place.good(&["export", "t", "--reveal"]);
    for secret in SECRETS {
        assert!(!left.contains(secret), "{secret} in {left}");
    }
    place.good(&["verify"]);
}

#[test]
fn a_sessions_title_is_masked_wherever_it_is_listed() {
    let place = Place::new();
    let title = "ring +1 212 555 0147";
    let id = place.good(&["--plugin", "pii", "session", "new", "--title", title]);
    let id = id.trim();
    place.good(&["--plugin", "pii", "session", "send", id, "hello"]);
    for listed in [place.good(&["session", "list"]), place.good(&["session", "show", id])] {
        assert!(listed.contains("ring ⟦phone·") && !listed.contains("0147"), "{listed}");
    }
    let revealed = place.good(&["session", "show", id, "--reveal"]);
    assert!(revealed.contains(title), "{revealed}");
}

/// A trace with personal data everywhere but in its events' contents.
const SURROUNDED: &str = concat!(
    r#"{"trace_id":"t","agent_id":"a","session_id":"s","user_id":"ada@example.org","#,
    r#""timestamp":"2026-01-01T00:00:00Z","system":"You help Ada, phone +1 212 555 0147.","#,
    r#""contact":"ada@example.org","events":[{"event_id":"e","type":"action","timestamp":1,"#,
    r#""action":"write to ada@example.org","#,
    r#""semantics":{"intent":"call +1 212 555 0147","confidence":0.5}}]}"#
);
const SECRETS: [&str; 2] = ["ada@example.org", "0147"];
