//! What is saved of blocks that retention moved.

use core::ops::Range;

use activemirror_core::time::Timestamp;

use super::source::PackPlace;
use crate::append::Pending;
use crate::tier::Tier;
use crate::tier::span::Place;

/// Blocks in a row that are saved together.
pub(super) struct Moved {
    /// How many they are.
    pub(super) blocks: u64,
    /// Where their records are.
    pub(super) form: Form,
}

/// Where the records of moved blocks are.
pub(super) enum Form {
    /// In a pack that is whole.
    Pack(PackPlace),
    /// In a damaged pack, which had so many blocks from `first` on: these of them are whole.
    Part { of: PackPlace, first: u64, blocks: u64 },
    /// In the cold store; with what leads to each block's records, where the pack was fetched.
    Cold { place: Place, found: Option<Vec<Pending>> },
    /// Nowhere, by a rule that the log tells of.
    Gone { since: Timestamp, rule: String },
}

impl Moved {
    /// The blocks whose headers are proven by what was opened: seals are bound to them.
    pub(super) const fn proven(&self, first: u64) -> Range<u64> {
        match self.form {
            Form::Part { first, blocks, .. } => first..first + blocks,
            Form::Pack(_) | Form::Cold { found: Some(_), .. } => first..first + self.blocks,
            Form::Cold { found: None, .. } | Form::Gone { .. } => first..first,
        }
    }
}

impl Form {
    pub(super) const fn tier(&self) -> Tier {
        match self {
            Self::Pack(_) | Self::Part { .. } => Tier::Warm,
            Self::Cold { .. } => Tier::Cold,
            Self::Gone { .. } => Tier::Gone,
        }
    }
}
