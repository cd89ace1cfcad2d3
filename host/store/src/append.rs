//! How records become durable: blocks, their headers, the index and a signed checkpoint, in one
//! transaction.

use core::ops::Range;
use std::collections::{BTreeSet, HashMap};

use activemirror_core::log::block::Sealer;
use activemirror_core::log::checkpoint::Checkpoint;
use activemirror_core::log::codec::Codec;
use activemirror_core::log::header::Header;
use activemirror_core::trace::{Kind, Record, Structure, SubjectRef};
use redb::WriteTransaction;

use crate::building::{Block, Building};
use crate::error::StoreError;
use crate::open::{Head, Store};
use crate::tables::{CHECKPOINTS, HEADERS, INDEX, LogNumber, PAYLOADS, TRACES};

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
        let mut building = Building::new(self, head.clone());
        records.into_iter().try_for_each(|record| building.push_record(record, &ring))?;
        building.finish()?;
        let mut sealer = Sealer::new(Codec::SMALLEST)?;
        let sealed = building.take().into_iter().map(|block| block.seal(self, &mut sealer, &ring));
        self.insert_own(transaction, sealed.collect::<Result<_, _>>()?)?;
        self.sign(transaction, &building.head)?;
        Ok(building.head)
    }

    /// Puts finished blocks of the own log into the tables.
    pub(crate) fn insert_own(
        &self,
        transaction: &WriteTransaction,
        blocks: Vec<Block>,
    ) -> Result<(), StoreError> {
        let own = self.own_number();
        blocks
            .into_iter()
            .try_for_each(|block| insert(transaction, own, &block.header, &block.stored, block.pending))
    }

    /// Signs the own log as it will be once the transaction is committed.
    pub(crate) fn sign(&self, transaction: &WriteTransaction, head: &Head) -> Result<(), StoreError> {
        let checkpoint = Checkpoint { log: self.log, size: head.tree.size(), root: head.tree.root() };
        let note = checkpoint.sign(self.tree.signing());
        transaction.open_table(CHECKPOINTS)?.insert(self.own_number(), note.as_str())?;
        Ok(())
    }
}

/// What the index will say of the block under construction.
#[derive(Default)]
pub(crate) struct Pending {
    pub(crate) keys: BTreeSet<[u8; 16]>,
    pub(crate) starts: Vec<(u64, [u8; 16])>,
    /// Of each person, the trace and the session of their last record: mostly also of their next.
    last: HashMap<SubjectRef, [Option<String>; 2]>,
}

impl Pending {
    /// Remembers where this record will be looked for.
    pub(crate) fn note(&mut self, store: &Store, sequence: u64, structure: &Structure<'_>) {
        let names = [structure.trace, structure.session];
        let last = self.last.get(&structure.subject);
        let same = last.is_some_and(|last| last.each_ref().map(Option::as_deref) == names);
        if same && structure.kind != Kind::TraceStart {
            return;
        }
        self.last.insert(structure.subject, names.map(|name| name.map(str::to_owned)));
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
