//! Erasing somebody whose content moved: in packs it goes at once; in the cold store no key opens it
//! from then on, whether or not the cold store can be reached, and everybody else's records hold.

use std::sync::Arc;

use activemirror_core::log::reader::EntryBody;
use activemirror_core::time::Timestamp;
use activemirror_store::{Store, StoreError, Tier};

use crate::shelf::{Mood, Shelf, cool, units, warm};
use crate::tiers::holds;
use crate::world::{Disk, filled, say, trace_of};

const PEOPLE: [&str; 4] = ["ann", "ben", "ann", "cleo"];

fn erase(store: &Store, person: &str) -> Result<usize, StoreError> {
    let by = store.ensure_subject("namespace").unwrap();
    store.erase(store.subject_ref(person), by, Timestamp::from_millis(9))
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

fn opened(disk: &Disk, shelf: &Shelf) -> Store {
    let store = disk.open().unwrap();
    store.attach_cold(Arc::new(shelf.clone()));
    store
}

#[test]
fn somebody_in_a_pack() {
    let disk = filled(&PEOPLE);
    let mut store = disk.open().unwrap();
    warm(&store, 4);
    assert_eq!(readable(&store, "ann"), (6, 0), "and it is in memory now");
    assert_eq!(erase(&store, "ann").unwrap(), 2);
    assert_eq!((readable(&store, "ann"), readable(&store, "ben")), ((0, 6), (3, 0)));
    say(&mut store, "ann");
    let loose = store.units().unwrap();
    store.pack(&loose).unwrap();
    assert_eq!(readable(&store, "ann"), (3, 6), "who came back is there in two ways");
    assert_eq!(erase(&store, "ann").unwrap(), 3, "of one pack");
    assert_eq!(readable(&store, "ann"), (0, 9));
    holds(&store);
}

#[test]
fn somebody_in_the_cold_store_that_cannot_be_reached() {
    let (disk, shelf) = (filled(&PEOPLE), Shelf::default());
    let mut store = opened(&disk, &shelf);
    warm(&store, 3);
    cool(&store);
    let before = shelf.names();
    shelf.fail_from(0, Mood::Silent);
    assert_eq!(erase(&store, "ann").unwrap(), 2);
    assert!(store.renew_cold().is_err());
    assert_eq!(store.stale_cold().unwrap(), 1);
    // They come back while their old content is still there, sealed under a key that is gone.
    say(&mut store, "ann");
    shelf.heal();
    drop(store);
    let store = opened(&disk, &shelf);
    assert_eq!((readable(&store, "ann"), readable(&store, "ben")), ((3, 6), (3, 0)));
    let log = holds(&store).logs.remove(0);
    assert_eq!((log.erased, log.cold), (6, 0));
    assert_eq!(store.renew_cold().unwrap(), 1);
    assert_eq!((store.stale_cold().unwrap(), shelf.names().len()), (0, 2));
    store.sweep_cold().unwrap().unwrap();
    assert_eq!(shelf.names().len(), 1);
    assert!(!shelf.names().contains(&before[0]), "the old object is gone");
    drop(store);
    let store = opened(&disk, &shelf);
    assert_eq!((readable(&store, "ann"), readable(&store, "ben")), ((3, 6), (3, 0)));
    holds(&store);
    assert_eq!(store.renew_cold().unwrap(), 0);
}

#[test]
fn renewing_fails_at_any_call() {
    for call in 0.. {
        let (disk, shelf) = (filled(&PEOPLE), Shelf::default());
        let store = opened(&disk, &shelf);
        warm(&store, 4);
        cool(&store);
        erase(&store, "ann").unwrap();
        shelf.fail_from(call, Mood::Refusing);
        let renewed = store.renew_cold();
        let calls = shelf.heal();
        assert_eq!(renewed.is_err(), calls > call);
        drop(store);
        let store = opened(&disk, &shelf);
        assert_eq!((readable(&store, "ann"), readable(&store, "cleo")), ((0, 6), (3, 0)));
        store.renew_cold().unwrap();
        store.sweep_cold().unwrap().unwrap();
        assert_eq!(shelf.names().len(), 1);
        holds(&store);
        if calls <= call {
            break;
        }
    }
}

#[test]
fn an_erasure_while_a_pack_is_on_its_way() {
    let (disk, shelf) = (filled(&PEOPLE), Shelf::default());
    let store = opened(&disk, &shelf);
    warm(&store, 4);
    let author = crate::shelf::author(&store);
    let sent = store.send_cold(&units(&store, Tier::Warm)[0]).unwrap();
    erase(&store, "ann").unwrap();
    assert!(!store.moved_cold(sent, &author).unwrap(), "it has to be sent anew");
    cool(&store);
    store.sweep_cold().unwrap().unwrap();
    assert_eq!(shelf.names().len(), 1);
    assert_eq!(readable(&store, "ann"), (0, 6));
    holds(&store);
}

#[test]
fn somebody_whose_blocks_went() {
    let disk = filled(&PEOPLE);
    let store = disk.open().unwrap();
    let author = crate::shelf::author(&store);
    store.let_go(&units(&store, Tier::Hot)[..3], "by age", &author).unwrap();
    assert_eq!(erase(&store, "ann").unwrap(), 0);
    assert_eq!(holds(&store).logs[0].gone, 3);
}
