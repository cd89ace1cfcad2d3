//! What the bytes of a stored block, or pack, are for.

use core::ops::AddAssign;

use super::StoredBlock;
use crate::log::block::{Content, ContentState};
use crate::many::Many;
use crate::vault::seal;

/// Bytes of the parts of stored blocks, or packs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// What can be known of records without their person's key, packed, without its seal.
    pub structure: u64,
    /// Content, packed, without its seals.
    pub content: u64,
    /// Leaf hashes: those that erased people leave behind, and those that a pack carries.
    pub hashes: u64,
    /// What sealing adds: salts, commitments and tags.
    pub seals: u64,
}

impl Sizes {
    /// All of it.
    #[must_use]
    pub const fn sum(&self) -> u64 {
        self.structure + self.content + self.hashes + self.seals
    }
}

impl AddAssign for Sizes {
    fn add_assign(&mut self, other: Self) {
        self.structure += other.structure;
        self.content += other.content;
        self.hashes += other.hashes;
        self.seals += other.seals;
    }
}

impl StoredBlock<'_> {
    /// The sizes of its parts. What else it takes is its codec's number, lengths, names of people and
    /// its digest.
    #[must_use]
    pub fn sizes(&self) -> Sizes {
        Sizes::of(self.stored.structure, &self.stored.contents)
    }
}

impl Sizes {
    /// The sizes of these segments.
    pub(in crate::log) fn of(structure: &[u8], contents: &Many<'_, Content<'_>>) -> Self {
        let (structure, seals) = split(structure);
        let mut sizes = Self { structure, seals, ..Self::default() };
        for content in contents.iter() {
            match content.state {
                ContentState::Erased(hashes) => sizes.hashes += hashes.len() as u64,
                ContentState::Sealed(sealed) => {
                    let (content, seals) = split(sealed);
                    sizes.content += content;
                    sizes.seals += seals;
                }
            }
        }
        sizes
    }
}

/// What is sealed, and what sealing adds.
const fn split(sealed: &[u8]) -> (u64, u64) {
    let seals = seal::overhead(sealed.len());
    ((sealed.len() - seals) as u64, seals as u64)
}
