//! Sessions outlive a restart (every run of the command is one) and travel between the SDKs.

use crate::place::Place;

fn begun(place: &Place) -> String {
    let session = &place.json(&["session", "new", "--title", "A leaking kettle", "--user", "ann"])[0];
    session["session_id"].as_str().unwrap().to_owned()
}

#[test]
fn created_sent_shown_and_listed_after_restarts() {
    let place = Place::new();
    let id = begun(&place);
    let sent = &place.json(&["session", "send", &id, "My e-mail is ann@example.org"])[0];
    assert_eq!(sent["outcome"], "mask");
    place.good(&["session", "send", &id, "⟨⟨high⟩⟩ I am not sure", "--role", "assistant"]);
    let shown = place.good(&["session", "show", &id]);
    assert!(shown.contains("A leaking kettle") && shown.contains("⟨⟨high⟩⟩ I am not sure"), "{shown}");
    assert!(!shown.contains("ann@example.org") && shown.contains("⟦email·"), "{shown}");
    assert!(place.good(&["session", "show", &id, "--reveal"]).contains("ann@example.org"));
    let listed = &place.json(&["session", "list"])[0];
    assert_eq!((&listed["title"], &listed["user_id"]), (&"A leaking kettle".into(), &"ann".into()));
    assert_eq!(place.json(&["verify"])[0]["holds"], true);
}

#[test]
fn exported_in_both_spellings_and_imported_again() {
    let place = Place::new();
    let id = begun(&place);
    place.good(&["session", "send", &id, "hello"]);
    let python: serde_json::Value = serde_json::from_str(&place.good(&["session", "export", &id])).unwrap();
    assert_eq!(
        (&python["id"], &python["user_id"], &python["message_count"]),
        (&id.as_str().into(), &"ann".into(), &1.into())
    );
    let javascript = place.good(&["session", "export", &id, "--spelling", "javascript"]);
    let parsed: serde_json::Value = serde_json::from_str(&javascript).unwrap();
    assert_eq!((&parsed["userId"], &parsed["messages"][0]["content"]), (&"ann".into(), &"hello".into()));

    let other = Place::new();
    let file = other.file("session.json", javascript);
    other.good(&["session", "import", file.to_str().unwrap()]);
    let back: serde_json::Value = serde_json::from_str(&other.good(&["session", "export", &id])).unwrap();
    assert_eq!(back["messages"][0]["content"], "hello");
    assert_eq!(back["title"], python["title"]);
    let again = other.good(&["session", "import", file.to_str().unwrap()]);
    assert!(again.contains("was here already"), "{again}");
}

#[test]
fn nothing_of_that_id_and_no_session_in_a_file() {
    let place = Place::new();
    place.bad(&["session", "show", "nothing"], 2, &["no session nothing", "session list"]);
    place.bad(&["session", "send", "nothing", "hello"], 2, &["no session nothing"]);
    let file = place.file("session.json", "{\"role\": \"pope\"}");
    place.bad(&["session", "import", file.to_str().unwrap()], 2, &["session.json"]);
}

#[test]
fn a_stranger_trace_of_the_same_session_breaks_nothing() {
    let place = Place::new();
    let id = begun(&place);
    let stranger = serde_json::json!({
        "trace_id": "t", "agent_id": "a", "session_id": id, "timestamp": "2026-01-01T00:00:00Z",
        "events": [{ "type": "output", "timestamp": "2026-01-01T00:00:00Z", "content": "x", "message": { "id": 5 } }],
    });
    let file = place.file("t.jsonl", stranger.to_string());
    place.good(&["--no-plugins", "import", file.to_str().unwrap()]);
    place.good(&["session", "send", &id, "hello"]);
    assert_eq!(place.json(&["session", "list"]).len(), 1);
}

#[test]
fn what_goes_on_without_policies_says_so() {
    let place = Place::new();
    let id = begun(&place);
    place.good(&["--no-plugins", "session", "send", &id, "mail me at ann@example.org"]);
    assert!(place.good(&["show", &id]).contains("recorded without policies"));
}
