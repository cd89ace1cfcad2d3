//! Small blocks that are merged into packs without being asked: they read as before, whatever happens
//! while they are merged, and what is no small block stays as it was written.

use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Content, Kind, Record, Structure};
use activemirror_store::{Scope, Store, StoreError, Tier, Unit};
use redb::ReadableTable;

use crate::shelf::at;
use crate::tiers::{holds, records};
use crate::world::{Disk, PAYLOADS, filled, say};

/// Blocks that are worth a pack.
const ENOUGH: usize = 16;

fn merge(store: &Store) -> Result<(), StoreError> {
    store.merge(&mut 0, || false)
}

fn tiers(store: &Store) -> Vec<(Tier, u64)> {
    store.units().unwrap().iter().map(|unit| (unit.tier, unit.blocks)).collect()
}

/// Appends a block that is full enough.
fn say_much(store: &Store) {
    let structure = Structure::new(Kind::Thought, Timestamp::from_millis(1), store.subject_ref("ann"));
    let record = Record { structure, body: Body::Event(Content { text: Some("so"), ..Content::default() }) };
    store.append(&vec![record; 1_100]).unwrap();
}

/// Changes a byte of a block's stored form.
fn damage(disk: &Disk, block: u64) {
    disk.change(|transaction| {
        let mut payloads = transaction.open_table(PAYLOADS).unwrap();
        let mut payload = payloads.get((0, block)).unwrap().unwrap().value().to_vec();
        payload[9] ^= 1;
        payloads.insert((0, block), payload.as_slice()).unwrap();
    });
}

#[test]
fn small_blocks_become_a_pack_and_read_as_before() {
    let disk = filled(&["ann"; ENOUGH]);
    let store = disk.open().unwrap();
    let before = records(&store, 16);
    merge(&store).unwrap();
    assert_eq!(tiers(&store), [(Tier::Warm, 16)]);
    assert_eq!(records(&store, 16), before);
    holds(&store);
    drop(store);
    let store = disk.open().unwrap();
    assert_eq!(records(&store, 16), before);
    say(&mut { store }, "ben");
}

#[test]
fn few_of_them_wait_for_more() {
    let disk = filled(&["ann"; ENOUGH - 1]);
    let mut store = disk.open().unwrap();
    let mut looked = 0;
    store.merge(&mut looked, || false).unwrap();
    assert_eq!((tiers(&store).len(), looked), (ENOUGH - 1, 0));
    say(&mut store, "ben");
    store.merge(&mut looked, || false).unwrap();
    assert_eq!((tiers(&store), looked), (vec![(Tier::Warm, 16)], 16));
}

#[test]
fn a_small_pack_is_opened_again_for_those_that_follow() {
    let disk = filled(&["ann"; ENOUGH]);
    let mut store = disk.open().unwrap();
    merge(&store).unwrap();
    for _ in 1..ENOUGH {
        say(&mut store, "ben");
        merge(&store).unwrap();
    }
    assert_eq!(tiers(&store).len(), ENOUGH, "not for each of them");
    say(&mut store, "ben");
    let before = records(&store, 32);
    merge(&store).unwrap();
    assert_eq!(tiers(&store), [(Tier::Warm, 32)]);
    assert_eq!(records(&store, 32), before);
    holds(&store);
}

#[test]
fn full_blocks_stay_and_part_the_others() {
    let disk = filled(&["ann"; ENOUGH]);
    let mut store = disk.open().unwrap();
    say_much(&store);
    (0..ENOUGH).for_each(|_| say(&mut store, "ann"));
    let before = records(&store, 33);
    merge(&store).unwrap();
    assert_eq!(tiers(&store), [(Tier::Warm, 16), (Tier::Hot, 1), (Tier::Warm, 16)]);
    assert_eq!(records(&store, 33), before);
    holds(&store);
}

#[test]
fn a_merge_that_is_told_to_end_ends_between_two_packs() {
    let disk = filled(&["ann"; ENOUGH]);
    let store = disk.open().unwrap();
    let mut looked = 0;
    store.merge(&mut looked, || true).unwrap();
    assert_eq!((tiers(&store).len(), looked), (ENOUGH, 0));
}

#[test]
fn a_damaged_block_is_said_and_the_others_are_merged() {
    let disk = filled(&["ann"; 2 * ENOUGH + 1]);
    damage(&disk, ENOUGH as u64);
    let store = disk.open().unwrap();
    let mut looked = 0;
    let wrong = store.merge(&mut looked, || false).unwrap_err();
    assert!(matches!(wrong, StoreError::Block(16, _)), "{wrong}");
    assert_eq!(tiers(&store), [(Tier::Warm, 16), (Tier::Hot, 1), (Tier::Warm, 16)]);
    let report = store.verify(Scope::Everything, || ()).unwrap();
    assert_eq!(report.fault().map(|(_, fault)| fault.block), Some(16));
    // It is not said again of what lies before the last pack.
    store.merge(&mut looked, || false).unwrap();
}

#[test]
fn somebody_whose_content_was_merged_can_be_erased() {
    let people: Vec<&str> = ["ann", "ben"].into_iter().cycle().take(ENOUGH).collect();
    let disk = filled(&people);
    let store = disk.open().unwrap();
    merge(&store).unwrap();
    let by = store.ensure_subject("namespace").unwrap();
    store.erase(store.subject_ref("ben"), by, Timestamp::from_millis(9)).unwrap();
    let report = holds(&store).logs.remove(0);
    assert_eq!(report.blocks, 17);
    let open = |block| store.open_block(at(block)).unwrap().entries().map(|entries| format!("{entries:?}"));
    assert!(open(0).unwrap().contains("Open(") && !open(1).unwrap().contains("Open("));
    // And what comes after it is merged with it, if it is small.
    let mut store = store;
    (0..ENOUGH).for_each(|_| say(&mut store, "ann"));
    merge(&store).unwrap();
    let warm = |unit: &Unit| unit.tier == Tier::Warm && unit.blocks == 33;
    assert!(store.units().unwrap().iter().all(warm));
    holds(&store);
}
