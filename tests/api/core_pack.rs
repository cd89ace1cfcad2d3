//! Packs: whatever blocks go in, the same come out; people go out of them and the rest is proven; and
//! hostile bytes give errors and no more memory than a block may take.

use activemirror_core::hash::{Digest, sha256};
use activemirror_core::limits::{BLOCK_SUBJECTS_MAX, PACK_BLOCKS_MAX};
use activemirror_core::log::block::{BlockBuilder, Buffers, Position};
use activemirror_core::log::codec::{Codec, CodecError};
use activemirror_core::log::header::Header;
use activemirror_core::log::pack::{self, Leaves, PackError, StoredPack};
use activemirror_core::log::reader::{BlockError, EntryBody, OpenBlock, StoredBlock};
use activemirror_core::log::tree::Frontier;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Content, Kind, Record, Structure, SubjectRef};
use activemirror_core::vault::{Key, KeyRing, KeyTree, Salt, SealError, SubjectKey, seal};

use crate::core_forged_blocks::varint;

/// The keys of people 0, 1, 2 …; those that are `None` are not there.
pub(crate) struct Ring(KeyTree, Vec<Option<SubjectKey>>);

impl KeyRing for Ring {
    fn structure(&self) -> &Key {
        self.0.structure()
    }

    fn subject(&self, subject: SubjectRef) -> Option<&SubjectKey> {
        self.1.get(usize::from(subject.0[0]))?.as_ref()
    }
}

pub(crate) fn ring(keys: &[u8]) -> Ring {
    let key = |byte: &u8| (*byte > 0).then(|| SubjectKey::new([*byte; 32]));
    Ring(KeyTree::new(&Key::new([1; 32])), keys.iter().map(key).collect())
}

pub(crate) const KEYS: [u8; 3] = [11, 12, 13];

fn salts() -> impl FnMut() -> Salt {
    let mut number = 0;
    move || {
        number += 1;
        [number; 24]
    }
}

/// Blocks in which these people speak in turn.
pub(crate) fn blocks(ring: &Ring, blocks: &[&[u8]]) -> Vec<(Header, Vec<u8>)> {
    let position = Position { log: ring.0.log_id(), block: 5, first: 77 };
    let mut builder: BlockBuilder<Vec<u8>, 3> = BlockBuilder::new(position, Buffers::default());
    let mut built = Vec::new();
    for (number, people) in blocks.iter().enumerate() {
        for (place, person) in people.iter().enumerate() {
            let (trace, text) = (format!("trace {person}"), format!("{number} {place}, says {person}"));
            let time = Timestamp::from_millis(1_000 - 7 * place as i64);
            let structure = Structure {
                trace: Some(&trace),
                intent: (place % 2 == 0).then_some("refund"),
                ..Structure::new(Kind::Output, time, SubjectRef([*person; 16]))
            };
            let body = Body::Event(Content { text: Some(&text), ..Content::default() });
            builder.push(&Record { structure, body }, ring).unwrap();
        }
        let mut stored = Vec::new();
        let header = builder.finish(Codec::Columns, ring, salts(), &mut stored).unwrap().unwrap();
        built.push((header, stored));
    }
    built
}

pub(crate) const SPEAKERS: [&[u8]; 4] = [&[0, 1, 0, 2], &[1], &[2, 2, 0], &[0]];

pub(crate) fn headers(blocks: &[(Header, Vec<u8>)]) -> Vec<Header> {
    blocks.iter().map(|(header, _)| *header).collect()
}

pub(crate) fn open(blocks: &[(Header, Vec<u8>)], ring: &Ring) -> Vec<OpenBlock> {
    let open = |(header, stored): &(Header, Vec<u8>)| StoredBlock::read(header, stored)?.open(header, ring);
    blocks.iter().map(open).collect::<Result<_, _>>().unwrap()
}

pub(crate) fn packed(blocks: &[(Header, Vec<u8>)], ring: &Ring, leaves: Leaves, codec: Codec) -> Vec<u8> {
    pack::write(&open(blocks, ring), leaves, codec, ring, salts()).unwrap()
}

#[track_caller]
fn check_same(opened: &[OpenBlock], due: &[OpenBlock], ring: &Ring) {
    assert_eq!(opened.len(), due.len());
    for (one, other) in opened.iter().zip(due) {
        assert_eq!(one.header(), other.header());
        let written = |block: &OpenBlock| format!("{:?}", block.entries().unwrap());
        assert_eq!(written(one), written(other));
        assert_eq!(one.verify(ring), Ok(true));
    }
}

#[test]
fn blocks_come_out_as_they_went_in() {
    let ring = ring(&KEYS);
    let blocks = blocks(&ring, &SPEAKERS);
    for codec in [Codec::Rows, Codec::RowsLz4, Codec::Columns] {
        for leaves in [Leaves::Derived, Leaves::Kept] {
            let bytes = packed(&blocks, &ring, leaves, codec);
            let pack = StoredPack::read(&headers(&blocks), &bytes).unwrap();
            assert_eq!((pack.codec(), pack.has_leaves()), (codec, leaves == Leaves::Kept));
            check_same(&pack.open(&headers(&blocks), &ring).unwrap(), &open(&blocks, &ring), &ring);
        }
    }
}

#[test]
fn a_pack_of_one_block_and_of_the_most() {
    let ring = ring(&KEYS);
    for count in [1, PACK_BLOCKS_MAX] {
        let blocks = blocks(&ring, &vec![&[0_u8, 1][..]; count]);
        let bytes = packed(&blocks, &ring, Leaves::Derived, Codec::Columns);
        let opened = StoredPack::read(&headers(&blocks), &bytes).unwrap().open(&headers(&blocks), &ring);
        check_same(&opened.unwrap(), &open(&blocks, &ring), &ring);
    }
    let many = open(&blocks(&ring, &vec![&[0_u8][..]; PACK_BLOCKS_MAX + 1]), &ring);
    let write = |blocks: &[OpenBlock]| pack::write(blocks, Leaves::Derived, Codec::Rows, &ring, salts());
    assert_eq!(write(&many), Err(PackError::Apart));
    assert_eq!(write(&[]), Err(PackError::Apart));
    let gap = [many[0].clone(), many[2].clone()];
    assert_eq!(write(&gap), Err(PackError::Apart));
}

#[test]
fn who_is_erased_leaves_hashes_and_the_rest() {
    let ring = ring(&KEYS);
    let blocks = blocks(&ring, &SPEAKERS);
    let headers = headers(&blocks);
    for leaves in [Leaves::Derived, Leaves::Kept] {
        let bytes = packed(&blocks, &ring, leaves, Codec::Columns);
        let pack = StoredPack::read(&headers, &bytes).unwrap();
        let [one, two, stranger] = [0, 2, 9].map(|person| SubjectRef([person; 16]));
        assert_eq!(pack.erase(&headers, &ring, &[stranger]), Ok(None));
        let erased = pack.erase(&headers, &ring, &[one, two]).unwrap().unwrap();
        let left = self::ring(&[0, 12, 0]);
        let pack = StoredPack::read(&headers, &erased).unwrap();
        assert_eq!(pack.sealed().collect::<Vec<_>>(), [SubjectRef([1; 16])]);
        for block in pack.open(&headers, &left).unwrap() {
            assert_eq!(block.verify(&left), Ok(true));
            for entry in block.entries().unwrap() {
                let is_left = entry.structure.subject == SubjectRef([1; 16]);
                assert_eq!(is_left, matches!(entry.body, EntryBody::Open(_)));
                assert_eq!(!is_left, matches!(entry.body, EntryBody::Erased(_)));
            }
        }
        assert_eq!(pack.erase(&headers, &left, &[one, two]), Ok(None), "once");
    }
}

#[test]
fn who_was_erased_and_came_back_is_there_in_two_ways() {
    let (old, new) = (ring(&KEYS), ring(&[21, 12, 13]));
    let (before, after) = (blocks(&old, &SPEAKERS), blocks(&new, &SPEAKERS));
    let mut mixed = Vec::new();
    for (number, (header, stored)) in before.iter().enumerate().take(2) {
        let block = StoredBlock::read(header, stored).unwrap();
        let erased = block.erase(header, &old, &[SubjectRef([0; 16])]).unwrap();
        mixed.push((*header, erased.unwrap_or_else(|| before[number].1.clone())));
    }
    mixed.extend(after[2..].iter().cloned());
    let bytes = packed(&mixed, &new, Leaves::Derived, Codec::Columns);
    let pack = StoredPack::read(&headers(&mixed), &bytes).unwrap();
    check_same(&pack.open(&headers(&mixed), &new).unwrap(), &open(&mixed, &new), &new);
    let erased = pack.erase(&headers(&mixed), &new, &[SubjectRef([0; 16])]).unwrap().unwrap();
    let opened = StoredPack::read(&headers(&mixed), &erased).unwrap().open(&headers(&mixed), &new).unwrap();
    let open = |entry: &activemirror_core::log::reader::Entry<'_>| matches!(entry.body, EntryBody::Open(_));
    for block in &opened {
        assert_eq!(block.verify(&new), Ok(true));
        let entries = block.entries().unwrap();
        assert!(entries.iter().all(|entry| open(entry) == (entry.structure.subject.0[0] != 0)));
    }
}

#[test]
fn leaf_hashes_in_the_pack_outlive_a_key() {
    let ring = ring(&KEYS);
    let blocks = blocks(&ring, &SPEAKERS);
    let headers = headers(&blocks);
    let bytes = packed(&blocks, &ring, Leaves::Kept, Codec::Columns);
    let pack = StoredPack::read(&headers, &bytes).unwrap();
    // Gone, and come back under another key.
    for left in [self::ring(&[0, 12, 13]), self::ring(&[31, 12, 13])] {
        for block in pack.open(&headers, &left).unwrap() {
            assert_eq!(block.verify(&left), Ok(true));
        }
        assert_eq!(pack.settle(&headers, &left, |_| false), Ok(None), "nobody was erased");
        let settled = pack.settle(&headers, &left, |subject| subject.0[0] == 0).unwrap().unwrap();
        let settled = StoredPack::read(&headers, &settled).unwrap();
        assert!(settled.sealed().all(|subject| subject.0[0] != 0));
        for block in settled.open(&headers, &left).unwrap() {
            assert_eq!(block.verify(&left), Ok(true));
        }
        assert_eq!(settled.settle(&headers, &left, |_| true), Ok(None));
    }
    let without = packed(&blocks, &ring, Leaves::Derived, Codec::Columns);
    let without = StoredPack::read(&headers, &without).unwrap();
    let left = self::ring(&[31, 12, 13]);
    let refused = without.open(&headers, &left).map(drop);
    assert_eq!(refused, Err(BlockError::Content(SubjectRef([0; 16]), SealError::WrongKey)));
    let absent = self::ring(&[0, 12, 13]);
    let opened = without.open(&headers, &absent).unwrap();
    assert_eq!(opened[0].verify(&absent), Ok(false), "it cannot be told");
    let written = pack::write(&opened, Leaves::Derived, Codec::Rows, &absent, salts());
    assert_eq!(written, Err(PackError::NoKey(SubjectRef([0; 16]))));
}

#[test]
fn any_bit_of_a_pack() {
    let ring = ring(&KEYS);
    let blocks = blocks(&ring, &SPEAKERS);
    let headers = headers(&blocks);
    let bytes = packed(&blocks, &ring, Leaves::Kept, Codec::Columns);
    for bit in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(StoredPack::read(&headers, &changed).is_err(), "bit {bit}");
        // Whoever can compute the digest gets as far as the seals, the leaves or the form.
        let covered = changed.len() - 32;
        let due = digest(&headers, &changed[..covered]);
        changed[covered..].copy_from_slice(&due);
        if bit / 8 < covered {
            let opened = StoredPack::read(&headers, &changed).and_then(|pack| pack.open(&headers, &ring));
            let refused = opened.is_err()
                || opened.is_ok_and(|blocks| blocks.iter().any(|b| b.verify(&ring) != Ok(true)));
            let harmless = wrong_key_is_erased(&headers, &changed, &ring);
            assert!(refused || harmless, "bit {bit}");
        }
    }
    for length in 0..bytes.len() {
        assert!(StoredPack::read(&headers, &bytes[..length]).is_err());
    }
}

/// A damaged commitment looks like a key that was destroyed: the leaves still prove the records, and
/// whether that person was erased is the caller's to say.
fn wrong_key_is_erased(headers: &[Header], bytes: &[u8], ring: &Ring) -> bool {
    let Ok(pack) = StoredPack::read(headers, bytes) else { return false };
    let Ok(blocks) = pack.open(headers, ring) else { return false };
    blocks.iter().any(|block| {
        let entries = block.entries().unwrap();
        entries.iter().any(|entry| matches!(entry.body, EntryBody::Erased(_)))
    })
}

fn digest(headers: &[Header], covered: &[u8]) -> Digest {
    let headers: Vec<u8> = headers.iter().flat_map(Header::to_bytes).collect();
    sha256(&[&headers, covered].concat())
}

#[test]
fn a_pack_opens_as_these_blocks_only() {
    let ring = ring(&KEYS);
    let (blocks, others) = (blocks(&ring, &SPEAKERS), blocks(&ring, &SPEAKERS[1..]));
    let (headers, others) = (headers(&blocks), headers(&others));
    let mut bytes = packed(&blocks, &ring, Leaves::Derived, Codec::Rows);
    assert_eq!(StoredPack::read(&headers[..3], &bytes).map(drop), Err(BlockError::Digest));
    let covered = bytes.len() - 32;
    for wrong in [&headers[..3], &others] {
        let due = digest(wrong, &bytes[..covered]);
        bytes[covered..].copy_from_slice(&due);
        let refused = StoredPack::read(wrong, &bytes).unwrap().open(wrong, &ring).map(drop);
        assert_eq!(refused, Err(BlockError::Structure(SealError::WrongKey)));
    }
    let mut swapped = headers.clone();
    swapped.swap(0, 1);
    assert_eq!(StoredPack::read(&swapped, &bytes).map(drop), Err(BlockError::Segment));
    assert_eq!(StoredPack::read(&[], &bytes).map(drop), Err(BlockError::Segment));
    // A block is no pack, and a pack no block.
    assert!(StoredBlock::read(&blocks[0].0, &bytes).is_err());
    assert!(StoredPack::read(&headers[..1], &blocks[0].1).is_err());
}

/// A pack as whoever holds the keys could forge it, in codec 0.
fn forged(
    ring: &Ring,
    headers: &[Header],
    structure: &[u8],
    contents: &[(u8, bool, Vec<u8>)],
    leaves: &[u8],
) -> Vec<u8> {
    let mut tree = Frontier::new();
    headers.iter().for_each(|header| tree.push(header.leaf_hash()));
    let sealed = |key: &Key, place: &[u8; 17], plain: &[u8]| {
        let context = [&b"AMPACK01/seal/"[..], &[0], place, &tree.root()].concat();
        let mut sealed = Vec::new();
        seal::seal(key, &[0; 24], &[&context], plain, &mut sealed).unwrap();
        [&varint(sealed.len()), &*sealed].concat()
    };
    let mut bytes = vec![0x80];
    bytes.extend(sealed(ring.0.structure(), &[0; 17], structure));
    bytes.extend(varint(contents.len()));
    for (person, erased, plain) in contents {
        bytes.extend([*person; 16]);
        bytes.push(u8::from(*erased));
        let mut place = [1; 17];
        place[1..].copy_from_slice(&[*person; 16]);
        match ring.subject(SubjectRef([*person; 16])) {
            Some(key) if !erased => bytes.extend(sealed(key.sealing(), &place, plain)),
            _ => bytes.extend([varint(plain.len()), plain.clone()].concat()),
        }
    }
    bytes.extend([varint(leaves.len()), leaves.to_vec()].concat());
    let due = digest(headers, &bytes);
    bytes.extend(due);
    bytes
}

/// Headers of so many blocks of one record each, whose roots nothing is the root of.
fn headers_of(ring: &Ring, count: usize) -> Vec<Header> {
    let header = |number: usize| Header {
        log: ring.0.log_id(),
        block: number as u64,
        first: number as u64,
        count: 1,
        time_min: Timestamp::from_millis(0),
        time_max: Timestamp::from_millis(0),
        events_root: [0; 32],
    };
    (0..count).map(header).collect()
}

/// A row: a thought at time 0 of the content segment with this number, whose trace has this number.
fn row(segment: u8, trace: u8) -> [u8; 10] {
    [0, 0, segment, trace, 0, 0, 0, 0, 0, 0]
}

/// An event without text, leaves and marks.
const BODY: [u8; 4] = [0; 4];

fn opened(headers: &[Header], bytes: &[u8], ring: &Ring) -> Result<Vec<OpenBlock>, BlockError> {
    StoredPack::read(headers, bytes)?.open(headers, ring)
}

#[test]
fn the_forger_knows_the_format() {
    let ring = ring(&KEYS);
    let headers = headers_of(&ring, 2);
    let structure = [&[0, 2][..], &row(0, 0), &row(0, 0)].concat();
    let bodies = [&[2][..], &BODY, &BODY].concat();
    let bytes = forged(&ring, &headers, &structure, &[(0, false, bodies)], &[]);
    assert_eq!(opened(&headers, &bytes, &ring).map(|blocks| blocks.len()), Ok(2));
}

#[test]
fn what_stands_once_does_not_come_out_a_thousand_times() {
    let ring = ring(&KEYS);
    let headers = headers_of(&ring, PACK_BLOCKS_MAX);
    let name = vec![b'x'; 1 << 20];
    let rows: Vec<u8> = headers.iter().flat_map(|_| row(0, 1)).collect();
    let structure = [&[1][..], &varint(name.len()), &name, &varint(headers.len()), &rows].concat();
    let bodies = [varint(headers.len()), BODY.repeat(headers.len())].concat();
    let bytes = forged(&ring, &headers, &structure, &[(0, false, bodies)], &[]);
    let refused = opened(&headers, &bytes, &ring).map(drop);
    assert_eq!(refused, Err(BlockError::Codec(CodecError::TooLarge)));
}

#[test]
fn segments_that_do_not_fit_each_other() {
    let ring = ring(&KEYS);
    let headers = headers_of(&ring, 2);
    let two = [&[0, 2][..], &row(0, 0), &row(0, 0)].concat();
    let body = |count: u8| [&[count][..], &BODY.repeat(usize::from(count))].concat();
    let check = |structure: &[u8], contents: &[(u8, bool, Vec<u8>)], leaves: &[u8], due: BlockError| {
        let bytes = forged(&ring, &headers, structure, contents, leaves);
        assert_eq!(opened(&headers, &bytes, &ring).map(drop), Err(due));
    };
    check(&two, &[(0, false, body(1))], &[], BlockError::Segment);
    check(&two, &[(0, false, body(3))], &[], BlockError::Segment);
    check(&two, &[(0, false, [&body(2)[..], &[0]].concat())], &[], BlockError::Segment);
    check(&two, &[(0, true, vec![0; 32])], &[], BlockError::Segment);
    check(&two, &[(0, true, vec![0; 65])], &[], BlockError::Format);
    check(&two, &[], &[], BlockError::Segment);
    check(&[&[0, 1][..], &row(0, 0)].concat(), &[(0, false, body(1))], &[], BlockError::Segment);
    check(&[&[0, 2][..], &row(0, 9), &row(0, 0)].concat(), &[(0, false, body(2))], &[], BlockError::Segment);
    check(&two, &[(0, false, body(2))], &[7; 64], BlockError::Root);
    check(&two, &[(0, false, body(2))], &[7; 31], BlockError::Format);
    let one_each = [&[0, 2][..], &row(0, 0), &row(1, 0)].concat();
    let sealed_twice = [(0, false, body(1)), (0, false, body(1))];
    check(&one_each, &sealed_twice, &[], BlockError::Subjects);
    let many: Vec<_> = (0..=BLOCK_SUBJECTS_MAX).map(|_| (0, true, Vec::new())).collect();
    check(&two, &many, &[], BlockError::Subjects);
}

#[test]
fn one_person_in_two_ways_in_one_block() {
    let ring = ring(&KEYS);
    let mut header = headers_of(&ring, 1);
    header[0].count = 2;
    let structure = [&[0, 2][..], &row(0, 0), &row(1, 0)].concat();
    let contents = [(0, false, [&[1][..], &BODY].concat()), (0, true, vec![0; 32])];
    let bytes = forged(&ring, &header, &structure, &contents, &[]);
    assert_eq!(opened(&header, &bytes, &ring).map(drop), Err(BlockError::Subjects));
}
