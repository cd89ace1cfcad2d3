//! Changes to what moved are noticed, and a block is not gone because a table says so.

use activemirror_store::{Fault, Scope, Tier, Wrong};
use redb::{ReadableTable, TableDefinition};

use crate::shelf::{author, units, warm};
use crate::world::{Disk, PAYLOADS, filled};

const SPANS: TableDefinition<'_, (u32, u64), &[u8]> = TableDefinition::new("spans");
const PACKS: TableDefinition<'_, (u32, u64, u32), &[u8]> = TableDefinition::new("packs");

const PEOPLE: [&str; 4] = ["ann", "ben", "cleo", "dan"];

fn fault(disk: &Disk, scope: Scope, change: impl FnOnce(&redb::WriteTransaction)) -> Option<Fault> {
    let disk = disk.fork();
    disk.change(change);
    let report = disk.open().unwrap().verify(scope, || ()).unwrap();
    report.fault().map(|(_, fault)| fault.clone())
}

fn packed() -> (Disk, Vec<u8>) {
    let disk = filled(&PEOPLE);
    warm(&disk.open().unwrap(), 3);
    let mut pack = Vec::new();
    disk.change(|transaction| {
        for row in transaction.open_table(PACKS).unwrap().iter().unwrap() {
            pack.extend_from_slice(row.unwrap().1.value());
        }
    });
    (disk, pack)
}

#[test]
fn any_byte_of_a_pack() {
    let (disk, pack) = packed();
    for at in 0..pack.len() {
        let mut changed = pack.clone();
        changed[at] ^= 1 << (at % 8);
        let scope = if at % 2 == 0 { Scope::Structure } else { Scope::Everything };
        let found = fault(&disk, scope, |transaction| {
            transaction.open_table(PACKS).unwrap().insert((0, 0, 0), &*changed).unwrap();
        });
        assert_eq!(found.map(|fault| fault.block), Some(0), "byte {at}");
    }
}

#[test]
fn any_byte_of_a_span() {
    let (disk, _) = packed();
    let span = {
        let mut span = Vec::new();
        disk.change(|transaction| {
            span = transaction.open_table(SPANS).unwrap().get((0, 0)).unwrap().unwrap().value().to_vec();
        });
        span
    };
    for at in 0..span.len() {
        for bit in 0..8 {
            let mut changed = span.clone();
            changed[at] ^= 1 << bit;
            let found = fault(&disk, Scope::Everything, |transaction| {
                transaction.open_table(SPANS).unwrap().insert((0, 0), &*changed).unwrap();
            });
            // What it says of the pack's length is for the total only.
            assert!(found.is_some() || at >= 2, "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn a_payload_that_nobody_let_go() {
    let disk = filled(&PEOPLE);
    let found = fault(&disk, Scope::Everything, |transaction| {
        transaction.open_table(PAYLOADS).unwrap().remove((0, 1)).unwrap();
    });
    assert_eq!(found, Some(Fault { block: 1, what: Wrong::Missing }));
}

#[test]
fn a_row_that_says_gone_does_not_make_it_so() {
    let disk = filled(&PEOPLE);
    let store = disk.open().unwrap();
    let author = author(&store);
    store.let_go(&units(&store, Tier::Hot)[1..2], "by age", &author).unwrap();
    drop(store);
    let mut row = Vec::new();
    disk.change(|transaction| {
        row = transaction.open_table(SPANS).unwrap().get((0, 1)).unwrap().unwrap().value().to_vec();
    });
    for (first, blocks) in [(2, 1), (0, 1), (3, 2), (0, 5)] {
        let mut forged = row.clone();
        forged[0] = blocks;
        let found = fault(&disk, Scope::Everything, |transaction| {
            let mut payloads = transaction.open_table(PAYLOADS).unwrap();
            for block in first..first + u64::from(blocks) {
                payloads.remove((0, block)).unwrap();
            }
            let mut spans = transaction.open_table(SPANS).unwrap();
            spans.remove((0, 1)).unwrap();
            spans.insert((0, 1), &*row).unwrap();
            spans.insert((0, first), &*forged).unwrap();
        });
        assert_eq!(found.map(|fault| fault.what), Some(Wrong::NotGone), "{first} {blocks}");
    }
}

#[test]
fn a_pack_in_the_place_of_another() {
    let disk = filled(&["ann", "ben", "ann", "ben"]);
    let store = disk.open().unwrap();
    warm(&store, 2);
    warm(&store, 2);
    drop(store);
    let found = fault(&disk, Scope::Structure, |transaction| {
        let mut packs = transaction.open_table(PACKS).unwrap();
        let other = packs.get((0, 2, 0)).unwrap().unwrap().value().to_vec();
        packs.insert((0, 0, 0), &*other).unwrap();
    });
    assert_eq!(found.map(|fault| fault.block), Some(0));
}
