//! Blocks that move through the tiers: they open into the same records wherever they are, and the log
//! goes on to hold.

use std::sync::Arc;

use activemirror_core::log::reader::EntryBody;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Notice, Reason};
use activemirror_store::{ColdError, ColdFault, Fact, HoldOn, Report, Scope, Store, StoreError, Tier, Wrong};

use crate::shelf::{Mood, Shelf, TRACE, at, author, cool, units, warm};
use crate::world::{Disk, filled, say, trace_of};

const PEOPLE: [&str; 5] = ["ann", "ben", "cleo", "ann", "dora"];

/// The records of the first blocks, as text.
pub(crate) fn records(store: &Store, blocks: u64) -> Vec<String> {
    let of = |block| {
        let open = store.open_block(at(block)).unwrap();
        open.entries().unwrap().iter().map(|entry| format!("{entry:?}")).collect::<Vec<_>>()
    };
    (0..blocks).flat_map(of).collect()
}

#[track_caller]
pub(crate) fn holds(store: &Store) -> Report {
    store.verify(Scope::Structure, || ()).unwrap();
    let report = store.verify(Scope::Everything, || ()).unwrap();
    assert_eq!(report.fault().map(|(_, fault)| fault.clone()), None);
    report
}

fn with_shelf(disk: &Disk) -> (Store, Shelf) {
    let (store, shelf) = (disk.open().unwrap(), Shelf::default());
    store.attach_cold(Arc::new(shelf.clone()));
    (store, shelf)
}

#[test]
fn blocks_come_back_from_every_tier_as_they_were() {
    let disk = filled(&PEOPLE);
    let (store, shelf) = with_shelf(&disk);
    let before = records(&store, 5);
    warm(&store, 3);
    assert_eq!(units(&store, Tier::Warm)[0].blocks, 3);
    assert_eq!(records(&store, 5), before);
    holds(&store);
    cool(&store);
    assert_eq!(shelf.names().len(), 1);
    assert_eq!(records(&store, 5), before);
    drop(store);
    // Another process has nothing in memory.
    let store = disk.open().unwrap();
    store.attach_cold(Arc::new(shelf));
    assert_eq!(records(&store, 5), before);
    let log = holds(&store).logs.remove(0);
    assert_eq!((log.blocks, log.recomputed, log.cold, log.gone), (5, 15, 0, 0));
    say(&mut { store }, "emil");
}

#[test]
fn a_pack_is_smaller_than_its_blocks() {
    let disk = filled(&["ann"; 40]);
    let store = disk.open().unwrap();
    let hot = store.stored_bytes().unwrap();
    warm(&store, 40);
    let packed = store.stored_bytes().unwrap();
    assert!(packed * 5 < hot, "{packed} of {hot}");
}

#[test]
fn a_loose_pack_is_packed_again_with_what_follows() {
    let disk = filled(&PEOPLE);
    let store = disk.open().unwrap();
    let before = records(&store, 5);
    warm(&store, 2);
    let all = store.units().unwrap();
    assert_eq!(store.pack(&all).unwrap(), 4, "one pack and three blocks");
    assert_eq!(units(&store, Tier::Warm)[0].blocks, 5);
    assert_eq!(records(&store, 5), before);
    holds(&store);
    let all = store.units().unwrap();
    assert_eq!(store.pack(&all).unwrap(), 1, "what is packed already stays as it is");
}

#[test]
fn what_is_gone_is_said_to_be_gone() {
    let disk = filled(&PEOPLE);
    let (store, _shelf) = with_shelf(&disk);
    let author = author(&store);
    warm(&store, 2);
    store.let_go(&units(&store, Tier::Warm), "by age", &author).unwrap();
    store.let_go(&units(&store, Tier::Hot)[..1], "by size", &author).unwrap();
    for block in 0..3 {
        let gone = store.open_block(at(block)).unwrap_err();
        assert!(
            matches!(gone, StoreError::Gone { block: said, since } if said == block && since == author.time)
        );
    }
    assert!(store.open_block(at(3)).is_ok());
    assert_eq!(store.went(at(2)).unwrap(), Some((author.time, "by size".to_owned())));
    assert_eq!(store.went(at(3)).unwrap(), None);
    let log = holds(&store).logs.remove(0);
    assert_eq!((log.gone, log.blocks), (3, 7));
    let gone = |first, end, rule: &str| Fact::Gone { log: store.log_id(), first, end, rule: rule.to_owned() };
    let facts: Vec<Fact> = store.facts(&author).unwrap().into_iter().map(|(_, fact)| fact).collect();
    assert_eq!(facts, [gone(0, 2, "by age"), gone(2, 3, "by size")]);
    // The index still leads to where the trace was.
    assert_eq!(store.blocks_of_trace(&trace_of("ben")).unwrap(), [at(1)]);
}

#[test]
fn what_the_house_said_is_said_again_before_it_leaves() {
    let disk = filled(&PEOPLE[..2]);
    let (store, _shelf) = with_shelf(&disk);
    let author = author(&store);
    let held = Fact::Held { hold: "h".into(), on: HoldOn::Trace("t".into()), reason: "a letter".into() };
    store.say(&author, &held).unwrap();
    // Gone, packed and gone, cold and gone.
    store.let_go(&units(&store, Tier::Hot), "by age", &author).unwrap();
    warm(&store, 1);
    store.let_go(&units(&store, Tier::Warm), "by age", &author).unwrap();
    warm(&store, 1);
    cool(&store);
    store.let_go(&units(&store, Tier::Cold), "by age", &author).unwrap();
    let facts: Vec<Fact> = store.facts(&author).unwrap().into_iter().map(|(_, fact)| fact).collect();
    assert_eq!(facts[0], held);
    let gone = facts[1..].iter().filter(|fact| matches!(fact, Fact::Gone { .. })).count();
    assert_eq!((facts.len(), gone), (4, 3));
    assert_eq!(holds(&store).logs[0].gone, 5);
    let said = store.blocks_of_trace(TRACE).unwrap();
    let here = said.iter().filter_map(|at| store.open_block(*at).ok());
    let held = |open: &activemirror_core::log::reader::OpenBlock| {
        let entries = open.entries().unwrap();
        entries
            .iter()
            .filter(|entry| matches!(entry.body, EntryBody::Open(Body::Notice(Notice::Held { .. }))))
            .count()
    };
    assert_eq!(here.map(|open| held(&open)).sum::<usize>(), 1, "once");
}

/// What becomes of an object.
type Lie = fn(&mut Vec<u8>);

#[test]
fn a_cold_store_that_fails_names_its_blocks() {
    let disk = filled(&PEOPLE);
    let (store, shelf) = with_shelf(&disk);
    warm(&store, 3);
    cool(&store);
    drop(store);
    let why = |store: &Store| match store.open_block(at(1)) {
        Err(StoreError::Cold { block: 1, why }) => why,
        other => panic!("{other:?}"),
    };
    let reopened = || {
        let store = disk.open().unwrap();
        store.attach_cold(Arc::new(shelf.clone()));
        store
    };
    let store = disk.open().unwrap();
    assert_eq!(why(&store), ColdFault::Nowhere);
    assert_eq!(holds(&store).logs[0].unreached, Some((0, ColdFault::Nowhere)));
    drop(store);
    shelf.fail_from(0, Mood::Silent);
    assert_eq!(why(&reopened()), ColdFault::Store(ColdError::Timeout));
    shelf.fail_from(0, Mood::Refusing);
    assert_eq!(why(&reopened()), ColdFault::Store(ColdError::Refused));
    shelf.heal();
    assert!(reopened().open_block(at(1)).is_ok());
    let lies: [(Lie, ColdFault); 4] = [
        (|object| object[9] ^= 1, ColdFault::Wrong),
        (|object| object.truncate(object.len() - 1), ColdFault::Wrong),
        (|object| object.clear(), ColdFault::Wrong),
        (|object| object.resize(1 << 20, 0), ColdFault::Store(ColdError::TooLarge)),
    ];
    for (lie, due) in lies {
        shelf.change(lie);
        assert_eq!(why(&reopened()), due);
    }
    let report = reopened().verify(Scope::Everything, || ()).unwrap();
    let lost = Wrong::Cold(ColdFault::Store(ColdError::TooLarge));
    assert_eq!(report.fault().map(|(_, fault)| fault.what.clone()), Some(lost));
    shelf.change(|object| object.clear());
    let report = reopened().verify(Scope::Everything, || ()).unwrap();
    assert_eq!(report.fault().map(|(_, fault)| fault.what.clone()), Some(Wrong::Cold(ColdFault::Wrong)));
}

#[test]
fn a_cold_store_that_fails_at_any_call_loses_nothing() {
    for mood in [Mood::Silent, Mood::Refusing] {
        for call in 0.. {
            let disk = filled(&PEOPLE);
            let (store, shelf) = with_shelf(&disk);
            let before = records(&store, 5);
            warm(&store, 2);
            shelf.fail_from(call, mood);
            let unit = units(&store, Tier::Warm)[0];
            let author = author(&store);
            let sent = store.send_cold(&unit).and_then(|sent| store.moved_cold(sent, &author));
            let swept = store.sweep_cold().unwrap();
            let calls = shelf.heal();
            assert_eq!(sent.is_err() || swept.is_err(), calls > call, "{mood:?} from call {call}");
            assert_eq!(records(&store, 5), before, "{mood:?} from call {call}");
            if sent.is_err() {
                cool(&store);
            }
            store.sweep_cold().unwrap().unwrap();
            assert_eq!(shelf.names().len(), 1, "neither lost nor doubled");
            assert_eq!(records(&store, 5), before);
            holds(&store);
            if calls <= call {
                break;
            }
        }
    }
}

#[test]
fn what_no_row_names_is_swept_and_nothing_else() {
    let disk = filled(&PEOPLE);
    let (store, shelf) = with_shelf(&disk);
    warm(&store, 2);
    // Killed between upload and commit.
    store.send_cold(&units(&store, Tier::Warm)[0]).unwrap();
    let own = store.log_id();
    let strange = [format!("{own}/notes.txt"), format!("{own}/x/{own}.pack"), "elsewhere/a.pack".to_owned()];
    strange.iter().for_each(|name| shelf.put_there(name, b"x"));
    drop(store);
    let store = disk.open().unwrap();
    store.attach_cold(Arc::new(shelf.clone()));
    assert_eq!(store.sweep_cold().unwrap(), Ok(1));
    cool(&store);
    assert_eq!(store.sweep_cold().unwrap(), Ok(0));
    // Killed between commit and deletion.
    store.let_go(&units(&store, Tier::Cold), "by age", &author(&store)).unwrap();
    assert_eq!(store.sweep_cold().unwrap(), Ok(1));
    let mut left = shelf.names();
    let mut due = strange.to_vec();
    left.sort();
    due.sort();
    assert_eq!(left, due);
}

#[test]
fn what_is_on_its_way_is_not_swept() {
    let disk = filled(&PEOPLE);
    let (store, shelf) = with_shelf(&disk);
    warm(&store, 2);
    let sent = store.send_cold(&units(&store, Tier::Warm)[0]).unwrap();
    assert_eq!(store.sweep_cold().unwrap(), Ok(0));
    assert!(store.moved_cold(sent, &author(&store)).unwrap());
    assert_eq!(store.sweep_cold().unwrap(), Ok(0));
    assert_eq!(shelf.names().len(), 1);
    holds(&store);
}

/// Goes on in another log.
fn going_on(store: Store, reason: Reason, shelf: &Shelf) -> Store {
    let house = store.ensure_subject("namespace").unwrap();
    let store = store.go_on(reason, house, Timestamp::from_millis(5)).unwrap();
    store.attach_cold(Arc::new(shelf.clone()));
    store
}

#[test]
fn what_an_earlier_own_log_put_there_is_found() {
    let disk = filled(&PEOPLE);
    let (store, shelf) = with_shelf(&disk);
    let before = records(&store, 5);
    warm(&store, 2);
    cool(&store);
    let left = shelf.names();
    let mut store = going_on(store, Reason::Restored, &shelf);
    assert_eq!(records(&store, 5), before);
    say(&mut store, "emil");
    warm(&store, 3);
    cool(&store);
    drop(store);
    let store = disk.open().unwrap();
    store.attach_cold(Arc::new(shelf.clone()));
    assert_eq!(records(&store, 5), before);
    assert_eq!(holds(&store).logs.iter().map(|log| log.cold).sum::<u64>(), 0);
    // Another copy may still name what the log before it put there.
    let gone: Vec<_> = store.units().unwrap().into_iter().filter(|unit| unit.tier == Tier::Cold).collect();
    store.let_go(&gone, "by age", &author(&store)).unwrap();
    assert_eq!(store.sweep_cold().unwrap(), Ok(1));
    assert_eq!(shelf.names(), left);
}

#[test]
fn what_the_damaged_store_put_there_is_swept_by_the_one_in_its_place() {
    let disk = filled(&PEOPLE);
    let (store, shelf) = with_shelf(&disk);
    warm(&store, 2);
    cool(&store);
    let store = going_on(store, Reason::Repaired, &shelf);
    assert_eq!(store.sweep_cold().unwrap(), Ok(0));
    let gone = units(&store, Tier::Cold);
    store.let_go(&gone, "by age", &author(&store)).unwrap();
    drop(store);
    let store = disk.open().unwrap();
    store.attach_cold(Arc::new(shelf.clone()));
    assert_eq!(store.sweep_cold().unwrap(), Ok(1));
    assert_eq!(shelf.names().len(), 0);
}

#[test]
fn an_object_that_is_there_already_is_neither_doubled_nor_trusted() {
    let disk = filled(&PEOPLE);
    let (store, shelf) = with_shelf(&disk);
    warm(&store, 2);
    let unit = units(&store, Tier::Warm)[0];
    store.send_cold(&unit).unwrap();
    shelf.change(|object| object[40] ^= 1);
    let names = shelf.names();
    // Salts are random, so another name is due; one that lies there under the right name is refused.
    store.send_cold(&unit).unwrap();
    assert_eq!(shelf.names().len(), 2);
    assert!(shelf.names().contains(&names[0]));
}

#[test]
fn nothing_of_a_conversation_is_readable_in_the_cold_store() {
    let disk = filled(&PEOPLE);
    let (store, shelf) = with_shelf(&disk);
    warm(&store, 5);
    cool(&store);
    let bytes = shelf.bytes();
    let texts = [crate::world::TEXT, crate::world::AGENT, crate::world::ACTION, "ann", "cleo"];
    for text in texts.iter().filter(|text| text.len() > 4) {
        assert!(!bytes.windows(text.len()).any(|window| window == text.as_bytes()), "{text}");
    }
    assert!(shelf.names().iter().all(|name| !name.contains("ann")));
}
