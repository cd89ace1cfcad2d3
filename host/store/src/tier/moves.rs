//! How payloads move: into packs, into the cold store, away.

use std::collections::BTreeSet;

use activemirror_core::hash::{Digest, sha256};
use activemirror_core::limits::{
    BLOCK_SUBJECTS_MAX, PACK_BLOCKS_MAX, PACK_BYTES_TARGET, PACK_RECORDS_TARGET,
};
use activemirror_core::log::LogId;
use activemirror_core::log::codec::Codec;
use activemirror_core::log::pack::{Gathered, Leaves};
use activemirror_core::log::reader::OpenBlock;
use activemirror_core::trace::{Notice, Record, SubjectRef};
use redb::WriteTransaction;

use super::facts::{Author, lasting};
use super::span::{self, Place, Span};
use super::{Tier, Unit};
use crate::error::StoreError;
use crate::open::{Head, Store};
use crate::tables::{LogNumber, PAYLOADS, SPANS};

/// A pack that is in the cold store, and not yet in the tables.
#[derive(Debug)]
pub struct Sent {
    unit: Unit,
    span: Span,
    name: String,
    generation: u64,
}

/// A pack that is not yet in the tables.
struct Made {
    /// How many units are in it.
    count: usize,
    /// How many blocks.
    blocks: u64,
    /// Its stored form.
    pack: Vec<u8>,
}

impl Store {
    /// Packs as many of these units as suit one pack, which follow each other in one log; returns how
    /// many that were. Whoever records meanwhile does not wait for the packing.
    pub fn pack(&self, units: &[Unit]) -> Result<usize, StoreError> {
        let Some(first) = units.first() else { return Ok(0) };
        loop {
            let generation = self.tiers.generation();
            let made = self.pack_of(units);
            let _writing = self.head();
            // Somebody was erased meanwhile: what was opened before is not to be put there.
            if self.tiers.generation() != generation {
                continue;
            }
            // One pack alone is packed already.
            let Some(Made { count, blocks, pack }) = made? else { return Ok(1) };
            let transaction = self.begin_write()?;
            units[..count].iter().try_for_each(|unit| take(&transaction, unit))?;
            span::put_pack(&transaction, first.at.log, first.at.block, &pack)?;
            let span = Span { blocks, place: Place::Warm { bytes: pack.len() as u64 } };
            span.write(&transaction, first.at.log, first.at.block)?;
            transaction.commit()?;
            self.tiers.changed();
            return Ok(count);
        }
    }

    /// A pack of the first of these units; `None` where that would be one pack alone.
    fn pack_of(&self, units: &[Unit]) -> Result<Option<Made>, StoreError> {
        let (count, blocks) = self.opened_for_pack(units)?;
        if matches!(units[..count], [Unit { tier: Tier::Warm, .. }]) {
            return Ok(None);
        }
        let pack = self.packed(&blocks, Leaves::Derived)?;
        Ok(Some(Made { count, blocks: blocks.len() as u64, pack }))
    }

    /// The first of these units that suit one pack, opened.
    fn opened_for_pack(&self, units: &[Unit]) -> Result<(usize, Vec<OpenBlock>), StoreError> {
        let (mut blocks, mut records, mut bytes) = (Vec::new(), 0, 0);
        let mut people: BTreeSet<SubjectRef> = BTreeSet::new();
        for (count, unit) in units.iter().enumerate() {
            let fits = blocks.len() as u64 + unit.blocks <= PACK_BLOCKS_MAX as u64
                && records + unit.records <= u64::from(PACK_RECORDS_TARGET);
            if count > 0 && !fits {
                return Ok((count, blocks));
            }
            let opened = self.open_unit(unit)?;
            let more: usize = opened.iter().map(OpenBlock::bytes).sum();
            people.extend(opened.iter().flat_map(OpenBlock::subjects));
            if count > 0 && (bytes + more > PACK_BYTES_TARGET || people.len() > PEOPLE) {
                return Ok((count, blocks));
            }
            (records, bytes) = (records + unit.records, bytes + more);
            blocks.extend(opened);
        }
        Ok((units.len(), blocks))
    }

    fn open_unit(&self, unit: &Unit) -> Result<Vec<OpenBlock>, StoreError> {
        match unit.tier {
            Tier::Hot => Ok(vec![self.open_block(unit.at)?]),
            _ => Ok(self.open_span(unit.at)?.1.to_vec()),
        }
    }

    pub(crate) fn packed(&self, blocks: &[OpenBlock], leaves: Leaves) -> Result<Vec<u8>, StoreError> {
        let first = blocks.first().map(OpenBlock::header);
        let (log, block) = first.map_or((self.log, 0), |header| (header.log, header.block));
        let failed = |error| StoreError::Pack(block, error);
        let gathered = Gathered::of(blocks, leaves, &self.keys().ring(log)).map_err(failed)?;
        // Nobody holds the keys meanwhile: whoever records needs them.
        let encoded = gathered.encode(Codec::SMALLEST).map_err(failed)?;
        let mut salts = self.salts();
        let pack = encoded.seal(&self.keys().ring(log), || salts.next());
        salts.all_random()?;
        pack.map_err(failed)
    }

    /// Puts a warm unit into the cold store, where it is durable when this returns. It counts once
    /// [`Store::moved_cold`] says so. Nobody waits for this.
    pub fn send_cold(&self, unit: &Unit) -> Result<Sent, StoreError> {
        let cold = |why| StoreError::Cold { block: unit.at.block, why };
        let generation = self.tiers.generation();
        let blocks = self.open_unit(unit)?;
        let object = self.packed(&blocks, Leaves::Kept)?;
        let log = self.log_of(unit.at.log)?;
        let digest: Digest = sha256(&object);
        let name = self.object_name(log, unit.at.block, unit.blocks, &digest);
        self.put_cold(&name, &object).map_err(cold)?;
        let place = Place::Cold { bytes: object.len() as u64, digest, stale: false };
        Ok(Sent { unit: *unit, span: Span { blocks: unit.blocks, place }, name, generation })
    }

    /// Lets the cold store have a unit that was sent there; `false` where it changed meanwhile, so that
    /// it has to be sent anew.
    pub fn moved_cold(&self, sent: Sent, author: &Author<'_>) -> Result<bool, StoreError> {
        let moved = self.count_cold(&sent, author);
        self.landed(&sent.name);
        moved
    }

    fn count_cold(&self, sent: &Sent, author: &Author<'_>) -> Result<bool, StoreError> {
        let mut head = self.head();
        if self.tiers.generation() != sent.generation {
            return Ok(false);
        }
        let (at, units) = (sent.unit.at, [sent.unit]);
        let last = self.to_say_again(author, &units)?;
        let again = lasting(author, &last)?;
        let transaction = self.begin_write()?;
        take(&transaction, &sent.unit)?;
        sent.span.write(&transaction, at.log, at.block)?;
        let next = self.append_some(&transaction, &head, &again)?;
        transaction.commit()?;
        self.tiers.changed();
        *head = next;
        Ok(true)
    }

    /// Deletes the payloads of these units, and says in the log which blocks went by which rule; all of
    /// it in one transaction. Objects in the cold store are for [`Store::sweep_cold`].
    pub fn let_go(&self, units: &[Unit], rule: &str, author: &Author<'_>) -> Result<(), StoreError> {
        let mut head = self.head();
        self.settle_erasure()?;
        let units: Vec<Unit> = units.iter().filter(|unit| !self.stays(unit)).copied().collect();
        let units = units.as_slice();
        let last = self.to_say_again(author, units)?;
        let again = lasting(author, &last)?;
        let transaction = self.begin_write()?;
        let mut notices = Vec::new();
        for row in rows(units) {
            let (Some(first), Some(end)) = (row.first(), row.last().map(Unit::end)) else { continue };
            let log: LogId = self.log_of(first.at.log)?;
            row.iter().try_for_each(|unit| take(&transaction, unit))?;
            let place = Place::Gone { since: author.time, rule: rule.to_owned() };
            let span = Span { blocks: end - first.at.block, place };
            span.write(&transaction, first.at.log, first.at.block)?;
            notices.push(author.says(Notice::Gone { log, first: first.at.block, end, rule }));
        }
        let next = self.append_some(&transaction, &head, again.iter().chain(&notices))?;
        transaction.commit()?;
        self.tiers.changed();
        *head = next;
        Ok(())
    }

    /// Appends records, if there are any.
    fn append_some<'r>(
        &self,
        transaction: &WriteTransaction,
        head: &Head,
        records: impl IntoIterator<Item = &'r Record<'r>>,
    ) -> Result<Head, StoreError> {
        let mut records = records.into_iter().peekable();
        if records.peek().is_none() { Ok(head.clone()) } else { self.append_in(transaction, head, records) }
    }
}

/// Content segments of one pack; half of what there may be is left for who was erased and came back.
const PEOPLE: usize = BLOCK_SUBJECTS_MAX / 2;

/// Takes a unit's payload out of the tables.
fn take(transaction: &WriteTransaction, unit: &Unit) -> Result<(), StoreError> {
    let (log, first): (LogNumber, u64) = (unit.at.log, unit.at.block);
    let was_there = match unit.tier {
        Tier::Hot => transaction.open_table(PAYLOADS)?.remove((log, first))?.is_some(),
        _ => {
            span::take_pack(transaction, log, first)?;
            transaction.open_table(SPANS)?.remove((log, first))?.is_some()
        }
    };
    if was_there { Ok(()) } else { Err(StoreError::MissingBlock(first)) }
}

/// Units in a row, as far as they follow each other.
fn rows(units: &[Unit]) -> impl Iterator<Item = &[Unit]> {
    units.chunk_by(|one, next| one.at.log == next.at.log && one.end() == next.at.block)
}
