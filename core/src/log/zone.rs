//! What the records of a block have in common: enough to leave most blocks closed when something
//! is looked for.
//!
//! A zone says less than the structure that it was made of, and never anything of content; it is
//! sealed as that is, and bound to its block's header. It may say "perhaps" where the block says
//! no, and never the other way round. What begins traces is a part of its own: few records do, and
//! whoever lists traces looks for nothing else.
//!
//! | offset | size | meaning |
//! |---|---|---|
//! | 0 | 1 | version, 1 |
//! | 1 | 1 | bits: 1 some records begin traces, 2 some do not |
//! | | | of those that do, then of those that do not: |
//! | 0 | 2 | bits: which kinds there are, by [`Kind`]'s numbers |
//! | 2 | 1 | bits: 1 some records have no confidence, 2 some have one |
//! | 3 | 16 | where some have one, the least and the greatest, as floats |
//! | | 1 | how many spans of time; no more than [`ZONE_SPANS_MAX`](crate::limits::ZONE_SPANS_MAX) |
//! | | 16n | the earliest and the latest time of each, in order, signed milliseconds |
//! | | | agents, then actions, then intents: |
//! | 0 | 1 | bits: 1 some records have none, 2 some have a stand-in, 4 too many to say |
//! | 1 | 1 | how many, where they are not too many; no more than [`ZONE_NAMES_MAX`](crate::limits::ZONE_NAMES_MAX) |
//! | 2 | 2n | a hash of each, in order |
//!
//! Numbers are little-endian. Two bytes of a name are enough to tell: with 64 names in a block, one
//! of a thousand others is taken for one of them, and costs opening a block that holds nothing.

mod names;
mod noting;
mod part;
mod spans;
mod spread;

use alloc::vec::Vec;
use core::fmt;

use super::header::Header;
use crate::buffer::Buffer;
use crate::trace::{Kind, Structure};
use crate::vault::{Key, Salt, SealError, seal};

pub use names::Names;
pub use noting::Noting;
pub use part::Part;
pub use spans::{Span, Spans};
pub use spread::Spread;

const VERSION: u8 = 1;

const SOME_WITHOUT: u8 = 1;

/// What a block's records have in common.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Zone {
    /// Those that begin traces, and those that do not.
    parts: [Part; 2],
}

/// Why bytes are no zone of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ZoneError {
    /// They do not open.
    Seal(SealError),
    /// They are not of a version that this program knows.
    Version,
    /// A field cannot be right.
    Field,
}

impl fmt::Display for ZoneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seal(error) => write!(f, "what is noted of the block does not open: {error}"),
            Self::Version => f.write_str("what is noted of the block was written by a newer version"),
            Self::Field => f.write_str("what is noted of the block cannot be right"),
        }
    }
}

impl core::error::Error for ZoneError {}

impl Zone {
    /// Takes in one more record.
    pub fn note(&mut self, structure: &Structure<'_>) {
        self.parts[place(structure.kind)].note(structure);
    }

    /// What its records have in common, in parts: each record is of one of them.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|part| !part.is_empty())
    }

    /// The byte form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let bit = |place: usize| u8::from(!self.parts[place].is_empty()) << place;
        let mut bytes = Vec::from([VERSION, bit(0) | bit(1)]);
        self.parts().for_each(|part| part.write(&mut bytes));
        bytes
    }

    /// Reads the byte form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ZoneError> {
        let mut rest = Rest(bytes);
        let [version] = rest.take()?;
        if version != VERSION {
            return Err(ZoneError::Version);
        }
        let [bits] = rest.take()?;
        let mut zone = Self::default();
        for (place, part) in zone.parts.iter_mut().enumerate() {
            if bits >> place & 1 == 1 {
                *part = Part::read(&mut rest)?;
            }
        }
        // What is said to be there is there, and nothing else.
        let right = rest.0.is_empty() && zone.to_bytes()[1] == bits;
        if right { Ok(zone) } else { Err(ZoneError::Field) }
    }

    /// Sealed for the block with this header.
    #[must_use]
    pub fn seal(&self, key: &Key, salt: &Salt, header: &Header) -> Vec<u8> {
        let mut sealed = Vec::new();
        seal::seal(key, salt, &[&context(header)], &self.to_bytes(), &mut sealed)
            .expect("invariant: a Vec takes every byte");
        sealed
    }

    /// Opens what was sealed for the block with this header.
    pub fn open(key: &Key, header: &Header, sealed: &[u8]) -> Result<Self, ZoneError> {
        let mut bytes = Vec::with_capacity(sealed.len());
        seal::open(key, &[&context(header)], sealed, &mut bytes).map_err(ZoneError::Seal)?;
        Self::from_bytes(bytes.bytes())
    }
}

fn context(header: &Header) -> [u8; 46] {
    let mut context = [0; 46];
    context[..14].copy_from_slice(b"AMBLOCK1/zone/");
    context[14..].copy_from_slice(&header.leaf_hash());
    context
}

/// The place of the part that a record of this kind is of.
const fn place(kind: Kind) -> usize {
    if matches!(kind, Kind::TraceStart) { 0 } else { 1 }
}

/// What is left to read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], ZoneError> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(ZoneError::Field)?;
        self.0 = rest;
        Ok(*taken)
    }
}
