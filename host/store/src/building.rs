//! Blocks of the own log in the making: records in, blocks out that are full and still to be sealed.
//!
//! Which record goes into which block is decided here, in order, and so are the leaves and the tree;
//! sealing changes nothing of that, and may be done by another thread.

use activemirror_core::limits::BLOCK_BYTES_MAX;
use activemirror_core::log::block::{BlockBuilder, Buffers, PlainBlock, Position, PushError, Sealer};
use activemirror_core::log::header::Header;
use activemirror_core::trace::Record;
#[cfg(not(target_family = "wasm"))]
use activemirror_core::trace::{CanonicalRecord, Structure};

use crate::append::Pending;
use crate::error::StoreError;
use crate::fill::Filling;
use crate::keys::Ring;
use crate::open::{Head, Store};

/// People whose content one block may hold.
const SUBJECTS: usize = 64;

/// Buffers of blocks that are kept for blocks to come.
const SPARE: usize = 4 * SUBJECTS;

type Builder = BlockBuilder<Vec<u8>, SUBJECTS>;

/// A block of the own log that is sealed, and not yet in the tables.
pub(crate) struct Block {
    pub(crate) header: Header,
    pub(crate) stored: Vec<u8>,
    pub(crate) pending: Pending,
}

/// A block of the own log that is full, and not yet sealed.
pub(crate) struct FullBlock {
    plain: PlainBlock,
    pending: Pending,
}

impl FullBlock {
    /// Seals it. How large it became says how full the next ones may be.
    pub(crate) fn seal(
        self,
        store: &Store,
        sealer: &mut Sealer,
        ring: &Ring<'_>,
    ) -> Result<Block, StoreError> {
        let Self { plain, pending } = self;
        let (mut salts, mut stored, header) = (store.salts(), Vec::new(), *plain.header());
        plain.seal(sealer, ring, || salts.next(), &mut stored)?;
        salts.all_random()?;
        store.filling().note(header.count, plain.bytes(), stored.len());
        let mut spare = store.spare();
        if spare.len() < SPARE {
            plain.recycle(&mut spare);
        }
        drop(spare);
        Ok(Block { header, stored, pending })
    }
}

/// Blocks of the own log in the making.
pub(crate) struct Building<'s> {
    store: &'s Store,
    /// Where the log ends, with the finished blocks.
    pub(crate) head: Head,
    builder: Builder,
    filling: Filling,
    pending: Pending,
    finished: Vec<FullBlock>,
}

impl<'s> Building<'s> {
    pub(crate) fn new(store: &'s Store, head: Head) -> Self {
        let position = Position { log: store.log, block: head.tree.size(), first: head.next_sequence };
        Self {
            store,
            head,
            builder: BlockBuilder::new(position, Buffers::default()),
            filling: *store.filling(),
            pending: Pending::default(),
            finished: Vec::new(),
        }
    }

    /// Puts the record into the block, or into the next where this one is full.
    pub(crate) fn push_record(&mut self, record: &Record<'_>, ring: &Ring<'_>) -> Result<(), StoreError> {
        let store = self.store;
        self.put(|builder, pending| {
            let sequence = builder.next_sequence();
            builder.push(record, ring)?;
            pending.note(store, sequence, &record.structure, builder.last_place());
            Ok(())
        })
    }

    fn put(
        &mut self,
        mut push: impl FnMut(&mut Builder, &mut Pending) -> Result<(), PushError>,
    ) -> Result<(), StoreError> {
        let full = self.filling.is_full(self.builder.len(), self.builder.bytes());
        let pushed = if full { Err(PushError::Full) } else { push(&mut self.builder, &mut self.pending) };
        match pushed {
            Err(PushError::Full) if !self.builder.is_empty() => {
                self.finish()?;
                push(&mut self.builder, &mut self.pending)?;
            }
            other => other?,
        }
        match self.builder.bytes() {
            bytes if bytes > BLOCK_BYTES_MAX => Err(StoreError::TooLarge(bytes)),
            _ => Ok(()),
        }
    }

    /// Finishes the block; nothing where it is empty.
    pub(crate) fn finish(&mut self) -> Result<(), StoreError> {
        let Some(plain) = self.builder.take(&mut self.store.spare())? else { return Ok(()) };
        let header = plain.header();
        self.head.tree.push(header.leaf_hash());
        self.head.next_sequence = header.end();
        self.finished.push(FullBlock { plain, pending: core::mem::take(&mut self.pending) });
        self.filling = *self.store.filling();
        Ok(())
    }

    /// The finished blocks, in order.
    pub(crate) fn take(&mut self) -> Vec<FullBlock> {
        core::mem::take(&mut self.finished)
    }
}

/// What a group's builder needs beside; browsers have no threads, and no group.
#[cfg(not(target_family = "wasm"))]
impl Building<'_> {
    /// [`Building::push_record`] of a record in its canonical form.
    pub(crate) fn push(
        &mut self,
        record: &mut CanonicalRecord<'_>,
        ring: &Ring<'_>,
    ) -> Result<(), StoreError> {
        let store = self.store;
        self.put(|builder, pending| {
            let note = |sequence, structure: &Structure<'_>, place| {
                pending.note(store, sequence, structure, place);
            };
            builder.push_canonical(record, ring, note).map(drop)
        })
    }

    /// How many blocks are finished, and not yet taken.
    pub(crate) const fn count(&self) -> usize {
        self.finished.len()
    }

    /// Whether there are records that no finished block holds.
    pub(crate) fn is_open(&self) -> bool {
        !self.builder.is_empty()
    }

    /// Whether the block takes so many more records and bytes.
    pub(crate) fn has_room(&self, records: u64, bytes: usize) -> bool {
        let records = u64::from(self.builder.len()).saturating_add(records).try_into().unwrap_or(u32::MAX);
        !self.filling.is_full(records, self.builder.bytes().saturating_add(bytes))
    }
}
