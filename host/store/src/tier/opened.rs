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
use crate::read::BlockRef;
use crate::tables::{LogNumber, PACKS, SPANS};

/// The pack that was opened last. Whoever reads a pack's blocks one after the other opens it once.
#[derive(Debug)]
pub(crate) struct Opened {
    log: LogNumber,
    first: u64,
    generation: u64,
    blocks: Arc<[OpenBlock]>,
}

/// Where a span is: its first block, and what is there of it.
enum Located {
    /// It was opened last.
    Known(u64, Arc<[OpenBlock]>),
    /// Its headers, and its pack.
    Warm(u64, Vec<Header>, Vec<u8>),
    /// Its headers, and what is to be fetched.
    Cold(u64, Vec<Header>, Span),
}

impl Store {
    /// Opens a block that is not hot.
    pub(crate) fn open_moved(&self, at: BlockRef) -> Result<OpenBlock, StoreError> {
        match self.open_where_it_is(at) {
            // An erasure may have put the pack anew meanwhile.
            Err(StoreError::Cold { why: ColdFault::Store(ColdError::Missing), .. }) => {
                self.open_where_it_is(at)
            }
            other => other,
        }
    }

    fn open_where_it_is(&self, at: BlockRef) -> Result<OpenBlock, StoreError> {
        let (first, blocks) = self.open_span(at)?;
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
        let (first, headers, pack) = match self.locate(at, generation)? {
            Located::Known(first, blocks) => return Ok((first, blocks)),
            Located::Warm(first, headers, pack) => (first, headers, pack),
            Located::Cold(first, headers, span) => {
                let fetched = self.fetch(self.log_of(at.log)?, first, &span);
                let pack = fetched.map_err(|why| StoreError::Cold { block: at.block, why })?;
                (first, headers, pack)
            }
        };
        let log = headers.first().ok_or(StoreError::MissingBlock(at.block))?.log;
        let blocks: Arc<[OpenBlock]> = self.open_pack(at.block, log, &headers, &pack)?.into();
        self.keep(Opened { log: at.log, first, generation, blocks: Arc::clone(&blocks) });
        Ok((first, blocks))
    }

    /// Where a block is, and all that the tables have of it, as of one moment: packs are merged while
    /// others read.
    fn locate(&self, at: BlockRef, generation: u64) -> Result<Located, StoreError> {
        let transaction = self.db.begin_read()?;
        let span = span::covering(&transaction.open_table(SPANS)?, at.log, at.block)?;
        let (first, span) = span.ok_or(StoreError::MissingBlock(at.block))?;
        // What was just merged into a larger pack is not that one.
        let known = self.known(at.log, first, generation);
        if let Some(blocks) = known.filter(|blocks| blocks.len() as u64 == span.blocks) {
            return Ok(Located::Known(first, blocks));
        }
        if let Place::Gone { since, .. } = span.place {
            return Err(StoreError::Gone { block: at.block, since });
        }
        let headers = headers(&transaction, at.log, first, span.blocks)?;
        if let Place::Cold { .. } = span.place {
            return Ok(Located::Cold(first, headers, span));
        }
        Ok(Located::Warm(first, headers, span::pack(&transaction.open_table(PACKS)?, at.log, first)?))
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

    fn known(&self, log: LogNumber, first: u64, generation: u64) -> Option<Arc<[OpenBlock]>> {
        let opened = self.tiers.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let opened = opened.as_ref()?;
        let is_it = (opened.log, opened.first, opened.generation) == (log, first, generation);
        is_it.then(|| Arc::clone(&opened.blocks))
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
