//! The robot's stream is whole, proven, sealed, and the same each time.

use std::collections::BTreeSet;

use activemirror_core::log::block::{ContentState, Stored};
use activemirror_core::log::reader::EntryBody;
use activemirror_core::session::{Fold, Status};
use activemirror_core::trace::{Body, Kind};

use crate::{ROBOT, received, run};

/// What the operator said, and is sealed under the operator's key.
const WORDS: &str = "Please see whether the far door is closed, then come back to the dock.";
const OPERATOR: &str = "Mary Ward";

#[test]
fn two_runs_send_the_same_bytes() {
    assert_eq!(run("robot").sent, ROBOT.sent);
}

#[test]
fn every_block_is_proven_and_signed() {
    let received = received(&ROBOT.sent);
    let records: u32 = received.blocks.iter().map(|block| block.header.count).sum();
    println!(
        "{records} records in {} blocks, {} checkpoints, {} bytes",
        received.blocks.len(),
        received.checkpoints,
        ROBOT.sent.len()
    );
    assert!(records > 400 && received.blocks.len() > 10, "two missions");
    assert_eq!(received.signed, received.blocks.len() as u64, "the last checkpoint covers all");
    assert!(received.checkpoints > 3, "signed regularly, not only at the end");
    assert_eq!(received.pending, 0);
}

#[test]
fn the_trace_tells_the_mission() {
    let received = received(&ROBOT.sent);
    let told = |boot: &str| {
        let mut told = Vec::new();
        for block in &received.blocks {
            let open = received.open(block).expect("opened before");
            for entry in open.entries().expect("opened before") {
                if entry.structure.trace == Some(boot) {
                    told.extend(entry.structure.intent.map(str::to_owned));
                }
            }
        }
        told
    };
    let first =
        ["cruise", "wait_for_person", "cruise", "turn_back", "return_to_dock", "dock"].map(str::to_owned);
    assert_eq!(told("mission-0"), first);
    assert_eq!(told("mission-1"), ["cruise", "save_power", "return_to_dock", "dock"].map(str::to_owned));
}

#[test]
fn each_kind_of_record_is_there() {
    let received = received(&ROBOT.sent);
    let mut kinds = BTreeSet::new();
    let mut distances = 0;
    let mut folds = ["boot-0", "boot-1"].map(Fold::new);
    for block in &received.blocks {
        let open = received.open(block).expect("opened before");
        for entry in open.entries().expect("opened before") {
            kinds.insert(format!("{:?}", entry.structure.kind));
            let EntryBody::Open(body) = entry.body else { panic!("all keys came") };
            for fold in &mut folds {
                fold.push(&entry.structure, &body).expect("the session's head is one");
            }
            if let Body::Event(content) = &body {
                distances += content.leaves.iter().filter(|leaf| leaf.path == "/data/distance_mm").count();
            }
            if entry.structure.kind == Kind::Action {
                assert_eq!(entry.structure.action, Some("drive"));
            }
        }
    }
    let all = ["Action", "Decision", "Error", "Observation", "Output", "Session", "Thought", "TraceStart"];
    assert_eq!(kinds, all.map(str::to_owned).into());
    assert!(distances > 300, "{distances} readings");
    for fold in folds {
        let session = fold.finish().expect("a session a boot").session;
        assert_eq!((session.status, session.user.as_deref()), (Status::Completed, Some(OPERATOR)));
    }
}

#[test]
fn what_the_operator_said_is_sealed_under_their_key() {
    let sent = |text: &str| ROBOT.sent.windows(text.len()).any(|window| window == text.as_bytes());
    for text in [OPERATOR, WORDS, "distance_mm", "corridor-robot", "drive", "cruise"] {
        assert!(!sent(text), "`{text}` went out in the open");
    }
    let mut received = received(&ROBOT.sent);
    let operator = received.ring.tree().subject_ref(OPERATOR);
    assert!(received.ring.people().any(|subject| subject == operator));
    received.ring.forget(operator);
    let mut sealed = 0;
    for block in &received.blocks {
        let open = received.open(block).expect("structure and the robot's own content open");
        for entry in open.entries().expect("structure and the robot's own content open") {
            assert_eq!(entry.structure.subject == operator, matches!(entry.body, EntryBody::Sealed));
            sealed += usize::from(entry.structure.subject == operator);
        }
    }
    assert!(sealed >= 8, "{sealed} records of the operator");
}

#[test]
fn no_salt_comes_twice_even_after_a_restart() {
    let received = received(&ROBOT.sent);
    let mut salts = BTreeSet::new();
    let mut segments = 0;
    for block in &received.blocks {
        let middle = &block.stored[1..block.stored.len() - 32];
        let stored: Stored<'_> = postcard::from_bytes(middle).expect("the documented form");
        let contents = stored.contents.iter().map(|content| match content.state {
            ContentState::Sealed(sealed) => sealed,
            ContentState::Erased(_) => panic!("the robot erases nothing"),
        });
        for sealed in contents.chain([stored.structure]) {
            segments += 1;
            salts.insert(sealed[..24].to_vec());
        }
    }
    assert_eq!(salts.len(), segments);
    let boots: BTreeSet<&[u8]> = salts.iter().map(|salt| &salt[..8]).collect();
    assert_eq!(boots.len(), 2, "each boot has its own id");
}

#[test]
fn the_tiers_send_the_same_log() {
    assert_eq!(run("tier-signed").sent, ROBOT.sent);
    let (signed, sealed) = (received(&ROBOT.sent), received(&run("tier-sealed").sent));
    assert_eq!((sealed.signed, sealed.checkpoints), (0, 0), "nobody signs");
    assert_eq!(sealed.blocks, signed.blocks);
    assert_eq!(sealed.root(), signed.root());
}

#[test]
fn the_report_says_what_it_took() {
    println!("{}", ROBOT.said.trim_end());
    for line in
        ["boot 0:", "restarting", "boot 1:", "flash:", "static RAM:", "heap: 0 bytes", "a record, in all:"]
    {
        assert!(ROBOT.said.contains(line), "no `{line}` in:\n{}", ROBOT.said);
    }
}
