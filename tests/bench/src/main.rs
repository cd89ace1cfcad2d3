//! `cargo xtask bench`: what it costs, beside what others take for the same job, in the same run.

mod analysts;
mod duckdb;
mod find;
mod governed;
mod ours;
mod overhead;
mod peers;
mod real;
mod report;
mod room;
mod tiers;
mod workload;

use core::time::Duration;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;
use clap::{Parser, ValueEnum as _};
use mimalloc::MiMalloc;
use report::{Better, Row};
use tempfile::TempDir;
use workload::{Event, Workload};

/// As in the binary that users carry.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Events of one SQLite or redb transaction.
const PEER_BATCH: usize = 4_096;

/// How often each ingest is done: which threads share a processor differs from run to run.
const TIMES: usize = 5;

/// What it costs, beside what others take for the same job, in the same run.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench")]
struct Arguments {
    /// Events of each ingest; a tenth of them where every event is governed or waited for
    #[arg(long, default_value_t = 1_000_000)]
    events: usize,
    /// Events that things are found among
    #[arg(long, default_value_t = 10_000_000)]
    find_events: usize,
    /// What events are made of
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Measure nothing but this; may be given more than once
    #[arg(long, value_name = "GROUP")]
    only: Vec<Group>,
    /// Write the figures as JSON as well
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Where stores are made; what a disk costs is the disk's
    #[arg(long, value_name = "FOLDER")]
    on: Option<PathBuf>,
}

/// What is measured together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Group {
    /// Finding things, and SQL
    Find,
    /// Recording, how fast and how small
    Ingest,
    /// Real runs, how small
    Real,
    /// Reading JSON in
    Import,
    /// Waiting for each event
    Commit,
    /// Exports and an aggregate
    Analysts,
    /// Recording under policies
    Governed,
    /// An agent with and without
    Overhead,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let mut rows = Vec::new();
    // Finding comes first, while nothing else takes memory.
    for group in Group::value_variants() {
        if arguments.only.is_empty() || arguments.only.contains(group) {
            rows.extend(measured(*group, &arguments)?);
        }
    }
    report::print(&rows);
    arguments.json.map_or(Ok(()), |path| report::write(&rows, &path))
}

fn measured(group: Group, arguments: &Arguments) -> Result<Vec<Row>> {
    let events = |workload, count| workload::events(workload, count, arguments.seed);
    let structured = || events(Workload::Structured, arguments.events);
    Ok(match group {
        Group::Find => find::rows(arguments.folder()?.path(), arguments.find_events, arguments.seed)?,
        Group::Ingest => {
            let mut rows = ingest(arguments, Workload::Structured, &structured())?;
            rows.extend(ingest(arguments, Workload::Texts, &events(Workload::Texts, arguments.events))?);
            rows
        }
        Group::Real => real::rows(arguments)?,
        Group::Import => vec![import(arguments, &structured())?],
        Group::Commit => vec![commits(arguments, &structured())?],
        Group::Analysts => analysts::rows(arguments, &structured())?,
        Group::Governed => {
            governed::rows(|| arguments.folder(), &events(Workload::Texts, arguments.events / 10))?
        }
        Group::Overhead => overhead::rows()?,
    })
}

fn ingest(arguments: &Arguments, workload: Workload, events: &[Event]) -> Result<Vec<Row>> {
    let name = workload.name();
    let mut runs = Vec::new();
    for _ in 0..TIMES {
        let folder = arguments.folder()?;
        runs.push((ours::ingest(folder.path(), events, Vec::new())?, folder));
    }
    runs.sort_by_key(|(ours, _)| ours.took);
    let (ours, folder) = runs.swap_remove(TIMES / 2);
    drop(runs);
    let size = bytes(&folder.path().join("data"))?;
    let room = room::rows(name, folder.path(), events.len())?;
    let packing = tiers::pack(folder.path())?;
    let packed = bytes(&folder.path().join("data"))?;
    let peer = |work: fn(&Path, &[Event], usize) -> Result<()>| -> Result<(f64, f64)> {
        let (mut times, mut size) = (Vec::new(), 0.0);
        for _ in 0..TIMES {
            let folder = arguments.folder()?;
            let begun = Instant::now();
            work(&folder.path().join("events.db"), events, PEER_BATCH)?;
            times.push(begun.elapsed());
            size = bytes(folder.path())? / events.len() as f64;
        }
        times.sort_unstable();
        Ok((rate(events.len(), at(&times, 0.5)), size))
    };
    let (sqlite, redb) = (peer(peers::sqlite)?, peer(peers::redb_rows)?);
    let size_goal = if workload == Workload::Structured { 16.0 } else { 50.0 };
    let speed = Row::new(
        format!("ingest {name}, ungoverned, durable, the middle of {TIMES} runs"),
        "events/s",
        Better::Higher,
        rate(events.len(), ours.took),
    );
    let size = Row::new(
        format!("stored size {name}, whole files after close"),
        "B/event",
        Better::Lower,
        size / events.len() as f64,
    );
    let packed = Row::new(
        format!("stored size {name}, the same with all blocks packed"),
        "B/event",
        Better::Lower,
        packed / events.len() as f64,
    );
    let packing = rate(events.len(), packing);
    let packing = Row::new(format!("packing {name} (hot to warm)"), "events/s", Better::Higher, packing);
    let call = |share, goal| {
        let nanos = at(&ours.calls, share).as_nanos() as f64;
        let what = format!("record {name}, on the caller's thread, p{}", share * 100.0);
        Row::new(what, "ns", Better::Lower, nanos).goal(goal)
    };
    let rows = [
        if workload == Workload::Structured { speed.goal(1e6) } else { speed }
            .beside("SQLite", sqlite.0)
            .beside("redb rows", redb.0),
        size.goal(size_goal).beside("SQLite", sqlite.1).beside("redb rows", redb.1),
        packed,
        packing,
        call(0.5, 1e3),
        call(0.99, 5e3),
    ];
    Ok(rows.into_iter().chain(room).collect())
}

fn import(arguments: &Arguments, events: &[Event]) -> Result<Row> {
    let folder = arguments.folder()?;
    let took = ours::import(folder.path(), events)?;
    let rate = rate(events.len(), took);
    Ok(Row::new("import S from JSON, ungoverned, durable", "events/s", Better::Higher, rate).goal(2e5))
}

fn commits(arguments: &Arguments, events: &[Event]) -> Result<Row> {
    let folder = arguments.folder()?;
    let fsync = at(&fsyncs(folder.path())?, 0.5).as_secs_f64();
    let count = events.len().min(300);
    let commits = ours::commits(folder.path(), &events[..count])?;
    let ratio = at(&commits, 0.99).as_secs_f64() / fsync;
    let what = format!("commit of one event, p99, in fsyncs of {:.2} ms", fsync * 1e3);
    Ok(Row::new(what, "fsyncs", Better::Lower, ratio).goal(6.0))
}

/// How long it takes to make four kilobytes durable here, shortest first.
fn fsyncs(folder: &Path) -> Result<Vec<Duration>> {
    let mut file = fs::File::create(folder.join("fsync"))?;
    let once = |_| {
        file.write_all(&[7; 4_096])?;
        let begun = Instant::now();
        file.sync_data()?;
        Ok(begun.elapsed())
    };
    let mut fsyncs: Vec<Duration> = (0..200).map(once).collect::<Result<_>>()?;
    fsyncs.sort_unstable();
    Ok(fsyncs)
}

impl Arguments {
    fn folder(&self) -> Result<TempDir> {
        Ok(match &self.on {
            Some(folder) => tempfile::tempdir_in(folder)?,
            None => tempfile::tempdir()?,
        })
    }
}

fn rate(events: usize, took: Duration) -> f64 {
    events as f64 / took.as_secs_f64()
}

fn at(sorted: &[Duration], share: f64) -> Duration {
    sorted.get(((sorted.len().max(1) - 1) as f64 * share) as usize).copied().unwrap_or_default()
}

/// Bytes of the files in a folder.
fn bytes(folder: &Path) -> Result<f64> {
    let mut bytes = 0;
    for file in fs::read_dir(folder)? {
        bytes += file?.metadata()?.len();
    }
    Ok(bytes as f64)
}
