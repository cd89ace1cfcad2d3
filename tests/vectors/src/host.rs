//! What needs a heap: blocks read back, erased and encoded again, and proofs.

extern crate alloc;

use alloc::vec::Vec;

use activemirror_core::hash::Digest;
use activemirror_core::log::codec::Codec;
use activemirror_core::log::header::Header;
use activemirror_core::log::reader::{BlockError, StoredBlock};
use activemirror_core::log::tree;

use crate::block::salts;
use crate::head::{SIZES, header};
use crate::inputs::LI;
use crate::{Ring, Vector, VectorError, golden_block};

/// The golden block in LZ4, as one machine once packed it. Every machine unpacks it to the same
/// rows; what another machine packs may differ, since LZ4 searches in machine words.
pub const PACKED: &[u8] = include_bytes!("../packed.block");

/// The same in columns, which not every machine packs and every one unpacks.
pub const COLUMNS: &[u8] = include_bytes!("../columns.block");

pub(crate) fn run(ring: &Ring, emit: &mut dyn FnMut(Vector<'_>)) -> Result<(), VectorError> {
    let (header, stored) = golden_block(ring, &mut Vec::new)?;
    run_blocks(ring, &header, &stored, emit)?;
    run_proofs(ring, emit);
    Ok(())
}

/// The golden block, as this machine packs it.
pub fn packed(ring: &Ring, codec: Codec) -> Result<Vec<u8>, VectorError> {
    let (header, stored) = golden_block(ring, &mut Vec::new)?;
    let block = StoredBlock::read(&header, &stored)?;
    Ok(block.recode(codec, &header, ring, salts())?)
}

/// The golden block as rows again.
pub fn unpacked(ring: &Ring, header: &Header, packed: &[u8]) -> Result<Vec<u8>, BlockError> {
    StoredBlock::read(header, packed)?.recode(Codec::Rows, header, ring, salts())
}

fn run_blocks(
    ring: &Ring,
    header: &Header,
    stored: &[u8],
    emit: &mut dyn FnMut(Vector<'_>),
) -> Result<(), VectorError> {
    let block = StoredBlock::read(header, stored)?;
    let leaves = block.open(header, ring)?.leaves(ring)?.unwrap_or_default();
    let erased = block.erase(header, ring, &[LI.subject])?.unwrap_or_default();
    let verified = StoredBlock::read(header, &erased)?.open(header, ring)?.verify(ring)?;
    let unpacked_here = unpacked(ring, header, &packed(ring, Codec::RowsLz4)?)?;
    let elsewhere = unpacked(ring, header, PACKED)?;
    let columns = unpacked(ring, header, COLUMNS)?;
    let blocks: [(_, &[u8]); 6] = [
        ("leaves", &leaves.concat()),
        ("erased", &erased),
        ("erased-verifies", &[u8::from(verified)]),
        ("packed-and-unpacked", &unpacked_here),
        ("packed-elsewhere-and-unpacked", &elsewhere),
        ("columns-packed-elsewhere-and-unpacked", &columns),
    ];
    blocks.into_iter().for_each(|(name, bytes)| emit(Vector { family: "host-block", name, bytes }));
    Ok(())
}

fn run_proofs(ring: &Ring, emit: &mut dyn FnMut(Vector<'_>)) {
    let leaves: Vec<Digest> = (0..9).map(|block| header(ring.tree.log_id(), block).leaf_hash()).collect();
    for (name, index) in SIZES.into_iter().zip(0..) {
        let inclusion = tree::inclusion(&leaves, index).unwrap_or_default();
        emit(Vector { family: "host-inclusion-in-nine", name, bytes: &inclusion.concat() });
        let consistency = tree::consistency(&leaves, index + 1).unwrap_or_default();
        emit(Vector { family: "host-consistency-with-nine", name, bytes: &consistency.concat() });
    }
}
