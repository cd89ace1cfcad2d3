//! With the store's files and without the device key, nothing of any conversation can be read.

use redb::{ReadableDatabase, ReadableTable, TableHandle};

use crate::world::{ACTION, AGENT, DATE, Disk, INTENT, TEXT, filled, trace_of};

const PEOPLE: [&str; 3] = ["mara.lindqvist", "user-48213", "jean-baptiste"];

/// What must not be found: texts, names, ids, and pieces of them.
fn secrets() -> Vec<String> {
    let fixed = [TEXT, ACTION, INTENT, AGENT, DATE, "mara@example.org", "kettle", "refund", "dob"];
    let people = PEOPLE.iter().flat_map(|person| [(*person).to_owned(), trace_of(person)]);
    fixed.into_iter().map(str::to_owned).chain(people).collect()
}

#[track_caller]
fn holds_nothing(what: &str, bytes: &[u8]) {
    for secret in secrets() {
        let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "{what} holds {secret:?} in clear");
    }
}

#[test]
fn no_table_tells_anything() {
    let disk = filled(&PEOPLE);
    let store = disk.open().unwrap();
    crate::shelf::warm(&store, 2);
    let hot = crate::shelf::units(&store, activemirror_store::Tier::Hot);
    store.let_go(&hot[..1], "by age", &crate::shelf::author(&store)).unwrap();
    drop(store);
    let database = disk.tables();
    let transaction = database.begin_read().unwrap();
    let tables: Vec<String> =
        transaction.list_tables().unwrap().map(|table| table.name().to_owned()).collect();
    let multimaps = transaction.list_multimap_tables().unwrap().count();
    assert_eq!((tables.len(), multimaps), (9, 1), "a new table has to be looked at here: {tables:?}");
    for row in transaction.open_table(crate::world::HEADERS).unwrap().iter().unwrap() {
        holds_nothing("a header", row.unwrap().1.value());
    }
    for row in transaction.open_table(crate::world::PAYLOADS).unwrap().iter().unwrap() {
        holds_nothing("a block", row.unwrap().1.value());
    }
    for row in transaction.open_table(crate::world::ZONES).unwrap().iter().unwrap() {
        holds_nothing("a zone", row.unwrap().1.value());
    }
    for row in transaction.open_table(crate::world::CHECKPOINTS).unwrap().iter().unwrap() {
        holds_nothing("a checkpoint", row.unwrap().1.value().as_bytes());
    }
    for row in transaction.open_table(crate::world::META).unwrap().iter().unwrap() {
        holds_nothing("the metadata", row.unwrap().1.value());
    }
    let traces = redb::TableDefinition::<(u32, u64), &[u8; 16]>::new("traces");
    for row in transaction.open_table(traces).unwrap().iter().unwrap() {
        holds_nothing("the list of traces", row.unwrap().1.value());
    }
    let logs = redb::TableDefinition::<u32, &[u8; 32]>::new("logs");
    for row in transaction.open_table(logs).unwrap().iter().unwrap() {
        holds_nothing("the list of logs", row.unwrap().1.value());
    }
    let packs = redb::TableDefinition::<(u32, u64, u32), &[u8]>::new("packs");
    for row in transaction.open_table(packs).unwrap().iter().unwrap() {
        holds_nothing("a pack", row.unwrap().1.value());
    }
    let spans = redb::TableDefinition::<(u32, u64), &[u8]>::new("spans");
    for row in transaction.open_table(spans).unwrap().iter().unwrap() {
        holds_nothing("where moved blocks are", row.unwrap().1.value());
    }
    let index = redb::MultimapTableDefinition::<&[u8; 16], (u32, u64)>::new("index");
    use redb::ReadableMultimapTable;
    for row in transaction.open_multimap_table(index).unwrap().iter().unwrap() {
        holds_nothing("the index", row.unwrap().0.value());
    }
}

#[test]
fn no_byte_of_the_files_tells_anything() {
    let disk = filled(&PEOPLE);
    holds_nothing("the log's file", &disk.bytes());
    let keys = activemirror_store::Medium::read(&mut disk.keys.clone()).unwrap();
    holds_nothing("the file of subject keys", &keys);
}

#[test]
fn equal_words_of_two_people_look_different() {
    let disk = filled(&["ann", "ben"]);
    let database = disk.tables();
    let payloads = database.begin_read().unwrap().open_table(crate::world::PAYLOADS).unwrap();
    let one = payloads.get((0, 0)).unwrap().unwrap().value().to_vec();
    let other = payloads.get((0, 1)).unwrap().unwrap().value().to_vec();
    let shared = one.windows(12).filter(|window| other.windows(12).any(|theirs| theirs == *window)).count();
    assert_eq!(shared, 0, "{shared} runs of twelve bytes stand in both blocks");
}

#[test]
fn the_keyed_hashes_of_two_devices_differ() {
    let (one, other) = (Disk::default(), Disk::default());
    let here = one.open_with([1; 32]).unwrap().subject_ref("ann");
    let there = other.open_with([2; 32]).unwrap().subject_ref("ann");
    assert_ne!(here, there, "whoever knows a name could find it in a stranger's store");
}
