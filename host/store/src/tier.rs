//! Where the payloads of blocks lie as they grow old: hot, warm, cold, gone.
//!
//! | tier | what is there |
//! |---|---|
//! | hot | the block as it was written |
//! | warm | a pack ([`activemirror_core::log::pack`]): consecutive blocks in one, compressed harder; small blocks come here without being asked ([`merge`]) |
//! | cold | the pack in a [`Cold`](cold::Cold) store, with the leaf hashes of its records |
//! | gone | nothing; a notice in the log says which blocks went, when, and by which rule |
//!
//! Headers stay for ever, so the log's tree, its checkpoints and every proof over them hold in any
//! tier. A table says where what lies ([`span::Span`]), and changes in one transaction with what it
//! speaks of: a process that is killed leaves a block in one place or the other, and at most an object
//! in the cold store that no row names, which [`Store::sweep_cold`](crate::Store::sweep_cold) finds.
//!
//! What the runtime has said in the log of itself (plugins, holds, what went) has to be at hand for as
//! long as the log is: it is said again at the log's end before its block leaves ([`facts`]).

pub(crate) mod cold;
pub(crate) mod erasing;
pub(crate) mod facts;
pub(crate) mod merge;
pub(crate) mod moves;
pub(crate) mod opened;
pub(crate) mod outlined;
pub(crate) mod span;
pub(crate) mod sweep;
pub(crate) mod verifying;

use core::sync::atomic::{AtomicU64, Ordering};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use activemirror_core::log::header::Header;
use activemirror_core::log::reader::BlockError;
use activemirror_core::time::Timestamp;
use redb::{ReadTransaction, ReadableDatabase, ReadableTable};

use crate::error::StoreError;
use crate::open::Store;
use crate::tables::{BlockRef, HEADERS, LogNumber, META, PAYLOADS, SPANS};
use cold::Cold;
use opened::Opened;
use outlined::Outlined;
use span::{Place, Span};

/// The row of the metadata that says when retention was last looked to.
pub(crate) const RAN: &str = "retention";

/// Where payloads lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// As they were written.
    Hot,
    /// In packs.
    Warm,
    /// In the cold store.
    Cold,
    /// Nowhere.
    Gone,
}

impl Tier {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hot => "hot",
            Self::Warm => "warm",
            Self::Cold => "cold",
            Self::Gone => "gone",
        }
    }
}

/// Blocks that move together: one that is hot, those of a pack, or those that went together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The first of them.
    pub at: BlockRef,
    /// How many they are.
    pub blocks: u64,
    /// Where they are.
    pub tier: Tier,
    /// Bytes of their payloads there.
    pub bytes: u64,
    /// Their records.
    pub records: u64,
    /// The latest time in them.
    pub time_max: Timestamp,
}

impl Unit {
    /// The number of the block after the last.
    #[must_use]
    pub const fn end(&self) -> u64 {
        self.at.block + self.blocks
    }

    /// Whether it holds this block.
    #[must_use]
    pub fn holds(&self, at: BlockRef) -> bool {
        at.log == self.at.log && (self.at.block..self.end()).contains(&at.block)
    }
}

/// What a store has in memory of its tiers.
#[derive(Debug, Default)]
pub(crate) struct Tiers {
    cold: OnceLock<Arc<dyn Cold>>,
    /// Grows whenever a key is destroyed or a payload moves.
    generation: AtomicU64,
    opened: Mutex<Option<Opened>>,
    outlined: Mutex<Option<Arc<Outlined>>>,
    /// Held by whoever moves payloads.
    moving: Mutex<()>,
    /// Objects that are in the cold store, or on their way there, and not yet in the tables.
    flying: Mutex<BTreeSet<String>>,
}

impl Tiers {
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    /// What was opened before is not to be shown any more.
    pub(crate) fn changed(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = None;
        *self.outlined.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Whoever holds this sees which objects are not to be taken for left over.
    pub(crate) fn flying(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.flying.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Names the cold store; the first one that is named counts.
    pub fn attach_cold(&self, cold: Arc<dyn Cold>) {
        let _ = self.tiers.cold.set(cold);
    }

    /// To be held by whoever moves what [`Store::units`] gave: two at once would move the same.
    /// [`Store::merge`] does by itself.
    pub fn moving(&self) -> MutexGuard<'_, ()> {
        self.tiers.moving.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All payloads of all logs, in order.
    pub fn units(&self) -> Result<Vec<Unit>, StoreError> {
        let transaction = self.db.begin_read()?;
        let headers = transaction.open_table(HEADERS)?;
        let spans = transaction.open_table(SPANS)?;
        let payloads = transaction.open_table(PAYLOADS)?;
        let mut units: Vec<Unit> = Vec::new();
        for row in headers.iter()? {
            let (at, bytes) = row?;
            let (log, block) = at.value();
            let header = read_header(block, bytes.value())?;
            if let Some(unit) = units.last_mut().filter(|unit| unit.holds(BlockRef { log, block })) {
                unit.records += u64::from(header.count);
                unit.time_max = unit.time_max.max(header.time_max);
                continue;
            }
            let (blocks, tier, bytes) = match spans.get((log, block))?.map(|row| Span::read(row.value())) {
                Some(Some(span)) => (span.blocks, span.place.tier(), span.place.bytes()),
                _ => match payloads.get((log, block))? {
                    Some(payload) => (1, Tier::Hot, payload.value().len() as u64),
                    None if self.losses.of(header.log, block).is_some() => continue,
                    None => return Err(StoreError::MissingBlock(block)),
                },
            };
            let (at, records) = (BlockRef { log, block }, u64::from(header.count));
            units.push(Unit { at, blocks, tier, bytes, records, time_max: header.time_max });
        }
        Ok(units)
    }

    /// When and by which rule this block went, if it did.
    pub fn went(&self, at: BlockRef) -> Result<Option<(Timestamp, String)>, StoreError> {
        let spans = self.db.begin_read()?.open_table(SPANS)?;
        Ok(match span::covering(&spans, at.log, at.block)? {
            Some((_, Span { place: Place::Gone { since, rule }, .. })) => Some((since, rule)),
            _ => None,
        })
    }

    /// When retention was last looked to, as [`Store::note_retention`] was told.
    pub fn retention_ran(&self) -> Result<Option<Timestamp>, StoreError> {
        let meta = self.db.begin_read()?.open_table(META)?;
        let ran = meta.get(RAN)?.and_then(|value| value.value().try_into().ok());
        Ok(ran.map(|millis| Timestamp::from_millis(i64::from_le_bytes(millis))))
    }

    /// Notes when retention was looked to.
    pub fn note_retention(&self, time: Timestamp) -> Result<(), StoreError> {
        let _writing = self.head();
        let transaction = self.begin_write()?;
        transaction.open_table(META)?.insert(RAN, time.as_millis().to_le_bytes().as_slice())?;
        Ok(transaction.commit()?)
    }

    /// A block's header.
    pub(crate) fn header(&self, at: BlockRef) -> Result<Header, StoreError> {
        let mut headers = headers(&self.db.begin_read()?, at.log, at.block, 1)?;
        headers.pop().ok_or(StoreError::MissingBlock(at.block))
    }
}

/// The headers of so many blocks.
pub(crate) fn headers(
    transaction: &ReadTransaction,
    log: LogNumber,
    first: u64,
    blocks: u64,
) -> Result<Vec<Header>, StoreError> {
    let table = transaction.open_table(HEADERS)?;
    let end = first.checked_add(blocks).ok_or(StoreError::MissingBlock(first))?;
    let rows = table.range((log, first)..(log, end))?.map(|row| {
        let (at, bytes) = row?;
        read_header(at.value().1, bytes.value())
    });
    rows.collect()
}

fn read_header(block: u64, bytes: &[u8]) -> Result<Header, StoreError> {
    Header::from_bytes(bytes).map_err(|_| StoreError::Block(block, BlockError::Digest))
}
