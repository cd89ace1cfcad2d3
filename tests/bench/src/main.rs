//! `cargo xtask bench`: what it costs, beside what others take for the same job.

mod ours;
mod peers;
mod workload;

use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use clap::Parser;

use crate::workload::Workload;

/// What it costs, beside what others take for the same job.
#[derive(Debug, Parser)]
struct Arguments {
    /// Events of each ingest.
    #[arg(long, default_value_t = 1_000_000)]
    events: usize,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    for workload in [Workload::Structured, Workload::Texts] {
        let events = workload::events(workload, arguments.events, 1);
        let measured = |name: &str, work: &dyn Fn(&Path) -> Result<()>| -> Result<()> {
            let folder = tempfile::tempdir()?;
            let begun = Instant::now();
            work(folder.path())?;
            let took = begun.elapsed().as_secs_f64();
            let bytes: u64 = folder
                .path()
                .join("data")
                .read_dir()
                .or_else(|_| folder.path().read_dir())?
                .flatten()
                .flat_map(|f| f.metadata())
                .map(|m| m.len())
                .sum();
            let count = events.len() as f64;
            println!(
                "{} {name:<12} {:>10.0} events/s  {:>6.1} B/event",
                workload.name(),
                count / took,
                bytes as f64 / count
            );
            Ok(())
        };
        measured("ours", &|folder| {
            let mut calls = ours::ingest(folder, &events)?;
            calls.sort_unstable();
            let at = |share: f64| calls[((calls.len() - 1) as f64 * share) as usize];
            println!(
                "  record: p50 {:?}, p99 {:?}, p99.9 {:?}, max {:?}",
                at(0.5),
                at(0.99),
                at(0.999),
                at(1.0)
            );
            Ok(())
        })?;
        measured("sqlite", &|folder| peers::sqlite(&folder.join("s.db"), &events, 4_096))?;
        measured("redb rows", &|folder| peers::redb_rows(&folder.join("r.redb"), &events, 4_096))?;
    }
    Ok(())
}
