//! A process is killed while it writes, again and again: what it said is durable is there.
//!
//! `SIM_KILLS=1000 cargo nextest run --release -p activemirror-sim killed` kills it a thousand times.

use core::ops::Range;
use core::time::Duration;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use activemirror_sim::kills::Acknowledged;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

const KILLS: u64 = 25;
/// Kills of one store. All that it holds is verified after each, so what a kill takes grows with the
/// kills before it; a store of its own for every so many of them keeps a run as long as they are many.
const OF_A_STORE: u64 = 250;
/// Once in so many kills, all that was ever acknowledged is read; else what is new, and a few. All
/// of the log is verified each time.
const ALL: u64 = 50;

/// Lets it write, and kills it at a moment that the run draws. Returns what it said.
fn kill(folder: &Path, run: u64) -> String {
    let mut dice = Xoshiro256PlusPlus::seed_from_u64(run);
    let mut writer = Command::new(env!("CARGO_BIN_EXE_writer"));
    let writer = writer.arg(folder).arg(run.to_string()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut writer = writer.spawn().unwrap();
    let mut said = String::new();
    let mut out = BufReader::new(writer.stdout.take().unwrap());
    // Some are killed while they open the store, and most when they have.
    if dice.random_range(0..4) > 0 {
        out.read_line(&mut said).unwrap();
    }
    std::thread::sleep(Duration::from_micros(dice.random_range(0..60_000)));
    writer.kill().unwrap();
    let ended = writer.wait_with_output().unwrap();
    let complaint = String::from_utf8_lossy(&ended.stderr);
    assert!(complaint.is_empty(), "run {run}: {complaint}");
    out.read_to_string(&mut said).unwrap();
    said
}

/// Kills so many runs of one store, and checks it after each. Returns what was acknowledged.
fn kill_all(runs: Range<u64>) -> Acknowledged {
    let folder = tempfile::tempdir().unwrap();
    let last = runs.end - 1;
    let mut acknowledged = Acknowledged::default();
    for run in runs {
        let said = kill(folder.path(), run);
        let new = acknowledged.take(&said).unwrap();
        let all = run % ALL == ALL - 1 || run == last;
        let which = |place: usize, trace: &str| {
            all || (place as u64 + run).is_multiple_of(97) || new.iter().any(|new| new == trace)
        };
        acknowledged.check(folder.path(), which).unwrap_or_else(|error| panic!("run {run}: {error:#}"));
    }
    acknowledged
}

#[test]
fn a_killed_process_loses_nothing_that_was_acknowledged() {
    let kills = std::env::var("SIM_KILLS").ok().map_or(KILLS, |count| count.parse().unwrap());
    let (begun, mut all) = (Instant::now(), 0);
    for from in (0..kills).step_by(OF_A_STORE as usize) {
        let to = kills.min(from + OF_A_STORE);
        let (traces, events) = kill_all(from..to).count();
        println!("{to} kills, {traces} traces and {events} events since {from}, {:?}", begun.elapsed());
        all += events;
    }
    assert!(all > 0, "it never came to store anything");
}
