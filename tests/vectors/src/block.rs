//! Whole blocks: the header and the stored form of the golden records, sealed with fixed salts.

use activemirror_core::buffer::{Buffer, BufferFull};
use activemirror_core::log::block::{BlockBuilder, Buffers, Position, PushError};
use activemirror_core::log::codec::Codec;
use activemirror_core::log::header::Header;
use activemirror_core::log::stream::{self, Frame};
use activemirror_core::vault::Salt;

use crate::inputs::{Golden, LONG_TEXT_NAME, PEOPLE, RECORDS, salt};
use crate::{Ring, Vector, VectorError};

/// How many buffers all blocks take.
pub(crate) const BUFFERS: usize = 2 * WITH_OUTPUT + WITH_OUTPUT + IN_PLACE;
const IN_PLACE: usize = 2 + PEOPLE.len();
const WITH_OUTPUT: usize = IN_PLACE + 1;

type Builder<B> = BlockBuilder<B, { PEOPLE.len() }>;

/// All golden records in one block, the first of their log: its header and its stored form.
pub fn golden_block<B: Buffer>(ring: &Ring, fresh: &mut dyn FnMut() -> B) -> Result<(Header, B), PushError> {
    stored(ring, builder(ring, at(ring, 0), RECORDS.iter(), fresh)?, fresh)
}

/// One short record, far along in its log.
pub fn short_block<B: Buffer>(ring: &Ring, fresh: &mut dyn FnMut() -> B) -> Result<(Header, B), PushError> {
    stored(ring, builder(ring, at(ring, u64::MAX - 1), RECORDS[3..4].iter(), fresh)?, fresh)
}

/// A block that follows the golden one.
#[cfg(feature = "alloc")]
pub(crate) fn next_block<B: Buffer>(
    ring: &Ring,
    golden: &Header,
    fresh: &mut dyn FnMut() -> B,
) -> Result<(Header, B), PushError> {
    let next = Position { log: golden.log, block: golden.block + 1, first: golden.end() };
    stored(ring, builder(ring, next, RECORDS[2..8].iter(), fresh)?, fresh)
}

pub(crate) fn run<B: Buffer>(
    ring: &Ring,
    fresh: &mut dyn FnMut() -> B,
    scratch: &mut B,
    emit: &mut dyn FnMut(Vector<'_>),
) -> Result<(), VectorError> {
    for (name, made) in [("golden", golden_block(ring, fresh)?), ("short", short_block(ring, fresh)?)] {
        let (header, stored) = made;
        emit(Vector { family: "events-root", name, bytes: &header.events_root });
        emit(Vector { family: "block-header", name, bytes: &header.to_bytes() });
        emit(Vector { family: "block-stored", name, bytes: stored.bytes() });
        scratch.truncate(0);
        stream::write(&Frame::Block { header: &header.to_bytes(), stored: stored.bytes() }, scratch)?;
        emit(Vector { family: "frame-of-block", name, bytes: scratch.bytes() });
    }
    run_device(ring, fresh, scratch, emit)
}

/// A block as a device seals it, where it lies; and beside it the same block written out.
fn run_device<B: Buffer>(
    ring: &Ring,
    fresh: &mut dyn FnMut() -> B,
    scratch: &mut B,
    emit: &mut dyn FnMut(Vector<'_>),
) -> Result<(), VectorError> {
    // Where it lies, no segment is longer than a chunk.
    let records = || RECORDS.iter().filter(|golden| golden.name != LONG_TEXT_NAME);
    let (header, stored) = stored(ring, builder(ring, at(ring, 0), records(), fresh)?, fresh)?;
    emit(Vector { family: "block-stored", name: "of-a-device", bytes: stored.bytes() });
    scratch.truncate(0);
    stream::write(&Frame::Block { header: &header.to_bytes(), stored: stored.bytes() }, scratch)?;
    emit(Vector { family: "frame-of-block", name: "of-a-device", bytes: scratch.bytes() });
    let mut builder = builder(ring, at(ring, 0), records(), fresh)?;
    scratch.truncate(0);
    let sent = builder.finish_in_place(ring, salts(), |sealed| {
        sealed.pieces().try_for_each(|piece| scratch.append(piece))?;
        emit(Vector { family: "block-in-place", name: "of-a-device", bytes: scratch.bytes() });
        scratch.truncate(0);
        stream::send_block(sealed, |piece| scratch.append(piece))
    })?;
    sent.unwrap_or(Err(BufferFull))?;
    emit(Vector { family: "frame-in-place", name: "of-a-device", bytes: scratch.bytes() });
    Ok(())
}

/// Block `number` of the golden log; records are numbered as blocks are, here.
fn at(ring: &Ring, number: u64) -> Position {
    Position { log: ring.tree.log_id(), block: number, first: number }
}

fn builder<'r, B: Buffer>(
    ring: &Ring,
    position: Position,
    mut records: impl Iterator<Item = &'r Golden>,
    fresh: &mut dyn FnMut() -> B,
) -> Result<Builder<B>, PushError> {
    let bodies = PEOPLE.map(|_| fresh());
    let mut builder = Builder::new(position, Buffers { names: fresh(), rows: fresh(), bodies });
    records.try_for_each(|golden| builder.push(&golden.record, ring).map(drop))?;
    Ok(builder)
}

fn stored<B: Buffer>(
    ring: &Ring,
    mut builder: Builder<B>,
    fresh: &mut dyn FnMut() -> B,
) -> Result<(Header, B), PushError> {
    let mut stored = fresh();
    let header = builder.finish(Codec::Rows, ring, salts(), &mut stored)?;
    Ok((header.ok_or(PushError::Full)?, stored))
}

/// The salts of a golden block, from the first on.
pub(crate) fn salts() -> impl FnMut() -> Salt {
    let mut number = 0;
    move || {
        number += 1;
        salt(number)
    }
}
