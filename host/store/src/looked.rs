//! How far a device's log was looked at: what its host found there is durable together with the
//! note of how far it came, so whatever stops a look, the next one goes on where it ended.

use activemirror_core::log::LogId;
use activemirror_core::trace::Record;
use redb::ReadableDatabase;

use crate::error::StoreError;
use crate::open::Store;
use crate::tables::{BlockRef, LogNumber, META};

impl Store {
    /// The sequence after the last record of an enrolled device's log that was looked at.
    pub fn looked(&self, log: LogId) -> Result<u64, StoreError> {
        let number = self.number_of(log)?.ok_or(StoreError::UnknownLog)?;
        let meta = self.db.begin_read()?.open_table(META)?;
        let known = meta.get(&*key(number))?.and_then(|value| value.value().try_into().ok());
        Ok(known.map_or(0, u64::from_le_bytes))
    }

    /// The sequence after the last record of an enrolled device's log.
    pub fn end(&self, log: LogId) -> Result<u64, StoreError> {
        let number = self.number_of(log)?.ok_or(StoreError::UnknownLog)?;
        Ok(self.end_of(number)?.1)
    }

    /// The blocks of an enrolled device's log that hold records from `sequence` on.
    pub fn blocks_from(&self, log: LogId, sequence: u64) -> Result<Vec<BlockRef>, StoreError> {
        let number = self.number_of(log)?.ok_or(StoreError::UnknownLog)?;
        let first = if sequence == 0 { 0 } else { self.block_of(number, sequence)? };
        let (end, _) = self.end_of(number)?;
        let blocks = (first..end).map(|block| BlockRef { log: number, block });
        Ok(blocks.filter(|at| !self.is_gone(log, *at)).collect())
    }

    /// Appends to the own log what was found in a device's log before `sequence`, and remembers that
    /// it was looked at so far; both or neither.
    pub fn append_looked<'r>(
        &self,
        log: LogId,
        sequence: u64,
        found: impl IntoIterator<Item = &'r Record<'r>>,
    ) -> Result<(), StoreError> {
        let number = self.number_of(log)?.ok_or(StoreError::UnknownLog)?;
        let mut head = self.head();
        let transaction = self.begin_write()?;
        let next = self.append_in(&transaction, &head, found)?;
        transaction.open_table(META)?.insert(&*key(number), sequence.to_le_bytes().as_slice())?;
        transaction.commit()?;
        *head = next;
        if head.tree.size() > 0 {
            self.change_keys().note_log_has_begun()?;
        }
        Ok(())
    }
}

fn key(log: LogNumber) -> String {
    format!("looked/{log}")
}
