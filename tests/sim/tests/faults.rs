//! The disk fails at every single call of a workload: the caller is told in a sentence, nothing
//! panics or hangs, nothing that was acknowledged is lost, and the store opens again.

use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::mpsc;

use activemirror_sim::check::{check, goes_on};
use activemirror_sim::disk::{Disk, Failure, Fault};
use activemirror_sim::player::{Player, Step};

/// A bit of everything.
const ALL: &[Step] = &[
    Step::Meet,
    Step::Append,
    Step::Meet,
    Step::Group,
    Step::Erase,
    Step::Meet,
    Step::Enrol,
    Step::AppendMuch,
    Step::Pack,
    Step::Reopen,
    Step::Erase,
    Step::Cool,
    Step::LetGo,
    Step::Group,
    Step::Close,
    Step::Append,
];
/// People come, are erased and come back, while some keys could not be destroyed.
const PEOPLE: &[Step] = &[
    Step::Meet,
    Step::Meet,
    Step::Meet,
    Step::Append,
    Step::Erase,
    Step::Erase,
    Step::Meet,
    Step::Meet,
    Step::Append,
    Step::Erase,
    Step::Meet,
    Step::Append,
    Step::Reopen,
];
/// Small blocks are merged, and merged again with what follows.
const MERGING: &[Step] = &[
    Step::Meet,
    Step::Append,
    Step::Append,
    Step::Append,
    Step::Append,
    Step::Append,
    Step::Append,
    Step::Append,
    Step::Append,
    Step::Group,
    Step::Group,
    Step::Merge,
    Step::Group,
    Step::Group,
    Step::Erase,
    Step::Merge,
    Step::Append,
];
const SEED: u64 = 7;
/// Longer than any playing takes, on any machine.
const HUNG: Duration = Duration::from_secs(60);

/// What callers were told, and how often.
type Sentences = BTreeMap<String, u64>;

/// Told once it has failed: no more than that is known then.
const EARLIER: &str = "an earlier read or write of the store failed";

/// Plays the workload on a disk that fails so. `None` where it never came to that.
fn play(steps: &[Step], fault: Fault) -> anyhow::Result<Option<Vec<String>>> {
    let disk = Disk::default();
    disk.fail(fault);
    let mut player = Player::new(disk.clone(), SEED);
    let mut sentences = Vec::new();
    for step in steps {
        if let Err(trouble) = player.step(*step) {
            sentences.push(trouble.to_string());
            // Some close a store that failed, and some go on with it.
            if fault.call.is_multiple_of(2) {
                player.close();
            }
        }
    }
    let ledger = player.end();
    if !disk.heal() {
        return Ok(None);
    }
    for files in [disk.files(), disk.durable()] {
        goes_on(&check(files, &ledger, disk.changes())?)?;
    }
    Ok(Some(sentences))
}

/// Fails at every call, one after the other; returns at how many there were.
fn fail_everywhere(steps: &'static [Step], failure: Failure, lasting: bool, told: &str) {
    let (mut all, mut calls) = (Sentences::new(), 0);
    for call in 0.. {
        let fault = Fault { call, failure, lasting };
        let (done, played) = mpsc::channel();
        std::thread::spawn(move || done.send(play(steps, fault)));
        // A thread that panics hangs up, and says why itself.
        let played = played.recv_timeout(HUNG).unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        let sentences = played.unwrap_or_else(|error| panic!("{fault:?}: {error:#}"));
        let Some(sentences) = sentences else { break };
        calls += 1;
        for sentence in sentences {
            assert!(sentence.contains(told) || sentence.contains(EARLIER), "{fault:?}: {sentence}");
            *all.entry(sentence).or_default() += 1;
        }
    }
    println!("{failure:?} at each of {calls} calls, {}:", if lasting { "for good" } else { "once" });
    all.iter().for_each(|(sentence, count)| println!("{count:6} {sentence}"));
}

const IO: &str = "the system could not read or write the store";
const FULL: &str = "the disk is full";
const READ_ONLY: &str = "the store cannot be written";

#[test]
fn a_disk_that_fails_once() {
    fail_everywhere(ALL, Failure::Io, false, IO);
    fail_everywhere(PEOPLE, Failure::Io, false, IO);
    fail_everywhere(MERGING, Failure::Io, false, IO);
}

#[test]
fn a_disk_that_fails_for_good() {
    fail_everywhere(ALL, Failure::Io, true, IO);
}

#[test]
fn a_disk_that_is_full() {
    fail_everywhere(ALL, Failure::Full, false, FULL);
    fail_everywhere(ALL, Failure::Full, true, FULL);
    fail_everywhere(MERGING, Failure::Full, true, FULL);
}

#[test]
fn a_disk_that_is_read_only() {
    fail_everywhere(ALL, Failure::ReadOnly, true, READ_ONLY);
}
