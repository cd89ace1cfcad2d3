//! Erasing a person whom enrolled devices know as well, each under a reference of its own.

use std::io;

use activemirror_core::log::reader::EntryBody;
use activemirror_core::log::stream::Frame;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::SubjectRef;
use activemirror_store::{Accepted, DeviceError, Medium, Memory, Scope, Store, StoreError};

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

/// A store that took one block of the device and then erased its operator.
fn erased_between_blocks() -> (Disk, Store, Device) {
    let mut device = Device::new();
    let (disk, mut store) = enrolled(&device);
    let block = device.block("before the erasure");
    accept(&mut store, &device, &block).unwrap();
    store.ensure_subject("namespace").unwrap();
    erase(&mut store, &[device.subject]).unwrap();
    (disk, store, device)
}

fn hello(store: &mut Store, device: &Device) {
    let frame = Frame::Hello { version: 1, public_key: device.tree.public_key() };
    store.accept(None, &frame).unwrap();
}

fn bring_key(store: &mut Store, device: &Device) -> Result<Accepted, DeviceError> {
    let wrapped = device.wrapped();
    let frame = Frame::Key { subject: device.subject, wrapped: &wrapped };
    store.accept(Some(device.tree.log_id()), &frame)
}

#[test]
fn a_device_that_does_not_know_goes_on() {
    let (disk, mut store, mut device) = erased_between_blocks();
    let keys = disk.keys.clone().read().unwrap();
    let block = device.block("after the erasure");
    hello(&mut store, &device);
    assert_eq!(bring_key(&mut store, &device).unwrap(), Accepted::Key);
    assert_eq!(accept(&mut store, &device, &block).unwrap(), Accepted::Block(1));
    let note = device.checkpoint();
    let log = Some(device.tree.log_id());
    assert_eq!(store.accept(log, &Frame::Checkpoint { note: &note }).unwrap(), Accepted::Checkpoint(2));
    assert_eq!(accept(&mut store, &device, &block).unwrap(), Accepted::Known);
    assert_holds(&store);
    store.end_stream();
    store.close().unwrap();

    assert!(keys == disk.keys.clone().read().unwrap(), "the key that came again was not written");
    let sealed = &block.1[block.1.len() - 32 - 40..block.1.len() - 32];
    assert!(!disk.bytes().windows(40).any(|window| window == sealed), "nor was what it seals");
    let store = disk.open().unwrap();
    assert_eq!(readable(&store, &[device.subject]), 0);
    assert!(!store.subjects().0.contains(&device.subject));
    let report = store.verify(Scope::Everything, || ()).unwrap();
    assert_eq!(report.fault().map(|(_, fault)| fault.clone()), None);
    assert_eq!((report.logs[1].blocks, report.logs[1].erased, report.logs[1].covered), (2, 2, 2));
}

#[test]
fn without_their_key_nothing_of_an_erased_person_is_taken() {
    let (_, mut store, mut device) = erased_between_blocks();
    let block = device.block("after the erasure");
    hello(&mut store, &device);
    assert!(matches!(accept(&mut store, &device, &block), Err(DeviceError::ErasedKeyMissing(1))));
    bring_key(&mut store, &device).unwrap();
    store.end_stream();
    assert!(
        matches!(accept(&mut store, &device, &block), Err(DeviceError::ErasedKeyMissing(1))),
        "the key lasts as long as its stream"
    );
    bring_key(&mut store, &device).unwrap();
    hello(&mut store, &device);
    assert!(matches!(accept(&mut store, &device, &block), Err(DeviceError::ErasedKeyMissing(1))));
}

#[test]
fn a_block_of_an_erased_person_is_still_proven() {
    let (_, mut store, mut device) = erased_between_blocks();
    let block = device.block("after the erasure");
    bring_key(&mut store, &device).unwrap();
    for at in 0..block.1.len() {
        let mut changed = block.clone();
        changed.1[at] ^= 1;
        assert!(accept(&mut store, &device, &changed).is_err(), "byte {at}");
    }
    assert_eq!(accept(&mut store, &device, &block).unwrap(), Accepted::Block(1));
}

#[test]
fn a_device_cannot_claim_an_erasure() {
    let mut device = Device::new();
    let (_, mut store) = enrolled(&device);
    let (header, stored) = device.block("what the device would rather not have said");
    let read = activemirror_core::log::header::Header::from_bytes(&header).unwrap();
    let block = activemirror_core::log::reader::StoredBlock::read(&read, &stored).unwrap();
    let erased = block.erase(&read, &device, &[device.subject]).unwrap().unwrap();
    let claim = accept(&mut store, &device, &(header, erased));
    assert!(matches!(claim, Err(DeviceError::NotErased(0))), "{claim:?}");
}
