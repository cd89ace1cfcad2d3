//! Opening: never an empty store where there is one, never a damaged one after a failure.

use core::sync::atomic::{AtomicBool, Ordering};
use std::fs;
use std::io::{self, ErrorKind};
use std::sync::Arc;

use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Kind, Record, Structure};
use activemirror_store::{Medium, Memory, Scope, StorageBackend, Store, StoreError};

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
    let report = disk.open().unwrap().verify(Scope::Everything, || ()).unwrap();
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
    assert!(matches!(refused_write(ErrorKind::StorageFull), StoreError::Full));
    assert!(matches!(refused_write(ErrorKind::QuotaExceeded), StoreError::Full));
}

#[test]
fn a_read_only_disk_is_said_to_be() {
    assert!(matches!(refused_write(ErrorKind::ReadOnlyFilesystem), StoreError::ReadOnly(_)));
    assert!(matches!(refused_write(ErrorKind::PermissionDenied), StoreError::ReadOnly(_)));
}

/// What an append says while the disk refuses writes so; nothing of it is stored, and the store
/// opens and takes it once the disk does.
#[track_caller]
fn refused_write(kind: ErrorKind) -> StoreError {
    let broken = BrokenDisk { disk: filled(&["ann"]), kind, refuses: Default::default() };
    let open = || Store::open_on(broken.clone(), broken.disk.keys.clone(), false, options([7; 32]));
    let store = open().unwrap();
    let subject = store.ensure_subject("ben").unwrap();
    let structure = Structure::new(Kind::System, Timestamp::from_millis(1), subject);
    let record = Record { structure, body: Body::System(rules()) };
    broken.refuses.store(true, Ordering::Relaxed);
    let error = store.append([&record]).unwrap_err();
    drop(store);
    broken.refuses.store(false, Ordering::Relaxed);
    let store = open().unwrap();
    assert_eq!(store.block_count(), 1, "nothing of it was stored");
    store.append([&record]).unwrap();
    let report = store.verify(Scope::Everything, || ()).unwrap();
    assert_eq!((report.logs[0].blocks, report.fault().is_none()), (2, true));
    error
}

/// A disk that refuses writes while it is told to.
#[derive(Clone, Debug)]
struct BrokenDisk {
    disk: Disk,
    kind: ErrorKind,
    refuses: Arc<AtomicBool>,
}

impl BrokenDisk {
    fn take(&self) -> io::Result<()> {
        if self.refuses.load(Ordering::Relaxed) { Err(self.kind.into()) } else { Ok(()) }
    }
}

impl StorageBackend for BrokenDisk {
    fn len(&self) -> io::Result<u64> {
        StorageBackend::len(&self.disk)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        StorageBackend::read(&self.disk, offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.take()?;
        self.disk.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.take()?;
        StorageBackend::write(&self.disk, offset, data)
    }
}

fn rules() -> activemirror_core::trace::Content<'static> {
    activemirror_core::trace::Content { text: Some("the rules of the house"), ..Default::default() }
}

#[test]
fn power_lost_while_the_keys_were_begun() {
    let whole = Disk::default();
    whole.open().unwrap();
    let head = whole.keys.clone().read().unwrap();
    for cut in [1, 8, 20, 40, 127, 128] {
        for first in [true, false] {
            let disk = Disk::default();
            if first {
                disk.keys.clone().write(0, &head[..cut]).unwrap();
            } else {
                disk.keys.clone().write(cut as u64 - 1, &head[cut - 1..]).unwrap();
            }
            disk.open().unwrap();
            assert_eq!(disk.keys.clone().read().unwrap(), head);
        }
    }
    assert!(matches!(
        Store::open_on(Disk::default(), whole.keys, true, options([8; 32])),
        Err(StoreError::WrongKey)
    ));
}

#[test]
fn power_lost_while_the_log_was_made() {
    let disk = Disk::default();
    disk.open().unwrap();
    let whole = disk.bytes();
    for (magic, len) in [(0, 4), (0, 4_096), (0, whole.len()), (3, whole.len()), (8, whole.len())] {
        let mut half = whole[..len].to_vec();
        half[magic..len.min(9)].fill(0);
        *disk.log.lock().unwrap() = half.clone();
        assert_eq!(disk.open().unwrap().block_count(), 0);
        let folder = tempfile::tempdir().unwrap();
        drop(Store::open(folder.path(), options([7; 32])).unwrap());
        fs::write(folder.path().join("log.redb"), half).unwrap();
        assert_eq!(Store::open(folder.path(), options([7; 32])).unwrap().block_count(), 0);
    }
}

#[test]
fn a_log_that_lost_its_beginning_is_not_taken_for_a_new_one() {
    let disk = filled(&["ann"]);
    disk.log.lock().unwrap()[..9].fill(0);
    let before = disk.bytes();
    assert!(matches!(disk.open(), Err(StoreError::NotAStore(_))));
    assert_eq!(disk.bytes(), before);
}

/// A keys' file, and what of it is durable.
struct Lazy(Memory, Memory);

impl Medium for Lazy {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        self.0.read()
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.write(offset, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.1.write(0, &self.0.read()?)
    }
}

#[test]
fn keys_that_a_killed_process_left_are_durable_before_they_are_used() {
    let disk = filled(&["ann", "ben"]);
    let mut durable = Memory::default();
    let keys = Lazy(disk.keys.clone(), durable.clone());
    let store = Store::open_on(disk.clone(), keys, false, options([7; 32])).unwrap();
    assert!(store.has_key(store.subject_ref("ben")));
    assert_eq!(durable.read().unwrap(), disk.keys.clone().read().unwrap());
}
