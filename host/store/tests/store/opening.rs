//! Opening: never an empty store where there is one, never a damaged one after a failure.

use std::fs;

use activemirror_store::{Medium, Memory, Store, StoreError};

use crate::world::{Disk, META, filled, options};

#[test]
fn another_device_key_opens_nothing_and_changes_nothing() {
    let disk = filled(&["ann"]);
    let before = disk.bytes();
    assert!(matches!(disk.open_with([8; 32]), Err(StoreError::WrongKey)));
    assert!(disk.bytes() == before, "not a byte changed");
    assert_eq!(disk.open().unwrap().block_count(), 1);
}

#[test]
fn a_store_without_its_keys_is_not_empty() {
    let disk = Disk { keys: Memory::default(), ..filled(&["ann"]) };
    assert!(matches!(disk.open(), Err(StoreError::KeysMissing)));
}

#[test]
fn keys_without_their_store_are_not_a_new_store() {
    let disk = filled(&["ann"]);
    let lost = Disk { keys: disk.keys.clone(), ..Disk::default() };
    assert!(matches!(lost.open(), Err(StoreError::StoreMissing)));
}

#[test]
fn damaged_keys_are_said_to_be() {
    for (at, expected) in [(0, "begin"), (128, "slot"), (128 + 30, "slot"), (256 + 60, "slot")] {
        let disk = filled(&["ann", "ben", "cleo"]);
        let byte = disk.keys.clone().read().unwrap()[at];
        disk.keys.clone().write(at as u64, &[byte ^ 4]).unwrap();
        match disk.open() {
            Err(StoreError::KeysDamaged(what)) => assert!(what.contains(expected), "{what}"),
            other => panic!("byte {at}: {other:?}"),
        }
    }
}

#[test]
fn a_slot_that_power_cut_off_was_never_needed() {
    let disk = filled(&["ann"]);
    let end = disk.keys.clone().read().unwrap().len() as u64;
    disk.keys.clone().write(end, &[1, 0, 0]).unwrap();
    let mut store = disk.open().unwrap();
    crate::world::say(&mut store, "ben");
    drop(store);
    assert_eq!(disk.open().unwrap().subjects().0.len(), 2);
}

#[test]
fn a_newer_format_is_refused_by_its_number() {
    let disk = filled(&["ann"]);
    let set_format = |format: u32| {
        disk.change(|transaction| {
            transaction.open_table(META).unwrap().insert("format", format.to_le_bytes().as_slice()).unwrap();
        });
    };
    set_format(2);
    assert!(matches!(disk.open(), Err(StoreError::NewerFormat(2))));
    set_format(1);
    let report = disk.open().unwrap().verify(activemirror_store::Scope::Everything, || ()).unwrap();
    assert!(report.fault().is_none(), "nothing was damaged meanwhile");
    assert_eq!(report.logs[0].blocks, 1);
}

#[test]
fn a_held_store_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), options([7; 32])).unwrap();
    assert!(matches!(Store::open(folder.path(), options([7; 32])), Err(StoreError::Held)));
    drop(store);
    Store::open(folder.path(), options([7; 32])).unwrap();
}

#[test]
fn a_file_of_something_else_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(Store::open(folder.path(), options([7; 32])).unwrap());
    fs::write(folder.path().join("log.redb"), b"this was never a store").unwrap();
    assert!(matches!(Store::open(folder.path(), options([7; 32])), Err(StoreError::NotAStore(_))));
    assert_eq!(fs::read(folder.path().join("log.redb")).unwrap(), b"this was never a store");
}

#[test]
fn an_emptied_file_is_not_a_new_store() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path(), options([7; 32])).unwrap();
    crate::world::say(&mut store, "ann");
    drop(store);
    fs::write(folder.path().join("log.redb"), b"").unwrap();
    for _ in 0..2 {
        assert!(matches!(Store::open(folder.path(), options([7; 32])), Err(StoreError::StoreMissing)));
    }
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_the_subjects_keys() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    drop(Store::open(folder.path(), options([7; 32])).unwrap());
    let mode = fs::metadata(folder.path().join("subjects.keys")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn sequences_go_on_after_a_restart() {
    let disk = filled(&["ann", "ben"]);
    let mut store = disk.open().unwrap();
    assert_eq!((store.next_sequence(), store.block_count()), (6, 2));
    crate::world::say(&mut store, "cleo");
    assert_eq!(store.next_sequence(), 9);
}

#[test]
fn a_full_disk_stores_nothing_and_the_store_opens_again() {
    use crate::world::say;
    let full = FullDisk { disk: filled(&["ann"]), room: Default::default() };
    full.room.store(usize::MAX, core::sync::atomic::Ordering::Relaxed);
    let open = || Store::open_on(full.clone(), full.disk.keys.clone(), false, options([7; 32]));
    let mut store = open().unwrap();
    let subject = store.ensure_subject("ben").unwrap();
    full.room.store(0, core::sync::atomic::Ordering::Relaxed);
    let failed = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| say(&mut store, "ben")));
    assert!(failed.is_err(), "the append must fail");
    drop(store);
    full.room.store(usize::MAX, core::sync::atomic::Ordering::Relaxed);
    let mut store = open().unwrap();
    assert_eq!(store.block_count(), 1, "nothing of it was stored");
    assert!(store.subjects().0.contains(&subject));
    say(&mut store, "ben");
    assert_eq!(store.block_count(), 2);
}

/// A disk that takes no more writes once its room is used up.
#[derive(Clone, Debug)]
struct FullDisk {
    disk: Disk,
    room: std::sync::Arc<core::sync::atomic::AtomicUsize>,
}

impl FullDisk {
    fn take(&self) -> std::io::Result<()> {
        match self.room.load(core::sync::atomic::Ordering::Relaxed) {
            0 => Err(std::io::ErrorKind::StorageFull.into()),
            _ => Ok(()),
        }
    }
}

impl activemirror_store::StorageBackend for FullDisk {
    fn len(&self) -> std::io::Result<u64> {
        activemirror_store::StorageBackend::len(&self.disk)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> std::io::Result<()> {
        activemirror_store::StorageBackend::read(&self.disk, offset, out)
    }

    fn set_len(&self, len: u64) -> std::io::Result<()> {
        self.take()?;
        self.disk.set_len(len)
    }

    fn sync_data(&self) -> std::io::Result<()> {
        self.disk.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> std::io::Result<()> {
        self.take()?;
        activemirror_store::StorageBackend::write(&self.disk, offset, data)
    }
}
