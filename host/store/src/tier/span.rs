//! The rows that say where moved blocks are.

use activemirror_core::hash::Digest;
use activemirror_core::limits::PACK_BYTES_MAX;
use activemirror_core::time::Timestamp;
use redb::{ReadableTable, WriteTransaction};
use serde::{Deserialize, Serialize};

use super::Tier;
use crate::error::StoreError;
use crate::tables::{LogNumber, PACKS, SPANS};

/// Consecutive blocks that moved together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Span {
    /// How many they are.
    pub(crate) blocks: u64,
    /// Where they are.
    pub(crate) place: Place,
}

/// Where moved blocks are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Place {
    /// In a pack, in pieces of [`PACKS`].
    Warm {
        /// Its length.
        bytes: u64,
    },
    /// In the cold store.
    Cold {
        /// The object's length.
        bytes: u64,
        /// Its SHA-256.
        digest: Digest,
        /// Whether it may still hold sealed content of people who were erased since.
        stale: bool,
    },
    /// Nowhere.
    Gone {
        /// Since when.
        since: Timestamp,
        /// By which rule.
        rule: String,
    },
}

impl Place {
    pub(crate) const fn tier(&self) -> Tier {
        match self {
            Self::Warm { .. } => Tier::Warm,
            Self::Cold { .. } => Tier::Cold,
            Self::Gone { .. } => Tier::Gone,
        }
    }

    pub(crate) const fn bytes(&self) -> u64 {
        match self {
            Self::Warm { bytes } | Self::Cold { bytes, .. } => *bytes,
            Self::Gone { .. } => 0,
        }
    }
}

impl Span {
    /// The row's span; `None` where it is none.
    pub(crate) fn read(row: &[u8]) -> Option<Self> {
        postcard::from_bytes(row).ok().filter(|span: &Self| span.blocks > 0)
    }

    pub(crate) fn write(
        &self,
        transaction: &WriteTransaction,
        log: LogNumber,
        first: u64,
    ) -> Result<(), StoreError> {
        let row = postcard::to_allocvec(self).map_err(|error| StoreError::NotAStore(error.to_string()))?;
        transaction.open_table(SPANS)?.insert((log, first), row.as_slice())?;
        Ok(())
    }
}

/// The span that this block is in, and its first block; a row that cannot be read covers nothing.
pub(crate) fn covering(
    spans: &impl ReadableTable<(LogNumber, u64), &'static [u8]>,
    log: LogNumber,
    block: u64,
) -> Result<Option<(u64, Span)>, StoreError> {
    let Some(row) = spans.range((log, 0)..=(log, block))?.next_back() else { return Ok(None) };
    let (at, row) = row?;
    let first = at.value().1;
    Ok(Span::read(row.value()).filter(|span| block - first < span.blocks).map(|span| (first, span)))
}

/// redb gives a value a power-of-two run of pages: pieces fill theirs, but for the last.
const PIECES: [usize; 5] =
    [65_536 - PAGE_HEAD, 32_768 - PAGE_HEAD, 16_384 - PAGE_HEAD, 8_192 - PAGE_HEAD, 4_096 - PAGE_HEAD];
/// What a page needs for itself, a key, and where its value ends.
const PAGE_HEAD: usize = 64;

/// Puts a pack's pieces into the table, in place of what was there.
pub(crate) fn put_pack(
    transaction: &WriteTransaction,
    log: LogNumber,
    first: u64,
    pack: &[u8],
) -> Result<(), StoreError> {
    take_pack(transaction, log, first)?;
    let mut table = transaction.open_table(PACKS)?;
    let (mut rest, mut number) = (pack, 0);
    while !rest.is_empty() {
        let len = PIECES.into_iter().find(|piece| *piece <= rest.len()).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(len);
        table.insert((log, first, number), piece)?;
        (rest, number) = (after, number + 1);
    }
    Ok(())
}

/// Takes a pack's pieces out of the table.
pub(crate) fn take_pack(
    transaction: &WriteTransaction,
    log: LogNumber,
    first: u64,
) -> Result<(), StoreError> {
    let mut table = transaction.open_table(PACKS)?;
    table.retain_in((log, first, 0)..=(log, first, u32::MAX), |_, _| false)?;
    Ok(())
}

/// A pack, put together; no more of it than one may have.
pub(crate) fn pack(
    packs: &impl ReadableTable<(LogNumber, u64, u32), &'static [u8]>,
    log: LogNumber,
    first: u64,
) -> Result<Vec<u8>, StoreError> {
    let mut pack = Vec::new();
    for row in packs.range((log, first, 0)..=(log, first, u32::MAX))? {
        pack.extend_from_slice(row?.1.value());
        if pack.len() > PACK_BYTES_MAX {
            break;
        }
    }
    Ok(pack)
}
