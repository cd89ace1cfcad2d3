//! Packs: the golden block and the one after it in one stored form. A device has no heap, and neither
//! writes nor reads them.

extern crate alloc;

use alloc::vec::Vec;

use activemirror_core::log::codec::Codec;
use activemirror_core::log::header::Header;
use activemirror_core::log::pack::{self, Leaves, StoredPack};
use activemirror_core::log::reader::{OpenBlock, StoredBlock};

use crate::block::{next_block, salts};
use crate::inputs::LI;
use crate::{Ring, Vector, VectorError, golden_block};

/// The golden pack in columns, as one machine once packed it: not every machine packs them, and every one
/// unpacks them to the same records.
pub const COLUMNS_PACK: &[u8] = include_bytes!("../columns.pack");

pub(crate) fn run(ring: &Ring, emit: &mut dyn FnMut(Vector<'_>)) -> Result<(), VectorError> {
    let headers = pack_headers(ring)?;
    let rows = golden_pack(ring, Leaves::Derived, Codec::Rows)?;
    let with_leaves = golden_pack(ring, Leaves::Kept, Codec::Rows)?;
    let packed = StoredPack::read(&headers, &with_leaves)?;
    let erased = packed.erase(&headers, ring, &[LI.subject])?.unwrap_or_default();
    let opened = StoredPack::read(&headers, &erased)?.open(&headers, ring)?;
    let verified = opened.iter().map(|block| block.verify(ring)).collect::<Result<Vec<_>, _>>()?;
    let verified: Vec<u8> = verified.into_iter().map(u8::from).collect();
    let elsewhere = pack_as_rows(ring, COLUMNS_PACK)?;
    let packs: [(_, &[u8]); 5] = [
        ("rows", &rows),
        ("rows-with-leaves", &with_leaves),
        ("erased", &erased),
        ("erased-verifies", &verified),
        ("columns-packed-elsewhere-as-rows", &elsewhere),
    ];
    packs.into_iter().for_each(|(name, bytes)| emit(Vector { family: "host-pack", name, bytes }));
    Ok(())
}

/// The golden pack, as this machine writes it.
pub fn golden_pack(ring: &Ring, leaves: Leaves, codec: Codec) -> Result<Vec<u8>, VectorError> {
    let (_, blocks) = blocks(ring)?;
    Ok(pack::write(&blocks, leaves, codec, ring, salts())?)
}

/// The golden pack in another codec, as rows again.
pub fn pack_as_rows(ring: &Ring, packed: &[u8]) -> Result<Vec<u8>, VectorError> {
    let headers = pack_headers(ring)?;
    let opened = StoredPack::read(&headers, packed)?.open(&headers, ring)?;
    Ok(pack::write(&opened, Leaves::Derived, Codec::Rows, ring, salts())?)
}

/// The headers of the blocks in it.
pub fn pack_headers(ring: &Ring) -> Result<[Header; 2], VectorError> {
    Ok(blocks(ring)?.0)
}

/// The blocks that go into it.
fn blocks(ring: &Ring) -> Result<([Header; 2], Vec<OpenBlock>), VectorError> {
    let (first, stored) = golden_block(ring, &mut Vec::new)?;
    let (second, after) = next_block(ring, &first, &mut Vec::new)?;
    let open = |header: &Header, stored: &[u8]| StoredBlock::read(header, stored)?.open(header, ring);
    let opened = Vec::from([open(&first, &stored)?, open(&second, &after)?]);
    Ok(([first, second], opened))
}
