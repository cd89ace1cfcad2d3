//! What every block's header and zone say, read once and kept in memory: a search asks all of them
//! which blocks it can leave closed.
//!
//! Neither changes once it is written, so what is kept is never out of date. A zone is opened when
//! it is first asked for, since the header alone rules most blocks out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use activemirror_core::log::header::Header;
use activemirror_core::log::reader::BlockError;
use activemirror_core::log::zone::Zone;
use activemirror_core::vault::Key;
use redb::ReadableTable;

use crate::error::StoreError;
use crate::tables::{BlockRef, LogNumber};

/// Blocks whose header and zone are kept: some forty million events. A header takes 150 bytes and
/// a zone some 700, so that some fifteen megabytes are kept; what does not fit is read anew.
const BLOCKS: usize = 16_384;

/// What is kept.
#[derive(Debug, Default)]
pub(crate) struct Catalog(Mutex<HashMap<BlockRef, Entry>>);

#[derive(Clone, Debug)]
struct Entry {
    header: Header,
    /// `None` where it was not asked for yet.
    zone: Option<Known>,
}

/// A zone; `None` where a block has none that opens, so that nothing rules it out.
pub(crate) type Known = Option<Arc<Zone>>;

/// A table that says something of blocks.
pub(crate) trait BlockTable: ReadableTable<(LogNumber, u64), &'static [u8]> {}

impl<T: ReadableTable<(LogNumber, u64), &'static [u8]>> BlockTable for T {}

impl Catalog {
    /// The header of a block.
    pub(crate) fn header(&self, headers: &impl BlockTable, at: BlockRef) -> Result<Header, StoreError> {
        if let Some(entry) = self.change().get(&at) {
            return Ok(entry.header);
        }
        let row = headers.get((at.log, at.block))?.ok_or(StoreError::MissingBlock(at.block))?;
        let header =
            Header::from_bytes(row.value()).map_err(|_| StoreError::Block(at.block, BlockError::Digest))?;
        self.keep(at, Entry { header, zone: None });
        Ok(header)
    }

    /// The zone of a block with this header.
    pub(crate) fn zone(
        &self,
        zones: &impl BlockTable,
        at: BlockRef,
        header: &Header,
        key: &Key,
    ) -> Result<Known, StoreError> {
        if let Some(Entry { zone: Some(zone), .. }) = self.change().get(&at) {
            return Ok(zone.clone());
        }
        let sealed = zones.get((at.log, at.block))?;
        let zone = sealed.and_then(|sealed| Zone::open(key, header, sealed.value()).ok()).map(Arc::new);
        self.keep(at, Entry { header: *header, zone: Some(zone.clone()) });
        Ok(zone)
    }

    fn keep(&self, at: BlockRef, entry: Entry) {
        let mut entries = self.change();
        if entries.len() < BLOCKS || entries.contains_key(&at) {
            entries.insert(at, entry);
        }
    }

    /// A panic elsewhere leaves it whole: each change is one insertion.
    fn change(&self) -> std::sync::MutexGuard<'_, HashMap<BlockRef, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
