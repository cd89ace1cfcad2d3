//! When a block is full.
//!
//! redb gives a value a power-of-two run of pages, so a block's stored form should end just under
//! one. What a record will take there is known from the block before.

use activemirror_core::limits::{BLOCK_BYTES_TARGETS, BLOCK_RECORDS_TARGET};

/// A block this small says little of the next one: seals and names are most of it.
const TELLING: u64 = 8_000;

/// What the last block came to, and what the next one is filled up to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filling {
    plain: u64,
    stored: u64,
    target: u64,
}

impl Default for Filling {
    fn default() -> Self {
        let [.., target] = BLOCK_BYTES_TARGETS;
        Self { plain: 1, stored: 1, target: target as u64 }
    }
}

impl Filling {
    /// Whether a block of so many records and bytes of plaintext is to be finished.
    pub(crate) const fn is_full(self, records: u32, plain: usize) -> bool {
        let stored = plain as u64 * self.stored / self.plain;
        records >= BLOCK_RECORDS_TARGET || stored >= self.target
    }

    /// Learns from a finished block.
    pub(crate) fn note(&mut self, records: u32, plain: usize, stored: usize) {
        let [small, large] = BLOCK_BYTES_TARGETS.map(|target| target as u64);
        let (plain, stored) = (plain as u64, stored as u64);
        if stored >= TELLING && records > 0 {
            // Where no more than the records that a block may hold would fill the larger run in part,
            // the smaller one is filled whole.
            let most = stored * u64::from(BLOCK_RECORDS_TARGET) / u64::from(records);
            *self = Self { plain, stored, target: if most >= large { large } else { small } };
        }
    }
}
