//! Every change to what is stored is noticed, and named by its block.

use activemirror_store::{Fault, Scope, Wrong};
use redb::ReadableDatabase;

use crate::world::{CHECKPOINTS, Disk, HEADERS, PAYLOADS, filled};

const PEOPLE: [&str; 4] = ["ann", "ben", "cleo", "dan"];

/// The first fault that `verify` names after `change`.
fn fault(disk: &Disk, scope: Scope, change: impl FnOnce(&redb::WriteTransaction)) -> Option<Fault> {
    let disk = disk.fork();
    disk.change(change);
    let report = disk.open().unwrap().verify(scope, || ()).unwrap();
    report.fault().map(|(_, fault)| fault.clone())
}

/// A block of the first log: its header and its stored form.
pub(crate) fn stored(disk: &Disk, block: u64) -> (Vec<u8>, Vec<u8>) {
    let database = disk.tables();
    let transaction = database.begin_read().unwrap();
    let header = transaction.open_table(HEADERS).unwrap().get((0, block)).unwrap().unwrap().value().to_vec();
    let payload =
        transaction.open_table(PAYLOADS).unwrap().get((0, block)).unwrap().unwrap().value().to_vec();
    (header, payload)
}

#[test]
fn untouched_it_holds() {
    let disk = filled(&PEOPLE);
    for scope in [Scope::Structure, Scope::Everything] {
        let report = disk.open().unwrap().verify(scope, || ()).unwrap();
        assert_eq!(report.fault().map(|(_, fault)| fault), None);
        assert_eq!((report.logs[0].blocks, report.logs[0].records, report.logs[0].covered), (4, 12, 4));
    }
}

#[test]
fn any_byte_of_any_stored_block() {
    let disk = filled(&PEOPLE);
    for block in 0..PEOPLE.len() as u64 {
        let (_, payload) = stored(&disk, block);
        for at in 0..payload.len() {
            let mut changed = payload.clone();
            changed[at] ^= 1 << (at % 8);
            let found = fault(&disk, Scope::Everything, |transaction| {
                transaction.open_table(PAYLOADS).unwrap().insert((0, block), &*changed).unwrap();
            });
            assert_eq!(found.map(|fault| fault.block), Some(block), "byte {at} of block {block}");
        }
    }
}

#[test]
fn any_byte_of_any_header() {
    let disk = filled(&PEOPLE);
    for (block, scope) in [(0, Scope::Structure), (1, Scope::Everything), (3, Scope::Structure)] {
        let (header, _) = stored(&disk, block);
        for at in 0..header.len() {
            let mut changed = header.clone();
            changed[at] ^= 1 << (at % 8);
            let found = fault(&disk, scope, |transaction| {
                transaction.open_table(HEADERS).unwrap().insert((0, block), &*changed).unwrap();
            });
            assert_eq!(found.map(|fault| fault.block), Some(block), "byte {at} of header {block}");
        }
    }
}

#[test]
fn any_byte_of_the_checkpoint() {
    let disk = filled(&PEOPLE);
    let note = {
        let database = disk.tables();
        let transaction = database.begin_read().unwrap();
        transaction.open_table(CHECKPOINTS).unwrap().get(0).unwrap().unwrap().value().to_owned()
    };
    for (at, byte) in note.bytes().enumerate().filter(|(_, byte)| byte.is_ascii()) {
        let mut changed = note.clone().into_bytes();
        changed[at] = if byte == b'x' { b'y' } else { b'x' };
        let Ok(changed) = String::from_utf8(changed) else { continue };
        let found = fault(&disk, Scope::Everything, |transaction| {
            transaction.open_table(CHECKPOINTS).unwrap().insert(0, &*changed).unwrap();
        });
        assert!(found.is_some(), "byte {at} of the checkpoint");
    }
    let found = fault(&disk, Scope::Structure, |transaction| {
        transaction.open_table(CHECKPOINTS).unwrap().remove(0).unwrap();
    });
    assert_eq!(found.map(|fault| fault.what), Some(Wrong::NoCheckpoint));
}

#[test]
fn the_last_block_dropped() {
    let found = fault(&filled(&PEOPLE), Scope::Structure, |transaction| {
        transaction.open_table(HEADERS).unwrap().remove((0, 3)).unwrap();
        transaction.open_table(PAYLOADS).unwrap().remove((0, 3)).unwrap();
    });
    assert_eq!(found, Some(Fault { block: 3, what: Wrong::Missing }));
}

#[test]
fn two_blocks_swapped() {
    let disk = filled(&PEOPLE);
    let (one, other) = (stored(&disk, 1), stored(&disk, 2));
    let found = fault(&disk, Scope::Structure, |transaction| {
        let mut headers = transaction.open_table(HEADERS).unwrap();
        headers.insert((0, 1), &*other.0).unwrap();
        headers.insert((0, 2), &*one.0).unwrap();
        let mut payloads = transaction.open_table(PAYLOADS).unwrap();
        payloads.insert((0, 1), &*other.1).unwrap();
        payloads.insert((0, 2), &*one.1).unwrap();
    });
    assert_eq!(found, Some(Fault { block: 1, what: Wrong::Misplaced }));
}

#[test]
fn a_payload_in_the_place_of_another() {
    let disk = filled(&PEOPLE);
    let (_, other) = stored(&disk, 2);
    let found = fault(&disk, Scope::Structure, |transaction| {
        transaction.open_table(PAYLOADS).unwrap().insert((0, 1), &*other).unwrap();
    });
    assert_eq!(found.map(|fault| fault.block), Some(1));
}

#[test]
fn an_older_checkpoint_put_back() {
    let disk = filled(&PEOPLE[..2]);
    let note = {
        let database = disk.tables();
        let transaction = database.begin_read().unwrap();
        transaction.open_table(CHECKPOINTS).unwrap().get(0).unwrap().unwrap().value().to_owned()
    };
    crate::world::say(&mut disk.open().unwrap(), "cleo");
    let found = fault(&disk, Scope::Structure, |transaction| {
        transaction.open_table(CHECKPOINTS).unwrap().insert(0, &*note).unwrap();
    });
    assert_eq!(found, Some(Fault { block: 2, what: Wrong::Uncovered }));
}

#[test]
fn a_log_that_another_key_signed() {
    let (disk, other) = (filled(&PEOPLE), filled(&PEOPLE));
    let (header, payload) = stored(&other, 2);
    let found = fault(&disk, Scope::Structure, |transaction| {
        transaction.open_table(HEADERS).unwrap().insert((0, 2), &*header).unwrap();
        transaction.open_table(PAYLOADS).unwrap().insert((0, 2), &*payload).unwrap();
    });
    // The same device, the same words, other salts: only the signed root tells them apart.
    assert_eq!(found.map(|fault| fault.what), Some(Wrong::Root));
}

#[test]
fn a_trace_hidden_from_the_index() {
    let found = fault(&filled(&PEOPLE), Scope::Everything, |transaction| {
        let traces = redb::TableDefinition::<(u32, u64), &[u8; 16]>::new("traces");
        transaction.open_table(traces).unwrap().remove((0, 3)).unwrap();
    });
    assert_eq!(found, Some(Fault { block: 1, what: Wrong::Unindexed }));
}

#[test]
fn a_block_in_another_codec_changes_no_header() {
    use activemirror_core::log::codec::Codec;
    use activemirror_core::log::header::Header;
    use activemirror_core::log::reader::StoredBlock;
    use activemirror_core::vault::{Key, KeyRing, KeyTree, SubjectKey};

    struct Ring(KeyTree, SubjectKey);
    impl KeyRing for Ring {
        fn structure(&self) -> &Key {
            self.0.structure()
        }
        fn subject(&self, _: activemirror_core::trace::SubjectRef) -> Option<&SubjectKey> {
            Some(&self.1)
        }
    }

    let disk = filled(&PEOPLE[..1]);
    let tree = KeyTree::new(&Key::new([7; 32]));
    let subject = tree.subject_ref("ann");
    let slots = activemirror_store::Medium::read(&mut disk.keys.clone()).unwrap();
    let wrapped: &[u8; 104] = slots[128 + 24..256].try_into().unwrap();
    let ring = Ring(KeyTree::new(&Key::new([7; 32])), tree.unwrap(subject, wrapped).unwrap());
    let (header, payload) = stored(&disk, 0);
    let parsed = Header::from_bytes(&header).unwrap();
    let block = StoredBlock::read(&parsed, &payload).unwrap();
    assert_eq!(block.codec(), Codec::Columns);
    let recoded = block
        .recode(Codec::Rows, &parsed, &ring, || {
            let mut salt = [0; 24];
            assert!(crate::world::entropy(&mut salt));
            salt
        })
        .unwrap();
    assert_ne!(recoded, payload);
    let found = fault(&disk, Scope::Everything, |transaction| {
        transaction.open_table(PAYLOADS).unwrap().insert((0, 0), &*recoded).unwrap();
    });
    assert_eq!(found, None, "the header that was signed commits the recoded block just as well");
}

#[test]
fn an_emptied_store() {
    let disk = filled(&PEOPLE);
    let found = fault(&disk, Scope::Everything, |transaction| {
        transaction.open_table(HEADERS).unwrap().retain(|_, _| false).unwrap();
        transaction.open_table(PAYLOADS).unwrap().retain(|_, _| false).unwrap();
        transaction.open_table(CHECKPOINTS).unwrap().retain(|_, _| false).unwrap();
    });
    assert_eq!(found, Some(Fault { block: 0, what: Wrong::Missing }));
}

#[test]
fn the_own_log_struck_from_the_list() {
    let disk = filled(&PEOPLE);
    let (_, mut payload) = stored(&disk, 0);
    payload[9] ^= 1;
    let found = fault(&disk, Scope::Structure, |transaction| {
        let logs = redb::TableDefinition::<u32, &[u8; 32]>::new("logs");
        transaction.open_table(logs).unwrap().remove(0).unwrap();
        transaction.open_table(PAYLOADS).unwrap().insert((0, 0), &*payload).unwrap();
    });
    assert_eq!(found.map(|fault| fault.block), Some(0));
}

#[test]
fn records_hidden_from_the_index() {
    let found = fault(&filled(&PEOPLE), Scope::Everything, |transaction| {
        let index = redb::MultimapTableDefinition::<&[u8; 16], (u32, u64)>::new("index");
        let mut index = transaction.open_multimap_table(index).unwrap();
        use redb::ReadableMultimapTable;
        let keys: Vec<[u8; 16]> = index.iter().unwrap().map(|row| *row.unwrap().0.value()).collect();
        for key in keys {
            index.remove(&key, (0, 2)).unwrap();
        }
    });
    assert_eq!(found, Some(Fault { block: 2, what: Wrong::Unindexed }));
}
