//! Repair: whatever became of a store's files, every block that is intact is saved, what is gone is
//! listed, and the new store says so for good.

use std::fs;
use std::path::Path;

use activemirror_core::log::header::Header;
use activemirror_core::log::stream::Frame;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::Lost;
use activemirror_store::{Accepted, Fault, Medium, Scope, Store, StoreError, Wrong};

use crate::broken::{Broken, ROOT};
use crate::devices::{Device, accept, enrolled};
use crate::kinds::{everything, exported};
use crate::world::{Disk, HEADERS, PAYLOADS, filled, options, say};

/// A store of four people, and what can be read of it.
fn four() -> (Disk, Vec<String>) {
    let disk = filled(&["ann", "ben", "cleo", "dan"]);
    let before = exported(&disk.open().unwrap()).unwrap();
    (disk, before)
}

fn parts(disk: &Disk) -> (Vec<u8>, Vec<u8>) {
    (disk.bytes(), disk.keys.clone().read().unwrap())
}

/// Where these bytes lie in the file, all over.
fn places(file: &[u8], bytes: &[u8]) -> Vec<usize> {
    file.windows(bytes.len()).enumerate().filter(|(_, it)| *it == bytes).map(|(at, _)| at).collect()
}

#[test]
fn an_intact_store_is_saved_whole() {
    let disk = everything();
    let before = exported(&disk.open().unwrap()).unwrap();
    let (log, keys) = parts(&disk);
    let own = disk.open().unwrap().own_logs();
    let (repaired, store) = Broken::of(&before, &log, &keys).repaired();
    assert!(repaired.is_whole() && !repaired.carved, "{repaired:#?}");
    assert_eq!(repaired.parent, own[1]);
    assert_eq!(store.own_logs(), [own[0], own[1], repaired.log]);
    assert_eq!(store.devices().unwrap().len(), 1);
    assert_eq!(store.subjects().1, [store.subject_ref("ben")], "who was erased stays erased");
}

#[test]
fn a_payload_with_a_flipped_bit() {
    let (disk, before) = four();
    let payload = disk.payload((0, 2));
    let (mut log, keys) = parts(&disk);
    for place in places(&log, &payload) {
        log[place + payload.len() / 2] ^= 4;
    }
    let (repaired, mut store) = Broken::of(&before, &log, &keys).repaired();
    let [own] = &*repaired.logs else { panic!("{repaired:#?}") };
    assert_eq!((own.blocks(), own.records(), own.gone.len()), (3, 9, 1));
    let gone = &own.gone[0];
    assert_eq!((&gone.blocks, gone.what, &gone.sequences), (&(2..3), Lost::Records, &(6..9)));
    let times = (Timestamp::from_millis(1_000), Timestamp::from_millis(1_002));
    assert_eq!(gone.times, Some(times));
    let report = store.verify(Scope::Everything, || ()).unwrap();
    assert_eq!((report.logs[1].lost, report.logs[1].blocks, report.logs[1].covered), (1, 3, 4));
    say(&mut store, "cleo");
    assert!(store.verify(Scope::Everything, || ()).unwrap().fault().is_none());
    assert_eq!(store.traces().unwrap().len(), 4);
}

#[test]
fn traces_that_lost_records_are_named() {
    let disk = filled(&["ann", "ben"]);
    say(&mut disk.open().unwrap(), "ann");
    let before = exported(&disk.open().unwrap()).unwrap();
    let payload = disk.payload((0, 2));
    let (mut log, keys) = parts(&disk);
    for place in places(&log, &payload) {
        log[place + 40] ^= 1;
    }
    let (repaired, _) = Broken::of(&before, &log, &keys).repaired();
    assert_eq!(repaired.logs[0].gone[0].traces, ["trace-of-ann"]);
}

#[test]
fn any_bit_of_a_header_is_put_right() {
    let (disk, before) = four();
    let (log, keys) = parts(&disk);
    let header = header(&disk, 1);
    for byte in (0..Header::BYTES).step_by(7) {
        let mut flipped = log.clone();
        for place in places(&log, &header) {
            flipped[place + byte] ^= 1 << (byte % 8);
        }
        let (repaired, _) = Broken::of(&before, &flipped, &keys).repaired();
        assert!(repaired.is_whole(), "byte {byte}: {repaired:#?}");
    }
}

/// The bytes of a header.
fn header(disk: &Disk, block: u64) -> Vec<u8> {
    use redb::ReadableDatabase;
    let database = disk.tables();
    let transaction = database.begin_read().unwrap();
    transaction.open_table(HEADERS).unwrap().get((0, block)).unwrap().unwrap().value().to_vec()
}

#[test]
fn a_header_that_is_gone() {
    let (disk, before) = four();
    let (mut log, keys) = parts(&disk);
    for place in places(&log, &header(&disk, 1)) {
        log[place..place + Header::BYTES].fill(0);
    }
    let (repaired, store) = Broken::of(&before, &log, &keys).repaired();
    let gone = &repaired.logs[0].gone;
    assert_eq!((gone.len(), &gone[0].blocks, gone[0].what), (1, &(1..2), Lost::Everything));
    assert_eq!(gone[0].sequences, 3..6);
    assert_eq!(store.traces().unwrap().len(), 3);
    let notes = disk.open().unwrap().checkpoints().unwrap();
    let standing = store.standing(notes[0].0, &notes[0].1).unwrap();
    assert_eq!(standing, Ok(activemirror_store::Standing::GoesOn), "it is as new as it was seen");
}

#[test]
fn a_file_that_redb_does_not_open() {
    let disk = everything();
    let before = exported(&disk.open().unwrap()).unwrap();
    let (mut log, keys) = parts(&disk);
    log[..512].fill(0);
    let (repaired, store) = Broken::of(&before, &log, &keys).repaired();
    assert!(repaired.is_whole() && repaired.carved, "{repaired:#?}");
    assert_eq!(store.subjects().1, [store.subject_ref("ben")]);
}

#[test]
fn a_file_that_was_cut_off() {
    let disk = everything();
    let before = exported(&disk.open().unwrap()).unwrap();
    let (log, keys) = parts(&disk);
    for part in [1, 3, 5, 7, 9] {
        let (repaired, _) = Broken::of(&before, &log[..log.len() * part / 10], &keys).repaired();
        println!(
            "{part}0 %: {} blocks",
            repaired.logs.iter().map(activemirror_store::RepairedLog::blocks).sum::<u64>()
        );
    }
}

#[test]
fn zeroed_stretches() {
    let disk = everything();
    let before = exported(&disk.open().unwrap()).unwrap();
    let (log, keys) = parts(&disk);
    for start in (0..log.len()).step_by(log.len() / 24) {
        let mut zeroed = log.clone();
        let end = (start + 40_000).min(log.len());
        zeroed[start..end].fill(0);
        Broken::of(&before, &zeroed, &keys).repaired();
    }
}

#[test]
fn a_persons_key_that_is_gone() {
    let disk = filled(&["ann", "ben", "cleo"]);
    say(&mut disk.open().unwrap(), "ben");
    let before = exported(&disk.open().unwrap()).unwrap();
    let (log, mut keys) = parts(&disk);
    keys[128 * 2 + 60] ^= 1;
    let broken = Broken::of(&before, &log, &keys);
    let (repaired, mut store) = broken.repaired();
    assert_eq!((repaired.keys, repaired.keys_gone, repaired.closed.len()), (2, 1, 1));
    let report = store.verify(Scope::Everything, || ()).unwrap();
    assert_eq!((report.logs[1].closed, report.logs[1].recomputed), (6, 6));
    // The person comes back, and is nobody else.
    say(&mut store, "ben");
    let ben = store.subject_ref("ben");
    drop(store);
    let store = Store::open(&broken.new_store(), options(ROOT)).unwrap();
    for at in store.blocks().unwrap() {
        store.open_block(at).unwrap();
    }
    assert!(store.verify(Scope::Everything, || ()).unwrap().fault().is_none());
    let house = store.ensure_subject("the house").unwrap();
    store.erase(ben, house, Timestamp::from_millis(1)).unwrap();
    assert!(store.verify(Scope::Everything, || ()).unwrap().fault().is_none());
}

#[test]
fn a_keys_file_with_a_damaged_head() {
    let (disk, before) = four();
    let (log, keys) = parts(&disk);
    for byte in 0..40 {
        let mut damaged = keys.clone();
        damaged[byte] ^= 0x10;
        let (repaired, _) = Broken::of(&before, &log, &damaged).repaired();
        assert!(repaired.is_whole() && repaired.keys_mended == 1);
    }
    let broken = Broken::of(&before, &log, &keys);
    assert!(matches!(broken.repair_with([8; 32], &[]), Err(StoreError::WrongKey)));
    assert!(matches!(Broken::of(&before, &log, &[]).repair_with(ROOT, &[]), Err(StoreError::KeysMissing)));
}

#[test]
fn what_is_lost_is_told_from_what_is_taken_away_later() {
    let (disk, before) = four();
    let payload = disk.payload((0, 2));
    let (mut log, keys) = parts(&disk);
    for place in places(&log, &payload) {
        log[place + 40] ^= 4;
    }
    let broken = Broken::of(&before, &log, &keys);
    drop(broken.repaired());
    let take = |block: u64, both: bool| {
        let disk = Disk::holding(
            &fs::read(broken.new_store().join("log.redb")).unwrap(),
            &fs::read(broken.new_store().join("subjects.keys")).unwrap(),
        );
        disk.change(|transaction| {
            transaction.open_table(PAYLOADS).unwrap().remove((0, block)).unwrap();
            if both {
                transaction.open_table(HEADERS).unwrap().remove((0, block)).unwrap();
            }
        });
        let report = disk.open().unwrap().verify(Scope::Structure, || ()).unwrap();
        report.fault().map(|(_, fault)| fault.clone())
    };
    assert_eq!(take(2, false), None, "that one is lost anyway");
    assert_eq!(take(1, false), Some(Fault { block: 1, what: Wrong::Missing }));
    assert_eq!(take(2, true), Some(Fault { block: 2, what: Wrong::Missing }), "its header was there");
}

#[test]
fn a_repaired_store_is_repaired_again() {
    let (disk, before) = four();
    let (mut log, keys) = parts(&disk);
    for place in places(&log, &header(&disk, 1)) {
        log[place..place + Header::BYTES].fill(0);
    }
    let broken = Broken::of(&before, &log, &keys);
    let (first, store) = broken.repaired();
    let before = exported(&store).unwrap();
    drop(store);
    let read = |file: &str| fs::read(broken.new_store().join(file)).unwrap();
    let (mut log, keys) = (read("log.redb"), read("subjects.keys"));
    let payload = disk.payload((0, 3));
    for place in places(&log, &payload) {
        log[place + 50] ^= 1;
    }
    let (second, store) = Broken::of(&before, &log, &keys).repaired();
    assert_eq!(second.parent, first.log);
    assert_eq!(second.logs[0].gone.len(), 2);
    assert_eq!(store.verify(Scope::Everything, || ()).unwrap().logs[2].lost, 2);
}

#[test]
fn a_checkpoint_that_was_kept_elsewhere_tells_what_the_end_lost() {
    let (disk, before) = four();
    let seen = disk.open().unwrap().checkpoints().unwrap();
    let (mut log, keys) = parts(&disk);
    for block in [2, 3] {
        for place in places(&log, &header(&disk, block)) {
            log[place..place + Header::BYTES].fill(0);
        }
    }
    for place in places(&log, &seen[0].1.as_bytes()[..100]) {
        log[place..place + 100].fill(0);
    }
    let broken = Broken::of(&before, &log, &keys);
    let repaired = broken.repair_with(ROOT, &seen).unwrap();
    assert_eq!(repaired.logs[0].gone[0].blocks, 2..4);
    let store = Store::open(&broken.new_store(), options(ROOT)).unwrap();
    assert!(store.verify(Scope::Everything, || ()).unwrap().fault().is_none());
}

#[test]
fn a_device_brings_again_what_was_lost() {
    let mut device = Device::new();
    let (disk, mut store) = enrolled(&device);
    let blocks = ["one", "two", "three", "four"].map(|text| device.block(text));
    for block in &blocks {
        accept(&mut store, &device, block).unwrap();
    }
    let note = device.checkpoint();
    let checkpoint = Frame::Checkpoint { note: &note };
    let log = device.tree.log_id();
    store.accept(Some(log), &checkpoint).unwrap();
    let before = exported(&store).unwrap();
    drop(store);
    let (mut bytes, keys) = parts(&disk);
    for place in places(&bytes, &blocks[1].0) {
        bytes[place..place + Header::BYTES].fill(0);
    }
    for place in places(&bytes, &blocks[2].1) {
        bytes[place + 30] ^= 1;
    }
    let (repaired, mut store) = Broken::of(&before, &bytes, &keys).repaired();
    assert_eq!((repaired.logs[1].log, repaired.logs[1].blocks()), (log, 2));
    assert_eq!(store.blocks_from(log, 0).unwrap().len(), 2);
    let other = Device::new().block("something else");
    assert!(accept(&mut store, &device, &other).is_err(), "another block is not taken in its place");
    for (place, block) in blocks.iter().enumerate() {
        let due = if place == 1 || place == 2 { Accepted::Block(1) } else { Accepted::Known };
        assert_eq!(accept(&mut store, &device, block).unwrap(), due);
    }
    store.accept(Some(log), &checkpoint).unwrap();
    let report = store.verify(Scope::Everything, || ()).unwrap();
    assert_eq!(report.fault().map(|(_, fault)| fault), None);
    let report = report.logs.iter().find(|report| report.log == log).unwrap();
    assert_eq!((report.blocks, report.lost, report.covered), (4, 0, 4));
}

#[test]
fn nothing_is_written_over() {
    let (disk, before) = four();
    let (log, keys) = parts(&disk);
    let broken = Broken::of(&before, &log, &keys);
    fs::create_dir(broken.new_store()).unwrap();
    fs::write(broken.new_store().join("something"), "else").unwrap();
    assert!(matches!(broken.repair_with(ROOT, &[]), Err(StoreError::Io(_))));
    let held = Store::open(&broken.old(), options(ROOT)).unwrap();
    fs::remove_file(broken.new_store().join("something")).unwrap();
    assert!(matches!(broken.repair_with(ROOT, &[]), Err(StoreError::Held)));
    drop(held);
    let part = Path::new(&format!("{}.part", broken.new_store().display())).to_owned();
    fs::create_dir_all(&part).unwrap();
    fs::write(part.join("log.redb"), "half of an earlier one").unwrap();
    broken.repair_with(ROOT, &[]).unwrap();
    assert!(!part.exists());
}
