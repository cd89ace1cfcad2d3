//! How records become durable: blocks, their headers, the index and a signed checkpoint, in one
//! transaction.

use core::ops::Range;
use std::collections::BTreeSet;

use activemirror_core::limits::{BLOCK_BYTES_MAX, BLOCK_BYTES_TARGET};
use activemirror_core::log::block::{BlockBuilder, Buffers, Position, PushError};
use activemirror_core::log::checkpoint::Checkpoint;
use activemirror_core::log::codec::Codec;
use activemirror_core::log::header::Header;
use activemirror_core::trace::{Kind, Record, Structure};
use redb::WriteTransaction;

use crate::error::StoreError;
use crate::keys::Ring;
use crate::open::{Head, Store};
use crate::tables::{CHECKPOINTS, HEADERS, INDEX, LogNumber, PAYLOADS, TRACES};

/// People whose content one block may hold.
const SUBJECTS: usize = 64;

/// The number of the own log.
pub(crate) const OWN: LogNumber = 0;

type Builder = BlockBuilder<Vec<u8>, SUBJECTS>;

impl Store {
    /// Appends records to the own log, all of them or none, and returns their sequences once they
    /// are durable. Every subject must have a key ([`Store::ensure_subject`]).
    pub fn append<'r>(
        &self,
        records: impl IntoIterator<Item = &'r Record<'r>>,
    ) -> Result<Range<u64>, StoreError> {
        let mut head = self.head();
        let first = head.next_sequence;
        let transaction = self.begin_write()?;
        let next = self.append_in(&transaction, &head, records)?;
        transaction.commit()?;
        *head = next;
        self.change_keys().note_log_has_begun()?;
        Ok(first..head.next_sequence)
    }

    /// Appends records within a transaction; the returned head counts once it is committed.
    pub(crate) fn append_in<'r>(
        &self,
        transaction: &WriteTransaction,
        head: &Head,
        records: impl IntoIterator<Item = &'r Record<'r>>,
    ) -> Result<Head, StoreError> {
        let keys = self.keys();
        let ring = keys.ring(self.log);
        let mut writing =
            Writing { store: self, ring, transaction, head: head.clone(), pending: Pending::default() };
        let mut builder = writing.next_block();
        for record in records {
            builder = writing.push(builder, record)?;
        }
        writing.finish(builder)?;
        let Writing { head, .. } = writing;
        self.sign(transaction, &head)?;
        Ok(head)
    }

    fn sign(&self, transaction: &WriteTransaction, head: &Head) -> Result<(), StoreError> {
        let checkpoint = Checkpoint { log: self.log, size: head.tree.size(), root: head.tree.root() };
        let note = checkpoint.sign(self.tree.signing());
        transaction.open_table(CHECKPOINTS)?.insert(OWN, note.as_str())?;
        Ok(())
    }
}

/// One append under way.
struct Writing<'s> {
    store: &'s Store,
    ring: Ring<'s>,
    transaction: &'s WriteTransaction,
    head: Head,
    pending: Pending,
}

/// What the index will say of the block under construction.
#[derive(Default)]
pub(crate) struct Pending {
    pub(crate) keys: BTreeSet<[u8; 16]>,
    pub(crate) starts: Vec<(u64, [u8; 16])>,
}

impl Writing<'_> {
    fn next_block(&self) -> Builder {
        let position =
            Position { log: self.store.log, block: self.head.tree.size(), first: self.head.next_sequence };
        BlockBuilder::new(position, Buffers::default())
    }

    /// Puts the record into the block, or into the next where this one is full.
    fn push(&mut self, mut builder: Builder, record: &Record<'_>) -> Result<Builder, StoreError> {
        let ring = &self.ring;
        let crowded = builder.bytes() >= BLOCK_BYTES_TARGET;
        let pushed = if crowded { Err(PushError::Full) } else { builder.push(record, ring).map(drop) };
        match pushed {
            Err(PushError::Full) if !builder.is_empty() => {
                self.finish(builder)?;
                builder = self.next_block();
                builder.push(record, &self.ring)?;
            }
            other => other?,
        }
        if builder.bytes() > BLOCK_BYTES_MAX {
            return Err(StoreError::TooLarge(builder.bytes()));
        }
        let sequence = self.head.next_sequence + u64::from(builder.len()) - 1;
        self.pending.note(self.store, sequence, &record.structure);
        Ok(builder)
    }

    fn finish(&mut self, mut builder: Builder) -> Result<(), StoreError> {
        let (mut salts, mut stored) = (self.store.salts(), Vec::new());
        let header = builder.finish(Codec::RowsLz4, &self.ring, || salts.next(), &mut stored)?;
        salts.all_random()?;
        let Some(header) = header else { return Ok(()) };
        insert(self.transaction, OWN, &header, &stored, core::mem::take(&mut self.pending))?;
        self.head.tree.push(header.leaf_hash());
        self.head.next_sequence = header.end();
        Ok(())
    }
}

impl Pending {
    /// Remembers where this record will be looked for.
    pub(crate) fn note(&mut self, store: &Store, sequence: u64, structure: &Structure<'_>) {
        let tree = &store.tree;
        let trace = structure.trace.map(|id| tree.keyed_hash("trace", id.as_bytes()));
        let session = structure.session.map(|id| tree.keyed_hash("session", id.as_bytes()));
        self.keys.extend(trace.into_iter().chain(session).chain([structure.subject.0]));
        if let (Kind::TraceStart, Some(trace)) = (structure.kind, trace) {
            self.starts.push((sequence, trace));
        }
    }
}

/// Puts a finished block and its index rows into the tables.
pub(crate) fn insert(
    transaction: &WriteTransaction,
    log: LogNumber,
    header: &Header,
    stored: &[u8],
    pending: Pending,
) -> Result<(), StoreError> {
    let at = (log, header.block);
    transaction.open_table(HEADERS)?.insert(at, header.to_bytes().as_slice())?;
    transaction.open_table(PAYLOADS)?.insert(at, stored)?;
    let mut index = transaction.open_multimap_table(INDEX)?;
    for key in &pending.keys {
        index.insert(key, at)?;
    }
    let mut traces = transaction.open_table(TRACES)?;
    for (sequence, trace) in &pending.starts {
        traces.insert((log, *sequence), trace)?;
    }
    Ok(())
}
