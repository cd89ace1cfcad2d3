//! Erasing a person whom enrolled devices know as well, each under a reference of its own.

use std::io;

use activemirror_core::log::reader::EntryBody;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::SubjectRef;
use activemirror_store::{Medium, Memory, Scope, Store, StoreError};

use crate::devices::{Device, OPERATOR, accept, enrolled};
use crate::world::{Disk, options, say};

/// A store that knows the operator by its own log and by a device's.
fn known_twice() -> (Disk, [SubjectRef; 2]) {
    let mut device = Device::new();
    let (disk, mut store) = enrolled(&device);
    say(&mut store, "ann");
    say(&mut store, OPERATOR);
    let block = device.block("the corridor is clear");
    accept(&mut store, &device, &block).unwrap();
    assert_eq!(store.subject_refs_on_devices(OPERATOR), [device.subject]);
    let subjects = [store.subject_ref(OPERATOR), device.subject];
    store.ensure_subject("namespace").unwrap();
    (disk, subjects)
}

fn erase(store: &mut Store, subjects: &[SubjectRef]) -> Result<usize, StoreError> {
    let by = store.subject_ref("namespace");
    store.erase_all(subjects, by, Timestamp::from_millis(9))
}

/// How many records of these people can still be read.
fn readable(store: &Store, subjects: &[SubjectRef]) -> usize {
    let mut open = 0;
    for at in store.blocks().unwrap() {
        for entry in store.open_block(at).unwrap().entries().unwrap() {
            let theirs = subjects.contains(&entry.structure.subject);
            open += usize::from(theirs && matches!(entry.body, EntryBody::Open(_)));
        }
    }
    open
}

fn assert_holds(store: &Store) {
    let report = store.verify(Scope::Everything, || ()).unwrap();
    assert_eq!(report.fault().map(|(_, fault)| fault.clone()), None);
}

#[test]
fn one_person_goes_from_every_log() {
    let (disk, subjects) = known_twice();
    let mut store = disk.open().unwrap();
    assert_eq!(erase(&mut store, &subjects).unwrap(), 2);
    drop(store);
    let store = disk.open().unwrap();
    assert_eq!(readable(&store, &subjects), 0);
    assert_eq!(readable(&store, &[store.subject_ref("ann")]), 3);
    assert!(store.subject_refs_on_devices(OPERATOR).is_empty());
    assert_holds(&store);
}

#[test]
fn two_references_in_one_block() {
    let disk = Disk::default();
    let mut store = disk.open().unwrap();
    let subjects = ["ann", "ben"].map(|name| store.ensure_subject(name).unwrap());
    store.ensure_subject("namespace").unwrap();
    let records = subjects.map(|subject| activemirror_core::trace::Record {
        structure: activemirror_core::trace::Structure::new(
            activemirror_core::trace::Kind::Observation,
            Timestamp::from_millis(1),
            subject,
        ),
        body: activemirror_core::trace::Body::Event(activemirror_core::trace::Content::default()),
    });
    store.append(&records).unwrap();
    assert_eq!(erase(&mut store, &subjects).unwrap(), 1);
    assert_eq!(readable(&store, &subjects), 0);
    assert_holds(&store);
}

#[test]
fn one_of_them_unknown_erases_nobody() {
    let (disk, [own, _]) = known_twice();
    let mut store = disk.open().unwrap();
    let refused = erase(&mut store, &[own, SubjectRef([1; 16])]);
    assert!(matches!(refused, Err(StoreError::UnknownSubject(SubjectRef([1, ..])))));
    assert_eq!(readable(&store, &[own]), 3);
}

/// A keys' file that fails after some writes, as when power is lost.
struct Failing {
    file: Memory,
    writes_left: usize,
}

impl Medium for Failing {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        self.file.read()
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.writes_left = self.writes_left.checked_sub(1).ok_or_else(|| io::Error::other("no power"))?;
        self.file.write(offset, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn power_lost_at_any_write_to_the_keys() {
    for writes_left in 0..5 {
        let (disk, subjects) = known_twice();
        let medium = Failing { file: disk.keys.clone(), writes_left };
        let mut store = Store::open_on(disk.clone(), medium, false, options([7; 32])).unwrap();
        let erased = erase(&mut store, &subjects);
        assert_eq!(erased.is_ok(), writes_left == 4, "four writes destroy two keys");
        drop(store);
        for _ in 0..2 {
            let store = disk.open().unwrap();
            let (live, mut erased) = store.subjects();
            erased.sort();
            let mut expected = subjects;
            expected.sort();
            assert_eq!(erased, expected, "after {writes_left} writes");
            assert!(!subjects.iter().any(|subject| live.contains(subject)));
            assert_eq!(readable(&store, &subjects), 0);
            assert_holds(&store);
        }
    }
}
