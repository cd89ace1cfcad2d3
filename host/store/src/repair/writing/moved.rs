//! Blocks that moved: their packs, the rows that say where they are, and what leads to their records.

use std::collections::BTreeSet;

use activemirror_core::log::LogId;
use activemirror_core::log::header::Header;
use activemirror_core::log::pack::{Leaves, StoredPack, salvage};
use activemirror_core::log::reader::OpenBlock;
use activemirror_core::log::zone::Zone;
use redb::WriteTransaction;

use super::super::moved::{Form, Moved};
use super::super::source::PackPlace;
use super::super::{Progress, Stage};
use super::Writing;
use crate::error::StoreError;
use crate::tables::{INDEX, LogNumber, TRACES, ZONES};
use crate::tier::span::{Place, Span, put_pack};

impl Writing<'_> {
    /// Writes what is saved of moved blocks.
    pub(super) fn moved(&mut self, progress: &mut dyn FnMut(Progress)) -> Result<(), StoreError> {
        let choice = self.choice;
        // What leads to records that are not read here is taken over as it is.
        let mut unread = BTreeSet::new();
        for ((log, first), moved) in &choice.moved {
            let Some(number) = self.numbers.get(log).copied() else { continue };
            let headers = self.headers(*log, *first, moved.blocks);
            let transaction = self.store.begin_write()?;
            let place = match &moved.form {
                Form::Cold { place, found } => {
                    for (header, pending) in headers.iter().zip(found.iter().flatten()) {
                        self.store.insert_found(&transaction, number, header, pending)?;
                    }
                    place.clone()
                }
                Form::Gone { since, rule } => Place::Gone { since: *since, rule: rule.clone() },
                Form::Pack(_) | Form::Part { .. } => {
                    self.pack(&transaction, (number, *first), moved, &headers)?
                }
            };
            if matches!(moved.form, Form::Gone { .. } | Form::Cold { found: None, .. }) {
                unread.extend(headers.iter().map(|header| (header.log, header.block)));
            }
            Span { blocks: moved.blocks, place }.write(&transaction, number, *first)?;
            transaction.commit()?;
            headers.iter().for_each(|header| self.count(moved.form.tier(), header));
            progress(Progress(Stage::Writing, moved.blocks));
        }
        self.take_over(&unread)
    }

    fn headers(&self, log: LogId, first: u64, blocks: u64) -> Vec<Header> {
        let row = self.choice.headers.range((log, first)..(log, first.saturating_add(blocks)));
        row.map(|(_, header)| *header).collect()
    }

    /// Writes a pack, and what leads to the records in it.
    fn pack(
        &mut self,
        transaction: &WriteTransaction,
        at: (LogNumber, u64),
        moved: &Moved,
        headers: &[Header],
    ) -> Result<Place, StoreError> {
        // It was there when it was chosen.
        let missing = || StoreError::MissingBlock(at.1);
        let (pack, opened) = match &moved.form {
            Form::Part { of, first, blocks } => {
                let opened = self.part(of, *first, *blocks, headers).ok_or_else(missing)?;
                (self.store.packed(&opened, Leaves::Derived)?, opened)
            }
            Form::Pack(place) => {
                let pack = self.source.pack(place).ok_or_else(missing)?;
                let opened = self.open(headers, &pack)?;
                (pack, opened)
            }
            Form::Cold { .. } | Form::Gone { .. } => return Err(missing()),
        };
        put_pack(transaction, at.0, at.1, &pack)?;
        for (header, open) in headers.iter().zip(&opened) {
            let pending = self.pending(header, open)?;
            self.store.insert_found(transaction, at.0, header, &pending)?;
        }
        Ok(Place::Warm { bytes: pack.len() as u64 })
    }

    fn open(&self, headers: &[Header], pack: &[u8]) -> Result<Vec<OpenBlock>, StoreError> {
        let Some(first) = headers.first() else { return Ok(Vec::new()) };
        let ring = self.choice.keys.ring(first.log);
        let opened = StoredPack::read(headers, pack).and_then(|pack| pack.open(headers, &ring));
        opened.map_err(|error| StoreError::Block(first.block, error))
    }

    /// The blocks with these headers, out of a damaged pack.
    fn part(&self, of: &PackPlace, first: u64, blocks: u64, headers: &[Header]) -> Option<Vec<OpenBlock>> {
        let log = headers.first()?.log;
        let all = self.headers(log, first, blocks);
        let opened = salvage(&all, &self.source.pack(of)?, &self.choice.keys.ring(log)).ok()?;
        Some(opened.into_iter().filter(|open| headers.contains(open.header())).collect())
    }

    /// Takes over what led to the records of these blocks, as far as it can be read.
    fn take_over(&mut self, blocks: &BTreeSet<(LogId, u64)>) -> Result<(), StoreError> {
        if blocks.is_empty() {
            return Ok(());
        }
        let (rows, zones) = (self.source.index_of(blocks), self.source.zones_of(blocks));
        let transaction = self.store.begin_write()?;
        let number = |log: &LogId| self.numbers.get(log).copied();
        for (key, places) in rows {
            for (log, block) in places {
                if let Some(number) = number(&log) {
                    transaction.open_multimap_table(INDEX)?.insert(&key, (number, block))?;
                }
            }
        }
        for (at, zone) in zones {
            let opens = |header| Zone::open(self.store.tree.structure(), header, &zone).is_ok();
            if let Some(number) = number(&at.0).filter(|_| self.choice.headers.get(&at).is_some_and(opens)) {
                transaction.open_table(ZONES)?.insert((number, at.1), zone.as_slice())?;
            }
        }
        self.take_over_traces(&transaction, blocks)?;
        Ok(transaction.commit()?)
    }

    /// The rows of traces that begin in these blocks.
    fn take_over_traces(
        &mut self,
        transaction: &WriteTransaction,
        blocks: &BTreeSet<(LogId, u64)>,
    ) -> Result<(), StoreError> {
        let logs: BTreeSet<LogId> = blocks.iter().map(|(log, _)| *log).collect();
        for log in logs {
            let Some(number) = self.numbers.get(&log).copied() else { continue };
            let traces = self.source.traces_of(log);
            let theirs =
                blocks.range((log, 0)..=(log, u64::MAX)).filter_map(|at| self.choice.headers.get(at));
            let theirs = theirs.flat_map(|header| traces.range(header.first..header.end()));
            for (sequence, trace) in theirs {
                transaction.open_table(TRACES)?.insert((number, *sequence), trace)?;
            }
        }
        Ok(())
    }
}
