//! The records of one block: every leaf recomputed, nobody erased who was not, the index complete.

use activemirror_core::log::header::Header;
use activemirror_core::log::reader::{Entry, EntryBody, OpenBlock};
use activemirror_core::log::zone::Zone;
use activemirror_core::trace::SubjectRef;
use redb::ReadableMultimapTable;

use super::{Checking, Wrong};
use crate::append::Pending;
use crate::error::StoreError;
use crate::losses::Losses;
use crate::tables::{INDEX, TRACES, ZONES};
use crate::tier::verifying::note_went;

impl Checking<'_> {
    pub(crate) fn records(
        &mut self,
        header: &Header,
        open: &OpenBlock,
    ) -> Result<Result<(), Wrong>, StoreError> {
        let keys = self.store.keys();
        let ring = keys.ring(header.log);
        match open.verify(&ring) {
            Ok(true) => {}
            Ok(false) if missing_are_lost(open, self.losses) => {}
            Ok(false) => return Ok(Err(Wrong::KeyMissing)),
            Err(error) => return Ok(Err(Wrong::Block(error))),
        }
        let was_erased = |subject| keys.was_erased(subject);
        // In a pack that carries leaf hashes, whose key is gone counts as erased.
        let explained = |subject| was_erased(subject) || self.losses.has_lost_key(subject);
        self.count_and_find(header, open, explained)
    }

    fn count_and_find(
        &mut self,
        header: &Header,
        open: &OpenBlock,
        explained: impl Fn(SubjectRef) -> bool,
    ) -> Result<Result<(), Wrong>, StoreError> {
        let entries = match open.entries() {
            Ok(entries) => entries,
            Err(error) => return Ok(Err(Wrong::Block(error))),
        };
        let erased = entries.iter().filter(|entry| matches!(entry.body, EntryBody::Erased(_))).count() as u64;
        let forged = |entry: &Entry<'_>| {
            let subject = entry.structure.subject;
            matches!(entry.body, EntryBody::Erased(_)) && !explained(subject)
        };
        if entries.iter().any(forged) {
            return Ok(Err(Wrong::NotErased));
        }
        if self.report.own {
            note_went(&mut self.went, &entries);
        }
        let closed = entries.iter().filter(|entry| matches!(entry.body, EntryBody::Sealed)).count() as u64;
        self.report.erased += erased;
        self.report.closed += closed;
        self.report.recomputed += entries.len() as u64 - erased - closed;
        let mut expected = Pending::default();
        entries.iter().for_each(|entry| expected.note_entry(self.store, entry));
        Ok(match () {
            () if !self.is_indexed(header.block, &expected)? => Err(Wrong::Unindexed),
            () if !self.is_zoned(header, &expected)? => Err(Wrong::Zone),
            () => Ok(()),
        })
    }

    /// Read once: a key that many blocks have would otherwise be walked for each of them.
    pub(super) fn read_index(&self) -> Result<Vec<([u8; 16], u64)>, StoreError> {
        let mut rows = Vec::new();
        for row in self.transaction.open_multimap_table(INDEX)?.iter()? {
            let (key, blocks) = row?;
            for at in blocks {
                let (log, block) = at?.value();
                if log == self.log.number {
                    rows.push((*key.value(), block));
                }
            }
        }
        Ok(rows)
    }

    /// Whether the index leads to every record of a block.
    fn is_indexed(&self, block: u64, expected: &Pending) -> Result<bool, StoreError> {
        let traces = self.transaction.open_table(TRACES)?;
        for (sequence, trace) in &expected.starts {
            if traces.get((self.log.number, *sequence))?.is_none_or(|row| row.value() != trace) {
                return Ok(false);
            }
        }
        Ok(expected.keys.iter().all(|key| self.index.binary_search(&(*key, block)).is_ok()))
    }

    /// Whether the block's zone is what its records make it; one that is not there hides nothing.
    fn is_zoned(&self, header: &Header, expected: &Pending) -> Result<bool, StoreError> {
        let zones = self.transaction.open_table(ZONES)?;
        let Some(sealed) = zones.get((self.log.number, header.block))? else { return Ok(true) };
        let zone = Zone::open(self.store.tree.structure(), header, sealed.value());
        Ok(zone.is_ok_and(|zone| zone == *expected.zone()))
    }
}

/// Whether everybody whose content stays closed is somebody whose key a repair could not save.
fn missing_are_lost(open: &OpenBlock, losses: &Losses) -> bool {
    let lost = |entry: &Entry<'_>| {
        !matches!(entry.body, EntryBody::Sealed) || losses.has_lost_key(entry.structure.subject)
    };
    open.entries().is_ok_and(|entries| entries.iter().all(lost))
}
