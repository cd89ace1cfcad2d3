//! How a segment's plaintext is encoded before it is sealed.
//!
//! The codec lies outside the header: a block can be encoded again, for another tier or machine,
//! and every proof over it still holds. Every build with `alloc` reads every codec.

#[cfg(feature = "alloc")]
mod columns;

use core::fmt;

#[cfg(feature = "alloc")]
pub(super) use columns::{ColumnRow, Rows};

#[cfg(feature = "zstd")]
use columns::Packer;
#[cfg(not(feature = "zstd"))]
use read_only::Packer;

/// A codec. Its number is the first byte of a stored block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Codec {
    /// Rows, as they are: what a device writes.
    Rows = 0,
    /// Rows in LZ4's block format, behind their length as a little-endian `u32`: what browsers
    /// write.
    RowsLz4 = 1,
    /// Columns in Zstandard: what hosts write.
    Columns = 2,
}

/// What a segment's plaintext is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Contents {
    /// Names and rows.
    Structure,
    /// Bodies.
    Bodies,
}

/// Why a segment is not encoded or decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodecError {
    /// This build has no heap, and the codec needs one.
    NeedsHeap,
    /// This build reads the codec, and cannot write it.
    ReadOnly,
    /// The block would unpack to more than [`crate::limits::BLOCK_PLAIN_BYTES_MAX`].
    TooLarge,
    /// The encoded bytes are damaged.
    Damaged,
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NeedsHeap => "this build cannot compress",
            Self::ReadOnly => "this build cannot write blocks with this codec",
            Self::TooLarge => "the block would unpack to more than a block may hold",
            Self::Damaged => "the compressed bytes are damaged",
        })
    }
}

impl core::error::Error for CodecError {}

impl Codec {
    /// The codec that stores the least, of those that this build writes.
    pub const SMALLEST: Self = match () {
        () if cfg!(feature = "zstd") => Self::Columns,
        () if cfg!(feature = "alloc") => Self::RowsLz4,
        () => Self::Rows,
    };

    /// The codec with this number.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Rows),
            1 => Some(Self::RowsLz4),
            2 => Some(Self::Columns),
            _ => None,
        }
    }

    /// The plaintext of `encoded`, which takes its length from `room`.
    #[cfg(feature = "alloc")]
    pub(super) fn decode(
        self,
        encoded: alloc::vec::Vec<u8>,
        room: &mut usize,
    ) -> Result<alloc::vec::Vec<u8>, CodecError> {
        let plain = match self {
            Self::Rows => encoded,
            Self::RowsLz4 => lz4::decompress(&encoded, *room)?,
            Self::Columns => columns::unpack(&encoded, *room)?,
        };
        *room = room.checked_sub(plain.len()).ok_or(CodecError::TooLarge)?;
        Ok(plain)
    }

    /// A structure segment so far that its rows can be read, which takes its length from `room`.
    #[cfg(feature = "alloc")]
    pub(super) fn decode_structure(
        self,
        encoded: alloc::vec::Vec<u8>,
        room: &mut usize,
    ) -> Result<Unpacked, CodecError> {
        if self != Self::Columns {
            return self.decode(encoded, room).map(Unpacked::Plain);
        }
        let unpacked = columns::unpack_structure(&encoded, *room)?;
        let (Unpacked::Plain(bytes) | Unpacked::Columns(bytes)) = &unpacked;
        *room = room.checked_sub(bytes.len()).ok_or(CodecError::TooLarge)?;
        Ok(unpacked)
    }
}

/// A structure segment whose rows can be read.
#[cfg(feature = "alloc")]
#[derive(Debug)]
pub(super) enum Unpacked {
    /// Its plaintext.
    Plain(alloc::vec::Vec<u8>),
    /// Its columns, for [`Rows`].
    Columns(alloc::vec::Vec<u8>),
}

/// Encodes the segments of a block, one after the other.
#[derive(Debug)]
pub(super) enum Encoder {
    Rows,
    RowsLz4,
    Columns(Packer),
}

impl Encoder {
    pub(super) fn new(codec: Codec) -> Result<Self, CodecError> {
        Ok(match codec {
            Codec::Rows => Self::Rows,
            Codec::RowsLz4 => Self::RowsLz4,
            Codec::Columns => Self::Columns(Packer::new()?),
        })
    }

    /// One that takes its time, for what is written once and seldom read.
    #[cfg(feature = "alloc")]
    pub(super) fn thorough(codec: Codec) -> Result<Self, CodecError> {
        match codec {
            Codec::Columns => Ok(Self::Columns(Packer::thorough()?)),
            other => Self::new(other),
        }
    }

    /// Hands the encoded form of a plaintext in pieces, in pieces, to `then`.
    pub(super) fn encode<R>(
        &mut self,
        contents: Contents,
        plain: &[&[u8]],
        then: impl FnOnce(&[&[u8]]) -> R,
    ) -> Result<R, CodecError> {
        match self {
            Self::Rows => Ok(then(plain)),
            Self::RowsLz4 => lz4::compress(plain, then),
            Self::Columns(packer) => packer.pack(contents, plain, then),
        }
    }
}

/// Without Zstandard's library there is no packer.
#[cfg(not(feature = "zstd"))]
mod read_only {
    use super::{CodecError, Contents};

    #[derive(Debug)]
    pub(in super::super) enum Packer {}

    impl Packer {
        pub(super) const fn new() -> Result<Self, CodecError> {
            Err(CodecError::ReadOnly)
        }

        #[cfg(feature = "alloc")]
        pub(super) const fn thorough() -> Result<Self, CodecError> {
            Self::new()
        }

        pub(super) fn pack<R>(
            &mut self,
            _: Contents,
            _: &[&[u8]],
            _: impl FnOnce(&[&[u8]]) -> R,
        ) -> Result<R, CodecError> {
            match *self {}
        }
    }
}

#[cfg(feature = "alloc")]
mod lz4 {
    use alloc::vec::Vec;

    use super::CodecError;

    pub(super) fn compress<R>(plain: &[&[u8]], then: impl FnOnce(&[&[u8]]) -> R) -> Result<R, CodecError> {
        Ok(then(&[&lz4_flex::compress_prepend_size(&plain.concat())]))
    }

    pub(super) fn decompress(encoded: &[u8], room: usize) -> Result<Vec<u8>, CodecError> {
        let (len, packed) = encoded.split_first_chunk::<4>().ok_or(CodecError::Damaged)?;
        let len = u32::from_le_bytes(*len) as usize;
        // LZ4 yields at most 255 bytes for one; a longer claim is a lie that would cost memory.
        if len > room || len > packed.len().saturating_mul(255) {
            return Err(CodecError::TooLarge);
        }
        lz4_flex::decompress(packed, len).map_err(|_| CodecError::Damaged)
    }
}

#[cfg(not(feature = "alloc"))]
mod lz4 {
    use super::CodecError;

    pub(super) fn compress<R>(_: &[&[u8]], _: impl FnOnce(&[&[u8]]) -> R) -> Result<R, CodecError> {
        Err(CodecError::NeedsHeap)
    }
}
