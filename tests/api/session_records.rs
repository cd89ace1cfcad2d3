//! Sessions as records of the log, and back.

use activemirror_core::session::{Fold, Message, Role, Session, SessionError, Stamp, Status, Transcript};
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Content, Kind, Record, Structure, SubjectRef};
use activemirror_core::value::{Leaf, OwnedLeaf, OwnedValue, Value};

const STAMP: Stamp<'static> =
    Stamp { time: Timestamp(1_740_906_907_120), subject: SubjectRef([7; 16]), agent: Some("helper") };

fn leaf(path: &str, value: OwnedValue) -> OwnedLeaf {
    OwnedLeaf { path: path.into(), value }
}

fn transcript() -> Transcript {
    let message = |id: &str, role, text: &str| Message {
        id: id.into(),
        role,
        text: text.into(),
        time: "2025-03-02T09:16:00".into(),
        leaves: vec![leaf("/message/metadata/n", OwnedValue::Decimal("1e2".into()))],
    };
    Transcript {
        session: Session {
            id: "s-1".into(),
            title: "Herbs".into(),
            user: Some("noor".into()),
            parent: None,
            status: Status::Completed,
            created: "2025-03-02T09:15:07.120394".into(),
            updated: "2025-03-02T09:18:44".into(),
            leaves: vec![
                leaf("/metadata/tags[0]", OwnedValue::Text("x".into())),
                leaf("/odd", OwnedValue::Null),
            ],
        },
        messages: vec![
            message("m-1", Role::System, "North."),
            message("m-2", Role::User, "Which?"),
            message("m-3", Role::Assistant, "Mint."),
        ],
    }
}

fn fold<'r>(records: impl IntoIterator<Item = Record<'r>>) -> Result<Option<Transcript>, SessionError> {
    let mut fold = Fold::new("s-1");
    for record in records {
        assert!(record.body.suits(record.structure.kind));
        fold.push(&record.structure, &record.body)?;
    }
    Ok(fold.finish())
}

fn records(transcript: &Transcript) -> Vec<Record<'_>> {
    let messages = transcript.messages.iter().map(|message| message.record(&transcript.session.id, STAMP));
    [transcript.session.head(STAMP)].into_iter().chain(messages).collect()
}

#[test]
fn what_is_stored_comes_back() {
    let stored = transcript();
    assert_eq!(fold(records(&stored)), Ok(Some(stored.clone())));
}

#[test]
fn messages_are_events_of_the_session_s_own_trace() {
    let stored = transcript();
    let kinds: Vec<Kind> = records(&stored).iter().map(|record| record.structure.kind).collect();
    assert_eq!(kinds, [Kind::Session, Kind::Observation, Kind::Observation, Kind::Output]);
    let record = &records(&stored)[2];
    let Structure { trace, session, alias, agent, .. } = record.structure;
    assert_eq!((trace, session, alias, agent), (Some("s-1"), Some("s-1"), Some("m-2"), Some("helper")));
    let Body::Event(content) = &record.body else { panic!() };
    assert_eq!(content.text, Some("Which?"));
    let found: Vec<_> = content.leaves.iter().map(|leaf| (leaf.path, leaf.value.as_text())).collect();
    assert_eq!(
        found,
        [
            ("/metadata/source", Some("user")),
            ("/message/id", Some("m-2")),
            ("/message/timestamp", Some("2025-03-02T09:16:00")),
            ("/message/metadata/n", None),
        ]
    );
}

#[test]
fn the_newest_head_counts_and_others_pass_by() {
    let stored = transcript();
    let mut older = stored.session.clone();
    older.title = "Draft".into();
    let other = Session { id: "s-2".into(), ..stored.session.clone() };
    let thought = Record {
        structure: Structure {
            session: Some("s-1"),
            ..Structure::new(Kind::Thought, STAMP.time, STAMP.subject)
        },
        body: Body::Event(Content { text: Some("Hm."), ..Content::default() }),
    };
    let before = [older.head(STAMP), thought, stored.messages[0].record("s-2", STAMP)];
    let records = before.into_iter().chain(records(&stored)).chain([other.head(STAMP)]);
    assert_eq!(fold(records), Ok(Some(stored.clone())));
    assert_eq!(fold(stored.messages.iter().map(|message| message.record("s-1", STAMP))), Ok(None));
}

#[test]
fn what_is_no_session_is_refused() {
    let head = |leaves: &[Leaf<'_>]| Session::from_leaves("s-1", leaves).map(|session| session.title);
    let text = |path, text| Leaf { path, value: Value::Text(text) };
    let (title, created, updated) = (text("/title", "t"), text("/created_at", "c"), text("/updated_at", "u"));
    assert_eq!(head(&[title, created, updated]), Ok("t".into()));
    assert_eq!(head(&[title, created]), Err(SessionError::Missing("/updated_at")));
    assert_eq!(head(&[title, created, updated, text("/status", "gone")]), Err(SessionError::UnknownStatus));
    let number = Leaf { path: "/title", value: Value::Signed(1) };
    assert_eq!(head(&[number, created, updated]), Err(SessionError::NotText("/title")));
}

#[test]
fn what_is_no_message_is_refused_or_passed_by() {
    let event = |kind, leaves: &[Leaf<'_>]| {
        let content = Content { text: None, leaves: leaves.into(), ..Content::default() };
        Message::from_event(kind, &content).map(|message| message.map(|message| message.role))
    };
    let text = |path, text| Leaf { path, value: Value::Text(text) };
    let (id, time) = (text("/message/id", "m"), text("/message/timestamp", "t"));
    assert_eq!(event(Kind::Output, &[]), Ok(None));
    assert_eq!(event(Kind::Output, &[id, time]), Ok(Some(Role::Assistant)));
    assert_eq!(event(Kind::Output, &[id]), Err(SessionError::Missing("/message/timestamp")));
    assert_eq!(event(Kind::Thought, &[id, time]), Err(SessionError::NotSpoken));
    let from = |source| event(Kind::Observation, &[id, time, text("/metadata/source", source)]);
    assert_eq!(from("system"), Ok(Some(Role::System)));
    assert_eq!(from("assistant"), Err(SessionError::NotSpoken));
    assert_eq!(from("tool"), Err(SessionError::UnknownRole));
    let missing = Err(SessionError::Missing("/metadata/source"));
    assert_eq!(event(Kind::Observation, &[id, time]), missing);
}
