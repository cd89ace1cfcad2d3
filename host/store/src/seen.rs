//! Whether a store is as new as a checkpoint of it that was kept elsewhere: an older copy that was
//! put back holds in itself, and only something outside of it can tell.

use activemirror_core::log::LogId;
use activemirror_core::log::checkpoint::{self, CheckpointError};
use redb::{ReadableDatabase, ReadableTable};

use crate::error::StoreError;
use crate::open::Store;
use crate::tables::{CHECKPOINTS, LOGS};

/// How a store stands to a checkpoint that was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It goes on from there.
    GoesOn,
    /// It has so many blocks, fewer than were signed, or none of that log at all.
    Behind {
        /// Blocks that were signed.
        seen: u64,
        /// Blocks that are here.
        here: u64,
    },
    /// It has as many blocks, but not those.
    Forked {
        /// Blocks that were signed.
        seen: u64,
    },
}

impl Store {
    /// The newest signed checkpoint of each log that has one.
    pub fn checkpoints(&self) -> Result<Vec<(LogId, String)>, StoreError> {
        let transaction = self.db.begin_read()?;
        let (notes, logs) = (transaction.open_table(CHECKPOINTS)?, transaction.open_table(LOGS)?);
        let mut checkpoints = Vec::new();
        for row in notes.iter()? {
            let (number, note) = row?;
            if let Some(key) = logs.get(number.value())? {
                checkpoints.push((LogId::of(key.value()), note.value().to_owned()));
            }
        }
        Ok(checkpoints)
    }

    /// How this store stands to a checkpoint of a log. The inner error is the note's: it is no
    /// checkpoint of that log.
    pub fn standing(&self, log: LogId, note: &str) -> Result<Result<Standing, CheckpointError>, StoreError> {
        let own = self.own.iter().find(|own| own.log == log);
        let number = match own {
            Some(own) => Some(own.number),
            None => self.number_of(log)?,
        };
        let Some(number) = number else {
            let seen = checkpoint::peek(note, log).map(|seen| Standing::Behind { seen: seen.size, here: 0 });
            return Ok(seen);
        };
        let key = match (own, self.db.begin_read()?.open_table(LOGS)?.get(number)?) {
            (Some(own), _) => own.public_key,
            (None, Some(key)) => *key.value(),
            (None, None) => return Err(StoreError::UnknownLog),
        };
        let signed = match checkpoint::open(note, log, &key) {
            Ok(signed) => signed,
            Err(error) => return Ok(Err(error)),
        };
        Ok(Ok(match self.tree_of(number, signed.size)? {
            Some(tree) if tree.root() == signed.root => Standing::GoesOn,
            Some(_) => Standing::Forked { seen: signed.size },
            // Over lost headers nobody can tell what the tree was; how many there were, a repair said.
            None if self.losses.left(log).is_some_and(|left| left.blocks >= signed.size) => Standing::GoesOn,
            None => Standing::Behind { seen: signed.size, here: self.end_of(number)?.0 },
        }))
    }
}
