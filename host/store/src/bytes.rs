//! Where the bytes of a store lie: what each part of the log takes, and what redb takes to keep them
//! findable, durable and whole.
//!
//! | part | what it is |
//! |---|---|
//! | headers | the blocks' headers, which stay when payloads go |
//! | structure, content, hashes, seals | the parts of the blocks and packs ([`Sizes`]) |
//! | frames | what a block or a pack has around its parts: codec, lengths, names of people, digest |
//! | index | where traces, sessions, agents and people are found |
//! | zones | what a block's records have in common, sealed |
//! | rest | the other tables: checkpoints, logs, notes, where packed and cold blocks are |
//! | tree | redb's pages: their heads, branches and keys' places |
//! | unused | room in pages that their values leave: a value gets a power-of-two run of pages |
//! | free | the rest of the file: free pages, redb's own tables, its head |
//!
//! All of them together are the file, to the byte.

use std::fs;
use std::io;
use std::path::Path;

use activemirror_core::log::header::Header;
use activemirror_core::log::pack::StoredPack;
use activemirror_core::log::reader::{Sizes, StoredBlock};
use redb::{ReadTransaction, ReadableDatabase, ReadableTable, ReadableTableMetadata};

use crate::error::StoreError;
use crate::open::{KEYS_FILE, LOG_FILE, Store};
use crate::tables::{CHECKPOINTS, HEADERS, INDEX, LOGS, META, PACKS, PAYLOADS, SPANS, TRACES, ZONES};
use crate::tier::span::{Span, pack};
use crate::tier::{Tier, headers};

/// Where the bytes of a store lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bytes {
    /// Blocks.
    pub blocks: u64,
    /// Those of them that lie in packs here.
    pub packed: u64,
    /// Records in them.
    pub records: u64,
    /// Headers.
    pub headers: u64,
    /// The parts of blocks and packs that can be read.
    pub parts: Sizes,
    /// What is around the parts; all of what is no block and no pack any more.
    pub frames: u64,
    /// The index.
    pub index: u64,
    /// Zones.
    pub zones: u64,
    /// Other tables.
    pub rest: u64,
    /// redb's trees.
    pub tree: u64,
    /// Room in pages that nothing uses.
    pub unused: u64,
}

impl Bytes {
    /// All of it: what a file has beyond this is free, or redb's own.
    #[must_use]
    pub const fn sum(&self) -> u64 {
        let Self { headers, parts, frames, index, zones, rest, tree, unused, .. } = self;
        *headers + parts.sum() + *frames + *index + *zones + *rest + *tree + *unused
    }
}

/// Bytes of the files of a store: the log, and the subjects' keys.
pub fn file_bytes(dir: &Path) -> io::Result<(u64, u64)> {
    Ok((fs::metadata(dir.join(LOG_FILE))?.len(), fs::metadata(dir.join(KEYS_FILE))?.len()))
}

impl Store {
    /// Counts where the bytes lie, as of now; reads every block and pack once, and opens none.
    pub fn bytes(&self) -> Result<Bytes, StoreError> {
        let transaction = self.db.begin_read()?;
        let mut bytes = Bytes::default();
        bytes.count_tables(&transaction)?;
        bytes.count_blocks(&transaction)?;
        bytes.count_packs(&transaction)?;
        Ok(bytes)
    }
}

impl Bytes {
    fn count_tables(&mut self, transaction: &ReadTransaction) -> Result<(), StoreError> {
        self.headers = self.stored(&transaction.open_table(HEADERS)?)?;
        // Divided by the parts of blocks and packs below.
        self.frames = self.stored(&transaction.open_table(PAYLOADS)?)?;
        self.frames += self.stored(&transaction.open_table(PACKS)?)?;
        self.index = self.stored(&transaction.open_multimap_table(INDEX)?)?;
        self.index += self.stored(&transaction.open_table(TRACES)?)?;
        self.zones = self.stored(&transaction.open_table(ZONES)?)?;
        self.rest = self.stored(&transaction.open_table(META)?)?;
        self.rest += self.stored(&transaction.open_table(LOGS)?)?;
        self.rest += self.stored(&transaction.open_table(SPANS)?)?;
        self.rest += self.stored(&transaction.open_table(CHECKPOINTS)?)?;
        Ok(())
    }

    /// What the rows of a table take; what is around them is added up.
    fn stored(&mut self, table: &impl ReadableTableMetadata) -> Result<u64, StoreError> {
        let stats = table.stats()?;
        self.tree += stats.metadata_bytes();
        self.unused += stats.fragmented_bytes();
        Ok(stats.stored_bytes())
    }

    fn count_blocks(&mut self, transaction: &ReadTransaction) -> Result<(), StoreError> {
        let headers = transaction.open_table(HEADERS)?;
        let payloads = transaction.open_table(PAYLOADS)?;
        for row in headers.iter()? {
            let (at, header) = row?;
            self.blocks += 1;
            // Damage is for `verify` to name.
            let Ok(header) = Header::from_bytes(header.value()) else { continue };
            self.records += u64::from(header.count);
            let Some(stored) = payloads.get(at.value())? else { continue };
            if let Ok(block) = StoredBlock::read(&header, stored.value()) {
                self.add(block.sizes());
            }
        }
        Ok(())
    }

    fn count_packs(&mut self, transaction: &ReadTransaction) -> Result<(), StoreError> {
        let packs = transaction.open_table(PACKS)?;
        for row in transaction.open_table(SPANS)?.iter()? {
            let (at, span) = row?;
            let (log, first) = at.value();
            let warm = Span::read(span.value()).filter(|span| span.place.tier() == Tier::Warm);
            let Some(Span { blocks, .. }) = warm else { continue };
            let Ok(headers) = headers(transaction, log, first, blocks) else { continue };
            if let Ok(pack) = StoredPack::read(&headers, &pack(&packs, log, first)?) {
                self.packed += blocks;
                self.add(pack.sizes());
            }
        }
        Ok(())
    }

    fn add(&mut self, parts: Sizes) {
        self.parts += parts;
        self.frames = self.frames.saturating_sub(parts.sum());
    }
}
