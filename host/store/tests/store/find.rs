//! Finding records: what stays closed, what is opened, what cannot be read, and who sees what.

use core::ops::ControlFlow;

use activemirror_core::filter::{Compare, Filter, Kinds, Name, Shown, Sieve, Test, Words};
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Content, Kind, Mark, Place, Record, Structure};
use activemirror_store::{Explain, Found, FoundBody, Order, Scope, Search, Store, Wrong};
use redb::ReadableTable;

use crate::world::{ACTION, AGENT, Disk, INTENT, PAYLOADS, TEXT, ZONES, filled, trace_of};

const PEOPLE: [&str; 4] = ["ann", "ben", "cleo", "dan"];

fn kinds(kinds: &[Kind]) -> Filter {
    Filter::of(Kinds::of(kinds))
}

fn says(text: &str) -> Filter {
    Test::Text(Words::Contains(text.to_owned())).into()
}

/// Oldest first, all of them, as little of each as need be.
const ALL: (Order, Option<u64>, bool) = (Order::OldestFirst, None, false);

/// Everything that passes, by sequence, and how it was found.
fn find(store: &Store, filter: &Filter) -> (Vec<u64>, Explain) {
    let mut found = Vec::new();
    let explain = search(store, filter, ALL, &mut |record| {
        found.push(record.sequence);
        ControlFlow::Continue(())
    });
    (found, explain)
}

fn search(
    store: &Store,
    filter: &Filter,
    (order, limit, content): (Order, Option<u64>, bool),
    each: &mut dyn FnMut(&Found<'_>) -> ControlFlow<()>,
) -> Explain {
    let sieve = Sieve::new(filter).unwrap();
    let search = Search {
        sieve: &sieve,
        order,
        limit,
        content,
        show: &|structure, content| Shown::masked(structure, content, &|_| None),
    };
    store.find(&search, each).unwrap()
}

#[test]
fn blocks_stay_closed_that_cannot_hold_what_is_wanted() {
    let disk = filled(&PEOPLE);
    let store = disk.open().unwrap();
    #[track_caller]
    fn check(store: &Store, filter: &Filter, found: &[u64], left_out: [u64; 3], opened: [u64; 2]) {
        let (sequences, explain) = find(store, filter);
        assert_eq!(sequences, found, "{filter:?}");
        let by = [explain.ruled_out_by_index, explain.ruled_out_by_header, explain.ruled_out_by_zone];
        assert_eq!((by, [explain.opened, explain.unsealed]), (left_out, opened), "{filter:?}\n{explain}");
        assert_eq!(explain.blocks, by.iter().sum::<u64>() + explain.opened);
        assert_eq!(explain.matched, found.len() as u64);
    }
    check(&store, &Filter::named(Name::Trace, &trace_of("ben")), &[3, 4, 5], [3, 0, 0], [1, 0]);
    check(&store, &Filter::named(Name::Session, "cleo").and(kinds(&[Kind::Action])), &[8], [3, 0, 0], [1, 0]);
    check(
        &store,
        &Filter::named(Name::Agent, AGENT).and(kinds(&[Kind::TraceStart])),
        &[0, 3, 6, 9],
        [0, 0, 0],
        [4, 0],
    );
    check(&store, &Filter::named(Name::Agent, "another"), &[], [4, 0, 0], [0, 0]);
    check(&store, &Test::Sequence(Compare::Equal, 7).into(), &[7], [0, 3, 0], [1, 0]);
    let late = Test::Time(Compare::More, Timestamp::from_millis(1_002));
    check(&store, &late.into(), &[], [0, 4, 0], [0, 0]);
    check(
        &store,
        &Filter::named(Name::Intent, INTENT).and(Filter::named(Name::Action, ACTION)),
        &[2, 5, 8, 11],
        [0; 3],
        [4, 0],
    );
    check(&store, &Filter::named(Name::Intent, "another"), &[], [0, 0, 4], [0, 0]);
    check(&store, &kinds(&[Kind::Verdict, Kind::Finding]), &[], [0, 0, 4], [0, 0]);
    check(&store, &Test::Confidence(Compare::Less, 0.5).into(), &[], [0, 0, 4], [0, 0]);
    check(&store, &says("KETTLE").and(Filter::named(Name::Session, "dan")), &[10], [3, 0, 0], [1, 1]);
    check(&store, &says("teapot"), &[], [0, 0, 0], [4, 4]);
    check(&store, &says("kettle").and(Filter::named(Name::Intent, "another")), &[], [0, 0, 4], [0, 0]);
}

/// Four people in one block, a record each.
fn in_one_block() -> (Disk, Store) {
    let disk = Disk::default();
    let store = disk.open().unwrap();
    let text = |person: &str| format!("{person} says hello");
    let texts = PEOPLE.map(text);
    let records = PEOPLE.iter().zip(&texts).zip(0..).map(|((person, text), time)| Record {
        structure: Structure {
            session: Some(person),
            confidence: Some(0.25 * time as f64),
            ..Structure::new(Kind::Thought, Timestamp(time), store.ensure_subject(person).unwrap())
        },
        body: Body::Event(Content { text: Some(text), ..Content::default() }),
    });
    store.append(&records.collect::<Vec<_>>()).unwrap();
    (disk, store)
}

#[test]
fn only_those_are_unsealed_whose_records_need_it() {
    let (_disk, store) = in_one_block();
    let (found, explain) = find(&store, &says("hello").and(Test::Confidence(Compare::Less, 0.5).into()));
    assert_eq!((found, explain.unsealed), (vec![0, 1], 2));
    let sure = Filter::from(Test::Confidence(Compare::AtLeast, 0.5));
    let (found, explain) = find(&store, &sure);
    assert_eq!((found, explain.unsealed), (vec![2, 3], 0));
    let mut bodies = 0;
    let explain = search(&store, &sure, (Order::OldestFirst, Some(1), true), &mut |it| {
        bodies += usize::from(matches!(it.body, FoundBody::Open(_)));
        ControlFlow::Continue(())
    });
    assert_eq!((bodies, explain.unsealed, explain.matched), (1, 1, 1), "no more than is wanted");
}

#[test]
fn the_newest_come_first_and_no_more_than_are_wanted() {
    let disk = filled(&PEOPLE);
    let store = disk.open().unwrap();
    let mut found = Vec::new();
    let newest = (Order::NewestFirst, Some(4), false);
    let explain = search(&store, &kinds(&[Kind::Action, Kind::Observation]), newest, &mut |record| {
        found.push(record.sequence);
        ControlFlow::Continue(())
    });
    assert_eq!((found, explain.opened), (vec![11, 10, 8, 7], 2));
    let explain = search(&store, &Filter::EVERYTHING, ALL, &mut |_| ControlFlow::Break(()));
    assert_eq!((explain.matched, explain.opened), (1, 1), "who has enough is given no more");
}

#[test]
fn what_a_mask_hides_is_not_found() {
    let disk = Disk::default();
    let store = disk.open().unwrap();
    let subject = store.ensure_subject("ann").unwrap();
    let start = TEXT.find("mara@").unwrap() as u32;
    let mark = Mark {
        place: Place::Text,
        start,
        end: TEXT.len() as u32,
        category: "email",
        dropped: false,
        plugin: 1,
    };
    let body = Body::Event(Content { text: Some(TEXT), marks: vec![mark].into(), ..Content::default() });
    let structure = Structure::new(Kind::Observation, Timestamp(0), subject);
    store.append(&[Record { structure, body }]).unwrap();
    assert_eq!(find(&store, &says("e-mail is ⟦email⟧")).0, [0]);
    for guess in ["mara@example.org", "mara", "m", "@"] {
        let stem = says(&format!("e-mail is {guess}"));
        assert_eq!(find(&store, &stem).0, [0; 0], "{guess}");
        let mut found = 0;
        let sieve = Sieve::new(&stem).unwrap();
        let (order, limit, content) = ALL;
        let search = Search {
            sieve: &sieve,
            order,
            limit,
            content,
            show: &|structure, content| Shown::originals(structure, content),
        };
        store
            .find(&search, &mut |_| {
                found += 1;
                ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!(found, usize::from(guess.starts_with('m')), "{guess}");
    }
}

#[test]
fn who_was_erased_is_not_found_by_content_and_said_to_be_erased() {
    let (_disk, store) = in_one_block();
    let [ann, ben] = ["ann", "ben"].map(|person| store.ensure_subject(person).unwrap());
    store.erase(ann, ben, Timestamp(9)).unwrap();
    assert_eq!(find(&store, &says("hello")).0, [1, 2, 3]);
    let mut bodies = Vec::new();
    search(&store, &Test::Sequence(Compare::Less, 2).into(), ALL, &mut |record| {
        bodies.push(format!("{:?}", record.body));
        ControlFlow::Continue(())
    });
    assert_eq!(bodies, ["Erased", "Closed"]);
}

#[test]
fn nobody_is_locked_out_while_somebody_is_handed_records() {
    let (_disk, store) = in_one_block();
    let mut erased = 0;
    search(&store, &says("hello"), ALL, &mut |record| {
        let [dan, cleo] = ["dan", "cleo"].map(|person| store.subject_ref(person));
        if store.has_key(dan) && record.sequence == 0 {
            erased += store.erase(dan, cleo, Timestamp(9)).unwrap();
        }
        ControlFlow::Continue(())
    });
    assert_eq!(erased, 1);
}

#[test]
fn a_block_that_cannot_be_read_is_said_and_the_others_are_found() {
    let disk = filled(&PEOPLE);
    let mut payload = disk.payload((0, 1));
    payload[40] ^= 1;
    disk.change(|transaction| {
        let mut payloads = transaction.open_table(PAYLOADS).unwrap();
        payloads.insert((0, 1), payload.as_slice()).unwrap();
        payloads.remove((0, 2)).unwrap();
    });
    let store = disk.open().unwrap();
    let (found, explain) = find(&store, &kinds(&[Kind::Action]));
    assert_eq!(found, [2, 11]);
    let unread: Vec<_> =
        explain.unread.iter().map(|unread| (unread.at.block, unread.why.to_string())).collect();
    assert_eq!(unread.iter().map(|(block, _)| *block).collect::<Vec<_>>(), [1, 2]);
    let told = explain.to_string();
    assert!(unread.iter().all(|(_, why)| told.contains(why)), "{told}");
    assert!(
        find(&store, &Filter::named(Name::Trace, &trace_of("ann"))).1.unread.is_empty(),
        "nobody needed them"
    );
}

#[test]
fn a_missing_zone_costs_a_look_and_a_wrong_one_is_named() {
    let disk = filled(&PEOPLE);
    let nothing = Filter::named(Name::Intent, "another");
    disk.change(|transaction| {
        transaction.open_table(ZONES).unwrap().remove((0, 1)).unwrap();
    });
    {
        let store = disk.open().unwrap();
        let (_, explain) = find(&store, &nothing);
        assert_eq!((explain.ruled_out_by_zone, explain.opened), (3, 1));
        assert!(store.verify(Scope::Everything, || ()).unwrap().fault().is_none());
    }
    // The zone of another block, and one that was changed: each hides nothing, and is named.
    type Change = fn(&mut Vec<u8>, &[u8]);
    let changes: [Change; 2] = [|zone, other| *zone = other.to_vec(), |zone, _| zone[60] ^= 1];
    for change in changes {
        let disk = disk.fork();
        disk.change(|transaction| {
            let mut zones = transaction.open_table(ZONES).unwrap();
            let read = |block| zones.get((0, block)).unwrap().unwrap().value().to_vec();
            let (mut zone, other) = (read(2), read(3));
            change(&mut zone, &other);
            zones.insert((0, 2), zone.as_slice()).unwrap();
        });
        let store = disk.open().unwrap();
        assert_eq!(find(&store, &Filter::named(Name::Session, "cleo")).0, [6, 7, 8]);
        let (_, explain) = find(&store, &nothing);
        assert_eq!((explain.ruled_out_by_zone, explain.opened), (2, 2));
        let report = store.verify(Scope::Everything, || ()).unwrap();
        let (_, fault) = report.fault().unwrap();
        assert_eq!((fault.block, &fault.what), (2, &Wrong::Zone));
    }
}

/// A zone that lies, sealed by somebody who has the key: only a fault in this program makes one.
#[test]
fn a_zone_that_does_not_fit_its_block_is_a_fault() {
    use activemirror_core::log::header::Header;
    use activemirror_core::log::zone::Zone;
    use activemirror_core::vault::{Key, KeyTree};

    let disk = filled(&PEOPLE);
    disk.change(|transaction| {
        let headers = transaction.open_table(crate::world::HEADERS).unwrap();
        let header = Header::from_bytes(headers.get((0, 1)).unwrap().unwrap().value()).unwrap();
        let tree = KeyTree::new(&Key::new([7; 32]));
        let zone = Zone::default().seal(tree.structure(), &[1; 24], &header);
        transaction.open_table(ZONES).unwrap().insert((0, 1), zone.as_slice()).unwrap();
    });
    let report = disk.open().unwrap().verify(Scope::Everything, || ()).unwrap();
    let (_, fault) = report.fault().unwrap();
    assert_eq!((fault.block, &fault.what), (1, &Wrong::Zone));
}

#[test]
fn what_was_moved_is_found_where_it_is_and_what_does_not_come_is_said() {
    use crate::shelf::{Mood, Shelf, cool, warm};

    let disk = filled(&PEOPLE);
    let (store, shelf) = (disk.open().unwrap(), Shelf::default());
    store.attach_cold(std::sync::Arc::new(shelf.clone()));
    let filters = [
        says("kettle"),
        kinds(&[Kind::Action]),
        Filter::named(Name::Trace, &trace_of("ben")),
        says("kettle").and(Filter::named(Name::Session, "dan")),
        Filter::named(Name::Intent, "another"),
    ];
    let found = |store: &Store| filters.each_ref().map(|filter| find(store, filter).0);
    let before = found(&store);
    warm(&store, 3);
    assert_eq!(found(&store), before);
    let (_, explain) = find(&store, &kinds(&[Kind::Action]));
    assert_eq!((explain.opened, explain.moved, explain.unsealed), (4, 3, 0), "its structure is enough");
    drop(store);
    let store = disk.open().unwrap();
    store.attach_cold(std::sync::Arc::new(shelf.clone()));
    let (_, explain) = find(&store, &says("kettle").and(Filter::named(Name::Session, "ben")));
    assert_eq!((explain.moved, explain.unsealed), (1, 1), "nobody else's content");
    let (_, explain) = find(&store, &says("kettle").and(Filter::named(Name::Session, "ben")));
    assert_eq!((explain.moved, explain.unsealed), (1, 0), "what was opened last is kept");
    let (_, explain) = find(&store, &Filter::named(Name::Intent, "another"));
    assert_eq!((explain.ruled_out_by_zone, explain.opened), (4, 0), "nobody fetches what a zone rules out");
    cool(&store);
    drop(store);
    let store = disk.open().unwrap();
    store.attach_cold(std::sync::Arc::new(shelf.clone()));
    shelf.fail_from(0, Mood::Silent);
    let (sequences, explain) = find(&store, &kinds(&[Kind::Action]));
    let unread: Vec<u64> = explain.unread.iter().map(|unread| unread.at.block).collect();
    assert_eq!((sequences, unread), (vec![11], vec![0, 1, 2]));
    shelf.heal();
    assert_eq!(found(&store), before);
    let mut closed = 0;
    search(&store, &kinds(&[Kind::Action]), ALL, &mut |record| {
        closed += usize::from(matches!(record.body, FoundBody::Closed));
        ControlFlow::Continue(())
    });
    assert_eq!(closed, 4, "content that nobody asked for is not handed out of packs either");
}
