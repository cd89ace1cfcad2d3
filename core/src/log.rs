//! One log, and it is a proof: blocks, their headers, the trees over both, signed checkpoints.
//!
//! ```text
//!  record ─► leaf ─┐                    header ─► leaf ─┐
//!  record ─► leaf ─┼─► events_root ─►   header ─► leaf ─┼─► log root ─► signed checkpoint
//!  record ─► leaf ─┘   (in the header)  header ─► leaf ─┘
//! ```
//!
//! A log belongs to one device and namespace; only its own device appends to it. How a block is
//! encoded, compressed and sealed lies outside its header, so re-encoding one changes no proof.

pub mod block;
pub mod checkpoint;
pub mod codec;
pub mod header;
#[cfg(feature = "alloc")]
pub mod pack;
#[cfg(feature = "alloc")]
pub mod reader;
pub mod stream;
pub mod tree;
#[cfg(feature = "alloc")]
pub mod zone;

use core::fmt;

use serde::Serialize;

use crate::hash::{Digest, sha256};

/// A log's id: the SHA-256 of its first public key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "alloc", derive(serde::Deserialize))]
#[serde(transparent)]
pub struct LogId(pub Digest);

impl LogId {
    /// The id of the log that this Ed25519 public key begins.
    #[must_use]
    pub fn of(public_key: &[u8; 32]) -> Self {
        Self(sha256(public_key))
    }

    /// The id that is written so: 64 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
        let pairs: &[[u8; 2]; 32] = pairs.try_into().ok()?;
        let digit = |digit: u8| char::from(digit).to_digit(16);
        let mut id = Self([0; 32]);
        for (byte, [high, low]) in id.0.iter_mut().zip(pairs) {
            *byte = (digit(*high)? << 4 | digit(*low)?) as u8;
        }
        Some(id)
    }
}

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogId({self})")
    }
}
