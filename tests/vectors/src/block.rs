//! Whole blocks: the header and the stored form of the golden records, sealed with fixed salts.

use activemirror_core::buffer::Buffer;
use activemirror_core::log::block::{BlockBuilder, Buffers, Position, PushError};
use activemirror_core::log::codec::Codec;
use activemirror_core::log::header::Header;
use activemirror_core::log::stream::{self, Frame};
use activemirror_core::vault::Salt;

use crate::inputs::{Golden, PEOPLE, RECORDS, salt};
use crate::{Ring, Vector, VectorError};

/// How many buffers a block takes.
pub(crate) const BUFFERS: usize = 2 + PEOPLE.len() + 1;

/// All golden records in one block, the first of their log: its header and its stored form.
pub fn golden_block<B: Buffer>(ring: &Ring, fresh: &mut dyn FnMut() -> B) -> Result<(Header, B), PushError> {
    block(ring, Position { log: ring.tree.log_id(), block: 0, first: 0 }, &RECORDS, fresh)
}

/// One short record, far along in its log.
pub fn short_block<B: Buffer>(ring: &Ring, fresh: &mut dyn FnMut() -> B) -> Result<(Header, B), PushError> {
    let position = Position { log: ring.tree.log_id(), block: u64::MAX - 1, first: u64::MAX - 1 };
    block(ring, position, &RECORDS[3..4], fresh)
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
    Ok(())
}

fn block<B: Buffer>(
    ring: &Ring,
    position: Position,
    records: &[Golden],
    fresh: &mut dyn FnMut() -> B,
) -> Result<(Header, B), PushError> {
    let bodies = PEOPLE.map(|_| fresh());
    let buffers = Buffers { names: fresh(), rows: fresh(), bodies };
    let mut builder = BlockBuilder::<B, { PEOPLE.len() }>::new(position, buffers);
    for golden in records {
        builder.push(&golden.record, ring)?;
    }
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
