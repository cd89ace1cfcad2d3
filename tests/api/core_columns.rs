//! Codec 2: columns give back the rows they were made of, whatever those are; and hostile columns
//! give errors and no more memory than a block may take.

use activemirror_core::limits::BLOCK_PLAIN_BYTES_MAX;
use activemirror_core::log::block::{BlockBuilder, Buffers, Position};
use activemirror_core::log::codec::{Codec, CodecError};
use activemirror_core::log::header::Header;
use activemirror_core::log::reader::{BlockError, StoredBlock};
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{
    Body, Content, ControlState, Finding, Kind, Mark, Notice, Outcome, Place, Record, Severity, Structure,
    SubjectRef, Verdict,
};
use activemirror_core::value::{Leaf, Value};
use activemirror_core::vault::{Key, KeyRing, KeyTree, Salt, SubjectKey, seal};
use proptest::prelude::*;

use crate::core_forged_blocks::{BODY, Segment, forged, one_row, opened_in, varint};

struct Ring(KeyTree, SubjectKey);

impl KeyRing for Ring {
    fn structure(&self) -> &Key {
        self.0.structure()
    }

    fn subject(&self, _: SubjectRef) -> Option<&SubjectKey> {
        Some(&self.1)
    }
}

fn ring() -> Ring {
    Ring(KeyTree::new(&Key::new([1; 32])), SubjectKey::new([2; 32]))
}

fn salts() -> impl FnMut() -> Salt {
    let mut number = 0;
    move || {
        number += 1;
        [number; 24]
    }
}

fn built(records: &[Record<'_>], codec: Codec) -> (Header, Vec<u8>) {
    let ring = ring();
    let position = Position { log: ring.0.log_id(), block: 0, first: 7 };
    let mut builder: BlockBuilder<Vec<u8>, 4> = BlockBuilder::new(position, Buffers::default());
    for record in records {
        builder.push(record, &ring).unwrap();
    }
    let mut stored = Vec::new();
    let header = builder.finish(codec, &ring, salts(), &mut stored).unwrap().unwrap();
    (header, stored)
}

fn recoded(header: &Header, stored: &[u8], codec: Codec) -> Vec<u8> {
    StoredBlock::read(header, stored).unwrap().recode(codec, header, &ring(), salts()).unwrap()
}

/// A record by numbers, out of texts: most of them are alike, as in a log, and some are not.
type Seed = (u8, [usize; 6], i64, u64, Vec<(usize, u8, u64)>, bool);

fn seed() -> impl Strategy<Value = Seed> {
    let number = prop_oneof![
        4 => (0u32..100_000).prop_map(|number| (f64::from(number) / 100.0).to_bits()),
        1 => any::<u64>(),
        1 => Just((-0.0f64).to_bits()),
        1 => 0u64..300,
    ];
    let leaf = (0usize..6, 0u8..9, number.clone());
    let time = prop_oneof![3 => 0i64..1_000, 1 => any::<i64>()];
    let leaves = prop_oneof![
        3 => Just(vec![(0, 2, 7), (1, 4, 12.34f64.to_bits())]),
        2 => prop::collection::vec(leaf, 0..8),
    ];
    (0u8..8, prop::array::uniform6(0usize..6), time, number, leaves, any::<bool>())
}

const PATHS: [&str; 6] = ["/a", "/b", "/parameters/count", "/c[0]/d", "/ü", ""];

fn value((case, number): (u8, u64), text: &str) -> Value<'_> {
    match case {
        0 => Value::Null,
        1 => Value::Bool(number % 2 == 0),
        2 => Value::Signed(number as i64),
        3 => Value::Unsigned(number),
        4 => Value::Float(f64::from_bits(number)),
        5 => Value::Decimal(text),
        6 => Value::Text(text),
        7 => Value::EmptyObject,
        _ => Value::EmptyList,
    }
}

fn record<'a>(seed: &Seed, texts: &'a [String]) -> Record<'a> {
    let (kind, names, time, number, leaves, flag) = seed;
    let text = |place: usize| texts.get(names[place]).map(String::as_str);
    let leaves = leaves.iter().map(|(path, case, number)| {
        let value = value((*case, *number), text(0).unwrap_or(""));
        Leaf { path: PATHS[*path], value }
    });
    let mark = Mark {
        place: Place::LeafValue(*number as u32),
        start: 1,
        end: *number as u32,
        category: "thing",
        dropped: *flag,
        plugin: 3,
    };
    let marks = if *flag { vec![mark; names[1]] } else { Vec::new() };
    let content = Content { text: text(0), leaves: leaves.collect(), marks: marks.into() };
    let verdict = Verdict {
        back: *number as u32,
        plugin: *number as u16,
        outcome: if *flag { Outcome::Allow } else { Outcome::Deny },
        fuel: (*number >> 7) as u32,
        reason: text(2),
    };
    let finding = Finding {
        plugin: 2,
        control: "GDPR-5.1.c",
        state: ControlState::Satisfied,
        severity: Severity::Low,
        message: text(1).unwrap_or(""),
        evidence: vec![*number; names[2]].into(),
    };
    let (kind, body) = match kind {
        0 => (Kind::TraceStart, Body::TraceStart(content)),
        1 => (Kind::System, Body::System(content)),
        2 => (Kind::Verdict, Body::Verdict(verdict)),
        3 => (Kind::Finding, Body::Finding(finding)),
        4 => (Kind::Session, Body::Session(content)),
        5 => (Kind::Notice, Body::Notice(Notice::Revealed { request: text(3).unwrap_or("") })),
        _ => (Kind::Action, Body::Event(content)),
    };
    let plain = Structure::new(kind, Timestamp::from_millis(*time), SubjectRef([names[0] as u8 % 4; 16]));
    let structure = Structure {
        trace: text(0),
        agent: text(1),
        session: text(2),
        action: text(3),
        intent: text(4),
        alias: text(5),
        confidence: flag.then_some(f64::from_bits(*number)),
        ..plain
    };
    Record { structure, body }
}

proptest! {
    #[test]
    fn columns_give_back_the_rows(
        seeds in prop::collection::vec(seed(), 1..200),
        texts in prop::collection::vec(any::<String>(), 0..6),
    ) {
        let records: Vec<Record<'_>> = seeds.iter().map(|seed| record(seed, &texts)).collect();
        let (header, rows) = built(&records, Codec::Rows);
        let (same, columns) = built(&records, Codec::Columns);
        prop_assert_eq!(header, same);
        prop_assert_eq!(recoded(&header, &columns, Codec::Rows), &*rows);
        prop_assert_eq!(recoded(&header, &recoded(&header, &rows, Codec::RowsLz4), Codec::Columns), columns);
    }

    #[test]
    fn changed_segments_make_no_reader_panic(
        at in any::<prop::sample::Index>(),
        with in prop::collection::vec(any::<u8>(), 0..4),
        of_content in any::<bool>(),
    ) {
        let (structure, content) = segments();
        let mut changed = if of_content { content.clone() } else { structure.clone() };
        let place = at.index(changed.len());
        let end = (place + with.len()).min(changed.len());
        changed.splice(place..end, with);
        let (structure, content) = if of_content { (structure, &changed) } else { (&changed, content) };
        // Whether it is an error is for the segment's parser to say; a seal is what keeps it whole.
        drop(opened_in(Codec::Columns, structure, &[([0; 16], Segment::Plain(content))]));
    }

    #[test]
    fn no_columns_make_a_reader_panic(
        form in 0u8..4,
        head in prop::collection::vec(0u8..6, 0..30),
        rest in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let columns = raw(form, &[head, rest].concat());
        drop(opened_in(Codec::Columns, &columns, &[([0; 16], Segment::Plain(&columns))]));
        let structure = raw(0, &one_row());
        drop(opened_in(Codec::Columns, &structure, &[([0; 16], Segment::Plain(&columns))]));
    }
}

/// The structure and content segments of a block of many records of one person, as packed.
fn segments() -> &'static (Vec<u8>, Vec<u8>) {
    static SEGMENTS: std::sync::OnceLock<(Vec<u8>, Vec<u8>)> = std::sync::OnceLock::new();
    SEGMENTS.get_or_init(|| {
        let texts = ["some words that come again".to_owned(), "and some words".to_owned(), "é".to_owned()];
        let seeds = (0..300).map(|n: u64| {
            let name = n as usize % 4;
            let leaves = vec![(0, 2, n * 7919 % 1000), (1, 4, (n as f64 / 100.0).to_bits()), (2, 6, 0)];
            (
                6,
                [0, name, 2 - name % 3, 1, 5, 5],
                n as i64 % 40,
                (n as f64 / 8.0).to_bits(),
                leaves,
                n.is_multiple_of(9),
            )
        });
        let seeds: Vec<Seed> = seeds.collect();
        let records: Vec<Record<'_>> = seeds.iter().map(|seed| record(seed, &texts)).collect();
        let (header, stored) = built(&records, Codec::Columns);
        let mut rest = &stored[1..];
        let structure = unsealed(ring().0.structure(), &header, [0; 17], part(&mut rest));
        let subject: [u8; 16] = rest[1..17].try_into().unwrap();
        rest = &rest[18..];
        let mut place = [1; 17];
        place[1..].copy_from_slice(&subject);
        (structure, unsealed(ring().1.sealing(), &header, place, part(&mut rest)))
    })
}

/// What stands behind its length.
fn part<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let (mut len, mut shift) = (0, 0);
    while rest[0] >= 0x80 {
        len |= usize::from(rest[0] & 0x7f) << shift;
        (*rest, shift) = (&rest[1..], shift + 7);
    }
    len |= usize::from(rest[0]) << shift;
    let (part, after) = rest[1..].split_at(len);
    *rest = after;
    part
}

fn unsealed(key: &Key, header: &Header, place: [u8; 17], sealed: &[u8]) -> Vec<u8> {
    let context = [&b"AMBLOCK1/seal/\x02"[..], &place, &header.leaf_hash()].concat();
    let mut segment = Vec::new();
    seal::open(key, &[&context], sealed, &mut segment).unwrap();
    segment
}

#[test]
fn the_forger_has_real_segments() {
    let (structure, content) = segments();
    assert_eq!((structure[0], content[0]), (1, 2), "both are columns");
    assert_ne!(content[1] & 3, 0, "the texts are packed with the dictionary");
    // They are of 300 records, and the forged header says one.
    let refused = opened_in(Codec::Columns, structure, &[([0; 16], Segment::Plain(content))]).map(drop);
    assert_eq!(refused, Err(BlockError::Segment));
    let whole = [(raw(0, &one_row()), raw(0, &BODY))];
    for (structure, content) in whole {
        assert!(opened_in(Codec::Columns, &structure, &[([0; 16], Segment::Plain(&content))]).is_ok());
    }
}

#[test]
fn segments_that_are_cut() {
    let (structure, _) = segments();
    for len in 0..structure.len() {
        let refused = opened_in(Codec::Columns, &structure[..len], &[]).map(drop);
        assert!(matches!(refused, Err(BlockError::Codec(_))), "cut at {len}");
    }
}

/// The head of a frame that claims this length; one segment, so that the window is as long.
fn claiming(form: u8, len: usize) -> Vec<u8> {
    [&[form, 0xa0][..], &(len as u32).to_le_bytes()].concat()
}

/// A block's head: 0 is of bytes as they are, 1 of one byte repeated.
fn block(last: bool, kind: u32, len: usize) -> [u8; 3] {
    let [head @ .., _] = (u32::from(last) | kind << 1 | (len as u32) << 3).to_le_bytes();
    head
}

/// A segment whose frame holds this as it is.
fn raw(form: u8, content: &[u8]) -> Vec<u8> {
    [&*claiming(form, content.len()), &block(true, 0, content.len()), content].concat()
}

#[track_caller]
fn refused(segment: &[u8], expected: CodecError) {
    let got = opened_in(Codec::Columns, segment, &[]).map(drop);
    assert_eq!(got, Err(BlockError::Codec(expected)));
}

#[test]
fn frames_that_unpack_to_more_than_they_say_or_a_block_may_hold() {
    const MOST: usize = 128 << 10;
    refused(&claiming(0, BLOCK_PLAIN_BYTES_MAX + 1), CodecError::Damaged);
    let bomb = |claim, blocks: usize| {
        let mut bomb = claiming(0, claim);
        for number in 1..=blocks {
            bomb.extend(block(number == blocks, 1, MOST));
            bomb.push(0);
        }
        bomb
    };
    assert!(bomb(0, 512).len() < 3_000, "64 MiB in 3 KB");
    refused(&bomb(MOST, 512), CodecError::TooLarge);
    refused(&bomb(3 * MOST, 2), CodecError::Damaged);
    refused(&bomb(BLOCK_PLAIN_BYTES_MAX, 512), CodecError::Damaged);
    let trailing = [raw(0, &one_row()), vec![0]].concat();
    refused(&trailing, CodecError::Damaged);
    refused(&[], CodecError::Damaged);
    refused(&[0], CodecError::Damaged);
    refused(&raw(3, &one_row()), CodecError::Damaged);
}

#[test]
fn columns_that_shred_to_more_than_a_block_may_hold() {
    // One path of 60,000 bytes, one shape of ten leaves at it, and many bodies of that shape.
    let (path, bodies) = ("x".repeat(60_000), 60_000);
    let paths = [varint(path.len()), path.into_bytes(), vec![0; 3]].concat();
    let shapes = [&[10][..], &[0; 20]].concat();
    let lens = [paths.len(), shapes.len(), 0, 0, bodies, 0].map(varint).concat();
    let head = [varint(bodies), vec![1, 1], lens].concat();
    let columns = [head, paths, shapes, vec![0; bodies], vec![0; bodies]].concat();
    // As it is, a block holds no more than 128 KiB.
    let mut segment = claiming(2, columns.len());
    let (front, back) = columns.split_at(columns.len() / 2);
    segment.extend([&block(false, 0, front.len()), front, &block(true, 0, back.len()), back].concat());
    refused(&segment, CodecError::TooLarge);
}

#[test]
fn columns_that_count_what_is_not_there() {
    let huge = varint(u32::MAX as usize);
    let zeros = [0; 20];
    for (form, counts) in [(1, 10), (2, 9)] {
        for place in 0..counts {
            let head = [&zeros[..place], &huge, &zeros[place..counts]].concat();
            refused(&raw(form, &head), CodecError::Damaged);
        }
    }
}

#[test]
fn rows_that_nobody_writes_stay_as_they_are() {
    // A row whose time takes two bytes instead of one, which postcard reads all the same.
    let structure = [&[0, 1, 0, 0x80][..], &one_row()[3..]].concat();
    let flag = [&one_row()[..10], &[0xff, 0xff]].concat();
    let (header, rows) = forged(Codec::Rows, &flag, &[([0; 16], Segment::Plain(&BODY))]);
    let refused =
        StoredBlock::read(&header, &rows).unwrap().recode(Codec::Columns, &header, &ring(), salts());
    assert_eq!(refused, Err(BlockError::Segment), "this nobody reads");
    let (header, rows) = forged(Codec::Rows, &structure, &[([0; 16], Segment::Plain(&BODY))]);
    let columns = recoded(&header, &rows, Codec::Columns);
    let mut rest = &columns[1..];
    assert_eq!(unsealed(ring().0.structure(), &header, [0; 17], part(&mut rest))[0], 0, "no columns");
    let again = |stored: &[u8]| recoded(&header, stored, Codec::Rows);
    assert_eq!(again(&columns), again(&rows));
}
