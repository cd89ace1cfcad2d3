//! Payloads that move.

use std::sync::Arc;

use activemirror_core::log::reader::EntryBody;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Notice, SubjectRef};
use activemirror_store::{Author, BlockRef, Store, StoreError, Tier, Unit};
use rand::RngExt;

use super::{HOUSE, Player, Trouble};

/// The trace in which the log says what went.
const TRACE: &str = "what went";

const fn author(house: SubjectRef) -> Author<'static> {
    Author { by: house, trace: TRACE, time: Timestamp::from_millis(9) }
}

impl Player {
    /// The store, with the cold store that it has.
    pub(super) fn open(&self) -> Result<Store, StoreError> {
        let store = super::open(&self.disk)?;
        store.attach_cold(Arc::new(self.ledger.shelf.clone()));
        Ok(store)
    }

    pub(super) fn pack(&mut self) -> Result<(), Trouble> {
        let Some(store) = &self.store else { return Ok(()) };
        let mut loose = own(store)?;
        loose.retain(Unit::is_loose);
        for row in loose.chunk_by(|one, next| one.end() == next.at.block) {
            store.pack(row)?;
        }
        Ok(())
    }

    pub(super) fn cool(&mut self) -> Result<(), Trouble> {
        let author = author(self.ledger.people[HOUSE].subject);
        let units = self.store.as_ref().map_or(Ok(Vec::new()), own)?;
        for unit in units.into_iter().filter(|unit| unit.tier == Tier::Warm) {
            let Some(store) = &self.store else { return Ok(()) };
            let sent = store.send_cold(&unit)?;
            let said = again(store, &author, &[unit])?;
            self.may_say(said);
            let Some(store) = &self.store else { return Ok(()) };
            store.moved_cold(sent, &author)?;
            self.ledger.acknowledge(self.disk.changes(), store.next_sequence());
        }
        Ok(self.store.as_ref().map_or(Ok(0), Store::renew_cold).map(drop)?)
    }

    pub(super) fn let_go(&mut self) -> Result<(), Trouble> {
        let Some(store) = &self.store else { return Ok(()) };
        let author = author(self.ledger.people[HOUSE].subject);
        let mut units = Vec::new();
        for unit in own(store)?.into_iter().filter(|unit| unit.tier != Tier::Gone) {
            // Who was erased is known to the ledger by what the log says of it.
            if !says(store, &unit, |notice| matches!(notice, Notice::Erased { .. }))? {
                units.push(unit);
            }
        }
        let first = self.dice.random_range(0..=units.len());
        let units: Vec<Unit> = units.into_iter().skip(first).take(2).collect();
        if units.is_empty() {
            return Ok(());
        }
        let rows = units.chunk_by(|one, next| one.end() == next.at.block).count() as u64;
        let blocks: Vec<u64> = units.iter().flat_map(|unit| unit.at.block..unit.end()).collect();
        let said = rows + again(store, &author, &units)?;
        self.may_say(said);
        self.ledger.going.0.extend(&blocks);
        let Some(store) = &self.store else { return Ok(()) };
        store.let_go(&units, "by chance", &author)?;
        self.ledger.gone.push((self.disk.changes(), blocks));
        self.ledger.acknowledge(self.disk.changes(), store.next_sequence());
        Ok(())
    }

    /// So many records about what went may come next, all of them or none.
    fn may_say(&mut self, count: u64) {
        let Some(store) = &self.store else { return };
        let first = store.next_sequence();
        self.ledger.going.1.extend(first..first + count);
        self.ledger.ends.insert(first + count);
    }
}

fn own(store: &Store) -> Result<Vec<Unit>, StoreError> {
    Ok(store.units()?.into_iter().filter(|unit| store.is_own(unit.at) && !store.stays(unit)).collect())
}

/// How many records have to be said again before these units leave.
fn again(store: &Store, author: &Author<'_>, units: &[Unit]) -> Result<u64, Trouble> {
    let mut count = 0;
    for at in store.blocks_of_trace(author.trace)? {
        let leaves = units.iter().any(|unit| unit.holds(at) && matches!(unit.tier, Tier::Hot | Tier::Warm));
        if leaves {
            let block = store.open_block(at)?;
            let entries = block.entries().map_err(|error| anyhow::anyhow!("{error}"))?;
            let gone =
                |body: &EntryBody<'_>| matches!(body, EntryBody::Open(Body::Notice(Notice::Gone { .. })));
            count += entries.iter().filter(|entry| gone(&entry.body)).count() as u64;
        }
    }
    Ok(count)
}

/// Whether there is such a notice in a unit.
fn says(store: &Store, unit: &Unit, what: impl Fn(&Notice<'_>) -> bool) -> Result<bool, Trouble> {
    for block in unit.at.block..unit.end() {
        let open = store.open_block(BlockRef { log: unit.at.log, block })?;
        let entries = open.entries().map_err(|error| anyhow::anyhow!("{error}"))?;
        let found = entries.iter().any(|entry| match &entry.body {
            EntryBody::Open(Body::Notice(notice)) => what(notice),
            _ => false,
        });
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}
