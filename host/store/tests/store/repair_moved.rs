//! Repair of a store whose blocks moved: packs that are whole are saved, of damaged ones what proves itself;
//! what lies in the cold store is found there; what went by a rule stays gone; and all of it goes on.

use std::fs;

use activemirror_core::time::Timestamp;
use activemirror_core::trace::Lost;
use activemirror_store::{
    ColdError, ColdFault, Fact, Medium, Repaired, RepairedLog, Scope, Store, StoreError, Tier,
};
use redb::{ReadableTable, TableDefinition};

use crate::broken::{Broken, ROOT};
use crate::kinds::{all_tiers, exported};
use crate::shelf::{Mood, Shelf, at, author, cool, units, warm};
use crate::tiers::holds;
use crate::world::{Disk, HEADERS, META, filled, say};

const SPANS: TableDefinition<'_, (u32, u64), &[u8]> = TableDefinition::new("spans");
const PACKS: TableDefinition<'_, (u32, u64, u32), &[u8]> = TableDefinition::new("packs");

fn opened(disk: &Disk, shelf: &Shelf) -> Store {
    let store = disk.open().unwrap();
    store.attach_cold(std::sync::Arc::new(shelf.clone()));
    store
}

fn read(disk: &Disk, shelf: &Shelf) -> Vec<String> {
    exported(&opened(disk, shelf)).unwrap()
}

fn broken(disk: &Disk, shelf: &Shelf, before: &[String]) -> Broken {
    Broken::of(before, &disk.bytes(), &disk.keys.clone().read().unwrap()).with(shelf)
}

/// Blocks that were saved, by tier, of all logs.
fn tiers(repaired: &Repaired) -> [u64; 4] {
    let sum = |tier| repaired.logs.iter().map(|log| log.saved(tier).blocks).sum();
    [Tier::Hot, Tier::Warm, Tier::Cold, Tier::Gone].map(sum)
}

fn gone(log: &RepairedLog) -> Vec<(core::ops::Range<u64>, Lost)> {
    log.gone.iter().map(|gone| (gone.blocks.clone(), gone.what)).collect()
}

/// Fills every copy of these bytes with zeros.
fn wipe(file: &mut [u8], bytes: &[u8]) {
    while let Some(place) = file.windows(bytes.len()).position(|it| it == bytes) {
        file[place..place + bytes.len()].fill(0);
    }
}

/// The pack of the own log that begins with this block.
fn pack(disk: &Disk, first: u64) -> Vec<u8> {
    let mut pack = Vec::new();
    disk.fork().change(|transaction| {
        let packs = transaction.open_table(PACKS).unwrap();
        for row in packs.range((0, first, 0)..=(0, first, u32::MAX)).unwrap() {
            pack.extend_from_slice(row.unwrap().1.value());
        }
    });
    pack
}

/// People in blocks that are packed, and no trace in the file of what they were before.
fn packed(people: &[&str]) -> Disk {
    let disk = filled(people);
    let hot: Vec<Vec<u8>> = (0..people.len() as u64).map(|block| disk.payload((0, block))).collect();
    warm(&disk.open().unwrap(), people.len());
    let mut log = disk.bytes();
    hot.iter().for_each(|payload| wipe(&mut log, payload));
    Disk::holding(&log, &disk.keys.clone().read().unwrap())
}

#[test]
fn every_tier_is_saved_and_nothing_is_fetched() {
    let (disk, shelf) = all_tiers();
    let before = read(&disk, &shelf);
    let old = opened(&disk, &shelf);
    let (facts, blocks) = (old.facts(&author(&old)).unwrap(), old.blocks().unwrap().len() as u64);
    drop(old);
    shelf.fail_from(0, Mood::Silent);
    let broken = broken(&disk, &shelf, &before);
    let repaired = broken.repair_with(ROOT, &[]).unwrap();
    assert_eq!(shelf.heal(), 0, "nothing was asked for");
    assert!(repaired.is_whole() && repaired.cold.is_none(), "{repaired:#?}");
    let [hot, warm, cold, gone] = tiers(&repaired);
    assert_eq!(([warm, cold, gone], hot + warm + cold + gone), ([4, 2, 1], blocks));
    fs::remove_dir_all(broken.new_store()).unwrap();
    let (_, store) = broken.repaired();
    let report = store.verify(Scope::Everything, || ()).unwrap();
    let sum = |of: fn(&activemirror_store::LogReport) -> u64| report.logs.iter().map(of).sum::<u64>();
    assert_eq!((sum(|log| log.gone), sum(|log| log.cold), sum(|log| log.lost)), (1, 0, 0));
    assert_eq!(store.facts(&author(&store)).unwrap(), facts, "what is held, and what went");
    assert_eq!(store.went(at(2)).unwrap().unwrap().1, "by age");
    let traces: Vec<_> = before.iter().filter(|line| line.starts_with("trace ")).collect();
    let after = exported(&store).unwrap();
    assert!(traces.iter().all(|trace| after.contains(trace)), "also where traces began that went");
}

#[test]
fn the_new_store_goes_on() {
    let (disk, shelf) = all_tiers();
    let before = read(&disk, &shelf);
    disk.change(|transaction| {
        let mut meta = transaction.open_table(META).unwrap();
        meta.insert("retention", 77_i64.to_le_bytes().as_slice()).unwrap();
    });
    let broken = broken(&disk, &shelf, &before);
    fs::write(broken.old().join("rules.toml"), "warm = 7").unwrap();
    let (_, mut store) = broken.repaired();
    assert_eq!(fs::read_to_string(broken.new_store().join("rules.toml")).unwrap(), "warm = 7");
    assert_eq!(store.retention_ran().unwrap(), Some(Timestamp::from_millis(77)));
    // Somebody who lies in every tier is erased while the cold store is out of reach.
    shelf.fail_from(0, Mood::Silent);
    say(&mut store, "cleo");
    let house = store.ensure_subject("the house").unwrap();
    for person in ["dan", "cleo"] {
        store.erase(store.subject_ref(person), house, Timestamp::from_millis(5)).unwrap();
    }
    shelf.heal();
    holds(&store);
    assert_eq!((store.stale_cold().unwrap(), store.renew_cold().unwrap()), (1, 1));
    assert_eq!(shelf.names().len(), 2);
    assert_eq!(store.sweep_cold().unwrap(), Ok(1), "what the damaged store put there");
    assert!(shelf.names()[0].starts_with(&store.log_id().to_string()));
    let others: Vec<_> = units(&store, Tier::Hot).into_iter().filter(|unit| !store.stays(unit)).collect();
    store.let_go(&others, "by size", &author(&store)).unwrap();
    cool(&store);
    holds(&store);
    let (before, log) = (exported(&store).unwrap(), store.log_id());
    drop(store);
    let file = |name: &str| fs::read(broken.new_store().join(name)).unwrap();
    let again = Broken::of(&before, &file("log.redb"), &file("subjects.keys")).with(&shelf);
    let (second, store) = again.repaired();
    assert!(second.is_whole() && second.parent == log, "{second:#?}");
    assert_eq!(store.retention_ran().unwrap(), Some(Timestamp::from_millis(77)));
}

#[test]
fn a_cold_store_that_is_not_there() {
    let (disk, shelf) = all_tiers();
    let before = read(&disk, &shelf);
    let bare = || Broken::of(&before, &disk.bytes(), &disk.keys.clone().read().unwrap());
    let broken = bare();
    let repaired = broken.repair_with(ROOT, &[]).unwrap();
    assert!(repaired.is_whole() && repaired.cold.is_none(), "{repaired:#?}");
    let store = broken.open_new();
    assert!(matches!(store.open_block(at(0)), Err(StoreError::Cold { why: ColdFault::Nowhere, .. })));
    assert_eq!(holds(&store).logs.iter().filter(|log| log.unreached.is_some()).count(), 1);
    store.attach_cold(std::sync::Arc::new(shelf.clone()));
    assert!(store.open_block(at(0)).is_ok());
    let after = exported(&store).unwrap();
    assert!(before.iter().all(|line| line.starts_with('[') || after.contains(line)));
    drop(store);
    // Another place, or a silent one, tells nothing of the rows.
    let mut log = disk.bytes();
    let last = log.iter().rposition(|byte| *byte != 0).unwrap();
    log[last] ^= 1;
    let keys = disk.keys.clone().read().unwrap();
    for (shelf, why) in [
        (Shelf::default(), ColdFault::Store(ColdError::Missing)),
        (shelf.fork(), ColdFault::Store(ColdError::Timeout)),
    ] {
        if why != ColdFault::Store(ColdError::Missing) {
            shelf.fail_from(0, Mood::Silent);
        }
        let repaired = Broken::of(&before, &log, &keys).with(&shelf).repair_with(ROOT, &[]).unwrap();
        assert_eq!((tiers(&repaired)[2], repaired.cold), (2, Some(why)));
    }
}

#[test]
fn rows_that_are_lost_are_found_again() {
    let (disk, shelf) = all_tiers();
    let before = read(&disk, &shelf);
    disk.change(|transaction| drop(transaction.delete_table(SPANS)));
    let (repaired, store) = broken(&disk, &shelf, &before).repaired();
    assert!(repaired.is_whole(), "{repaired:#?}");
    assert_eq!(tiers(&repaired)[1..], [4, 2, 1]);
    assert_eq!(store.went(at(2)).unwrap().unwrap().1, "by age");
    assert_eq!((store.stale_cold().unwrap(), store.renew_cold().unwrap()), (1, 1));
    drop(store);
    // Without the cold store nobody can tell that something lies there.
    let keys = disk.keys.clone().read().unwrap();
    let alone = Broken::of(&before, &disk.bytes(), &keys);
    let (repaired, store) = alone.repaired();
    assert_eq!(tiers(&repaired)[1..], [4, 0, 1]);
    assert_eq!(gone(&repaired.logs[0]), [(0..2, Lost::Records)]);
    // It may be the last form of these blocks, so it is not swept.
    store.attach_cold(std::sync::Arc::new(shelf.clone()));
    assert_eq!(store.sweep_cold().unwrap(), Ok(0));
    let before = exported(&store).unwrap();
    drop(store);
    let file = |name: &str| fs::read(alone.new_store().join(name)).unwrap();
    let (repaired, store) =
        Broken::of(&before, &file("log.redb"), &file("subjects.keys")).with(&shelf).repaired_more();
    assert!(repaired.is_whole(), "{repaired:#?}");
    assert!(store.blocks().unwrap().contains(&at(0)) && store.open_block(at(0)).is_ok());
}

#[test]
fn a_file_that_redb_does_not_open() {
    let (disk, shelf) = all_tiers();
    let before = read(&disk, &shelf);
    let (mut log, keys) = (disk.bytes(), disk.keys.clone().read().unwrap());
    log[..512].fill(0);
    let (repaired, store) = Broken::of(&before, &log, &keys).with(&shelf).repaired();
    assert!(repaired.is_whole() && repaired.carved, "{repaired:#?}");
    assert_eq!(tiers(&repaired)[3], 1, "what went is not taken out of what the file still has of it");
    assert!(matches!(store.open_block(at(2)), Err(StoreError::Gone { .. })));
    drop(store);
    // Nothing is left but what the packs hold.
    let disk = packed(&["ann", "ben", "ann", "cleo"]);
    let before = exported(&disk.open().unwrap()).unwrap();
    let (mut log, keys) = (disk.bytes(), disk.keys.clone().read().unwrap());
    log[..512].fill(0);
    let (repaired, _) = Broken::of(&before, &log, &keys).repaired();
    assert!(repaired.is_whole(), "{repaired:#?}");
    assert_eq!(tiers(&repaired), [0, 4, 0, 0]);
}

#[test]
fn a_large_pack_is_put_together_out_of_the_raw_file() {
    let people: Vec<String> = (0..120).map(|number| format!("person {number}")).collect();
    let names: Vec<&str> = people.iter().map(String::as_str).collect();
    let disk = packed(&names);
    assert!(pack(&disk, 0).len() > 20_000, "several pieces");
    let before = exported(&disk.open().unwrap()).unwrap();
    let (mut log, keys) = (disk.bytes(), disk.keys.clone().read().unwrap());
    log[..512].fill(0);
    let (repaired, _) = Broken::of(&before, &log, &keys).repaired();
    assert!(repaired.is_whole(), "{repaired:#?}");
    assert_eq!(tiers(&repaired), [0, 120, 0, 0]);
}

#[test]
fn a_pack_with_a_flipped_bit() {
    let disk = packed(&["ann", "ben", "ann", "cleo"]);
    let before = exported(&disk.open().unwrap()).unwrap();
    let (pack, keys) = (pack(&disk, 0), disk.keys.clone().read().unwrap());
    let mut found = Vec::new();
    for byte in (0..pack.len()).step_by(29) {
        let (mut log, mut flipped) = (disk.bytes(), pack.clone());
        flipped[byte] ^= 8;
        while let Some(place) = log.windows(pack.len()).position(|it| it == pack) {
            log[place..place + pack.len()].copy_from_slice(&flipped);
        }
        let (repaired, store) = Broken::of(&before, &log, &keys).repaired();
        let gone = gone(&repaired.logs[0]);
        assert!(gone.iter().all(|(_, what)| *what == Lost::Records), "byte {byte}");
        found.push(gone.into_iter().flat_map(|(blocks, _)| blocks).collect::<Vec<u64>>());
        assert_eq!(tiers(&repaired)[1] + found.last().unwrap().len() as u64, 4);
        drop(store);
    }
    // Of nobody's segment, of ann's, of ben's, of cleo's, and of what all have in common.
    for gone in [&[][..], &[0, 2], &[1], &[3], &[0, 1, 2, 3]] {
        assert!(gone.is_empty() || found.iter().any(|it| it == gone), "{gone:?} of {found:?}");
    }
}

#[test]
fn headers_of_what_is_not_here_are_put_right() {
    let (disk, shelf) = all_tiers();
    let before = read(&disk, &shelf);
    let (log, keys) = (disk.bytes(), disk.keys.clone().read().unwrap());
    for block in [0, 1, 2, 3] {
        let mut header = Vec::new();
        disk.fork().change(|transaction| {
            let headers = transaction.open_table(HEADERS).unwrap();
            header = headers.get((0, block)).unwrap().unwrap().value().to_vec();
        });
        for byte in [0, 44, 50, 57, 66, 75, 90, 111] {
            let mut flipped = log.clone();
            for place in 0..flipped.len() - header.len() {
                if flipped[place..].starts_with(&header) {
                    flipped[place + byte] ^= 2;
                }
            }
            let (repaired, _) = Broken::of(&before, &flipped, &keys).with(&shelf).repaired();
            assert!(repaired.is_whole(), "byte {byte} of block {block}: {repaired:#?}");
        }
    }
}

#[test]
fn a_persons_key_that_is_gone_closes_what_is_cold_as_well() {
    let disk = filled(&["ann", "ben", "ann", "ben"]);
    let shelf = Shelf::default();
    let store = opened(&disk, &shelf);
    warm(&store, 4);
    cool(&store);
    drop(store);
    let before = read(&disk, &shelf);
    let (log, mut keys) = (disk.bytes(), disk.keys.clone().read().unwrap());
    keys[128 * 2 + 60] ^= 1;
    let (repaired, store) = Broken::of(&before, &log, &keys).with(&shelf).repaired();
    assert_eq!((repaired.keys_gone, repaired.closed.len(), tiers(&repaired)), (1, 1, [0, 0, 4, 0]));
    holds(&store);
}

#[test]
fn who_was_erased_is_known_by_the_rest_of_their_name() {
    let (disk, shelf) = all_tiers();
    let before = read(&disk, &shelf);
    let (log, keys) = (disk.bytes(), disk.keys.clone().read().unwrap());
    let erased = |slot: &usize| keys[slot * 128] == 2;
    for slot in (1..keys.len() / 128).filter(erased) {
        for byte in 8..24 {
            let mut keys = keys.clone();
            keys[slot * 128 + byte] ^= 0x11;
            let (repaired, store) = Broken::of(&before, &log, &keys).with(&shelf).repaired();
            assert!(repaired.is_whole() && repaired.keys_mended == 1, "{repaired:#?}");
            let mut erased = store.subjects().1;
            erased.sort_unstable();
            let mut due = [store.subject_ref("ann"), store.subject_ref("ben")];
            due.sort_unstable();
            assert_eq!(erased, due);
        }
    }
}

#[test]
fn a_row_that_says_gone_is_not_believed() {
    let disk = filled(&["ann", "ben", "cleo"]);
    let store = disk.open().unwrap();
    store.let_go(&units(&store, Tier::Hot)[1..2], "by age", &author(&store)).unwrap();
    drop(store);
    let before = exported(&disk.open().unwrap()).unwrap();
    let payload = disk.payload((0, 2));
    disk.change(|transaction| {
        let mut spans = transaction.open_table(SPANS).unwrap();
        let row = spans.get((0, 1)).unwrap().unwrap().value().to_vec();
        spans.insert((0, 2), &*row).unwrap();
        transaction.open_table(crate::world::PAYLOADS).unwrap().remove((0, 2)).unwrap();
    });
    let (mut log, keys) = (disk.bytes(), disk.keys.clone().read().unwrap());
    wipe(&mut log, &payload);
    let (repaired, store) = Broken::of(&before, &log, &keys).repaired();
    assert_eq!(gone(&repaired.logs[0]), [(2..3, Lost::Records)]);
    assert!(matches!(store.open_block(at(1)), Err(StoreError::Gone { .. })));
    let facts = store.facts(&author(&store)).unwrap();
    assert!(matches!(&facts[0].1, Fact::Gone { first: 1, end: 2, .. }));
}
