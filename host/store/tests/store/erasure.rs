//! Erasing one person: their content goes, everybody else's stays, and the log still verifies.

use core::sync::atomic::{AtomicBool, Ordering};
use std::io;
use std::sync::Arc;

use activemirror_core::log::reader::EntryBody;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::SubjectRef;
use activemirror_store::{Medium, Memory, Scope, Store, StoreError};

use crate::world::{META, filled, options, say, trace_of};

const PEOPLE: [&str; 3] = ["ann", "ben", "cleo"];

fn erase(store: &mut Store, person: &str) -> Result<usize, StoreError> {
    let by = store.ensure_subject("namespace").unwrap();
    let subject = store.subject_ref(person);
    store.erase(subject, by, Timestamp::from_millis(9))
}

/// How many of a person's records can be read, and how many are erased.
fn readable(store: &Store, person: &str) -> (usize, usize) {
    let (mut open, mut erased) = (0, 0);
    for at in store.blocks_of_trace(&trace_of(person)).unwrap() {
        for entry in store.open_block(at).unwrap().entries().unwrap() {
            match entry.body {
                EntryBody::Open(_) => open += 1,
                EntryBody::Erased(_) => erased += 1,
                EntryBody::Sealed => panic!("a key is missing"),
            }
        }
    }
    (open, erased)
}

#[test]
fn one_person_goes_and_the_others_stay() {
    let disk = filled(&PEOPLE);
    let mut store = disk.open().unwrap();
    assert_eq!(erase(&mut store, "ben").unwrap(), 1);
    drop(store);
    let store = disk.open().unwrap();
    assert_eq!(readable(&store, "ben"), (0, 3));
    assert_eq!(readable(&store, "ann"), (3, 0));
    assert_eq!(readable(&store, "cleo"), (3, 0));
    let report = store.verify(Scope::Everything, || ()).unwrap();
    assert_eq!(report.fault().map(|(_, fault)| fault), None);
    assert_eq!((report.logs[0].erased, report.logs[0].recomputed), (3, 7));
}

#[test]
fn the_key_is_overwritten_where_it_lay() {
    let disk = filled(&PEOPLE);
    let before = disk.keys.clone().read().unwrap();
    erase(&mut disk.open().unwrap(), "ben").unwrap();
    let after = disk.keys.clone().read().unwrap();
    let wrapped = &before[2 * 128 + 24..3 * 128];
    assert!(!after.windows(32).any(|window| wrapped.windows(32).any(|old| old == window)));
}

#[test]
fn a_copy_of_the_keys_from_before_opens_nothing_new() {
    let disk = filled(&PEOPLE);
    erase(&mut disk.open().unwrap(), "ben").unwrap();
    // The sealed content itself is gone from the tables, not only its key.
    let store = disk.open().unwrap();
    assert_eq!(readable(&store, "ben").0, 0);
    assert!(matches!(erase(&mut disk.open().unwrap(), "ben"), Err(StoreError::UnknownSubject(_))));
}

#[test]
fn power_lost_before_the_key_was_destroyed() {
    let disk = filled(&PEOPLE);
    let subject = disk.open().unwrap().subject_ref("ben");
    disk.change(|transaction| {
        transaction.open_table(META).unwrap().insert("erasing", subject.0.as_slice()).unwrap();
    });
    let store = disk.open().unwrap();
    assert_eq!(store.subjects().1, [subject], "the next opening finishes the work");
    drop(store);
    assert_eq!(disk.open().unwrap().subjects().1, [subject], "once");
}

#[test]
fn who_comes_back_gets_a_new_key() {
    let disk = filled(&PEOPLE);
    let mut store = disk.open().unwrap();
    erase(&mut store, "ben").unwrap();
    say(&mut store, "ben");
    drop(store);
    let store = disk.open().unwrap();
    assert_eq!(readable(&store, "ben"), (3, 3));
    assert_eq!(store.verify(Scope::Everything, || ()).unwrap().fault().map(|(_, fault)| fault.clone()), None);
}

#[test]
fn nobody_of_that_name() {
    let disk = filled(&PEOPLE);
    assert!(matches!(erase(&mut disk.open().unwrap(), "zoe"), Err(StoreError::UnknownSubject(_))));
}

#[test]
fn power_lost_while_the_key_was_overwritten() {
    let disk = filled(&PEOPLE);
    let subject = disk.open().unwrap().subject_ref("ben");
    disk.change(|transaction| {
        transaction.open_table(META).unwrap().insert("erasing", subject.0.as_slice()).unwrap();
    });
    disk.keys.clone().write(2 * 128, &[0xff; 128]).unwrap();
    for _ in 0..2 {
        let store = disk.open().unwrap();
        assert_eq!(store.subjects().1, [subject], "the next opening says whose key it was");
        assert_eq!(readable(&store, "ann"), (3, 0));
    }
}

fn marked_slot(subject: SubjectRef) -> [u8; 128] {
    let mut slot = [0; 128];
    slot[0] = 2;
    slot[8..24].copy_from_slice(&subject.0);
    slot
}

#[test]
fn power_lost_amid_an_overwriting() {
    let ones = [0xff; 128];
    // Bytes of what is written come before or after the others; the last slot is no other.
    for people in [&PEOPLE[..], &PEOPLE[..2]] {
        for cut in [1, 5, 8, 12, 24, 60, 127] {
            for (first, second) in [(true, true), (true, false), (false, true), (false, false)] {
                let disk = filled(people);
                let subject = disk.open().unwrap().subject_ref("ben");
                disk.change(|transaction| {
                    transaction.open_table(META).unwrap().insert("erasing", subject.0.as_slice()).unwrap();
                });
                let (mut keys, slot) = (disk.keys.clone(), marked_slot(subject));
                if first {
                    keys.write(2 * 128, &ones).unwrap();
                }
                let written = if first { slot } else { ones };
                if second {
                    keys.write(2 * 128, &written[..cut]).unwrap();
                } else {
                    keys.write(2 * 128 + cut as u64, &written[cut..]).unwrap();
                }
                for _ in 0..2 {
                    let store = disk.open().unwrap();
                    assert_eq!(store.subjects().1, [subject], "{people:?} {cut} {first} {second}");
                    assert_eq!(readable(&store, "ann"), (3, 0));
                }
                assert_eq!(keys.read().unwrap()[2 * 128..][..128], slot);
            }
        }
    }
}

#[test]
fn a_damaged_slot_is_damage_where_nobody_is_erased() {
    let disk = filled(&PEOPLE);
    disk.keys.clone().write(2 * 128 + 60, &[0xff]).unwrap();
    assert!(matches!(disk.open(), Err(StoreError::KeysDamaged(_))));
}

/// A keys' file whose disk fails while it is told to.
struct Failing(Memory, Arc<AtomicBool>);

impl Medium for Failing {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        self.0.read()
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        if self.1.load(Ordering::SeqCst) { Err(io::Error::other("no")) } else { self.0.write(offset, bytes) }
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_key_that_the_disk_did_not_let_go_goes_before_anything_else() {
    for comes_back in [false, true] {
        let disk = filled(&PEOPLE);
        let before = disk.keys.clone().read().unwrap();
        let fails = Arc::new(AtomicBool::new(false));
        let keys = Failing(disk.keys.clone(), Arc::clone(&fails));
        let mut store = Store::open_on(disk.clone(), keys, false, options([7; 32])).unwrap();
        store.ensure_subject("namespace").unwrap();
        fails.store(true, Ordering::SeqCst);
        assert!(matches!(erase(&mut store, "ben"), Err(StoreError::Io(_))));
        assert!(matches!(store.ensure_subject("ben"), Err(StoreError::Io(_))), "the old key is still there");
        fails.store(false, Ordering::SeqCst);
        if comes_back {
            say(&mut store, "ben");
        }
        erase(&mut store, "cleo").unwrap();
        drop(store);
        let after = disk.keys.clone().read().unwrap();
        let wrapped = &before[2 * 128 + 24..3 * 128];
        assert!(!after.windows(32).any(|window| wrapped.windows(32).any(|old| old == window)));
        let store = disk.open().unwrap();
        assert_eq!(readable(&store, "ben"), (if comes_back { 3 } else { 0 }, 3));
        let report = store.verify(Scope::Everything, || ()).unwrap();
        assert_eq!(report.fault().map(|(_, fault)| fault.clone()), None);
    }
}

#[test]
fn an_erasure_that_nobody_made() {
    use crate::world::{HEADERS, PAYLOADS};
    use activemirror_core::hash::sha256;
    use redb::ReadableDatabase;

    // A block of one record: the root in its header is the leaf that an erased share would keep.
    let disk = filled(&["ann"]);
    let store = disk.open().unwrap();
    let by = store.ensure_subject("namespace").unwrap();
    let structure = activemirror_core::trace::Structure::new(
        activemirror_core::trace::Kind::System,
        Timestamp::from_millis(1),
        by,
    );
    let body = activemirror_core::trace::Body::System(rules());
    store.append([&activemirror_core::trace::Record { structure, body }]).unwrap();
    drop(store);
    let (header, payload) = {
        let database = disk.tables();
        let transaction = database.begin_read().unwrap();
        let header = transaction.open_table(HEADERS).unwrap().get((0, 1)).unwrap().unwrap().value().to_vec();
        (header, transaction.open_table(PAYLOADS).unwrap().get((0, 1)).unwrap().unwrap().value().to_vec())
    };
    let length = usize::from(payload[1] & 0x7f) | usize::from(payload[2]) << 7;
    let structure_end = if payload[1] & 0x80 == 0 { 2 + usize::from(payload[1]) } else { 3 + length };
    let mut forged = payload[..structure_end + 1 + 16].to_vec();
    forged.extend([1, 32]);
    forged.extend(&header[80..112]);
    forged.extend(sha256(&[header, forged.clone()].concat()));
    disk.change(|transaction| {
        transaction.open_table(PAYLOADS).unwrap().insert((0, 1), &*forged).unwrap();
    });
    let report = disk.open().unwrap().verify(Scope::Everything, || ()).unwrap();
    let fault = report.fault().map(|(_, fault)| fault.clone());
    assert_eq!(
        fault,
        Some(activemirror_store::Fault { block: 1, what: activemirror_store::Wrong::NotErased })
    );
}

fn rules() -> activemirror_core::trace::Content<'static> {
    activemirror_core::trace::Content { text: Some("the rules of the house"), ..Default::default() }
}
