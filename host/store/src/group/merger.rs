//! The thread that merges small blocks into packs, while others go on to record.

use super::state::Shared;
use crate::building::Block;
use crate::open::Store;
use crate::tier::merge::is_loose_block;

/// Stored bytes of small blocks that are merged however few they are: what goes into one pack, about,
/// so that most packs are filled at once and none is opened again for long.
const BYTES: u64 = 1 << 20;

/// Small blocks that came since the last merge.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Loose {
    blocks: u64,
    bytes: u64,
}

impl Loose {
    /// Those of these blocks that are small.
    pub(super) fn of(blocks: &[Block]) -> Self {
        let mut loose = Self::default();
        for block in blocks {
            let (records, bytes) = (u64::from(block.header.count), block.stored.len() as u64);
            if is_loose_block(records, bytes) {
                loose.add(Self { blocks: 1, bytes });
            }
        }
        loose
    }

    /// These as well.
    pub(super) const fn add(&mut self, more: Self) {
        self.blocks += more.blocks;
        self.bytes += more.bytes;
    }

    /// Whether they are to be merged now, if so many blocks are enough.
    pub(super) const fn are_many(self, enough: u64) -> bool {
        self.blocks >= enough || self.bytes >= BYTES
    }
}

/// Merges until the group ends.
pub(super) fn run(store: &Store, shared: &Shared) {
    let mut looked = 0;
    while shared.wait_for_loose() {
        if let Err(error) = store.merge(&mut looked, || shared.is_closed()) {
            shared.note_unmerged(error);
        }
    }
}
