//! Where the bytes lie: each is counted once.

use activemirror_core::log::header::Header;
use activemirror_core::time::Timestamp;

use crate::world::{Disk, filled};

/// Bytes of a key of the tables of blocks.
const KEY: u64 = 12;
/// Bytes of redb's pages.
const PAGE: u64 = 4_096;

fn payloads(disk: &Disk, blocks: u64) -> u64 {
    (0..blocks).map(|block| disk.payload((0, block)).len() as u64 + KEY).sum()
}

#[test]
fn every_byte_of_every_block_is_counted_once() {
    let disk = filled(&["ann", "ben", "cleo"]);
    let bytes = disk.open().unwrap().bytes().unwrap();
    assert_eq!((bytes.blocks, bytes.records), (3, 9));
    assert_eq!(bytes.headers, 3 * (Header::BYTES as u64 + KEY));
    assert_eq!(bytes.parts.sum() + bytes.frames, payloads(&disk, 3));
    // A salt, a commitment and a tag for each of two segments a block.
    assert_eq!((bytes.parts.seals, bytes.parts.hashes), (3 * 2 * (24 + 32 + 16), 0));
    assert!(bytes.parts.structure > 0 && bytes.parts.content > 0 && bytes.index > 0 && bytes.rest > 0);
}

#[test]
fn tables_and_what_they_leave_unused_are_whole_pages_of_the_file() {
    let disk = filled(&["ann", "ben"]);
    let bytes = disk.open().unwrap().bytes().unwrap();
    assert_eq!(bytes.sum() % PAGE, 0, "{bytes:?}");
    assert!(bytes.sum() <= disk.bytes().len() as u64, "{bytes:?}");
}

#[test]
fn an_erased_person_takes_up_hashes() {
    let disk = filled(&["ann", "ben"]);
    let store = disk.open().unwrap();
    let before = store.bytes().unwrap();
    let by = store.ensure_subject("namespace").unwrap();
    store.erase(store.subject_ref("ben"), by, Timestamp::from_millis(9)).unwrap();
    let after = store.bytes().unwrap();
    assert_eq!(after.parts.hashes, 3 * 32);
    assert!(after.parts.content < before.parts.content + 64, "{before:?} {after:?}");
    drop(store);
    assert_eq!(after.parts.sum() + after.frames, payloads(&disk, after.blocks));
}

#[test]
fn what_lies_in_packs_is_counted_by_its_parts() {
    let disk = filled(&["ann", "ben", "cleo"]);
    let store = disk.open().unwrap();
    let hot = store.bytes().unwrap();
    store.pack(&store.units().unwrap()[..2]).unwrap();
    let warm = store.bytes().unwrap();
    assert_eq!((hot.packed, warm.packed, warm.blocks), (0, 2, 3));
    // One structure for two blocks.
    assert_eq!(hot.parts.seals - warm.parts.seals, 24 + 32 + 16);
    assert!(warm.parts.structure < hot.parts.structure && warm.parts.content > 0, "{warm:?}");
    assert_eq!(warm.sum() % PAGE, 0, "{warm:?}");
}
