//! This project, doing the job: every event sealed under its person's key, hashed into the log's
//! trees, and signed.

use core::time::Duration;
use std::fs;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::time::Instant;

use activemirror::document::{Event as Document, Leaf, Trace, Value};
use activemirror::format::{Reader, mirrordna};
use activemirror::{Config, Grant, Kind, Limits, Options, PluginFile, Recorder, Runtime, Start, Timestamp};
use anyhow::{Context as _, Result};

use crate::workload::{Event, Names, SESSIONS};

/// Which calls are timed: reading the clock around each of them would be a part of what all of them
/// take, and nobody reads it around the peers' either.
const TIMED: usize = 17;

/// How a run went.
#[derive(Debug)]
pub(crate) struct Ingested {
    /// From the first event to a closed store.
    pub(crate) took: Duration,
    /// How long every [`TIMED`]th call took, shortest first.
    pub(crate) calls: Vec<Duration>,
}

/// Ingests event by event, governed by these plugins.
pub(crate) fn ingest(folder: &Path, events: &[Event], plugins: Vec<PluginFile>) -> Result<Ingested> {
    let names = Names::new();
    let runtime = open(folder, plugins)?;
    let recorders: Result<Vec<Recorder>, _> =
        (0..SESSIONS).map(|session| runtime.begin(start(&names, session))).collect();
    let mut recorders = recorders?;
    let mut calls = Vec::with_capacity(events.len() / TIMED + 1);
    let begun = Instant::now();
    for (at, event) in events.iter().enumerate() {
        let document = document(event, &names);
        let call = (at % TIMED == 0).then(Instant::now);
        recorders[event.session].record(document)?;
        calls.extend(call.map(|call| call.elapsed()));
    }
    drop(recorders);
    runtime.close()?;
    let took = begun.elapsed();
    calls.sort_unstable();
    Ok(Ingested { took, calls })
}

/// How long an event takes until it is durable where each is waited for, shortest first.
pub(crate) fn commits(folder: &Path, events: &[Event]) -> Result<Vec<Duration>> {
    let names = Names::new();
    let runtime = open(folder, Vec::new())?;
    let mut recorder = runtime.begin(start(&names, 0))?;
    let mut commits = Vec::with_capacity(events.len());
    for event in events {
        let document = document(event, &names);
        let begun = Instant::now();
        let ruled = recorder.record(document)?;
        runtime.wait(ruled.sequence)?;
        commits.push(begun.elapsed());
    }
    commits.sort_unstable();
    Ok(commits)
}

/// Imports a file of MirrorDNA JSON Lines, one trace a session.
pub(crate) fn import(folder: &Path, events: &[Event]) -> Result<Duration> {
    let file = folder.join("events.jsonl");
    write_json(&file, events)?;
    let runtime = open(folder, Vec::new())?;
    let begun = Instant::now();
    for trace in Reader::new(BufReader::new(fs::File::open(&file)?), None).ahead()? {
        runtime.record_trace(trace?)?;
    }
    runtime.close()?;
    let took = begun.elapsed();
    fs::remove_file(file)?;
    Ok(took)
}

fn write_json(file: &Path, events: &[Event]) -> Result<()> {
    let names = Names::new();
    let mut writer = mirrordna::Writer::new(fs::File::create(file)?);
    for session in 0..SESSIONS {
        let own = events.iter().filter(|event| event.session == session);
        let trace = Trace {
            id: names.traces[session].clone(),
            agent: names.agents[session].clone(),
            session: Some(names.sessions[session].clone()),
            user: None,
            time: Timestamp::from_millis(events.first().map_or(0, |event| event.time)),
            system: None,
            leaves: Vec::new(),
            events: own.map(|event| document(event, &names)).collect(),
        };
        writer.write(&trace, &[], &[])?;
    }
    writer.finish()?;
    Ok(())
}

/// The built-in policies and the compliance pack, as `cargo xtask plugins` has built them.
pub(crate) fn default_plugins() -> Result<Vec<PluginFile>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/plugins");
    let folder = std::env::var_os("ACTIVEMIRROR_PLUGINS").map_or(folder, PathBuf::from);
    let plugin = |name: &&str| {
        let path = folder.join(name).with_extension("wasm");
        let component =
            fs::read(&path).with_context(|| format!("{}: run `cargo xtask plugins`", path.display()))?;
        let (config, grant) = (Config::default(), Grant::PersonalData);
        Ok(PluginFile { name: (*name).to_owned(), component, config, grant })
    };
    ["pii", "confirm-writes", "gdpr"].iter().map(plugin).collect()
}

pub(crate) fn open(folder: &Path, plugins: Vec<PluginFile>) -> Result<Runtime> {
    open_within(folder, plugins, Limits::default())
}

pub(crate) fn open_within(folder: &Path, plugins: Vec<PluginFile>, limits: Limits) -> Result<Runtime> {
    let (data, key_file) = (folder.join("data"), folder.join("keys/device.key"));
    Ok(Runtime::open(Options { data, key_file, plugins, limits, ..Options::default() })?)
}

/// How a session begins.
pub(crate) fn start(names: &Names, session: usize) -> Start {
    Start {
        trace: Some(names.traces[session].clone()),
        agent: names.agents[session].clone(),
        session: Some(names.sessions[session].clone()),
        ..Start::default()
    }
}

/// An event as an agent hands it over.
pub(crate) fn document(event: &Event, names: &Names) -> Document {
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
