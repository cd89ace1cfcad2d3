//! This project, doing the job: every event sealed under its person's key, hashed into the log's
//! trees, and signed.

use std::path::Path;
use std::time::{Duration, Instant};

use activemirror::document::{Event as Document, Leaf, Value};
use activemirror::{Kind, Options, Recorder, Runtime, Start, Timestamp};
use anyhow::Result;

use crate::workload::{Event, Names, SESSIONS};

/// Ingests through the runtime, without plugins; returns how long each call took.
pub(crate) fn ingest(folder: &Path, events: &[Event]) -> Result<Vec<Duration>> {
    let names = Names::new();
    let (data, key_file) = (folder.join("data"), folder.join("keys/device.key"));
    let runtime = Runtime::open(Options { data, key_file, ..Options::default() })?;
    let recorders: Result<Vec<Recorder>, _> =
        (0..SESSIONS).map(|session| runtime.begin(start(&names, session))).collect();
    let mut recorders = recorders?;
    let mut calls = Vec::with_capacity(events.len());
    for event in events {
        let document = document(event, &names);
        let begun = Instant::now();
        recorders[event.session].record(document)?;
        calls.push(begun.elapsed());
    }
    drop(recorders);
    runtime.close()?;
    Ok(calls)
}

fn start(names: &Names, session: usize) -> Start {
    Start {
        trace: Some(names.traces[session].clone()),
        agent: names.agents[session].clone(),
        session: Some(names.sessions[session].clone()),
        ..Start::default()
    }
}

fn document(event: &Event, names: &Names) -> Document {
    let leaf = |path: &str, value| Leaf { path: path.to_owned(), value };
    Document {
        time: Timestamp::from_millis(event.time),
        text: event.text.clone(),
        action: Some(names.actions[event.action].clone()),
        intent: Some(names.intents[event.intent].clone()),
        confidence: Some(event.confidence),
        leaves: vec![
            leaf("/parameters/count", Value::Signed(event.count)),
            leaf("/parameters/amount", Value::Float(event.amount)),
        ],
        ..Document::new(Kind::EVENTS[event.kind].1)
    }
}
