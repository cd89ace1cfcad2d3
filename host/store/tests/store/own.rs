//! Several own logs in one store: a log that goes on from another, and the one it goes on from.

use activemirror_core::log::LogId;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::Reason;
use activemirror_core::vault::{Key, KeyTree};
use activemirror_store::{
    Accepted, DeviceError, Fault, LogReport, Medium, Scope, Standing, Store, StoreError, Wrong,
};

use crate::devices::{Device, accept, enrolled};
use crate::tampering::stored;
use crate::world::{CHECKPOINTS, Disk, HEADERS, META, PAYLOADS, filled, say};

const LOGS: redb::TableDefinition<'_, u32, &[u8; 32]> = redb::TableDefinition::new("logs");

/// Closes the log of this disk and begins another.
fn go_on(disk: &Disk) -> Store {
    let store = disk.open().unwrap();
    let house = store.ensure_subject("the house").unwrap();
    store.go_on(Reason::Restored, house, Timestamp::from_millis(5)).unwrap()
}

/// Two people in the first log, one in the second, one in the third.
fn three_logs() -> Disk {
    let disk = filled(&["ann", "ben"]);
    say(&mut go_on(&disk), "cleo");
    say(&mut go_on(&disk), "dan");
    disk
}

#[track_caller]
fn holds(store: &Store) -> Vec<LogReport> {
    let mut reports = Vec::new();
    for scope in [Scope::Structure, Scope::Everything] {
        let report = store.verify(scope, || ()).unwrap();
        assert_eq!(report.fault().map(|(_, fault)| fault), None);
        reports = report.logs;
    }
    reports
}

fn fault(disk: &Disk, change: impl FnOnce(&redb::WriteTransaction)) -> Option<(LogId, Fault)> {
    let disk = disk.fork();
    disk.change(change);
    let report = disk.open().unwrap().verify(Scope::Everything, || ()).unwrap();
    report.fault().map(|(log, fault)| (log.log, fault.clone()))
}

#[test]
fn a_log_goes_on_from_another() {
    let disk = filled(&["ann", "ben"]);
    let first = disk.open().unwrap().log_id();
    let mut store = go_on(&disk);
    let second = store.log_id();
    assert_ne!(first, second);
    assert_eq!((store.block_count(), store.next_sequence()), (1, 7), "sequences count on");
    say(&mut store, "ann");
    drop(store);
    let store = disk.open().unwrap();
    assert_eq!((store.log_id(), store.own_logs()), (second, vec![first, second]));
    let logs = holds(&store);
    assert_eq!(
        logs.iter().map(|log| (log.log, log.own, log.blocks)).collect::<Vec<_>>(),
        [(second, true, 2), (first, true, 2)]
    );
    let parent = logs[0].parent.unwrap();
    assert_eq!((parent.log, parent.blocks, parent.reason), (first, 2, Reason::Restored));
    assert_eq!(logs[1].parent, None);
    assert!(store.devices().unwrap().is_empty(), "an own log is no device's");
}

#[test]
fn people_keep_their_names_and_keys() {
    let disk = filled(&["ann", "ben"]);
    let ann = disk.open().unwrap().subject_ref("ann");
    let mut store = go_on(&disk);
    assert!(store.has_key(ann));
    assert_eq!(store.subject_ref("ann"), ann);
    say(&mut store, "ann");
    let blocks = store.blocks_of_trace("trace-of-ann").unwrap();
    assert_eq!(blocks.len(), 2);
    assert!(blocks.iter().all(|at| store.is_own(*at) && store.open_block(*at).is_ok()));
    let starts: Vec<u64> = store.traces().unwrap().iter().map(|start| start.sequence).collect();
    assert_eq!(starts, [7, 3, 0], "newest first, over all own logs");
}

#[test]
fn erasure_reaches_every_own_log() {
    let disk = filled(&["ann", "ben"]);
    let mut store = go_on(&disk);
    say(&mut store, "ann");
    let (ann, house) = (store.subject_ref("ann"), store.subject_ref("the house"));
    assert_eq!(store.erase(ann, house, Timestamp::from_millis(6)).unwrap(), 2);
    let logs = holds(&store);
    assert_eq!((logs[0].erased, logs[1].erased), (3, 3));
    drop(store);
    assert!(!disk.open().unwrap().has_key(ann));
    holds(&disk.open().unwrap());
}

#[test]
fn a_chain_of_logs() {
    let disk = three_logs();
    let store = disk.open().unwrap();
    let logs = holds(&store);
    let own = store.own_logs();
    assert_eq!(
        logs.iter().map(|log| log.parent.map(|parent| parent.log)).collect::<Vec<_>>(),
        [Some(own[1]), Some(own[0]), None]
    );
    assert_eq!(store.next_sequence(), 14);
}

#[test]
fn two_copies_come_to_two_logs() {
    let disk = filled(&["ann"]);
    let copy = Disk { keys: Default::default(), ..disk.fork() };
    copy.keys.clone().write(0, &disk.keys.clone().read().unwrap()).unwrap();
    let (one, other) = (go_on(&disk), go_on(&copy));
    assert_ne!(one.log_id(), other.log_id());
    let seen = other.checkpoints().unwrap();
    let (log, note) = seen.iter().find(|(log, _)| *log == other.log_id()).unwrap();
    assert_eq!(one.standing(*log, note).unwrap(), Ok(Standing::Behind { seen: 1, here: 0 }));
}

#[test]
fn devices_logs_go_on_beside_several_own_ones() {
    let mut device = Device::new();
    let (disk, mut store) = enrolled(&device);
    let first = device.block("one");
    accept(&mut store, &device, &first).unwrap();
    say(&mut store, "ann");
    drop(store);
    let mut store = go_on(&disk);
    let log = device.tree.log_id();
    assert_eq!(store.devices().unwrap(), [log]);
    let second = device.block("two");
    assert_eq!(accept(&mut store, &device, &second).unwrap(), Accepted::Block(1));
    let root = [43; 32];
    let other = store.enrol(&Key::new(root)).unwrap();
    assert_eq!(store.devices().unwrap(), [log, other]);
    assert!(matches!(store.enrol(&Key::new([7; 32])), Err(StoreError::OwnLog)));
    for own in store.own_logs() {
        let mut header = first.clone();
        header.0[8..40].copy_from_slice(&own.0);
        let frame = activemirror_core::log::stream::Frame::Block { header: &header.0, stored: &header.1 };
        assert!(matches!(store.accept(Some(own), &frame), Err(DeviceError::Own)));
    }
    assert_eq!(holds(&store).len(), 4);
    drop(store);
    assert_eq!(disk.open().unwrap().devices().unwrap(), [log, other]);
}

/// Where each log lies in the table of logs.
const NUMBERS: [u32; 3] = [0, 1, 2];

#[test]
fn a_closed_log_that_lost_its_end() {
    let disk = three_logs();
    let own = disk.open().unwrap().own_logs();
    let cut = fault(&disk, |transaction| {
        transaction.open_table(HEADERS).unwrap().remove((0, 1)).unwrap();
        transaction.open_table(PAYLOADS).unwrap().remove((0, 1)).unwrap();
        transaction.open_table(CHECKPOINTS).unwrap().remove(0).unwrap();
    });
    assert_eq!(cut.map(|(log, _)| log), Some(own[1]), "its successor does not follow any more");
    let payload = fault(&disk, |transaction| {
        transaction.open_table(PAYLOADS).unwrap().remove((0, 1)).unwrap();
    });
    assert_eq!(payload, Some((own[0], Fault { block: 1, what: Wrong::Missing })));
}

#[test]
fn a_closed_log_that_was_gone_on_with() {
    let disk = filled(&["ann", "ben"]);
    let longer = disk.fork();
    let keys = Disk { keys: Default::default(), ..longer };
    keys.keys.clone().write(0, &disk.keys.clone().read().unwrap()).unwrap();
    say(&mut keys.open().unwrap(), "ann");
    drop(go_on(&disk));
    let (header, payload) = stored(&keys, 2);
    let note = keys.open().unwrap().checkpoints().unwrap()[0].1.clone();
    let found = fault(&disk, |transaction| {
        transaction.open_table(HEADERS).unwrap().insert((0, 2), &*header).unwrap();
        transaction.open_table(PAYLOADS).unwrap().insert((0, 2), &*payload).unwrap();
        transaction.open_table(CHECKPOINTS).unwrap().insert(0, &*note).unwrap();
    });
    let second = disk.open().unwrap().log_id();
    assert_eq!(
        found.map(|(log, fault)| (log, fault.block)),
        Some((second, 0)),
        "it does not follow any more"
    );
}

#[test]
fn a_log_struck_from_the_list() {
    let disk = three_logs();
    for number in NUMBERS {
        let disk = disk.fork();
        disk.change(|transaction| {
            transaction.open_table(LOGS).unwrap().remove(number).unwrap();
        });
        match (number, disk.open()) {
            (0, Ok(store)) => drop(holds(&store)),
            (0, Err(error)) => panic!("{error}"),
            (_, Err(StoreError::LogMissing(_))) => {}
            (_, other) => panic!("{number}: {other:?}"),
        }
    }
}

#[test]
fn an_older_keys_file_is_told() {
    let disk = filled(&["ann"]);
    disk.open().unwrap().ensure_subject("the house").unwrap();
    let older = disk.keys.clone().read().unwrap();
    drop(go_on(&disk));
    let old = Disk { keys: Default::default(), ..disk.fork() };
    old.keys.clone().write(0, &older).unwrap();
    assert!(matches!(old.open(), Err(StoreError::KeysDamaged(what)) if what.contains("written")));
}

#[test]
fn an_older_log_under_newer_keys_is_told() {
    let disk = filled(&["ann"]);
    let old = disk.fork();
    let second = go_on(&disk).log_id();
    assert!(matches!(old.open(), Err(StoreError::LogMissing(log)) if log == second));
}

#[test]
fn any_byte_of_a_later_logs_slot() {
    let disk = filled(&["ann"]);
    drop(go_on(&disk));
    disk.open().unwrap().ensure_subject("somebody else").unwrap();
    let keys = disk.keys.clone().read().unwrap();
    let (slots, _) = keys.as_chunks::<128>();
    let slot = slots.iter().position(|slot| slot[0] == 4).unwrap();
    for at in slot * 128..(slot + 1) * 128 {
        let changed = Disk { keys: Default::default(), ..disk.fork() };
        changed.keys.clone().write(0, &keys).unwrap();
        changed.keys.clone().write(at as u64, &[keys[at] ^ 1 << (at % 8)]).unwrap();
        match changed.open() {
            Ok(store) => assert_eq!(holds(&store).len(), 2, "byte {at}"),
            Err(StoreError::KeysDamaged(_)) => {}
            Err(error) => panic!("byte {at}: {error}"),
        }
    }
}

#[test]
fn a_branch_is_another_log_of_the_same_people() {
    let tree = KeyTree::new(&Key::new([7; 32]));
    let (one, other) = (tree.branch(&[1; 16]), tree.branch(&[2; 16]));
    assert_ne!(one.log_id(), other.log_id());
    assert_ne!(one.log_id(), tree.log_id());
    assert_eq!(one.branch(&[2; 16]).log_id(), other.log_id(), "a branch's branch is the tree's");
    assert_eq!(one.subject_ref("ann"), tree.subject_ref("ann"));
    assert_eq!(one.structure().expose(), tree.structure().expose());
    assert_eq!(one.fingerprint(), tree.fingerprint());
}

#[test]
fn a_parent_that_is_another_than_is_named() {
    let (disk, other) = (three_logs(), three_logs());
    let meta = |disk: &Disk| {
        use redb::ReadableDatabase;
        let database = disk.tables();
        let transaction = database.begin_read().unwrap();
        let meta = transaction.open_table(META).unwrap();
        meta.get("own").unwrap().unwrap().value().to_vec()
    };
    assert_ne!(meta(&disk), meta(&other));
    // The first log of another copy: the same device, the same people, other salts.
    let (header, payload) = stored(&other, 1);
    let first = disk.open().unwrap().own_logs()[0];
    let found = fault(&disk, |transaction| {
        transaction.open_table(HEADERS).unwrap().insert((0, 1), &*header).unwrap();
        transaction.open_table(PAYLOADS).unwrap().insert((0, 1), &*payload).unwrap();
        transaction.open_table(CHECKPOINTS).unwrap().remove(0).unwrap();
    });
    assert_eq!(found.map(|(log, _)| log), Some(first));
}
