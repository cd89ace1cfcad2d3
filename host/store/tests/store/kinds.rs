//! A store with something of everything: two own logs, a device's, several people, one of them
//! erased, every kind of record; and the same with blocks in every tier.

use std::sync::Arc;

use activemirror_core::many::Many;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{
    Body, Content, ControlState, Finding, Kind, Mark, Notice, Outcome, Place, Reason, Record, Severity,
    Structure, SubjectRef, Verdict,
};
use activemirror_core::vault::Key;
use activemirror_store::{Fact, HoldOn, Store, StoreError, Tier};

use crate::devices::{Device, ROOT, accept};
use crate::shelf::{Shelf, author, cool, units, warm};
use crate::world::{Disk, TEXT, say};

/// Everything.
pub(crate) fn everything() -> Disk {
    let disk = Disk::default();
    let mut store = disk.open().unwrap();
    for person in ["ann", "ben", "cleo"] {
        say(&mut store, person);
    }
    all_kinds(&store, "dan");
    let mut device = Device::new();
    let log = store.enrol(&Key::new(ROOT)).unwrap();
    let wrapped = device.wrapped();
    let frame = activemirror_core::log::stream::Frame::Key { subject: device.subject, wrapped: &wrapped };
    store.accept(Some(log), &frame).unwrap();
    for text in ["the corridor is clear", "the door is shut"] {
        let block = device.block(text);
        accept(&mut store, &device, &block).unwrap();
    }
    let note = device.checkpoint();
    let frame = activemirror_core::log::stream::Frame::Checkpoint { note: &note };
    store.accept(Some(log), &frame).unwrap();
    let house = store.ensure_subject("the house").unwrap();
    store.erase(store.subject_ref("ben"), house, Timestamp::from_millis(2_000)).unwrap();
    let mut store = store.go_on(Reason::Restored, house, Timestamp::from_millis(3_000)).unwrap();
    say(&mut store, "ann");
    all_kinds(&store, "eve");
    disk
}

/// The same, with blocks that were packed, that lie in the cold store, and that went; of the people in them
/// one is erased, and something is held.
pub(crate) fn all_tiers() -> (Disk, Shelf) {
    let (disk, shelf) = (everything(), Shelf::default());
    let store = disk.open().unwrap();
    store.attach_cold(Arc::new(shelf.clone()));
    let author = author(&store);
    let hold = Fact::Held { hold: "h".into(), on: HoldOn::Namespace, reason: "a letter".into() };
    store.say(&author, &hold).unwrap();
    warm(&store, 2);
    cool(&store);
    store.let_go(&units(&store, Tier::Hot)[..1], "by age", &author).unwrap();
    warm(&store, 2);
    let others: Vec<_> = store.units().unwrap().into_iter().filter(|unit| !store.is_own(unit.at)).collect();
    assert_eq!(store.pack(&others).unwrap(), 2);
    store.erase(store.subject_ref("ann"), author.by, Timestamp::from_millis(4_000)).unwrap();
    (disk, shelf)
}

/// One block with a record of every kind.
fn all_kinds(store: &Store, person: &str) {
    let subject = store.ensure_subject(person).unwrap();
    let trace = format!("all-of-{person}");
    let structure = |kind| Structure {
        trace: Some(&trace),
        agent: Some("agent"),
        session: Some("a session"),
        ..Structure::new(kind, Timestamp::from_millis(1_500), subject)
    };
    let text = || Content { text: Some(TEXT), ..Content::default() };
    let mark = Mark { place: Place::Text, start: 0, end: 3, category: "email", dropped: false, plugin: 1 };
    let marked = Content { marks: Many::Owned(vec![mark]), ..text() };
    let verdict =
        Verdict { back: 1, plugin: 1, outcome: Outcome::Mask, fuel: 7, reason: Some("it is personal") };
    let finding = Finding {
        plugin: 1,
        control: "GDPR-5.1.c",
        state: ControlState::NotSatisfied,
        severity: Severity::High,
        message: "more than is needed",
        evidence: Many::Owned(vec![1, 2]),
    };
    let mut records = vec![
        Record { structure: structure(Kind::TraceStart), body: Body::TraceStart(text()) },
        Record { structure: structure(Kind::System), body: Body::System(text()) },
    ];
    for (_, kind) in Kind::EVENTS {
        records.push(Record { structure: structure(kind), body: Body::Event(marked.clone()) });
        records.push(Record { structure: structure(Kind::Verdict), body: Body::Verdict(verdict) });
    }
    records.push(Record { structure: structure(Kind::Finding), body: Body::Finding(finding) });
    records.push(Record { structure: structure(Kind::Session), body: Body::Session(text()) });
    records.push(Record { structure: structure(Kind::Notice), body: Body::Notice(Notice::Ungoverned) });
    store.append(&records).unwrap();
}

/// Everything that can be read, record by record, as it reads.
pub(crate) fn exported(store: &Store) -> Result<Vec<String>, StoreError> {
    let mut records = Vec::new();
    for at in store.blocks()? {
        let open = match store.open_block(at) {
            Err(StoreError::Gone { .. }) => {
                records.push(format!(
                    "{} block: {}, went: {:?}",
                    store.log_of(at.log)?,
                    at.block,
                    store.went(at)?
                ));
                continue;
            }
            open => open?,
        };
        let log = open.header().log;
        let entries = open.entries().map_err(|error| StoreError::Block(at.block, error))?;
        records.extend(entries.iter().map(|entry| format!("{log} {entry:?}")));
    }
    for start in store.traces()? {
        let log = store.log_of(start.at.log)?;
        records.push(format!("trace {log} {} {}", start.at.block, start.sequence));
    }
    let (mut live, mut erased): (Vec<SubjectRef>, Vec<SubjectRef>) = store.subjects();
    live.sort();
    erased.sort();
    records.push(format!("{live:?} {erased:?}"));
    records.sort();
    Ok(records)
}
