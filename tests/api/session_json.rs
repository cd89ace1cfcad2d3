//! Sessions as JSON of both SDKs: what one wrote, the other reads, and nothing is lost.

use activemirror::session::{Role, Status, Transcript};
use activemirror::session_json::{Error, Fault, Spelling, read, write, write_line};
use serde_json::{Value, json};

const PYTHON: &str = include_str!("fixtures/session/python.json");
const JAVASCRIPT: &str = include_str!("fixtures/session/javascript.json");

fn session(text: &str) -> Transcript {
    read(text.as_bytes()).expect("a session")
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn python_s_spelling_is_read() {
    let Transcript { session, messages } = session(PYTHON);
    assert_eq!(session.title, "Garten & Balkon – Plan");
    assert_eq!(session.user.as_deref(), Some("noor"));
    assert_eq!(session.parent.as_deref(), Some("0c6d4a52-0000-4000-8000-5f3d0f6b2c11"));
    assert_eq!(session.status, Status::Paused);
    assert_eq!(session.created, "2025-03-02T09:15:07.120394");
    let roles: Vec<Role> = messages.iter().map(|message| message.role).collect();
    assert_eq!(roles, [Role::System, Role::User, Role::Assistant]);
    assert_eq!(messages[1].time, "2025-03-02T09:16:00.5");
    assert_eq!(messages[1].leaves, []);
}

#[test]
fn javascript_s_spelling_is_read() {
    let Transcript { session, messages } = session(JAVASCRIPT);
    assert_eq!(session.user.as_deref(), Some("anonymous"));
    assert_eq!((session.parent, session.status), (None, Status::Active));
    assert_eq!(session.updated, "2025-03-02T08:15:09.001Z");
    assert_eq!(messages[0].text, "Hallo 👋");
    assert_eq!(messages[1].text, "");
}

#[test]
fn each_spelling_gives_itself_back() {
    for (text, spelling) in [(PYTHON, Spelling::Python), (JAVASCRIPT, Spelling::JavaScript)] {
        let written = write(&session(text), spelling).expect("written");
        assert_eq!(value(&written), value(text));
        assert_eq!(value(&write_line(&session(text), spelling).expect("written")), value(text));
    }
}

#[test]
fn numbers_keep_their_spelling() {
    let written = write_line(&session(PYTHON), Spelling::JavaScript).expect("written");
    assert!(written.contains("[12,7.5,1e2,18446744073709551615]"), "{written}");
    assert!(written.contains(r#""version":0.10"#), "{written}");
}

#[test]
fn from_one_spelling_to_the_other_and_back_is_the_same() {
    for (text, there, back) in [
        (PYTHON, Spelling::JavaScript, Spelling::Python),
        (JAVASCRIPT, Spelling::Python, Spelling::JavaScript),
    ] {
        let first = session(text);
        let other = write(&first, there).expect("written");
        assert_eq!(session(&other), first);
        let again = write(&session(&other), back).expect("written");
        assert_eq!(session(&again), first);
        assert_eq!(value(&again), value(text));
    }
}

#[test]
fn each_spelling_has_the_keys_that_its_sdk_asks_for() {
    let python = value(&write(&session(JAVASCRIPT), Spelling::Python).expect("written"));
    for key in
        ["id", "title", "user_id", "parent_session_id", "created_at", "updated_at", "status", "metadata"]
    {
        assert!(python.get(key).is_some(), "{key}");
    }
    assert_eq!((&python["status"], &python["metadata"]), (&json!("active"), &json!({})));
    assert_eq!(python["messages"][1]["session_id"], "session_of_another");
    assert_eq!(python["theme"], "dark");
    let javascript = value(&write(&session(PYTHON), Spelling::JavaScript).expect("written"));
    for key in ["userId", "createdAt", "updatedAt", "messageCount", "parentSessionId", "status", "metadata"] {
        assert!(javascript.get(key).is_some(), "{key}");
    }
    assert!(!javascript.to_string().contains("_id\""), "{javascript}");
}

#[test]
fn a_session_without_messages_is_one() {
    let text = r#"{"id":"s","created_at":"a","updatedAt":"b","user_id":null,"metadata":null,"status":null}"#;
    let transcript = session(text);
    assert_eq!((transcript.session.user.as_deref(), transcript.messages.len()), (None, 0));
    let written = value(&write(&transcript, Spelling::Python).expect("written"));
    assert_eq!((&written["messages"], &written["message_count"]), (&json!([]), &json!(0)));
    assert_eq!(written["user_id"], Value::Null);
}

/// What is wrong with the text, and the field it is in.
#[track_caller]
fn refused(text: &str) -> (String, Fault) {
    let Error { field, fault, at, .. } = read(text.as_bytes()).expect_err(text);
    assert!(at.line >= 1 && at.column >= 1);
    (field, fault)
}

/// A session with a member replaced.
fn with(pointer: &str, member: Value) -> String {
    let mut session = value(PYTHON);
    *session.pointer_mut(pointer).expect("it is there") = member;
    session.to_string()
}

#[test]
fn wrong_fields_are_named() {
    for (pointer, wrong, field) in [
        ("/id", json!(7), "/id"),
        ("/id", json!(""), "/id"),
        ("/title", json!([]), "/title"),
        ("/user_id", json!({}), "/user_id"),
        ("/created_at", json!(null), "/created_at"),
        ("/status", json!("asleep"), "/status"),
        ("/status", json!(1), "/status"),
        ("/messages", json!({}), "/messages"),
        ("/messages/1", json!("hi"), "/messages[1]"),
        ("/messages/2/role", json!("tool"), "/messages[2]/role"),
        ("/messages/2/role", json!(null), "/messages[2]/role"),
        ("/messages/0/content", json!(null), "/messages[0]/content"),
        ("/messages/0/timestamp", json!(17), "/messages[0]/timestamp"),
        ("/messages/0/metadata", json!([1]), "/messages[0]/metadata"),
        ("/metadata", json!("x"), "/metadata"),
    ] {
        assert_eq!(refused(&with(pointer, wrong)).0, field);
    }
}

#[test]
fn faults_say_what_they_are() {
    assert!(matches!(refused(&with("/status", json!("asleep"))).1, Fault::Unknown(_)));
    assert!(matches!(refused(&with("/id", json!(7))).1, Fault::WrongType { .. }));
    assert!(matches!(refused(&with("/created_at", json!(null))).1, Fault::Missing { .. }));
    let twice = PYTHON.replacen("\"user_id\"", "\"userId\": \"x\", \"user_id\"", 1);
    assert!(matches!(refused(&twice), (field, Fault::SpelledTwice) if field == "/user_id"));
    assert!(matches!(refused(&format!("{PYTHON}{PYTHON}")).1, Fault::More));
    for no_json in ["", "{", "[]", "\"x\"", "{\"id\":1,\"id\":2}", &PYTHON[..PYTHON.len() / 2]] {
        refused(no_json);
    }
    let deep = with("/metadata/pinned", json!(0)).replace(":0", &format!(":{}", "[".repeat(10_000)));
    assert!(matches!(refused(&deep).1, Fault::Json(_)));
}
