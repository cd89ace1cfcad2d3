//! A block of a search that was moved: packs have no structure of their own for each block, so all of
//! the pack is opened, and kept while its other blocks are looked at.

use core::ops::ControlFlow;
use std::collections::HashSet;

use activemirror_core::filter::{Early, Facts};
use activemirror_core::log::reader::{Entry, EntryBody};

use super::{Finding, Found, FoundBody, Order};
use crate::error::StoreError;
use crate::read::BlockRef;

impl Finding<'_> {
    /// Looks through one block that has no payload of its own.
    pub(super) fn moved(
        &mut self,
        at: BlockRef,
        found: &mut dyn FnMut(&Found<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, StoreError> {
        let block = self.store.open_moved(at)?;
        let mut entries = block.entries().map_err(|error| StoreError::Block(at.block, error))?;
        let open = entries.iter().filter(|entry| matches!(entry.body, EntryBody::Open(_)));
        self.explain.unsealed +=
            open.map(|entry| entry.structure.subject).collect::<HashSet<_>>().len() as u64;
        self.explain.opened += 1;
        self.explain.moved += 1;
        self.explain.looked_at += entries.len() as u64;
        if self.search.order == Order::NewestFirst {
            entries.reverse();
        }
        let log = block.header().log;
        for entry in &entries {
            let facts = Facts { log, sequence: entry.sequence, structure: &entry.structure };
            let early = self.search.sieve.on_structure(&facts);
            let (sequence, structure, body) = (entry.sequence, &entry.structure, self.body_of(entry, early));
            let record = Found { at, log, sequence, structure, body };
            let wanted = match early {
                Early::Passes => true,
                Early::Fails => false,
                Early::NeedsContent => self.passes(&record),
            };
            if wanted && self.hand(&record, found).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// What is handed out of a body: no more than of one that was not moved.
    fn body_of<'e>(&self, entry: &'e Entry<'_>, early: Early) -> FoundBody<'e> {
        let asked = early == Early::NeedsContent || self.search.content || entry.structure.has_stand_in();
        match &entry.body {
            EntryBody::Open(_) if !asked => FoundBody::Closed,
            EntryBody::Open(body) => FoundBody::Open(body),
            EntryBody::Sealed => FoundBody::Sealed,
            EntryBody::Erased(_) => FoundBody::Erased,
        }
    }
}
