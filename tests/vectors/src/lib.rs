//! One truth: golden inputs, and what core makes of them on every machine.
//!
//! [`run`] computes every vector from [`inputs`] through core's public interface and hands each
//! to its caller as a [`Vector`], whose `Display` is a line of `golden.txt`. The host's test, the
//! device in QEMU and the browser all compare their lines with that one file, so all agree byte
//! for byte. `tests/independent.rs` computes some of them again without core, from the documents
//! that the formats follow: what all machines agree on is also right.
//!
//! With feature `alloc` come the vectors of family `host-…`, which need a heap; a device has none
//! and leaves those lines out.
//!
//! `BLESS=1 cargo nextest run --release -p activemirror-vectors` writes `golden.txt` anew. A changed
//! line is a changed format.

#![no_std]
#![forbid(unsafe_code)]

mod block;
mod head;
#[cfg(feature = "alloc")]
mod host;
pub mod inputs;
mod key;
#[cfg(feature = "alloc")]
mod pack;
mod record;
mod ring;

use core::fmt;

use activemirror_core::buffer::{Buffer, BufferFull};
use activemirror_core::hash::sha256;
use activemirror_core::log::block::PushError;
#[cfg(feature = "alloc")]
use activemirror_core::log::pack::PackError;
#[cfg(feature = "alloc")]
use activemirror_core::log::reader::BlockError;

pub use block::{golden_block, short_block};
#[cfg(feature = "alloc")]
pub use host::{COLUMNS, PACKED, packed, unpacked};
#[cfg(feature = "alloc")]
pub use pack::{COLUMNS_PACK, golden_pack, pack_as_rows, pack_headers};
pub use ring::Ring;

/// The golden lines.
pub const GOLDEN: &str = include_str!("../golden.txt");

/// What begins the names of vectors that need a heap.
pub const HOST: &str = "host-";

/// How many bytes of room every buffer needs that `run` asks for.
pub const BUFFER_BYTES: usize = 40_000;

/// Longer bytes are told by their hash.
const SHOWN_MAX: usize = 160;

/// Why vectors cannot be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VectorError {
    /// A golden record does not go into its block: a buffer has less than [`BUFFER_BYTES`].
    Push(PushError),
    /// A golden block does not open again: core is broken.
    #[cfg(feature = "alloc")]
    Block(BlockError),
    /// Golden blocks do not go into a pack: core is broken.
    #[cfg(feature = "alloc")]
    Pack(PackError),
}

impl fmt::Display for VectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Push(error) => write!(f, "a golden record was not written: {error}"),
            #[cfg(feature = "alloc")]
            Self::Block(error) => write!(f, "a golden block was not read: {error}"),
            #[cfg(feature = "alloc")]
            Self::Pack(error) => write!(f, "golden blocks were not packed: {error}"),
        }
    }
}

impl core::error::Error for VectorError {}

impl From<PushError> for VectorError {
    fn from(error: PushError) -> Self {
        Self::Push(error)
    }
}

impl From<BufferFull> for VectorError {
    fn from(full: BufferFull) -> Self {
        Self::Push(full.into())
    }
}

#[cfg(feature = "alloc")]
impl From<BlockError> for VectorError {
    fn from(error: BlockError) -> Self {
        Self::Block(error)
    }
}

#[cfg(feature = "alloc")]
impl From<PackError> for VectorError {
    fn from(error: PackError) -> Self {
        Self::Pack(error)
    }
}

/// Bytes that must be the same everywhere.
#[derive(Clone, Copy, Debug)]
pub struct Vector<'a> {
    /// What it is a vector of.
    pub family: &'static str,
    /// Which one.
    pub name: &'static str,
    /// The bytes.
    pub bytes: &'a [u8],
}

impl fmt::Display for Vector<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{} = ", self.family, self.name)?;
        if self.bytes.len() <= SHOWN_MAX {
            return write_hex(f, self.bytes);
        }
        write!(f, "{} bytes, sha256 ", self.bytes.len())?;
        write_hex(f, &sha256(self.bytes))
    }
}

fn write_hex(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// Computes every vector, in the order of `golden.txt`.
///
/// `fresh` gives an empty buffer of [`BUFFER_BYTES`] room each time; [`BUFFERS`] times in all.
pub fn run<B: Buffer>(
    fresh: &mut dyn FnMut() -> B,
    emit: &mut dyn FnMut(Vector<'_>),
) -> Result<(), VectorError> {
    let ring = Ring::new();
    let mut scratch = fresh();
    key::run(&ring, emit);
    record::run(&ring, &mut scratch, emit)?;
    head::run(&ring, &mut scratch, emit)?;
    key::run_seals(&mut scratch, emit)?;
    block::run(&ring, fresh, &mut scratch, emit)?;
    #[cfg(feature = "alloc")]
    {
        host::run(&ring, emit)?;
        pack::run(&ring, emit)?;
    }
    Ok(())
}

/// How many buffers [`run`] asks for.
pub const BUFFERS: usize = 1 + block::BUFFERS;
