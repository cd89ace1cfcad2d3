//! How records come back: by trace, by session, by subject, block by block.

use std::collections::HashMap;

use activemirror_core::log::LogId;
use activemirror_core::log::header::Header;
use activemirror_core::log::reader::{OpenBlock, StoredBlock};
use activemirror_core::trace::SubjectRef;
use redb::{ReadableDatabase, ReadableTable};

use crate::error::StoreError;
use crate::open::Store;
use crate::pages::guarded;
use crate::tables::{BlockRef, HEADERS, INDEX, LOGS, LogNumber, PACKS, PAYLOADS, TRACES};

/// Where a trace begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceStart {
    /// The block that holds its first record.
    pub at: BlockRef,
    /// That record's sequence.
    pub sequence: u64,
}

impl Store {
    /// Where every trace begins, newest first within each log; the own logs come first, the newest of
    /// them before all.
    pub fn traces(&self) -> Result<Vec<TraceStart>, StoreError> {
        guarded(|| self.all_traces())
    }

    fn all_traces(&self) -> Result<Vec<TraceStart>, StoreError> {
        let transaction = self.db.begin_read()?;
        let (traces, headers) = (transaction.open_table(TRACES)?, transaction.open_table(HEADERS)?);
        let mut starts = Vec::new();
        for row in traces.iter()?.rev() {
            let (log, sequence) = row?.0.value();
            let block = block_of(&headers, log, sequence)?;
            starts.push(TraceStart { at: BlockRef { log, block }, sequence });
        }
        let place = |start: &TraceStart| self.own.iter().rev().position(|own| own.number == start.at.log);
        starts.sort_by_key(|start| (place(start).unwrap_or(usize::MAX), start.at.log));
        Ok(starts)
    }

    /// The blocks that hold records of this trace, in order.
    pub fn blocks_of_trace(&self, id: &str) -> Result<Vec<BlockRef>, StoreError> {
        self.blocks_of(&self.tree.keyed_hash("trace", id.as_bytes()))
    }

    /// The blocks that hold records of this session, in order.
    pub fn blocks_of_session(&self, id: &str) -> Result<Vec<BlockRef>, StoreError> {
        self.blocks_of(&self.tree.keyed_hash("session", id.as_bytes()))
    }

    /// The blocks that hold, or held, content of this person, in order.
    pub fn blocks_of_subject(&self, subject: SubjectRef) -> Result<Vec<BlockRef>, StoreError> {
        self.blocks_of(&subject.0)
    }

    /// Whether a trace of this id begins in this block, whether or not it can be opened.
    pub fn trace_begins_in(&self, id: &str, at: BlockRef) -> Result<bool, StoreError> {
        let (header, hash) = (self.header(at)?, self.tree.keyed_hash("trace", id.as_bytes()));
        let traces = self.db.begin_read()?.open_table(TRACES)?;
        for row in traces.range((at.log, header.first)..(at.log, header.end()))? {
            if *row?.1.value() == hash {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Every block of every log, in order; but for those that a repair said are gone.
    pub fn blocks(&self) -> Result<Vec<BlockRef>, StoreError> {
        guarded(|| self.all_blocks())
    }

    fn all_blocks(&self) -> Result<Vec<BlockRef>, StoreError> {
        let headers = self.db.begin_read()?.open_table(HEADERS)?;
        let rows = headers.iter()?.map(|row| {
            let (log, block) = row?.0.value();
            Ok(BlockRef { log, block })
        });
        let blocks = rows.collect::<Result<Vec<BlockRef>, StoreError>>()?;
        if self.losses.is_empty() {
            return Ok(blocks);
        }
        let logs = self.db.begin_read()?.open_table(LOGS)?;
        let logs = logs.iter()?.map(|row| {
            let (number, key) = row?;
            Ok((number.value(), LogId::of(key.value())))
        });
        let logs = logs.collect::<Result<HashMap<LogNumber, LogId>, StoreError>>()?;
        let here = |at: &BlockRef| logs.get(&at.log).is_none_or(|log| !self.is_gone(*log, *at));
        Ok(blocks.into_iter().filter(here).collect())
    }

    /// Opens one block, as far as the keys go, wherever it lies.
    pub fn open_block(&self, at: BlockRef) -> Result<OpenBlock, StoreError> {
        let (header, stored) = match guarded(|| self.raw_block(at)) {
            Err(StoreError::MissingBlock(_)) => return self.open_moved(at),
            other => other?,
        };
        let keys = self.keys();
        let ring = keys.ring(header.log);
        let damaged = |error| StoreError::Block(at.block, error);
        StoredBlock::read(&header, &stored).and_then(|block| block.open(&header, &ring)).map_err(damaged)
    }

    /// Bytes of all payloads that are stored here.
    pub fn stored_bytes(&self) -> Result<u64, StoreError> {
        let transaction = self.db.begin_read()?;
        let (payloads, packs) = (transaction.open_table(PAYLOADS)?, transaction.open_table(PACKS)?);
        let hot: Result<u64, StoreError> =
            payloads.iter()?.try_fold(0, |sum, row| Ok(sum + row?.1.value().len() as u64));
        packs.iter()?.try_fold(hot?, |sum, row| Ok(sum + row?.1.value().len() as u64))
    }

    /// The log with this number in this store.
    pub fn log_of(&self, log: LogNumber) -> Result<LogId, StoreError> {
        let logs = self.db.begin_read()?.open_table(LOGS)?;
        let key = logs.get(log)?.ok_or(StoreError::UnknownLog)?;
        Ok(LogId::of(key.value()))
    }

    /// A block that was not moved, as it is stored; those that were are for [`Store::open_block`].
    pub(crate) fn raw_block(&self, at: BlockRef) -> Result<(Header, Vec<u8>), StoreError> {
        let transaction = self.db.begin_read()?;
        let key = (at.log, at.block);
        let missing = || StoreError::MissingBlock(at.block);
        let header = transaction.open_table(HEADERS)?.get(key)?.ok_or_else(missing)?;
        let header = Header::from_bytes(header.value())
            .map_err(|_| StoreError::Block(at.block, activemirror_core::log::reader::BlockError::Digest))?;
        let stored = transaction.open_table(PAYLOADS)?.get(key)?.ok_or_else(missing)?;
        Ok((header, stored.value().to_vec()))
    }

    /// The block of a log that holds this sequence, or its last one.
    pub(crate) fn block_of(&self, log: LogNumber, sequence: u64) -> Result<u64, StoreError> {
        block_of(&self.db.begin_read()?.open_table(HEADERS)?, log, sequence)
    }

    fn blocks_of(&self, key: &[u8; 16]) -> Result<Vec<BlockRef>, StoreError> {
        guarded(|| {
            let index = self.db.begin_read()?.open_multimap_table(INDEX)?;
            let rows = index.get(key)?.map(|row| {
                let (log, block) = row?.value();
                Ok(BlockRef { log, block })
            });
            rows.collect()
        })
    }
}

/// The block that holds this sequence: the last one that begins at or before it.
fn block_of(
    headers: &impl ReadableTable<(LogNumber, u64), &'static [u8]>,
    log: LogNumber,
    sequence: u64,
) -> Result<u64, StoreError> {
    let last = headers.range((log, 0)..=(log, u64::MAX))?.next_back();
    let (mut low, mut high) = (
        0,
        match last {
            Some(row) => row?.0.value().1 + 1,
            None => return Err(StoreError::MissingBlock(0)),
        },
    );
    while low + 1 < high {
        let middle = low + (high - low) / 2;
        // Some may be gone.
        let Some(row) = headers.range((log, middle)..(log, high))?.next() else {
            high = middle;
            continue;
        };
        let (at, row) = row?;
        let block = at.value().1;
        let header = Header::from_bytes(row.value())
            .map_err(|_| StoreError::Block(block, activemirror_core::log::reader::BlockError::Digest))?;
        if header.first <= sequence { low = block } else { high = middle }
    }
    Ok(low)
}
