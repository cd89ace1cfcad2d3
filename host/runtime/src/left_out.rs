//! What was asked for and cannot be read, because it went by retention or lies in a cold store that does
//! not give it: whoever lists or searches says so.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use activemirror_core::time::Timestamp;
use activemirror_store::{BlockRef, ColdFault, StoreError, Unread};

use crate::error::Error;
use crate::runtime::{Inner, Runtime};

/// Blocks that a runtime was asked for and could not read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Those that went by retention, and since when.
    pub gone: BTreeMap<BlockRef, Timestamp>,
    /// Those that the cold store does not give, and why not.
    pub cold: BTreeMap<BlockRef, ColdFault>,
}

impl LeftOut {
    /// Whether nothing was.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.gone.is_empty() && self.cold.is_empty()
    }
}

impl Runtime {
    /// What could not be read for anything that was asked of this runtime so far.
    #[must_use]
    pub fn left_out(&self) -> LeftOut {
        self.inner().left_out.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Inner {
    /// Notes a block that is gone, or whose cold store does not give it; any other is an error.
    pub(crate) fn leave_out(&self, unread: Unread) -> Result<(), Error> {
        if self.note_left_out(&unread) { Ok(()) } else { Err(unread.why.into()) }
    }

    /// The same, and whether it is such a block.
    pub(crate) fn note_left_out(&self, Unread { at, why }: &Unread) -> bool {
        let noted = || self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
        match why {
            StoreError::Gone { since, .. } => drop(noted().gone.insert(*at, *since)),
            StoreError::Cold { why, .. } => drop(noted().cold.insert(*at, why.clone())),
            _ => return false,
        }
        true
    }

    /// Why nothing of a trace with records in these blocks was read.
    pub(crate) fn why_not_read(&self, id: &str, blocks: &[BlockRef]) -> Result<Error, Error> {
        for at in blocks {
            if let Some((since, rule)) = self.store().went(*at)? {
                return Ok(Error::GoneTrace(id.to_owned(), since, rule));
            }
        }
        let left_out = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
        let cold = blocks.iter().find_map(|at| Some((at.block, left_out.cold.get(at)?.clone())));
        Ok(match cold {
            Some((block, why)) => StoreError::Cold { block, why }.into(),
            None => Error::UnknownTrace(id.to_owned()),
        })
    }
}
