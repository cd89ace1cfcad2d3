//! This project, doing the job: every event sealed under its person's key, hashed into the log's
//! trees, and signed.

use std::path::Path;

use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Content, Kind, Record, Structure, SubjectRef};
use activemirror_core::value::{Leaf, Value};
use activemirror_core::vault::{Key, KeyTree};
use activemirror_store::{Options, Store};
use anyhow::Result;

use crate::workload::{Event, Names, SESSIONS};

const CACHE_BYTES: usize = 64 << 20;

/// Ingests at the store, without plugins.
pub(crate) fn ingest(folder: &Path, events: &[Event], batch: usize) -> Result<()> {
    let names = Names::new();
    let keys = KeyTree::new(&Key::new([7; 32]));
    let entropy = |bytes: &mut [u8]| getrandom::fill(bytes).is_ok();
    let store = Store::open(folder, Options { keys, entropy, cache_bytes: CACHE_BYTES })?;
    let subjects: Result<Vec<SubjectRef>, _> =
        (0..SESSIONS).map(|session| store.ensure_subject(&names.sessions[session])).collect();
    let subjects = subjects?;
    for batch in events.chunks(batch) {
        let leaves: Vec<[Leaf<'_>; 2]> = batch.iter().map(leaves).collect();
        let records: Vec<Record<'_>> = batch
            .iter()
            .zip(&leaves)
            .map(|(event, leaves)| record(event, leaves, &names, subjects[event.session]))
            .collect();
        store.append(&records)?;
    }
    store.close()?;
    Ok(())
}

fn record<'a>(event: &'a Event, leaves: &'a [Leaf<'_>], names: &'a Names, subject: SubjectRef) -> Record<'a> {
    let plain = Structure::new(Kind::EVENTS[event.kind].1, Timestamp::from_millis(event.time), subject);
    Record {
        structure: Structure {
            trace: Some(&names.traces[event.session]),
            agent: Some(&names.agents[event.session]),
            session: Some(&names.sessions[event.session]),
            action: Some(&names.actions[event.action]),
            intent: Some(&names.intents[event.intent]),
            confidence: Some(event.confidence),
            ..plain
        },
        body: Body::Event(Content {
            text: event.text.as_deref(),
            leaves: leaves.into(),
            ..Content::default()
        }),
    }
}

fn leaves(event: &Event) -> [Leaf<'static>; 2] {
    [
        Leaf { path: "/parameters/count", value: Value::Signed(event.count) },
        Leaf { path: "/parameters/amount", value: Value::Float(event.amount) },
    ]
}
