//! Why a block cannot be read.

use core::fmt;

use super::super::codec::CodecError;
use crate::trace::SubjectRef;
use crate::vault::SealError;

/// Why a block cannot be read. Each is a way in which it was damaged or forged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BlockError {
    /// It is shorter than any block.
    TooShort,
    /// Its digest does not fit its header and bytes.
    Digest,
    /// Its codec is of no version this program knows.
    UnknownCodec,
    /// Its stored form cannot be parsed.
    Format,
    /// It lists more people than a row can name, or one of them twice.
    Subjects,
    /// Its structure segment does not open.
    Structure(SealError),
    /// A content segment does not open, though its key is there.
    Content(SubjectRef, SealError),
    /// A segment does not decompress.
    Codec(CodecError),
    /// A segment cannot be parsed, or disagrees with the header or another segment.
    Segment,
    /// The records are not those that the header commits.
    Root,
}

impl fmt::Display for BlockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort => f.write_str("the block is cut short"),
            Self::Digest => f.write_str("header and stored bytes do not fit their digest"),
            Self::UnknownCodec => f.write_str("the block was written by a newer version"),
            Self::Format => f.write_str("the stored bytes are no block"),
            Self::Subjects => f.write_str("the block lists more people than it may, or one of them twice"),
            Self::Structure(error) => write!(f, "the block's structure does not open: {error}"),
            Self::Content(_, error) => write!(f, "a person's content does not open: {error}"),
            Self::Codec(error) => error.fmt(f),
            Self::Segment => f.write_str("the block's segments disagree with its header"),
            Self::Root => f.write_str("the records are not those that the header commits"),
        }
    }
}

impl core::error::Error for BlockError {}

impl From<CodecError> for BlockError {
    fn from(error: CodecError) -> Self {
        Self::Codec(error)
    }
}
