//! Erasing one person: their content goes, everybody else's stays, and the log still verifies.

use activemirror_core::log::reader::EntryBody;
use activemirror_core::time::Timestamp;
use activemirror_store::{Medium, Scope, Store, StoreError};

use crate::world::{META, filled, say, trace_of};

const PEOPLE: [&str; 3] = ["ann", "ben", "cleo"];

fn erase(store: &mut Store, person: &str) -> Result<usize, StoreError> {
    let by = store.ensure_subject("namespace").unwrap();
    let subject = store.subject_ref(person);
    store.erase(subject, by, Timestamp::from_millis(9))
}

/// How many of a person's records can be read, and how many are erased.
fn readable(store: &Store, person: &str) -> (usize, usize) {
    let (mut open, mut erased) = (0, 0);
    for at in store.blocks_of_trace(&trace_of(person)).unwrap() {
        for entry in store.open_block(at).unwrap().entries().unwrap() {
            match entry.body {
                EntryBody::Open(_) => open += 1,
                EntryBody::Erased(_) => erased += 1,
                EntryBody::Sealed => panic!("a key is missing"),
            }
        }
    }
    (open, erased)
}

#[test]
fn one_person_goes_and_the_others_stay() {
    let disk = filled(&PEOPLE);
    let mut store = disk.open().unwrap();
    assert_eq!(erase(&mut store, "ben").unwrap(), 1);
    drop(store);
    let store = disk.open().unwrap();
    assert_eq!(readable(&store, "ben"), (0, 3));
    assert_eq!(readable(&store, "ann"), (3, 0));
    assert_eq!(readable(&store, "cleo"), (3, 0));
    let report = store.verify(Scope::Everything, || ()).unwrap();
    assert_eq!(report.fault().map(|(_, fault)| fault), None);
    assert_eq!((report.logs[0].erased, report.logs[0].recomputed), (3, 7));
}

#[test]
fn the_key_is_overwritten_where_it_lay() {
    let disk = filled(&PEOPLE);
    let before = disk.keys.clone().read().unwrap();
    erase(&mut disk.open().unwrap(), "ben").unwrap();
    let after = disk.keys.clone().read().unwrap();
    let wrapped = &before[2 * 128 + 24..3 * 128];
    assert!(!after.windows(32).any(|window| wrapped.windows(32).any(|old| old == window)));
}

#[test]
fn a_copy_of_the_keys_from_before_opens_nothing_new() {
    let disk = filled(&PEOPLE);
    erase(&mut disk.open().unwrap(), "ben").unwrap();
    // The sealed content itself is gone from the tables, not only its key.
    let store = disk.open().unwrap();
    assert_eq!(readable(&store, "ben").0, 0);
    assert!(matches!(erase(&mut disk.open().unwrap(), "ben"), Err(StoreError::UnknownSubject(_))));
}

#[test]
fn power_lost_before_the_key_was_destroyed() {
    let disk = filled(&PEOPLE);
    let subject = disk.open().unwrap().subject_ref("ben");
    disk.change(|transaction| {
        transaction.open_table(META).unwrap().insert("erasing", subject.0.as_slice()).unwrap();
    });
    let store = disk.open().unwrap();
    assert_eq!(store.subjects().1, [subject], "the next opening finishes the work");
    drop(store);
    assert_eq!(disk.open().unwrap().subjects().1, [subject], "once");
}

#[test]
fn who_comes_back_gets_a_new_key() {
    let disk = filled(&PEOPLE);
    let mut store = disk.open().unwrap();
    erase(&mut store, "ben").unwrap();
    say(&mut store, "ben");
    drop(store);
    let store = disk.open().unwrap();
    assert_eq!(readable(&store, "ben"), (3, 3));
    assert_eq!(store.verify(Scope::Everything, || ()).unwrap().fault().map(|(_, fault)| fault.clone()), None);
}

#[test]
fn nobody_of_that_name() {
    let disk = filled(&PEOPLE);
    assert!(matches!(erase(&mut disk.open().unwrap(), "zoe"), Err(StoreError::UnknownSubject(_))));
}
