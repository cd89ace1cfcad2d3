//! How records become durable: blocks, their headers, the index and a signed checkpoint, in one
//! transaction.

use core::ops::Range;
use std::collections::BTreeSet;

use activemirror_core::log::block::{RowPlace, Sealer};
use activemirror_core::log::checkpoint::Checkpoint;
use activemirror_core::log::codec::Codec;
use activemirror_core::log::header::Header;
use activemirror_core::log::reader::Entry;
use activemirror_core::log::zone::{Noting, Zone};
use activemirror_core::trace::{Kind, Record, Structure};
use activemirror_core::vault::KeyTree;
use redb::WriteTransaction;

use crate::building::{Block, Building};
use crate::error::StoreError;
use crate::open::{Head, Store};
use crate::tables::{CHECKPOINTS, HEADERS, INDEX, LogNumber, PAYLOADS, TRACES, ZONES};

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
            .try_for_each(|block| self.insert(transaction, own, &block.header, &block.stored, block.pending))
    }

    /// Puts a finished block, its zone and its index rows into the tables.
    pub(crate) fn insert(
        &self,
        transaction: &WriteTransaction,
        log: LogNumber,
        header: &Header,
        stored: &[u8],
        pending: Pending,
    ) -> Result<(), StoreError> {
        let at = (log, header.block);
        transaction.open_table(HEADERS)?.insert(at, header.to_bytes().as_slice())?;
        transaction.open_table(PAYLOADS)?.insert(at, stored)?;
        self.insert_found(transaction, log, header, &pending)
    }

    /// Puts what leads to a block's records into the tables, wherever they are.
    pub(crate) fn insert_found(
        &self,
        transaction: &WriteTransaction,
        log: LogNumber,
        header: &Header,
        pending: &Pending,
    ) -> Result<(), StoreError> {
        let at = (log, header.block);
        let zone = pending.zone().seal(self.tree.structure(), &self.random()?, header);
        transaction.open_table(ZONES)?.insert(at, zone.as_slice())?;
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

    /// Signs the own log as it will be once the transaction is committed.
    pub(crate) fn sign(&self, transaction: &WriteTransaction, head: &Head) -> Result<(), StoreError> {
        let checkpoint = Checkpoint { log: self.log, size: head.tree.size(), root: head.tree.root() };
        let note = checkpoint.sign(self.tree.signing());
        transaction.open_table(CHECKPOINTS)?.insert(self.own_number(), note.as_str())?;
        Ok(())
    }
}

/// What the index and the zone will say of the block under construction.
#[derive(Default)]
pub(crate) struct Pending {
    noting: Noting,
    pub(crate) keys: BTreeSet<[u8; 16]>,
    pub(crate) starts: Vec<(u64, [u8; 16])>,
    /// Whether there was a record of each person so far, by place: a device may begin with any.
    people: Vec<bool>,
}

impl Pending {
    /// What the block's records have in common.
    pub(crate) const fn zone(&self) -> &Zone {
        self.noting.zone()
    }

    /// [`Pending::note`] of a record of a block that is open.
    pub(crate) fn note_entry(&mut self, store: &Store, entry: &Entry<'_>) {
        self.note(store, entry.sequence, &entry.structure, entry.place);
    }

    /// Remembers where the next record will be looked for.
    pub(crate) fn note(&mut self, store: &Store, sequence: u64, structure: &Structure<'_>, place: RowPlace) {
        self.note_under(&store.tree, sequence, structure, place);
    }

    /// The same under the keys that a store has.
    pub(crate) fn note_under(
        &mut self,
        tree: &KeyTree,
        sequence: u64,
        structure: &Structure<'_>,
        place: RowPlace,
    ) {
        let new = self.noting.note(structure, place.names);
        let key = |is_new: bool, kind, name: Option<&str>| {
            name.filter(|_| is_new).map(|name| tree.keyed_hash(kind, name.as_bytes()))
        };
        let starts = structure.kind == Kind::TraceStart;
        let trace = key(new.trace || starts, "trace", structure.trace);
        let session = key(new.session, "session", structure.session);
        let agent = key(new.agent, "agent", structure.agent);
        let person = self.is_first_of(place.person).then_some(structure.subject.0);
        self.keys.extend([trace, session, agent, person].into_iter().flatten());
        if let (true, Some(trace)) = (starts, trace) {
            self.starts.push((sequence, trace));
        }
    }

    fn is_first_of(&mut self, person: u8) -> bool {
        let place = usize::from(person);
        if self.people.len() <= place {
            self.people.resize(place + 1, false);
        }
        !core::mem::replace(&mut self.people[place], true)
    }
}
