//! Blocks that an enrolled device could forge: sealed as they should be, and made to exhaust or to
//! confuse whoever opens them.

use activemirror_core::hash::sha256;
use activemirror_core::limits::{BLOCK_BYTES_MAX, BLOCK_SUBJECTS_MAX};
use activemirror_core::log::block::{BlockBuilder, Buffers, Position};
use activemirror_core::log::codec::{Codec, CodecError};
use activemirror_core::log::header::Header;
use activemirror_core::log::reader::{BlockError, OpenBlock, StoredBlock};
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Content, Kind, Record, Structure, SubjectRef};
use activemirror_core::vault::{Key, KeyRing, KeyTree, SubjectKey, seal};

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

/// A block in which each of three people says a text of so many equal bytes.
fn three_say(bytes: usize) -> Result<OpenBlock, BlockError> {
    let (ring, text) = (ring(), "x".repeat(bytes));
    let position = Position { log: ring.0.log_id(), block: 0, first: 0 };
    let mut builder: BlockBuilder<Vec<u8>, 3> = BlockBuilder::new(position, Buffers::default());
    for person in 0..3 {
        let structure = Structure::new(Kind::Thought, Timestamp::from_millis(1), SubjectRef([person; 16]));
        let body = Body::Event(Content { text: Some(&text), ..Content::default() });
        builder.push(&Record { structure, body }, &ring).unwrap();
    }
    let mut stored = Vec::new();
    let header = builder.finish(Codec::RowsLz4, &ring, || [0; 24], &mut stored).unwrap().unwrap();
    assert!(stored.len() < bytes / 50, "LZ4 packs it well");
    StoredBlock::read(&header, &stored)?.open(&header, &ring)
}

#[test]
fn segments_that_together_unpack_to_more_than_a_block() {
    let each = BLOCK_BYTES_MAX / 3;
    assert!(three_say(each - 64).is_ok(), "what a writer may write is read");
    let refused = three_say(each + (2 << 10)).map(drop);
    assert_eq!(refused, Err(BlockError::Codec(CodecError::TooLarge)));
}

/// One person's segment: its plaintext, or the leaf hashes that are left of it.
pub(crate) enum Segment<'a> {
    Plain(&'a [u8]),
    Erased(&'a [u8]),
}

/// Opens a forged block of one record. It is in codec 0, whose segments are what they say.
fn opened(structure: &[u8], contents: &[([u8; 16], Segment<'_>)]) -> Result<OpenBlock, BlockError> {
    opened_in(Codec::Rows, structure, contents)
}

/// The same in any codec.
pub(crate) fn opened_in(
    codec: Codec,
    structure: &[u8],
    contents: &[([u8; 16], Segment<'_>)],
) -> Result<OpenBlock, BlockError> {
    let (header, stored) = forged(codec, structure, contents);
    StoredBlock::read(&header, &stored)?.open(&header, &ring())
}

/// The forged block.
pub(crate) fn forged(
    codec: Codec,
    structure: &[u8],
    contents: &[([u8; 16], Segment<'_>)],
) -> (Header, Vec<u8>) {
    let ring = ring();
    let time = Timestamp::from_millis(0);
    let header = Header {
        log: ring.0.log_id(),
        block: 0,
        first: 0,
        count: 1,
        time_min: time,
        time_max: time,
        events_root: [0; 32],
    };
    let sealed = |key: &Key, place: &[u8; 17], plain: &[u8]| {
        let mut sealed = Vec::new();
        let context = [&b"AMBLOCK1/seal/"[..], &[codec as u8], place, &header.leaf_hash()].concat();
        seal::seal(key, &[0; 24], &[&context], plain, &mut sealed).unwrap();
        [&varint(sealed.len()), &*sealed].concat()
    };
    let mut stored = vec![codec as u8];
    stored.extend(sealed(ring.structure(), &[0; 17], structure));
    stored.extend(varint(contents.len()));
    for (subject, segment) in contents {
        stored.extend(subject);
        let mut place = [1; 17];
        place[1..].copy_from_slice(subject);
        match segment {
            Segment::Plain(plain) => {
                stored.push(0);
                stored.extend(sealed(ring.1.sealing(), &place, plain));
            }
            Segment::Erased(hashes) => {
                stored.push(1);
                stored.extend(varint(hashes.len()));
                stored.extend(*hashes);
            }
        }
    }
    let digest = sha256(&[&header.to_bytes(), &*stored].concat());
    stored.extend(digest);
    (header, stored)
}

/// A number as postcard writes it.
pub(crate) fn varint(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 0x7f {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// A row: a thought at time 0 of the first person, without names.
const ROW: [u8; 10] = [0; 10];

/// No names, one row.
pub(crate) fn one_row() -> Vec<u8> {
    [&[0, 1], &ROW[..]].concat()
}

/// One body: an event without text, leaves and marks.
pub(crate) const BODY: [u8; 5] = [1, 0, 0, 0, 0];

#[test]
fn the_forger_knows_the_format() {
    let block = opened(&one_row(), &[([0; 16], Segment::Plain(&BODY))]).unwrap();
    assert_eq!(block.entries().unwrap().len(), 1);
}

#[test]
fn more_people_than_a_row_can_name() {
    let people = |count: usize| -> Vec<_> {
        let person = |number: usize| {
            let mut subject = [0; 16];
            subject[..2].copy_from_slice(&(number as u16).to_le_bytes());
            (subject, if number == 0 { Segment::Plain(&BODY) } else { Segment::Erased(&[]) })
        };
        (0..count).map(person).collect()
    };
    assert!(opened(&one_row(), &people(BLOCK_SUBJECTS_MAX)).is_ok());
    let refused = opened(&one_row(), &people(BLOCK_SUBJECTS_MAX + 1)).map(drop);
    assert_eq!(refused, Err(BlockError::Subjects));
}

#[test]
fn one_person_twice() {
    let twice = [([0; 16], Segment::Plain(&BODY)), ([0; 16], Segment::Erased(&[]))];
    assert_eq!(opened(&one_row(), &twice).map(drop), Err(BlockError::Subjects));
}

#[test]
fn more_names_rows_or_bodies_than_there_are_records() {
    const MANY: usize = 1 << 20;
    let many = |item: &[u8]| [varint(MANY), item.repeat(MANY)].concat();
    let content = [([0; 16], Segment::Plain(&BODY[..]))];
    let names = [many(&[0]), vec![1], ROW.to_vec()].concat();
    assert_eq!(opened(&names, &content).map(drop), Err(BlockError::Segment));
    let rows = [vec![0], many(&ROW)].concat();
    assert_eq!(opened(&rows, &content).map(drop), Err(BlockError::Segment));
    let bodies = many(&BODY[1..]);
    let content = [([0; 16], Segment::Plain(&bodies[..]))];
    assert_eq!(opened(&one_row(), &content).map(drop), Err(BlockError::Segment));
}
