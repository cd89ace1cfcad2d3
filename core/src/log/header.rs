//! A block's header: what the log's tree commits.
//!
//! | offset | size | meaning |
//! |---|---|---|
//! | 0 | 8 | magic `AMBLOCK1` |
//! | 8 | 32 | log id |
//! | 40 | 8 | block number, from 0 |
//! | 48 | 8 | sequence of its first record |
//! | 56 | 4 | number of records, at least 1 |
//! | 60 | 4 | zero |
//! | 64 | 8 | earliest time, milliseconds since the Unix epoch, signed |
//! | 72 | 8 | latest time |
//! | 80 | 32 | root of the tree over its records' leaves |
//!
//! Sequences begin at 0, or where the log's parent ends
//! ([`Notice::Parent`](crate::trace::Notice::Parent)). Numbers are little-endian. Codec, compression, tier and stored bytes are not here: they may
//! change, the header never does.

use core::fmt;

use super::LogId;
use crate::hash::{self, Digest};
use crate::limits::BLOCK_RECORDS_MAX;
use crate::time::Timestamp;

const MAGIC: &[u8; 8] = b"AMBLOCK1";

/// A header that keeps its rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    /// The log.
    pub log: LogId,
    /// The block's number in it.
    pub block: u64,
    /// The sequence of its first record.
    pub first: u64,
    /// How many records it holds.
    pub count: u32,
    /// The earliest time in it.
    pub time_min: Timestamp,
    /// The latest time in it.
    pub time_max: Timestamp,
    /// The root over its records' leaf hashes.
    pub events_root: Digest,
}

/// Why bytes are no header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderError {
    /// They are not [`Header::BYTES`] long.
    Length,
    /// They do not begin with the magic of this version.
    Magic,
    /// The count is 0 or beyond the limit, the padding is not zero, the sequence would overflow,
    /// or the times are in the wrong order.
    Field,
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "the header is not 112 bytes long",
            Self::Magic => "the header is not of a version this program knows",
            Self::Field => "a field of the header cannot be right",
        })
    }
}

impl core::error::Error for HeaderError {}

impl Header {
    /// Length of the byte form.
    pub const BYTES: usize = 112;

    /// The byte form.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..40].copy_from_slice(&self.log.0);
        bytes[40..48].copy_from_slice(&self.block.to_le_bytes());
        bytes[48..56].copy_from_slice(&self.first.to_le_bytes());
        bytes[56..60].copy_from_slice(&self.count.to_le_bytes());
        bytes[64..72].copy_from_slice(&self.time_min.0.to_le_bytes());
        bytes[72..80].copy_from_slice(&self.time_max.0.to_le_bytes());
        bytes[80..].copy_from_slice(&self.events_root);
        bytes
    }

    /// Reads the byte form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, HeaderError> {
        let bytes: &[u8; Self::BYTES] = bytes.try_into().map_err(|_| HeaderError::Length)?;
        if &bytes[..8] != MAGIC {
            return Err(HeaderError::Magic);
        }
        let header = Self {
            log: LogId(array(bytes, 8)),
            block: u64::from_le_bytes(array(bytes, 40)),
            first: u64::from_le_bytes(array(bytes, 48)),
            count: u32::from_le_bytes(array(bytes, 56)),
            time_min: Timestamp(i64::from_le_bytes(array(bytes, 64))),
            time_max: Timestamp(i64::from_le_bytes(array(bytes, 72))),
            events_root: array(bytes, 80),
        };
        let padding_zero = bytes[60..64] == [0; 4];
        if padding_zero && header.holds() { Ok(header) } else { Err(HeaderError::Field) }
    }

    /// The sequence after its last record.
    #[must_use]
    pub const fn end(&self) -> u64 {
        self.first + self.count as u64
    }

    /// Its leaf in the log's tree.
    #[must_use]
    pub fn leaf_hash(&self) -> Digest {
        hash::leaf(&self.to_bytes())
    }

    fn holds(&self) -> bool {
        (1..=BLOCK_RECORDS_MAX).contains(&self.count)
            && self.first.checked_add(u64::from(self.count)).is_some()
            && self.time_min <= self.time_max
    }
}

fn array<const N: usize>(bytes: &[u8; Header::BYTES], at: usize) -> [u8; N] {
    let mut field = [0; N];
    field.copy_from_slice(&bytes[at..at + N]);
    field
}
