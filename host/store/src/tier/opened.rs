//! Opening what was moved: packs, from the tables or from the cold store.

use std::sync::{Arc, PoisonError};

use activemirror_core::log::LogId;
use activemirror_core::log::header::Header;
use activemirror_core::log::pack::StoredPack;
use activemirror_core::log::reader::OpenBlock;
use redb::ReadableDatabase;

use super::cold::{ColdError, ColdFault};
use super::span::{self, Place, Span};
use super::{Tier, headers};
use crate::error::StoreError;
use crate::open::Store;
use crate::tables::{BlockRef, LogNumber, PACKS, SPANS};

/// The pack that was opened last. Whoever reads a pack's blocks one after the other opens it once.
#[derive(Debug)]
pub(crate) struct Opened {
    log: LogNumber,
    first: u64,
    generation: u64,
    blocks: Arc<[OpenBlock]>,
}

/// What is to be known of a pack.
pub(super) enum Found<K> {
    /// It was opened before: what that gave.
    Known(K),
    /// Its headers, one at least, and its stored form.
    Stored(Vec<Header>, Vec<u8>),
}

impl Store {
    /// Opens a block that is not hot.
    pub(crate) fn open_moved(&self, at: BlockRef) -> Result<OpenBlock, StoreError> {
        let (first, blocks) = again_if_missing(|| self.open_span(at))?;
        blocks.get((at.block - first) as usize).cloned().ok_or(StoreError::MissingBlock(at.block))
    }

    pub(crate) fn span_of(&self, at: BlockRef) -> Result<Option<(u64, Span)>, StoreError> {
        span::covering(&self.db.begin_read()?.open_table(SPANS)?, at.log, at.block)
    }

    pub(super) fn headers(&self, log: LogNumber, first: u64, blocks: u64) -> Result<Vec<Header>, StoreError> {
        headers(&self.db.begin_read()?, log, first, blocks)
    }

    /// All blocks of the span that a block is in, opened, and the number of the first.
    pub(super) fn open_span(&self, at: BlockRef) -> Result<(u64, Arc<[OpenBlock]>), StoreError> {
        // Asked first: what is opened while something changes is not kept.
        let generation = self.tiers.generation();
        let (headers, pack) = match self.locate(at, |first, blocks| self.known(at.log, first, blocks))? {
            Found::Known(known) => return Ok(known),
            Found::Stored(headers, pack) => (headers, pack),
        };
        let Header { log, block: first, .. } = headers[0];
        let blocks: Arc<[OpenBlock]> = self.open_pack(at.block, log, &headers, &pack)?.into();
        self.keep(Opened { log: at.log, first, generation, blocks: Arc::clone(&blocks) });
        Ok((first, blocks))
    }

    /// The pack that a block is in, unless `known` gives it, which is told the first block and how many
    /// there are. Whatever the tables have of it is as of one moment: packs are merged while others
    /// read.
    pub(super) fn locate<K>(
        &self,
        at: BlockRef,
        known: impl FnOnce(u64, u64) -> Option<K>,
    ) -> Result<Found<K>, StoreError> {
        let missing = StoreError::MissingBlock(at.block);
        let transaction = self.db.begin_read()?;
        let span = span::covering(&transaction.open_table(SPANS)?, at.log, at.block)?;
        let Some((first, span)) = span else { return Err(missing) };
        if let Some(known) = known(first, span.blocks) {
            return Ok(Found::Known(known));
        }
        if let Place::Gone { since, .. } = span.place {
            return Err(StoreError::Gone { block: at.block, since });
        }
        let headers = headers(&transaction, at.log, first, span.blocks)?;
        if headers.is_empty() {
            return Err(missing);
        }
        let pack = match span.place {
            Place::Cold { .. } => {
                drop(transaction);
                let fetched = self.fetch(self.log_of(at.log)?, first, &span);
                fetched.map_err(|why| StoreError::Cold { block: at.block, why })?
            }
            _ => span::pack(&transaction.open_table(PACKS)?, at.log, first)?,
        };
        Ok(Found::Stored(headers, pack))
    }

    fn open_pack(
        &self,
        block: u64,
        log: LogId,
        headers: &[Header],
        pack: &[u8],
    ) -> Result<Vec<OpenBlock>, StoreError> {
        let keys = self.keys();
        let opened = StoredPack::read(headers, pack).and_then(|pack| pack.open(headers, &keys.ring(log)));
        opened.map_err(|error| StoreError::Block(block, error))
    }

    /// The pack of this first block, if it was opened last. What was just merged into a larger one is
    /// not that one.
    fn known(&self, log: LogNumber, first: u64, blocks: u64) -> Option<(u64, Arc<[OpenBlock]>)> {
        let generation = self.tiers.generation();
        let opened = self.tiers.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let opened = opened.as_ref()?;
        let is_it = (opened.log, opened.first, opened.generation) == (log, first, generation)
            && opened.blocks.len() as u64 == blocks;
        is_it.then(|| (first, Arc::clone(&opened.blocks)))
    }

    fn keep(&self, opened: Opened) {
        let mut last = self.tiers.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if opened.generation == self.tiers.generation() {
            *last = Some(opened);
        }
    }

    /// Where a block is.
    pub fn tier(&self, at: BlockRef) -> Result<Tier, StoreError> {
        Ok(self.span_of(at)?.map_or(Tier::Hot, |(_, span)| span.place.tier()))
    }
}

/// Asks once more where an erasure may have put the pack anew meanwhile.
pub(super) fn again_if_missing<R>(ask: impl Fn() -> Result<R, StoreError>) -> Result<R, StoreError> {
    match ask() {
        Err(StoreError::Cold { why: ColdFault::Store(ColdError::Missing), .. }) => ask(),
        other => other,
    }
}
