//! Many recorders, one disk: what was waited for is durable, what comes together stays together,
//! and a disk that gives up is told to everybody.

use core::ops::Range;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::io;
use std::sync::{Arc, Mutex};

use activemirror_core::log::reader::EntryBody;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Canonical, Content, Kind, Record, Structure, SubjectRef};
use activemirror_store::group::{Group, GroupError, Limits, Load, WhenFull};
use activemirror_store::{Scope, StorageBackend, Store, StoreError, Tier, Unit};

use crate::world::{Disk, PAYLOADS, options};

/// A disk that forgets what was not synced, and can be told to give up.
#[derive(Clone, Debug, Default)]
struct Careful {
    now: Disk,
    /// What is left after a loss of power.
    durable: Disk,
    /// Every durable state there was.
    states: Arc<Mutex<Vec<Vec<u8>>>>,
    broken: Arc<AtomicBool>,
    /// What a sync waits for.
    gate: Arc<Mutex<()>>,
}

impl Careful {
    fn check(&self) -> io::Result<()> {
        if self.broken.load(Ordering::SeqCst) { Err(io::Error::other("no space left")) } else { Ok(()) }
    }

    fn group(&self, limits: Limits) -> Group {
        let store = Store::open_on(self.clone(), self.now.keys.clone(), true, options([1; 32])).unwrap();
        store.ensure_subject(PERSON).unwrap();
        Group::start(store, limits).unwrap()
    }

    /// The store, as it is after a loss of power.
    fn after_power_loss(&self) -> Store {
        let disk = Disk { log: self.durable.log.clone(), keys: self.now.keys.clone() };
        Store::open_on(disk.fork(), disk.keys, false, options([1; 32])).unwrap()
    }
}

impl StorageBackend for Careful {
    fn len(&self) -> io::Result<u64> {
        self.now.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.now.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.check()?;
        self.now.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.check()?;
        let _open = self.gate.lock().unwrap();
        let bytes = self.now.bytes();
        self.states.lock().unwrap().push(bytes.clone());
        *self.durable.log.lock().unwrap() = bytes;
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.check()?;
        self.now.write(offset, data)
    }
}

const PERSON: &str = "mara";

/// Things said together.
#[derive(Debug)]
struct Said {
    texts: Vec<String>,
    subject: SubjectRef,
}

impl Load for Said {
    fn fits(&self, store: &Store) -> Result<(), StoreError> {
        let known = store.has_key(self.subject);
        if known { Ok(()) } else { Err(StoreError::UnknownSubject(self.subject)) }
    }

    fn write(&self, _: u64, out: &mut Canonical) -> Result<(), StoreError> {
        for text in &self.texts {
            let plain = Structure::new(Kind::Thought, Timestamp::from_millis(7), self.subject);
            let structure = Structure { trace: Some("t"), ..plain };
            out.push(&Record {
                structure,
                body: Body::Event(Content { text: Some(text), ..Content::default() }),
            })?;
        }
        Ok(())
    }
}

fn said(group: &Group, texts: impl IntoIterator<Item = String>) -> Said {
    Said { texts: texts.into_iter().collect(), subject: group.store().subject_ref(PERSON) }
}

/// Everything said, in the order of the log.
fn heard(store: &Store) -> Vec<String> {
    let mut heard = Vec::new();
    for at in store.blocks().unwrap() {
        for entry in store.open_block(at).unwrap().entries().unwrap() {
            if let EntryBody::Open(Body::Event(content)) = entry.body {
                assert_eq!(entry.sequence, heard.len() as u64);
                heard.push(content.text.unwrap().to_owned());
            }
        }
    }
    let report = store.verify(Scope::Everything, || ()).unwrap();
    assert!(report.fault().is_none(), "{:?}", report.fault());
    heard
}

const PATIENT: Limits = Limits {
    bytes: 1 << 20,
    when_full: WhenFull::Wait,
    linger: Duration::from_secs(3_600),
    merge_after: None,
};

#[test]
fn what_was_waited_for_survives_a_loss_of_power_and_the_rest_may_not() {
    let disk = Careful::default();
    let group = disk.group(PATIENT);
    let first = group.push(&said(&group, ["one".to_owned()])).unwrap();
    group.wait(first.start).unwrap();
    let second = group.push(&said(&group, ["two".to_owned()])).unwrap();
    assert_eq!((first, second), (0..1, 1..2));
    assert_eq!(heard(&disk.after_power_loss()), ["one"], "nobody waited for the second");
    group.flush().unwrap();
    assert_eq!(group.durable(), 2);
    assert_eq!(heard(&disk.after_power_loss()), ["one", "two"]);
}

#[test]
fn a_block_that_nobody_waits_for_is_durable_after_the_linger() {
    let disk = Careful::default();
    let group = disk.group(Limits { linger: Duration::from_millis(1), ..PATIENT });
    group.push(&said(&group, ["one".to_owned()])).unwrap();
    while group.durable() < 1 {
        std::thread::yield_now();
    }
    assert_eq!(heard(&disk.after_power_loss()), ["one"]);
}

#[test]
fn recorders_at_once_lose_nothing_and_each_keeps_its_order() {
    let disk = Careful::default();
    let group = disk.group(Limits { bytes: 4_000, ..PATIENT });
    std::thread::scope(|scope| {
        for recorder in 0..4 {
            let group = &group;
            scope.spawn(move || {
                for number in 0..500 {
                    let sequences = group.push(&said(group, [format!("{recorder} {number}")])).unwrap();
                    if number % 100 == recorder {
                        group.wait(sequences.start).unwrap();
                    }
                }
            });
        }
    });
    let store = group.stop().unwrap().unwrap();
    let heard = heard(&store);
    for recorder in 0..4 {
        let own = heard.iter().filter(|text| text.starts_with(&format!("{recorder} ")));
        assert!(own.eq((0..500).map(|number| format!("{recorder} {number}")).collect::<Vec<_>>().iter()));
    }
    assert_eq!(heard.len(), 2_000);
    assert!(disk.states.lock().unwrap().len() < 1_000, "they shared their commits");
}

#[test]
fn a_load_of_many_blocks_is_there_as_a_whole_or_not_at_all() {
    let disk = Careful::default();
    let group = disk.group(PATIENT);
    group.push(&said(&group, ["small".to_owned()])).unwrap();
    let large = (0..40).map(|number| format!("{number} {}", "x".repeat(20_000)));
    group.push(&said(&group, large)).unwrap();
    group.push(&said(&group, ["after".to_owned()])).unwrap();
    group.flush().unwrap();
    let mut seen = Vec::new();
    for state in disk.states.lock().unwrap().iter() {
        let image = Disk { log: Arc::new(Mutex::new(state.clone())), keys: disk.now.keys.clone() };
        // Before its first commit, a store has no blocks although its keys say that there was one.
        let Ok(store) = Store::open_on(image.fork(), image.keys, false, options([1; 32])) else { continue };
        if !store.blocks().unwrap().is_empty() {
            seen.push(heard(&store).len());
        }
    }
    seen.dedup();
    assert!(!seen.is_empty() && seen.iter().all(|count| [1, 41, 42].contains(count)), "{seen:?}");
}

#[test]
fn a_full_buffer_refuses_or_waits_as_it_is_told() {
    let disk = Careful::default();
    let group = disk.group(Limits { bytes: 200, when_full: WhenFull::Refuse, ..PATIENT });
    // The disk hangs, so that nothing is taken from the queue for long.
    let gate = disk.gate.lock().unwrap();
    let mut accepted = 0;
    let refused = loop {
        match group.push(&said(&group, ["x".repeat(100)])) {
            Ok(_) => accepted += 1,
            Err(error) => break error,
        }
        assert!(accepted < 1_000_000, "a bounded buffer takes so much and no more");
    };
    assert!(matches!(refused, GroupError::Full), "{refused}");
    drop(gate);
    group.flush().unwrap();
    assert_eq!(heard(group.store()).len(), accepted, "what was accepted is there");
}

#[test]
fn a_small_buffer_is_emptied_long_before_its_block_is_due() {
    let disk = Careful::default();
    let group = disk.group(Limits { bytes: 200, ..PATIENT });
    for _ in 0..100 {
        group.push(&said(&group, ["x".repeat(100)])).unwrap();
    }
    group.flush().unwrap();
    assert_eq!(heard(group.store()).len(), 100);
}

#[test]
fn readers_do_not_wait_for_a_disk_that_hangs() {
    let disk = Careful::default();
    let group = disk.group(Limits { linger: Duration::ZERO, ..PATIENT });
    group.push(&said(&group, ["one".to_owned()])).unwrap();
    group.flush().unwrap();
    let gate = disk.gate.lock().unwrap();
    let second = group.push(&said(&group, ["two".to_owned()])).unwrap();
    // The committer is at the gate by now, or on its way; either way nobody here waits for it.
    for _ in 0..1_000 {
        assert_eq!(heard(group.store()), ["one"]);
        assert!(group.store().token_tag(group.store().subject_ref(PERSON), "x").is_some());
    }
    drop(gate);
    group.wait(second.start).unwrap();
    assert_eq!(heard(group.store()), ["one", "two"]);
}

#[test]
fn a_disk_that_gives_up_is_told_to_everybody_and_opens_again() {
    let disk = Careful::default();
    let group = disk.group(PATIENT);
    group.push(&said(&group, ["one".to_owned()])).unwrap();
    group.flush().unwrap();
    disk.broken.store(true, Ordering::SeqCst);
    let lost = group.push(&said(&group, ["two".to_owned()])).unwrap();
    let waiting = group.wait(lost.start).unwrap_err();
    assert!(matches!(waiting, GroupError::Stopped(_)), "{waiting}");
    assert!(waiting.to_string().contains("no space left"), "{waiting}");
    assert!(matches!(group.push(&said(&group, ["three".to_owned()])), Err(GroupError::Stopped(_))));
    assert!(matches!(group.flush(), Err(GroupError::Stopped(_))));
    assert!(group.stop().is_err());
    disk.broken.store(false, Ordering::SeqCst);
    assert_eq!(heard(&disk.after_power_loss()), ["one"]);
}

#[test]
fn an_erasure_comes_between_what_was_said_before_and_after() {
    let disk = Careful::default();
    let group = disk.group(PATIENT);
    let by = group.store().ensure_subject("the house").unwrap();
    group.push(&said(&group, ["one".to_owned()])).unwrap();
    let person = group.store().subject_ref(PERSON);
    let late = said(&group, ["too late".to_owned()]);
    let erased = group.exclusively(|store| store.erase(person, by, Timestamp::from_millis(9)));
    assert_eq!(erased.unwrap(), 1, "what was on its way is erased as well");
    let refused = group.push(&late).unwrap_err();
    assert!(matches!(refused, GroupError::Load(_)), "{refused}");
    let after = Said { texts: vec!["two".to_owned()], subject: by };
    assert_eq!(group.push(&after).unwrap(), 2..3, "the notice of the erasure has a sequence of its own");
    group.flush().unwrap();
    let report = group.store().verify(Scope::Everything, || ()).unwrap();
    assert!(report.fault().is_none(), "{:?}", report.fault());
    assert_eq!(report.logs[0].records, 3);
}

#[test]
fn whoever_drops_a_group_has_not_dropped_what_it_holds() {
    let disk = Careful::default();
    let group = disk.group(PATIENT);
    group.push(&said(&group, ["one".to_owned()])).unwrap();
    drop(group);
    assert_eq!(heard(&disk.after_power_loss()), ["one"]);
}

/// So many blocks are merged while others are recorded.
const FEW: Limits = Limits { merge_after: Some(16), ..PATIENT };

/// Says things, each in a block of its own.
fn say_one_by_one(group: &Group, texts: Range<usize>) {
    for text in texts {
        let sequences = group.push(&said(group, [format!("text {text}")])).unwrap();
        group.wait(sequences.end - 1).unwrap();
    }
}

/// Waits until nothing is merged any more, and until `done` says so.
fn merged(group: &Group, done: impl Fn(&[Unit]) -> bool) {
    for _ in 0..1_000 {
        drop(group.store().moving());
        if done(&group.store().units().unwrap()) {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("it was not merged: {:?}", group.store().units().unwrap());
}

#[test]
fn small_blocks_are_merged_while_others_are_recorded() {
    let disk = Careful::default();
    let group = disk.group(FEW);
    say_one_by_one(&group, 0..40);
    merged(&group, |units| units.iter().any(|unit| unit.tier == Tier::Warm));
    say_one_by_one(&group, 40..44);
    group.merge().unwrap();
    let texts: Vec<String> = (0..44).map(|text| format!("text {text}")).collect();
    assert_eq!(heard(group.store()), texts);
    drop(group);
    let store = disk.after_power_loss();
    assert_eq!(heard(&store), texts);
    assert_eq!(store.verify(Scope::Everything, || ()).unwrap().fault().map(|(_, fault)| fault.clone()), None);
}

#[test]
fn what_is_not_to_be_merged_stays_as_it_was_written() {
    let disk = Careful::default();
    let group = disk.group(PATIENT);
    say_one_by_one(&group, 0..40);
    group.merge().unwrap();
    assert!(group.store().units().unwrap().iter().all(|unit| unit.tier == Tier::Hot));
}

#[test]
fn nor_does_what_was_there_where_nothing_was_recorded() {
    let disk = Careful::default();
    let group = disk.group(PATIENT);
    say_one_by_one(&group, 0..40);
    let group = Group::start(group.stop().unwrap().unwrap(), FEW).unwrap();
    let before = disk.now.bytes();
    group.merge().unwrap();
    assert!(disk.now.bytes() == before);
    say_one_by_one(&group, 40..41);
    group.merge().unwrap();
    assert_eq!(group.store().units().unwrap().len(), 1);
}

#[test]
fn recording_goes_on_where_a_block_cannot_be_merged() {
    let disk = Careful::default();
    let group = disk.group(PATIENT);
    say_one_by_one(&group, 0..20);
    drop(group.stop().unwrap());
    disk.now.change(|transaction| {
        let mut payloads = transaction.open_table(PAYLOADS).unwrap();
        payloads.insert((0, 3), [7; 99].as_slice()).unwrap();
    });
    let store = Store::open_on(disk.clone(), disk.now.keys.clone(), false, options([1; 32])).unwrap();
    let group = Group::start(store, FEW).unwrap();
    say_one_by_one(&group, 20..60);
    merged(&group, |units| units.iter().any(|unit| unit.tier == Tier::Warm));
    say_one_by_one(&group, 60..61);
    let wrong = group.merge().unwrap_err();
    assert!(matches!(wrong, GroupError::Unmerged(_)), "{wrong}");
    assert!(wrong.to_string().contains("block 3"), "{wrong}");
    assert_eq!(group.durable(), 61);
}
