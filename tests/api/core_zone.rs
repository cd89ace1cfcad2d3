//! Zones: what they say of a block is so, and a block that holds what is wanted is never ruled out.

use std::collections::HashSet;

use activemirror_core::filter::{Compare, Early, Facts, Field, Filter, Kinds, Name, Sieve, Test, Words};
use activemirror_core::limits::ZONE_NAMES_MAX;
use activemirror_core::log::LogId;
use activemirror_core::log::block::{BlockBuilder, Buffers, Named, Position};
use activemirror_core::log::codec::Codec;
use activemirror_core::log::header::Header;
use activemirror_core::log::reader::{OpenBlock, PersonBodies, Room, StoredBlock};
use activemirror_core::log::zone::{Noting, Zone, ZoneError};
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Content, Kind, Notice, Record, Structure, SubjectRef};
use activemirror_core::vault::{Key, KeyRing, SealError, SubjectKey};
use proptest::prelude::*;

const LOG: LogId = LogId([7; 32]);

/// Keys of two people; the second may be gone.
struct Ring(Key, [Option<SubjectKey>; 2]);

impl KeyRing for Ring {
    fn structure(&self) -> &Key {
        &self.0
    }

    fn subject(&self, subject: SubjectRef) -> Option<&SubjectKey> {
        self.1.get(usize::from(subject.0[0]))?.as_ref()
    }
}

fn ring() -> Ring {
    Ring(Key::new([3; 32]), [1, 2].map(|byte| Some(SubjectKey::new([byte; 32]))))
}

/// What a record is made of; names are small numbers.
#[derive(Clone, Debug)]
struct Made {
    kind: Kind,
    person: u8,
    time: i64,
    names: [Option<String>; 6],
    confidence: Option<f64>,
}

impl Made {
    fn structure(&self) -> Structure<'_> {
        let [trace, agent, session, alias, action, intent] = self.names.each_ref().map(Option::as_deref);
        let structure = Structure::new(self.kind, Timestamp(self.time), SubjectRef([self.person; 16]));
        Structure { trace, agent, session, alias, action, intent, confidence: self.confidence, ..structure }
    }

    fn record(&self) -> Record<'_> {
        let content = Content { text: self.names[3].as_deref(), ..Content::default() };
        let body = match self.kind {
            Kind::Notice => Body::Notice(Notice::Ungoverned),
            Kind::TraceStart => Body::TraceStart(content),
            _ => Body::Event(content),
        };
        Record { structure: self.structure(), body }
    }
}

fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => (0..6_u8).prop_map(|name| format!("n{name}")),
        1 => Just("⟦name⟧".to_owned()),
        1 => "[a-z]{0,3}",
    ]
}

fn any_confidence() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => (0..=10_u8).prop_map(|tenths| f64::from(tenths) / 10.0),
        1 => Just(f64::NAN),
        1 => prop_oneof![Just(f64::INFINITY), Just(-0.0)],
    ]
}

fn any_kind() -> impl Strategy<Value = Kind> {
    prop::sample::select(&[Kind::Action, Kind::Thought, Kind::Output, Kind::Notice, Kind::TraceStart][..])
}

/// Some closer together than what ends a span of a zone, some further apart.
fn any_time() -> impl Strategy<Value = i64> {
    prop_oneof![
        8 => (0..12_i64).prop_map(|at| at * 40_000),
        4 => 0..3_i64,
        1 => Just(i64::MIN),
        1 => Just(i64::MAX),
    ]
}

fn any_record() -> impl Strategy<Value = Made> {
    let name = || prop::option::of(any_name());
    let names = [name(), name(), name(), name(), name(), name()];
    let confidence = prop::option::of(any_confidence());
    (any_kind(), 0..2_u8, any_time(), names, confidence)
        .prop_map(|(kind, person, time, names, confidence)| Made { kind, person, time, names, confidence })
}

/// Blocks in which the records are alike as often as not.
fn any_records() -> impl Strategy<Value = Vec<Made>> {
    prop_oneof![
        prop::collection::vec(any_record(), 1..12),
        (any_record(), 1..4_usize).prop_map(|(one, count)| vec![one; count]),
    ]
}

fn any_compare() -> impl Strategy<Value = Compare> {
    use Compare::{AtLeast, AtMost, Equal, Less, More, NotEqual};
    prop_oneof![Just(Equal), Just(NotEqual), Just(Less), Just(AtMost), Just(More), Just(AtLeast)]
}

fn any_words() -> impl Strategy<Value = Words> {
    prop_oneof![
        4 => (any_compare(), any_name()).prop_map(|(compare, name)| Words::Is(compare, name)),
        1 => prop::collection::vec(any_name(), 0..3).prop_map(Words::OneOf),
        1 => any_name().prop_map(Words::StartsWith),
        1 => any_name().prop_map(Words::Contains),
    ]
}

fn any_test() -> impl Strategy<Value = Test> {
    let name = || prop::sample::select(&Name::ALL[..]);
    prop_oneof![
        2 => prop::collection::vec(any_kind(), 0..3).prop_map(|kinds| Test::Kind(Kinds::of(&kinds))),
        1 => any::<bool>().prop_map(|own| Test::Log(LogId([if own { 7 } else { 8 }; 32]))),
        1 => (any_compare(), 0..20_u64).prop_map(|(compare, at)| Test::Sequence(compare, at)),
        1 => (any_compare(), any_time()).prop_map(|(compare, at)| Test::Time(compare, Timestamp(at))),
        3 => (any_compare(), any_confidence())
            .prop_map(|(compare, sure)| Test::Confidence(compare, if sure.is_nan() { 0.5 } else { sure })),
        6 => (name(), any_words()).prop_map(|(name, words)| Test::Name(name, words)),
        1 => name().prop_map(|name| Test::Has(Field::Name(name))),
        1 => Just(Test::Has(Field::Confidence)),
        1 => any_words().prop_map(Test::Text),
    ]
}

fn any_filter() -> impl Strategy<Value = Filter> {
    any_test().prop_map(Filter::Is).prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Filter::All),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Filter::Any),
            inner.prop_map(|inner| !inner),
        ]
    })
}

fn zone(records: &[Made]) -> Zone {
    let mut zone = Zone::default();
    records.iter().for_each(|record| zone.note(&record.structure()));
    zone
}

fn block(records: &[Made], codec: Codec) -> (Header, Vec<u8>) {
    let position = Position { log: LOG, block: 2, first: 11 };
    let mut builder: BlockBuilder<Vec<u8>, 2> = BlockBuilder::new(position, Buffers::default());
    for record in records {
        builder.push(&record.record(), &ring()).unwrap();
    }
    let (mut stored, mut salts) = (Vec::new(), 0);
    let mut salt = || {
        salts += 1;
        [salts; 24]
    };
    let header = builder.finish(codec, &ring(), &mut salt, &mut stored).unwrap().unwrap();
    (header, stored)
}

const CODECS: [Codec; 2] = [Codec::RowsLz4, Codec::SMALLEST];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_block_with_a_match_is_never_ruled_out(records in any_records(), filter in any_filter()) {
        let (header, _) = block(&records, Codec::Rows);
        let sieve = Sieve::new(&filter).unwrap();
        let may_pass = (header.first..).zip(&records).any(|(sequence, record)| {
            let structure = record.structure();
            sieve.on_structure(&Facts { log: LOG, sequence, structure: &structure }) != Early::Fails
        });
        if may_pass {
            prop_assert!(!sieve.rules_out(&header, Some(&zone(&records))));
            prop_assert!(records.iter().any(|record| sieve.kinds().holds(record.kind)));
            prop_assert!(!sieve.rules_out(&header, None));
        }
    }

    #[test]
    fn a_zone_is_read_as_it_was_written(records in any_records(), salt in any::<[u8; 24]>()) {
        let (header, _) = block(&records, Codec::Rows);
        let zone = zone(&records);
        prop_assert_eq!(Zone::from_bytes(&zone.to_bytes()).unwrap(), zone.clone());
        let sealed = zone.seal(&Key::new([3; 32]), &salt, &header);
        prop_assert_eq!(Zone::open(&Key::new([3; 32]), &header, &sealed).unwrap(), zone);
    }

    #[test]
    fn a_zone_is_the_same_where_names_are_numbers(records in any_records()) {
        let (header, stored) = block(&records, Codec::Rows);
        let open = StoredBlock::read(&header, &stored).unwrap().open(&header, &ring()).unwrap();
        let (mut noting, mut named) = (Noting::default(), HashSet::new());
        for entry in open.entries().unwrap() {
            let new = noting.note(&entry.structure, entry.place.names);
            let names = Named::of(&entry.structure);
            prop_assert_eq!(new.trace, named.insert(("trace", names.trace)));
            prop_assert_eq!(new.session, named.insert(("session", names.session)));
            prop_assert_eq!(new.agent, named.insert(("agent", names.agent)));
        }
        prop_assert_eq!(noting.zone(), &zone(&records));
    }

    #[test]
    fn bytes_that_are_no_zone_are_an_error(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        if let Ok(zone) = Zone::from_bytes(&bytes) {
            prop_assert_eq!(zone.to_bytes(), bytes, "one zone has one form");
        }
    }
}

proptest! {
    #[test]
    fn an_outline_says_what_the_whole_block_says(records in any_records(), lost in any::<bool>()) {
        for codec in CODECS {
            let (header, stored) = block(&records, codec);
            let mut ring = ring();
            if lost {
                ring.1[1] = None;
            }
            let stored = StoredBlock::read(&header, &stored).unwrap();
            let open = stored.open(&header, &ring).unwrap();
            outline_is_like(&open, &stored, &ring);
        }
    }
}

fn outline_is_like(open: &OpenBlock, stored: &StoredBlock<'_>, ring: &Ring) {
    let (header, mut room) = (open.header(), Room::default());
    let outline = stored.outline(header, ring.structure(), &mut room).unwrap();
    let mut rows = outline.rows().unwrap();
    let mut seen = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        seen.push(row);
    }
    let entries = open.entries().unwrap();
    assert_eq!(entries.len(), seen.len());
    let mut people = Vec::new();
    for (person, count) in (0..).zip(rows.counts()) {
        people.push((stored.content_of(header, ring, person, &mut room).unwrap(), *count));
    }
    for (entry, row) in entries.iter().zip(&seen) {
        // By their text, since one NaN is not another.
        assert_eq!(format!("{:?}", entry.structure), format!("{:?}", row.structure));
        assert_eq!(entry.sequence, row.sequence);
        let (content, count) = &people[usize::from(row.person)];
        let body = match content.bodies(*count).unwrap() {
            PersonBodies::Open(bodies) => format!("Open({:?})", bodies[row.before as usize]),
            PersonBodies::Sealed => "Sealed".to_owned(),
            PersonBodies::Erased => "Erased".to_owned(),
        };
        assert_eq!(format!("{:?}", entry.body), body);
        assert!(
            content.bodies(count + 1).is_err() || ring.1[usize::from(entry.structure.subject.0[0])].is_none()
        );
    }
}

#[test]
fn a_zone_belongs_to_its_block() {
    let made = |time| Made {
        kind: Kind::Action,
        person: 0,
        time,
        names: core::array::from_fn(|_| Some("n1".to_owned())),
        confidence: Some(0.5),
    };
    let (header, other) = (block(&[made(1)], Codec::Rows).0, block(&[made(2)], Codec::Rows).0);
    let key = Key::new([3; 32]);
    let mut sealed = zone(&[made(1)]).seal(&key, &[5; 24], &header);
    let wrong = |error| Err(ZoneError::Seal(error));
    assert_eq!(Zone::open(&key, &other, &sealed), wrong(SealError::WrongKey));
    assert_eq!(Zone::open(&Key::new([4; 32]), &header, &sealed), wrong(SealError::WrongKey));
    *sealed.last_mut().unwrap() ^= 1;
    assert_eq!(Zone::open(&key, &header, &sealed), wrong(SealError::Changed));
}

fn time(compare: Compare, at: i64) -> Filter {
    Test::Time(compare, Timestamp(at)).into()
}

fn at_times(times: &[i64]) -> Vec<Made> {
    let made = |time: &i64| Made {
        kind: Kind::Action,
        person: 0,
        time: *time,
        names: Default::default(),
        confidence: None,
    };
    times.iter().map(made).collect()
}

#[test]
fn one_record_of_another_time_does_not_stand_for_all_the_time_between() {
    const DAY: i64 = 86_400_000;
    let records = at_times(&[100 * DAY, 100 * DAY + 20, 500 * DAY, 100 * DAY + 30, -DAY]);
    let ((header, _), zone) = (block(&records, Codec::Rows), zone(&records));
    let between =
        |from: i64, to: i64| Sieve::new(&time(Compare::AtLeast, from).and(time(Compare::Less, to))).unwrap();
    for (from, to, is_here) in [
        (200 * DAY, 300 * DAY, false),
        (0, DAY, false),
        (100 * DAY + 30, 100 * DAY + 31, true),
        (100 * DAY + 31, 500 * DAY, false),
        (499 * DAY, 501 * DAY, true),
        (-2 * DAY, 0, true),
    ] {
        let sieve = between(from, to);
        assert!(!sieve.rules_out(&header, None), "the header knows no better");
        assert_eq!(!sieve.rules_out(&header, Some(&zone)), is_here, "{from} to {to}");
    }
}

#[test]
fn the_widest_gaps_are_kept_where_there_are_too_many() {
    const MINUTE: i64 = 60_000;
    // Two minutes apart, then an hour, and so on.
    let records =
        at_times(&[0, 2 * MINUTE, 62 * MINUTE, 64 * MINUTE, 200 * MINUTE, 500 * MINUTE, 503 * MINUTE]);
    let spans: Vec<_> = zone(&records)
        .parts()
        .flat_map(|part| part.times.iter())
        .map(|(from, to)| (from.0 / MINUTE, to.0 / MINUTE))
        .collect();
    assert_eq!(spans, [(0, 2), (62, 64), (200, 200), (500, 503)]);
}

#[test]
fn a_zone_stays_small_and_says_where_it_cannot_say() {
    let mut zone = Zone::default();
    let named = |name: &str| {
        let sieve = Sieve::new(&Test::Name(Name::Intent, Words::Is(Compare::Equal, name.into())).into());
        sieve.unwrap()
    };
    let names: Vec<String> = (0..=ZONE_NAMES_MAX).map(|n| format!("intent-{n}")).collect();
    let (header, _) = block(
        &[Made { kind: Kind::Action, person: 0, time: 0, names: Default::default(), confidence: None }],
        Codec::Rows,
    );
    let mut longest = 0;
    for (count, name) in names.iter().enumerate() {
        let structure = Structure::new(Kind::Action, Timestamp(0), SubjectRef([0; 16]));
        let name = Some(&**name);
        let structure = Structure { time: Timestamp(count as i64 * 1_000_000), ..structure };
        zone.note(&Structure { agent: name, action: name, intent: name, confidence: Some(0.5), ..structure });
        longest = longest.max(zone.to_bytes().len());
        let knows = named("something else").rules_out(&header, Some(&zone));
        assert_eq!(knows, count < ZONE_NAMES_MAX, "{count}");
    }
    assert!(longest < 650 - 72, "{longest}, and its seal");
}

#[test]
fn who_begins_traces_is_told_from_who_acts() {
    let of_agent = |kind, agent: &str| Made {
        kind,
        person: 0,
        time: 0,
        names: core::array::from_fn(|_| Some(agent.to_owned())),
        confidence: None,
    };
    let records =
        [of_agent(Kind::TraceStart, "n1"), of_agent(Kind::Action, "n1"), of_agent(Kind::Action, "n2")];
    let ((header, _), zone) = (block(&records, Codec::Rows), zone(&records));
    for (kind, agent, is_here) in [
        (Kind::TraceStart, "n1", true),
        (Kind::TraceStart, "n2", false),
        (Kind::Action, "n1", true),
        (Kind::Action, "n2", true),
        (Kind::Output, "n1", false),
    ] {
        let sieve = Sieve::new(&Filter::of(kind).and(Filter::named(Name::Agent, agent))).unwrap();
        assert_eq!(!sieve.rules_out(&header, Some(&zone)), is_here, "{kind:?} {agent}");
        assert_eq!(sieve.kinds(), Kinds::from(kind));
    }
}
