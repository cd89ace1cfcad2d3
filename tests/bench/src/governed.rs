//! What it costs to be governed by all built-in plugins.

use core::time::Duration;
use std::path::Path;
use std::thread;
use std::time::Instant;

use activemirror::{Options, PluginFile, Recorder, Runtime};
use activemirror_engine::{Config, Engine, Event, EventKind, Leaf, Point, Policy, Setup, Source, Value};
use anyhow::{Context as _, Result};

use crate::report::{Better, Row};
use crate::workload::{Event as Work, Names, SESSIONS};
use crate::{TIMES, ours};

/// Agents record from as many threads; each has sessions of its own.
const THREADS: usize = 2;
/// Events that a session hands over together, where it does.
const TOGETHER: usize = 16;
/// Events of the batch that a single policy decides on.
const DECIDED: usize = 4;

/// What is measured of governed recording: `events` are those of workload T.
pub(crate) fn rows(folder: impl Fn() -> Result<tempfile::TempDir>, events: &[Work]) -> Result<Vec<Row>> {
    let plugins = ours::default_plugins()?;
    let ingest = |together: usize| -> Result<f64> {
        let run = |_| ingest(folder()?.path(), events, plugins.clone(), together);
        let mut times = (0..TIMES).map(run).collect::<Result<Vec<_>>>()?;
        times.sort_unstable();
        Ok(crate::rate(events.len(), crate::at(&times, 0.5)))
    };
    let calls = ours::ingest(folder()?.path(), events, plugins.clone())?.calls;
    let call = |share: f64, goal| {
        let what = format!("govern and record an event of T, on the caller's thread, p{}", share * 100.0);
        Row::new(what, "µs", Better::Lower, micros(crate::at(&calls, share))).goal(goal)
    };
    let (one, many) = (ingest(1)?, ingest(TOGETHER)?);
    let named = |how: &str| {
        let what = "ingest T, governed by all built-in plugins";
        format!("{what}, {THREADS} threads, {how}, the middle of {TIMES} runs")
    };
    Ok(vec![
        Row::new(named("event by event"), "events/s", Better::Higher, one).goal(1e5),
        Row::new(named(&format!("{TOGETHER} events of a session at once")), "events/s", Better::Higher, many)
            .goal(1e5),
        call(0.5, 15.0),
        call(0.99, 100.0),
        verdict(&plugins)?.goal(8.0),
    ])
}

/// Ingests what sessions hand over in groups of so many events, from several threads.
fn ingest(folder: &Path, events: &[Work], plugins: Vec<PluginFile>, together: usize) -> Result<Duration> {
    let (data, key_file) = (folder.join("data"), folder.join("keys/device.key"));
    let runtime = Runtime::open(Options { data, key_file, plugins, ..Options::default() })?;
    let begun = Instant::now();
    thread::scope(|scope| {
        let thread = |thread: usize| {
            let own = events.iter().filter(move |event| event.session % THREADS == thread);
            scope.spawn(|| record(&runtime, own, together))
        };
        let threads: Vec<_> = (0..THREADS).map(thread).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("a thread that records"))
    })?;
    runtime.close()?;
    Ok(begun.elapsed())
}

fn record<'w>(runtime: &Runtime, events: impl Iterator<Item = &'w Work>, together: usize) -> Result<()> {
    let names = Names::new();
    let mut sessions: Vec<Option<(Recorder, Vec<_>)>> = (0..SESSIONS).map(|_| None).collect();
    for event in events {
        let session = &mut sessions[event.session];
        let (recorder, waiting) = match session {
            Some(session) => session,
            None => session.insert((runtime.begin(ours::start(&names, event.session))?, Vec::new())),
        };
        waiting.push(ours::document(event, &names));
        if waiting.len() == together {
            recorder.record_all(waiting.drain(..))?;
        }
    }
    for (mut recorder, waiting) in sessions.into_iter().flatten() {
        recorder.record_all(waiting)?;
    }
    Ok(())
}

/// One policy's verdicts on a few events, in a fresh instance with all limits on.
fn verdict(plugins: &[PluginFile]) -> Result<Row> {
    let file = plugins.iter().find(|plugin| plugin.name == "pii").context("the policy pii")?;
    let engine = Engine::new(Setup::default())?;
    let policy = Policy::load(&engine, &file.component, Config::default())?;
    let events: Vec<Event> = (0..DECIDED as u64).map(seen).collect();
    let mut calls = Vec::new();
    for _ in 0..2_000 {
        let begun = Instant::now();
        let call = policy.decide(&[], Point::Input, &events);
        calls.push(begun.elapsed());
        call.result?;
    }
    calls.sort_unstable();
    let what = format!("verdicts of pii on {DECIDED} events, in a fresh instance, p50");
    Ok(Row::new(what, "µs", Better::Lower, micros(crate::at(&calls, 0.5))))
}

/// A usual turn of a user.
fn seen(sequence: u64) -> Event {
    let text = "I would like to change my order, please: can you make the delivery on Thursday instead?";
    Event {
        sequence,
        time: 0,
        kind: EventKind::Observation,
        source: Source::User,
        content: Some(text.to_owned()),
        action: None,
        intent: None,
        confidence: None,
        leaves: vec![Leaf { path: "/metadata/channel".to_owned(), value: Value::Text("chat".to_owned()) }],
        marks: Vec::new(),
    }
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
