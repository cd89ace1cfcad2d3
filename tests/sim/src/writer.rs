//! Records conversations until it is killed, and says what is durable.
//!
//! `writer FOLDER RUN`: two recorders at once, people who are erased in between, and blocks that are
//! packed. What it records
//! depends on the number of the run; what of it comes first depends on the machine.

use core::time::Duration;
use std::path::Path;
use std::time::{Instant, SystemTime};

use activemirror::document::Event;
use activemirror::retention::{Age, Asked, Moves, Rule};
use activemirror::{Runtime, Start, Timestamp};
use activemirror_sim::kills::{open, text};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

/// After so many conversations, blocks are packed.
const PACKED: u64 = 12;
/// Whoever should have killed it is gone.
const LONG: Duration = Duration::from_secs(20);

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let usage = || anyhow::anyhow!("writer FOLDER RUN");
    let folder = arguments.next().ok_or_else(usage)?;
    let run: u64 = arguments.next().ok_or_else(usage)?.parse()?;
    let runtime = open(Path::new(&folder))?;
    println!("open");
    std::thread::scope(|scope| {
        let runtime = &runtime;
        let recorders = [0, 1].map(|recorder| scope.spawn(move || record(runtime, run, recorder)));
        recorders.into_iter().try_for_each(|recorder| match recorder.join() {
            Ok(done) => done,
            Err(_) => anyhow::bail!("a recorder panicked"),
        })
    })
}

fn record(runtime: &Runtime, run: u64, recorder: u64) -> anyhow::Result<()> {
    let mut dice = Xoshiro256PlusPlus::seed_from_u64(run * 2 + recorder);
    let begun = Instant::now();
    for number in 0.. {
        if begun.elapsed() > LONG {
            break;
        }
        let id = format!("run-{run}-{recorder}-{number}");
        let leaves = dice.random_range(0..6) == 0;
        let user = if leaves { format!("{id}-user") } else { format!("user-{}", dice.random_range(0..9)) };
        converse(runtime, &id, &user, &mut dice)?;
        if recorder == 0 && number % PACKED == PACKED - 1 {
            pack(runtime)?;
        }
        if leaves {
            println!("erasing {id}");
            runtime.erase(&user)?;
            println!("erased {id}");
        }
    }
    Ok(())
}

/// Packs whatever is not: a process that is killed may be amid that.
fn pack(runtime: &Runtime) -> anyhow::Result<()> {
    let after = Some(Age::parse("0d").map_err(anyhow::Error::msg)?);
    let moves = Moves { warm: Some(Rule { after, over: None }), ..Moves::default() };
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_millis();
    let asked = Asked { moves, now: Timestamp::from_millis(now.try_into()?), clock_is_right: false };
    runtime.run_retention(&asked, |_| ())?;
    Ok(())
}

fn converse(runtime: &Runtime, id: &str, user: &str, dice: &mut Xoshiro256PlusPlus) -> anyhow::Result<()> {
    let (trace, user) = (Some(id.to_owned()), Some(user.to_owned()));
    let mut recorder = runtime.begin(Start { trace, user, agent: "writer".into(), ..Start::default() })?;
    let events = dice.random_range(1..30);
    for event in 0..events {
        let ruled = recorder.record(Event::output(text(id, event)))?;
        if dice.random_range(0..7) == 0 {
            runtime.wait(ruled.sequence)?;
            println!("kept {id} {}", event + 1);
        }
    }
    recorder.end()?;
    println!("kept {id} {events}");
    Ok(())
}
