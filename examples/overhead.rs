//! What recording costs an agent: the same agent without it, with it, and governed, in processes of
//! their own.
//!
//! Each run is a fresh process, so that its peak of memory is its own. Runs of the three kinds take
//! turns, so that whatever else the machine does meets all of them alike, and what is compared is
//! each run with the bare one of the same turn. A difference is given as the median over the turns
//! and the range that holds the true one with 95 % certainty, whatever the distribution (order
//! statistics), so few turns make a wide range and no false one.
//!
//! `--step-ms` is how long a step of the bare agent takes on this machine; a step records five
//! events. `--model-ms` lets it wait for a model besides, as real agents do.

#[path = "overhead/agent.rs"]
mod agent;
#[path = "overhead/figures.rs"]
mod figures;
#[path = "overhead/run.rs"]
mod run;

use std::path::Path;
use std::process::Command;

use anyhow::Result;
use clap::Parser;
use mimalloc::MiMalloc;

use agent::Work;
use figures::Figures;
use run::{Kind, Run};

/// As in the binary that users carry.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Memory in pages of four kilobytes, in every run: in those of two megabytes, which Linux gives where
/// it can, a thread that needs a little counts for all of one, and what is compared is how many of
/// them were begun.
const SMALL_PAGES: [(&str, &str); 1] = [("MIMALLOC_ALLOW_THP", "0")];

/// What recording costs an agent, in time and memory.
#[derive(Debug, Parser)]
struct Arguments {
    /// Milliseconds of work that a step of the agent is
    #[arg(long, default_value_t = 5.0)]
    step_ms: f64,
    /// Milliseconds that the agent waits for its model in each step
    #[arg(long, default_value_t = 0)]
    model_ms: u64,
    /// Steps of a run
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    steps: u32,
    /// Turns: runs of each kind; six are the fewest that tell anything with 95 % certainty
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(6..))]
    turns: u32,
    /// Documents that the agent knows; they are most of its memory
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..))]
    documents: u32,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
    /// What one run is asked to do (this program starts itself)
    #[arg(long, hide = true)]
    run: Option<String>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if let Some(run) = &arguments.run {
        let measured = run::here(&serde_json::from_str::<Run>(run)?)?;
        println!("{}", serde_json::to_string(&measured)?);
        return Ok(());
    }
    let figures = compare(&arguments)?;
    if arguments.json { figures.print_json() } else { figures.print() }
}

/// Runs of all kinds, by turns.
fn compare(arguments: &Arguments) -> Result<Figures> {
    let folder = tempfile::tempdir()?;
    let documents = arguments.documents as usize;
    let rounds = agent::rounds(documents, arguments.step_ms);
    let work = Work { documents, rounds, model_ms: arguments.model_ms, steps: arguments.steps as usize };
    let template = |kind: Kind| folder.path().join(kind.name());
    for kind in Kind::ALL {
        run::prepare(kind, &template(kind))?;
    }
    let mut figures = Figures::of(&work);
    for turn in 0..arguments.turns {
        // Nobody always goes first.
        let mut kinds = Kind::ALL;
        kinds.rotate_left(turn as usize % Kind::ALL.len());
        for kind in kinds {
            let place = folder.path().join("run");
            figures.take(kind, one(kind, &template(kind), &place, &work)?);
        }
    }
    Ok(figures)
}

/// One run, in a process of its own, on a fresh copy of what its kind needs.
fn one(kind: Kind, template: &Path, place: &Path, work: &Work) -> Result<run::Measured> {
    run::copy(template, place)?;
    let run = Run { kind, place: place.to_owned(), work: *work };
    let asked = serde_json::to_string(&run)?;
    let output = Command::new(std::env::current_exe()?).args(["--run", &asked]).envs(SMALL_PAGES).output()?;
    std::fs::remove_dir_all(place)?;
    anyhow::ensure!(output.status.success(), "a run failed: {}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}
