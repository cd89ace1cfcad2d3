//! What only devices use, on a host: sealing in place, frames in pieces, a tree that goes on.

use activemirror_core::buffer::{Buffer, BufferFull, Slice};
use activemirror_core::hash::leaf;
use activemirror_core::log::block::{BlockBuilder, Buffers, IN_PLACE_BYTES, Position, PushError};
use activemirror_core::log::codec::Codec;
use activemirror_core::log::stream::{Frame, VERSION, send, write};
use activemirror_core::log::tree::Frontier;
use activemirror_core::trace::{Record, SubjectRef};
use activemirror_core::vault::{Key, KeyRing, Salt, SubjectKey};
use activemirror_vectors::Ring;
use activemirror_vectors::inputs::{ADA, PEOPLE, RECORDS, salt};

const PERSONS: usize = PEOPLE.len();

/// The golden keys without Ada's.
struct WithoutAda<'r>(&'r Ring);

impl KeyRing for WithoutAda<'_> {
    fn structure(&self) -> &Key {
        self.0.structure()
    }

    fn subject(&self, subject: SubjectRef) -> Option<&SubjectKey> {
        self.0.subject(subject).filter(|_| subject != ADA.subject)
    }
}

fn at(ring: &Ring) -> Position {
    Position { log: ring.tree.log_id(), block: 0, first: 0 }
}

fn salts() -> impl FnMut() -> Salt {
    let mut number = 0;
    move || {
        number += 1;
        salt(number)
    }
}

/// A short record of Ada's.
fn record() -> &'static Record<'static> {
    &RECORDS[3].record
}

/// The stored form of `builder`'s block, sealed in place.
fn in_place<B: Buffer>(
    builder: &mut BlockBuilder<B, PERSONS>,
    keys: &impl KeyRing,
) -> Result<Vec<u8>, PushError> {
    let pieces =
        |sealed: &activemirror_core::log::block::Sealed<'_, B>| sealed.pieces().collect::<Vec<_>>().concat();
    builder.finish_in_place(keys, salts(), pieces).map(Option::unwrap_or_default)
}

fn written<B: Buffer>(builder: &mut BlockBuilder<B, PERSONS>, keys: &impl KeyRing) -> Vec<u8> {
    let mut stored = Vec::new();
    builder.finish(Codec::Rows, keys, salts(), &mut stored).expect("a Vec has room").expect("not empty");
    stored
}

fn heap(ring: &Ring) -> BlockBuilder<Vec<u8>, PERSONS> {
    BlockBuilder::new(at(ring), Buffers::default())
}

/// A block in rooms of this many bytes each.
fn slices<'r>(
    ring: &Ring,
    rooms: &'r mut [Vec<u8>; 2 + PERSONS],
    in_place: bool,
) -> BlockBuilder<Slice<'r>, PERSONS> {
    let [names, rows, bodies @ ..] = rooms.each_mut().map(|room| Slice::new(room));
    let buffers = Buffers { names, rows, bodies };
    if in_place { BlockBuilder::in_place(at(ring), buffers) } else { BlockBuilder::new(at(ring), buffers) }
}

fn rooms(bytes: usize) -> [Vec<u8>; 2 + PERSONS] {
    core::array::from_fn(|_| vec![0; bytes])
}

#[test]
fn a_block_filled_to_the_brim_can_still_be_sealed_in_place() {
    let ring = Ring::new();
    for bytes in 140..400 {
        let mut rooms = rooms(bytes);
        let (mut small, mut large) = (slices(&ring, &mut rooms, true), heap(&ring));
        let mut count = 0;
        while small.push(record(), &ring).is_ok() {
            large.push(record(), &ring).expect("a Vec has room");
            count += 1;
        }
        assert_eq!(small.len(), count, "what was refused left nothing behind");
        if count > 0 {
            assert_eq!(in_place(&mut small, &ring).expect("room was kept"), written(&mut large, &ring));
            assert!(small.is_empty(), "the builder is the next block's");
        }
    }
}

#[test]
fn the_next_block_is_sealed_like_the_first() {
    let ring = Ring::new();
    let (mut small, mut large) = (heap(&ring), heap(&ring));
    for _ in 0..3 {
        for golden in &RECORDS[..8] {
            small.push(&golden.record, &ring).expect("a Vec has room");
            large.push(&golden.record, &ring).expect("a Vec has room");
        }
        assert_eq!(in_place(&mut small, &ring).expect("a Vec has room"), written(&mut large, &ring));
    }
}

#[test]
fn what_cannot_be_sealed_in_place_stays_as_it_was() {
    let ring = Ring::new();
    let mut rooms = rooms(IN_PLACE_BYTES);
    let mut builder = slices(&ring, &mut rooms, false);
    builder.push(record(), &ring).expect("one fits");
    assert_eq!(in_place(&mut builder, &ring), Err(PushError::Full), "no room beside");
    let mut other = heap(&ring);
    other.push(record(), &ring).expect("a Vec has room");
    assert_eq!(in_place(&mut other, &WithoutAda(&ring)), Err(PushError::NoKey));
    assert_eq!(written(&mut builder, &ring), written(&mut other, &ring));
}

#[test]
fn a_segment_longer_than_a_chunk_is_not_sealed_in_place() {
    let ring = Ring::new();
    let mut builder = heap(&ring);
    builder.push(&RECORDS[8].record, &ring).expect("a Vec has room");
    assert_eq!(in_place(&mut builder, &ring), Err(PushError::Full));
}

#[test]
fn an_output_that_is_too_small_loses_no_block() {
    let ring = Ring::new();
    let (mut builder, mut other) = (heap(&ring), heap(&ring));
    builder.push(record(), &ring).expect("a Vec has room");
    other.push(record(), &ring).expect("a Vec has room");
    let expected = written(&mut other, &ring);
    for room in 0..expected.len() {
        let mut bytes = vec![0; room];
        let mut out = Slice::new(&mut bytes);
        assert_eq!(builder.finish(Codec::Rows, &ring, salts(), &mut out), Err(PushError::Full));
        assert!(out.bytes().is_empty());
    }
    assert_eq!(written(&mut builder, &ring), expected);
}

#[test]
fn a_tree_goes_on_from_its_subtrees() {
    let mut whole = Frontier::<4>::shallow();
    for size in 0..16_u64 {
        let mut resumed = Frontier::<4>::resume(size, whole.subtrees()).expect("its own subtrees");
        assert_eq!(resumed.root(), whole.root());
        assert!(Frontier::<4>::resume(size + 1, whole.subtrees()).is_none_or(|other| {
            // As many subtrees, of another size: that is not to be told from the hashes.
            (size + 1).count_ones() == size.count_ones() && other.size() == size + 1
        }));
        let next = leaf(&size.to_le_bytes());
        whole.push(next);
        resumed.push(next);
        assert_eq!(resumed.root(), whole.root());
    }
    assert!(Frontier::<4>::resume(31, &[[0; 32]; 5]).is_none(), "deeper than the tree");
}

#[test]
fn a_frame_is_the_same_in_pieces() {
    for len in (0..600).chain([5000]) {
        for byte in [0, 1] {
            let stored = vec![byte; len];
            let frame = Frame::Block { header: &[1, 0, 2], stored: &stored };
            let (mut whole, mut pieces) = (Vec::new(), Vec::new());
            write(&frame, &mut whole).expect("a Vec has room");
            send(&frame, |piece| Buffer::append(&mut pieces, piece)).expect("a Vec has room");
            assert_eq!(whole, pieces);
            assert_eq!(whole.iter().filter(|byte| **byte == 0).count(), 1, "only the end is zero");
        }
    }
}

#[test]
fn a_line_that_fails_is_told() {
    let frame = Frame::Hello { version: VERSION, public_key: [7; 32] };
    let mut small = [0; 20];
    let mut out = Slice::new(&mut small);
    assert_eq!(write(&frame, &mut out), Err(BufferFull));
    assert!(out.bytes().is_empty(), "or nothing");
    assert_eq!(send(&frame, |_| Err("the line is down")), Err("the line is down"));
}
