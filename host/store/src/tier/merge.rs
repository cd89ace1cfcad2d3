//! Small blocks are merged into packs without being asked, as a log-structured tree is compacted.
//!
//! Who waits for each event gets a block for each. Such a block is mostly seals, names and the
//! beginnings of frames, and what an agent resends with each step lies in each of them anew. In a pack
//! it lies once for each person. A block that is fuller than that ([`is_loose_block`]) has its
//! repetitions within reach of its codec already, and stays as it is: packing it as well would cost a
//! processor more than recording it did.
//!
//! # What it costs
//!
//! A block is written a second time, with others in one transaction. A pack that is itself small is
//! opened again for those that follow it, so that many short sittings do not leave many small packs:
//! it has fewer than [`PACK_BLOCKS_FEW`] blocks and less than [`PACK_BYTES_FEW`], and is opened only
//! where [`MERGED_MIN`] blocks have come, or as many bytes as it has at most. So a block is written
//! again 16 times at worst, each time in a pack of less than 64 KiB; and once where blocks come fast.

use activemirror_core::limits::{
    BLOCK_BYTES_TARGETS, BLOCK_RECORDS_TARGET, PACK_BLOCKS_MAX, PACK_BYTES_TARGET, PACK_RECORDS_TARGET,
};
use redb::{ReadTransaction, ReadableDatabase};

use super::span::{Place, Span};
use super::{Tier, Unit, headers, read_header};
use crate::error::StoreError;
use crate::open::Store;
use crate::pages::guarded;
use crate::tables::{BlockRef, HEADERS, PAYLOADS, SPANS};

/// A hot block of this many records is full enough.
const BLOCK_RECORDS_FEW: u64 = BLOCK_RECORDS_TARGET as u64 / 4;
/// So is one of this many stored bytes, unless a few records alone come to that: those are large texts,
/// of which the next block may hold the most again.
const BLOCK_BYTES_FEW: u64 = BLOCK_BYTES_TARGETS[0] as u64;
/// How many records are a few.
const LARGE_RECORDS_FEW: u64 = 16;
/// Of blocks that are larger than this hardly two suit one pack, whatever is in them.
const BLOCK_BYTES_MOST: u64 = PACK_BYTES_TARGET as u64 / 4;
/// Fewer records than this, and a pack is opened again for the blocks that follow it.
const PACK_RECORDS_FEW: u64 = PACK_RECORDS_TARGET as u64 / 4;
/// The same of its bytes.
const PACK_BYTES_FEW: u64 = 64 << 10;
/// The same of its blocks.
const PACK_BLOCKS_FEW: u64 = PACK_BLOCKS_MAX as u64 / 4;

/// Blocks that are worth a pack: a sixteenth of those for which one is opened again.
const MERGED_MIN: usize = PACK_BLOCKS_FEW as usize / 16;

/// The same where they have the bytes of a pack that is not opened again.
const MERGED_LARGE_MIN: usize = 4;

/// Whether the blocks in this row are worth writing a pack anew.
fn are_enough(row: &[Unit]) -> bool {
    let hot = || row.iter().filter(|unit| unit.tier == Tier::Hot);
    let (blocks, bytes) = (hot().count(), hot().map(|unit| unit.bytes).sum::<u64>());
    blocks >= MERGED_MIN || (blocks >= MERGED_LARGE_MIN && bytes >= PACK_BYTES_FEW)
}

/// Whether a block of so many records and stored bytes is so small that it is merged with others.
pub(crate) const fn is_loose_block(records: u64, bytes: u64) -> bool {
    let is_filled = bytes >= BLOCK_BYTES_FEW && records >= LARGE_RECORDS_FEW;
    records < BLOCK_RECORDS_FEW && !is_filled && bytes < BLOCK_BYTES_MOST
}

impl Unit {
    /// Whether it would gain by being packed with what follows.
    #[must_use]
    pub const fn is_loose(&self) -> bool {
        match self.tier {
            Tier::Hot => is_loose_block(self.records, self.bytes),
            Tier::Warm => {
                self.records < PACK_RECORDS_FEW
                    && self.bytes < PACK_BYTES_FEW
                    && self.blocks < PACK_BLOCKS_FEW
            }
            Tier::Cold | Tier::Gone => false,
        }
    }
}

impl Store {
    /// Merges the small blocks at the end of the own log into packs, from the last pack on, but for
    /// rows that are too short to be worth one. `looked` is the block up to which that was done before,
    /// at first 0; it moves on. Ends early, between two packs, once `enough` says so.
    ///
    /// A block that cannot be read is left out, as are those that stay; the first such error is
    /// returned when all else is merged. Whoever records meanwhile waits for a transaction at most.
    pub fn merge(&self, looked: &mut u64, enough: impl Fn() -> bool) -> Result<(), StoreError> {
        guarded(|| self.merge_end(looked, enough))
    }

    fn merge_end(&self, looked: &mut u64, enough: impl Fn() -> bool) -> Result<(), StoreError> {
        let _only = self.moving();
        let (units, end) = self.loose_end(*looked)?;
        let (mut next, mut wrong) = (end, None);
        let mut rows: Vec<&[Unit]> = units.chunk_by(|one, next| one.end() == next.at.block).collect();
        rows.reverse();
        while let Some(row) = rows.pop() {
            if enough() {
                return Ok(());
            }
            if !are_enough(row) {
                // More may follow.
                let last = row.last().is_some_and(|unit| unit.end() == end);
                let hot = row.iter().find(|unit| unit.tier == Tier::Hot);
                next = hot.filter(|_| last).map_or(next, |unit| unit.at.block);
                continue;
            }
            match self.pack(row) {
                Ok(count) => rows.push(&row[count..]),
                Err(error) => match around(row, &error) {
                    Some((before, after)) => {
                        rows.extend([after, before]);
                        wrong.get_or_insert(error);
                    }
                    None => return Err(error),
                },
            }
        }
        *looked = next;
        wrong.map_or(Ok(()), Err)
    }

    /// What is loose at the end of the own log, and where that is: the last pack, if nothing but small
    /// blocks follow, and the small blocks behind it, from `looked` on.
    fn loose_end(&self, looked: u64) -> Result<(Vec<Unit>, u64), StoreError> {
        let (log, transaction) = (self.own_number(), self.db.begin_read()?);
        let (payloads, table) = (transaction.open_table(PAYLOADS)?, transaction.open_table(HEADERS)?);
        let mut units = Vec::new();
        let last =
            transaction.open_table(SPANS)?.range((log, 0)..=(log, u64::MAX))?.next_back().transpose()?;
        let last = last.and_then(|(at, row)| Span::read(row.value()).map(|span| (at.value().1, span)));
        let mut end = looked;
        if let Some((first, span)) = last {
            end = end.max(first.saturating_add(span.blocks));
            units.extend(pack_unit(&transaction, BlockRef { log, block: first }, &span)?);
        }
        for row in table.range((log, end)..=(log, u64::MAX))? {
            let (at, header) = row?;
            let at = BlockRef { log, block: at.value().1 };
            let header = read_header(at.block, header.value())?;
            let records = u64::from(header.count);
            end = at.block + 1;
            // Of what is no small block whatever its bytes, they are not asked for.
            let payload = if is_loose_block(records, 0) { payloads.get((log, at.block))? } else { None };
            let Some(payload) = payload else { continue };
            let bytes = payload.value().len() as u64;
            units.push(Unit { at, blocks: 1, tier: Tier::Hot, bytes, records, time_max: header.time_max });
        }
        units.retain(|unit| unit.is_loose() && !self.stays(unit));
        Ok((units, end))
    }
}

/// A span as a unit, if it is a pack.
fn pack_unit(transaction: &ReadTransaction, at: BlockRef, span: &Span) -> Result<Option<Unit>, StoreError> {
    let Place::Warm { bytes } = span.place else { return Ok(None) };
    let headers = headers(transaction, at.log, at.block, span.blocks)?;
    let records = headers.iter().map(|header| u64::from(header.count)).sum();
    Ok(headers.iter().map(|header| header.time_max).max().map(|time_max| Unit {
        at,
        blocks: span.blocks,
        tier: Tier::Warm,
        bytes,
        records,
        time_max,
    }))
}

/// What lies before the unit of which this is said, and what behind it.
fn around<'u>(row: &'u [Unit], error: &StoreError) -> Option<(&'u [Unit], &'u [Unit])> {
    let (StoreError::Block(block, _) | StoreError::MissingBlock(block)) = error else { return None };
    let place = row.iter().position(|unit| (unit.at.block..unit.end()).contains(block))?;
    Some((&row[..place], &row[place + 1..]))
}
