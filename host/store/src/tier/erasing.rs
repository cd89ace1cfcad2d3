//! What an erasure does to blocks that moved.

use std::collections::BTreeMap;

use activemirror_core::log::pack::StoredPack;
use activemirror_core::trace::SubjectRef;
use redb::{ReadableDatabase, ReadableTable, WriteTransaction};

use super::span::{self, Place, Span};
use crate::error::StoreError;
use crate::open::Store;
use crate::tables::{BlockRef, LogNumber, PACKS, SPANS};

impl Store {
    /// Takes these people's content out of the packs that hold these blocks; a pack in the cold store is
    /// noted as stale. Returns how many blocks held some.
    pub(crate) fn erase_moved(
        &self,
        transaction: &WriteTransaction,
        moved: &[(BlockRef, &[SubjectRef])],
    ) -> Result<usize, StoreError> {
        let mut spans: BTreeMap<(LogNumber, u64), (Span, Vec<SubjectRef>, usize)> = BTreeMap::new();
        for (at, subjects) in moved {
            let covering = span::covering(&transaction.open_table(SPANS)?, at.log, at.block)?;
            let (first, span) = covering.ok_or(StoreError::MissingBlock(at.block))?;
            let (_, whose, blocks) = spans.entry((at.log, first)).or_insert((span, Vec::new(), 0));
            whose.extend_from_slice(subjects);
            *blocks += 1;
        }
        let mut changed = 0;
        for ((log, first), (span, subjects, blocks)) in spans {
            let had_some = match span.place {
                Place::Warm { .. } => self.erase_warm(transaction, (log, first), span, &subjects)?,
                Place::Cold { bytes, digest, .. } => {
                    let place = Place::Cold { bytes, digest, stale: true };
                    Span { place, ..span }.write(transaction, log, first)?;
                    true
                }
                Place::Gone { .. } => false,
            };
            changed += if had_some { blocks } else { 0 };
        }
        Ok(changed)
    }

    fn erase_warm(
        &self,
        transaction: &WriteTransaction,
        (log, first): (LogNumber, u64),
        span: Span,
        subjects: &[SubjectRef],
    ) -> Result<bool, StoreError> {
        let pack = span::pack(&transaction.open_table(PACKS)?, log, first)?;
        let headers = self.headers(log, first, span.blocks)?;
        let id = headers.first().ok_or(StoreError::MissingBlock(first))?.log;
        let erased = {
            let keys = self.keys();
            StoredPack::read(&headers, &pack)
                .and_then(|pack| pack.erase(&headers, &keys.ring(id), subjects))
                .map_err(|error| StoreError::Block(first, error))?
        };
        let Some(erased) = erased else { return Ok(false) };
        span::put_pack(transaction, log, first, &erased)?;
        let place = Place::Warm { bytes: erased.len() as u64 };
        Span { place, ..span }.write(transaction, log, first)?;
        Ok(true)
    }

    /// The packs in the cold store that may hold sealed content of people who were erased.
    pub(super) fn stale(&self) -> Result<Vec<(LogNumber, u64, Span)>, StoreError> {
        let spans = self.db.begin_read()?.open_table(SPANS)?;
        let mut stale = Vec::new();
        for row in spans.iter()? {
            let (at, row) = row?;
            let (log, first) = at.value();
            let span = Span::read(row.value());
            let span = span.filter(|span| matches!(span.place, Place::Cold { stale: true, .. }));
            stale.extend(span.map(|span| (log, first, span)));
        }
        Ok(stale)
    }

    /// How many packs in the cold store [`Store::renew_cold`] has still to put anew.
    pub fn stale_cold(&self) -> Result<usize, StoreError> {
        Ok(self.stale()?.len())
    }
}
