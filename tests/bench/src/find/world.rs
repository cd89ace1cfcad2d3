//! The same events in a store of ours and in SQLite, and a few of them to be looked for.

use std::fs;
use std::path::Path;

use activemirror::{LogId, Recorder, Runtime, Start};
use anyhow::Result;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use rusqlite::Connection;
use rusqlite::types::Value;

use crate::workload::{self, Event, KINDS, Names, SESSIONS, Workload};
use crate::{PEER_BATCH, ours, peers, tiers};

/// Events of a trace; its session begins another one then.
const TRACE: usize = 3_000;
const AGENTS: usize = 64;
const INTENTS: usize = 1_000;
/// Events that are looked for.
const SAMPLES: usize = 200;
/// Events of a small block.
const WAITS: usize = 8;

/// What both stores hold.
pub(super) struct World {
    pub(super) runtime: Runtime,
    pub(super) log: LogId,
    pub(super) count: usize,
    pub(super) samples: Vec<Sample>,
    sqlite: Connection,
}

/// An event to be looked for.
pub(super) struct Sample {
    pub(super) sequence: u64,
    pub(super) row: i64,
    pub(super) time: i64,
    pub(super) trace: String,
    pub(super) agent: String,
    pub(super) intent: String,
}

impl World {
    /// Structured events in many traces.
    pub(super) fn structured(folder: &Path, count: usize, seed: u64) -> Result<Self> {
        Self::recorded(&folder.join("structured"), count, seed, usize::MAX)
    }

    /// The same where somebody waits after so many: small blocks, which are merged.
    pub(super) fn waited_for(folder: &Path, count: usize, seed: u64) -> Result<Self> {
        Self::recorded(&folder.join("waited-for"), count, seed, WAITS)
    }

    /// The same as without waiting, once a rule of retention has packed all blocks.
    pub(super) fn packed(folder: &Path, count: usize, seed: u64) -> Result<Self> {
        let folder = folder.join("packed");
        let Self { runtime, samples, .. } = Self::recorded(&folder, count, seed, usize::MAX)?;
        runtime.close()?;
        tiers::pack(&folder)?;
        Self::open(&folder, &folder.join("events.db"), count, samples)
    }

    fn recorded(folder: &Path, count: usize, seed: u64, waits: usize) -> Result<Self> {
        fs::create_dir(folder)?;
        let names =
            Names { intents: (0..INTENTS).map(|n| format!("intent_{n:04}")).collect(), ..Names::new() };
        let file = folder.join("events.db");
        insert(&file, &names, count, seed)?;
        let mut samples = Vec::new();
        let runtime = ours::open(folder, Vec::new())?;
        let mut recorders: Vec<Option<Recorder>> = (0..SESSIONS).map(|_| None).collect();
        for (row, (event, trace, fresh)) in (1..).zip(traced(count, seed)) {
            let recorder = &mut recorders[event.session];
            if fresh || recorder.is_none() {
                *recorder = Some(runtime.begin(start(trace, &names, event.session))?);
            }
            let Some(recorder) = recorder else { continue };
            let ruled = recorder.record(ours::document(&event, &names))?;
            if row % waits == 0 {
                runtime.wait(ruled.sequence)?;
            }
            if row % (count / SAMPLES).max(1) == 0 {
                samples.push(Sample {
                    sequence: ruled.sequence,
                    row: row as i64,
                    time: event.time,
                    trace: trace_name(trace),
                    agent: agent_name(trace),
                    intent: names.intents[event.intent].clone(),
                });
            }
        }
        drop(recorders);
        runtime.close()?;
        Self::open(folder, &file, count, samples)
    }

    /// Events with texts, as they are ingested elsewhere.
    pub(super) fn texts(folder: &Path, count: usize, seed: u64) -> Result<Self> {
        let folder = folder.join("texts");
        fs::create_dir(&folder)?;
        let events = workload::events(Workload::Texts, count, seed);
        let file = folder.join("events.db");
        peers::sqlite(&file, &events, PEER_BATCH)?;
        ours::ingest(&folder, &events, Vec::new())?;
        Self::open(&folder, &file, count, Vec::new())
    }

    /// Both again, as somebody opens them who was not there when they were filled.
    fn open(folder: &Path, file: &Path, count: usize, samples: Vec<Sample>) -> Result<Self> {
        let runtime = ours::open(folder, Vec::new())?;
        let log = runtime.log_id()?;
        Ok(Self { runtime, log, count, samples, sqlite: Connection::open(file)? })
    }

    /// Reads all rows of a statement, and says how many.
    pub(super) fn sqlite_rows(&self, sql: &str, values: &[Value]) -> Result<u64> {
        let mut statement = self.sqlite.prepare_cached(sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query(rusqlite::params_from_iter(values))?;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            (0..columns).try_for_each(|column| row.get::<_, Value>(column).map(drop))?;
            count += 1;
        }
        Ok(count)
    }

    /// What a statement counts.
    pub(super) fn sqlite_count(&self, sql: &str) -> Result<u64> {
        Ok(self.sqlite.query_row(sql, [], |row| row.get::<_, i64>(0))?.try_into()?)
    }
}

/// Events one by one, each with the number of its trace, and whether that begins with it.
fn traced(count: usize, seed: u64) -> impl Iterator<Item = (Event, usize, bool)> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut events = workload::stream(Workload::Structured, count, seed);
    let (mut begun, mut sessions) = (0, [(0, 0); SESSIONS]);
    core::iter::from_fn(move || {
        let event = events.next()?;
        let (trace, left) = &mut sessions[event.session];
        let fresh = *left == 0;
        if fresh {
            (*trace, *left) = (begun, TRACE);
            begun += 1;
        }
        *left -= 1;
        // A matter or two a trace.
        let matter = (*trace * 7 + random.random_range(0..2_usize)) % INTENTS;
        Some((Event { intent: matter, ..event }, *trace, fresh))
    })
}

fn trace_name(trace: usize) -> String {
    format!("7d3c1f60-0000-4000-8000-{trace:012}")
}

fn agent_name(trace: usize) -> String {
    format!("support-agent-{:02}", trace % AGENTS)
}

fn start(trace: usize, names: &Names, session: usize) -> Start {
    Start {
        trace: Some(trace_name(trace)),
        agent: agent_name(trace),
        session: Some(names.sessions[session].clone()),
        ..Start::default()
    }
}

fn insert(file: &Path, names: &Names, count: usize, seed: u64) -> Result<()> {
    let mut connection = peers::create(file)?;
    let mut events = traced(count, seed).peekable();
    while events.peek().is_some() {
        let transaction = connection.transaction()?;
        let mut insert = transaction.prepare_cached(peers::INSERT)?;
        for (event, trace, _) in events.by_ref().take(PEER_BATCH) {
            insert.execute(rusqlite::params![
                trace_name(trace),
                agent_name(trace),
                names.sessions[event.session],
                KINDS[event.kind],
                event.time,
                names.actions[event.action],
                names.intents[event.intent],
                event.confidence,
                format!("{{\"count\":{},\"amount\":{}}}", event.count, event.amount),
                event.text,
            ])?;
        }
        drop(insert);
        transaction.commit()?;
    }
    connection.close().map_err(|(_, error)| error)?;
    Ok(())
}

/// From here on, the peak of the process's memory is counted anew; on Linux.
pub(super) fn forget_peak() {
    // Where that is not allowed the peak is that of the whole run, which is no less.
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// The most memory that the process had at once, in bytes; on Linux.
pub(super) fn peak() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok()? * 1_024.0)
}
