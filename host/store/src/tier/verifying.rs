//! Checking blocks that moved: packs like blocks, what lies in the cold store as far as it comes, and
//! that whatever is gone went by a rule that the log tells of.

use std::sync::Arc;

use activemirror_core::log::LogId;
use activemirror_core::log::header::Header;
use activemirror_core::log::pack::StoredPack;
use activemirror_core::log::reader::{Entry, EntryBody, OpenBlock};
use activemirror_core::trace::{Body, Notice};
use redb::ReadTransaction;

use super::cold::ColdFault;
use super::headers;
use super::span::{self, Place, Span};
use crate::error::StoreError;
use crate::open::Store;
use crate::tables::{LogNumber, PACKS, SPANS};
use crate::verify::{Checking, Fault, Scope, Wrong};

/// Which blocks the own log says went: log, first, end.
pub(crate) type Went = Vec<(LogId, u64, u64)>;

/// What was found of a block that is not hot.
enum Looked {
    /// Its pack is as it was stored; how it opened, where that was asked.
    Packed(Option<OpenBlock>),
    /// It is in the cold store, which was not asked.
    Cold,
    /// It is in the cold store, from which it did not come.
    Unreached(ColdFault),
    /// It is gone, and the table says by a rule.
    Gone,
}

impl Checking<'_> {
    /// A block that moved.
    pub(crate) fn elsewhere(&mut self, header: &Header) -> Result<Result<(), Wrong>, StoreError> {
        let looked = self.moved.look(self.store, self.transaction, self.number, header, self.scope)?;
        match looked {
            Err(what) => return Ok(Err(what)),
            Ok(Looked::Packed(None)) => {}
            Ok(Looked::Packed(Some(open))) => return self.records(header, &open),
            Ok(Looked::Gone) => self.report.gone += 1,
            Ok(Looked::Cold) => self.report.cold += 1,
            Ok(Looked::Unreached(why)) => {
                self.report.cold += 1;
                self.report.unreached.get_or_insert((header.block, why));
            }
        }
        Ok(Ok(()))
    }

    /// Whatever is shown as gone must have gone by a rule. Only who can read the log can tell.
    pub(crate) fn compare_gone(&mut self, went: &Went) {
        let gone = self.moved.not_gone(self.report.log, went);
        if self.scope == Scope::Everything && self.report.fault.is_none() {
            self.report.fault = gone.map(|block| Fault { block, what: Wrong::NotGone });
        }
    }
}

/// The span under examination, so that a pack is opened once.
#[derive(Default)]
pub(crate) struct Moved {
    span: Option<(u64, u64, Arc<Whole>)>,
    /// What was shown as gone: first and end.
    gone: Vec<(u64, u64)>,
}

/// What all of a span's blocks share.
enum Whole {
    Packed(Option<Vec<OpenBlock>>),
    Cold,
    Unreached(ColdFault),
    Gone,
    Wrong(Wrong),
    Missing,
}

impl Moved {
    /// Looks for a block that has no payload of its own.
    fn look(
        &mut self,
        store: &Store,
        transaction: &ReadTransaction,
        log: LogNumber,
        header: &Header,
        scope: Scope,
    ) -> Result<Result<Looked, Wrong>, StoreError> {
        let block = header.block;
        let (first, whole) = match &self.span {
            Some((first, end, whole)) if (*first..*end).contains(&block) => (*first, Arc::clone(whole)),
            _ => {
                let (first, end, whole) = open(store, transaction, log, block, scope)?;
                let whole = Arc::new(whole);
                self.span = Some((first, end, Arc::clone(&whole)));
                (first, whole)
            }
        };
        Ok(match &*whole {
            Whole::Missing => Err(Wrong::Missing),
            Whole::Wrong(wrong) => Err(wrong.clone()),
            Whole::Cold => Ok(Looked::Cold),
            Whole::Unreached(why) => Ok(Looked::Unreached(why.clone())),
            Whole::Gone => {
                self.note_gone(block);
                Ok(Looked::Gone)
            }
            Whole::Packed(None) => Ok(Looked::Packed(None)),
            Whole::Packed(Some(blocks)) => {
                let opened = blocks.get((block - first) as usize).filter(|open| open.header() == header);
                opened.cloned().map(|open| Looked::Packed(Some(open))).ok_or(Wrong::Missing)
            }
        })
    }

    fn note_gone(&mut self, block: u64) {
        match self.gone.last_mut() {
            Some((_, end)) if *end == block => *end += 1,
            _ => self.gone.push((block, block + 1)),
        }
    }

    /// The first block that is shown as gone though the log says of no rule by which it went.
    fn not_gone(&self, log: LogId, went: &Went) -> Option<u64> {
        let mut own: Vec<(u64, u64)> =
            went.iter().filter(|(of, ..)| *of == log).map(|(_, first, end)| (*first, *end)).collect();
        own.sort_unstable();
        self.gone.iter().find_map(|(first, end)| {
            let reached = own.iter().fold(*first, |reached, (from, to)| match *from <= reached {
                true => reached.max(*to),
                false => reached,
            });
            (reached < *end).then_some(reached)
        })
    }
}

/// The span of this block, and its end.
fn open(
    store: &Store,
    transaction: &ReadTransaction,
    log: LogNumber,
    block: u64,
    scope: Scope,
) -> Result<(u64, u64, Whole), StoreError> {
    let Some((first, span)) = span::covering(&transaction.open_table(SPANS)?, log, block)? else {
        return Ok((block, block + 1, Whole::Missing));
    };
    let end = first.saturating_add(span.blocks);
    let whole = match &span.place {
        Place::Gone { .. } => Whole::Gone,
        Place::Cold { .. } if scope == Scope::Structure => Whole::Cold,
        Place::Cold { .. } => match store.fetch(store.log_of(log)?, first, &span) {
            Ok(pack) => packed(store, transaction, (log, first), &span, &pack, scope)?,
            Err(why) if why.is_loss() => Whole::Wrong(Wrong::Cold(why)),
            Err(why) => Whole::Unreached(why),
        },
        Place::Warm { .. } => {
            let pack = span::pack(&transaction.open_table(PACKS)?, log, first)?;
            packed(store, transaction, (log, first), &span, &pack, scope)?
        }
    };
    Ok((first, end, whole))
}

fn packed(
    store: &Store,
    transaction: &ReadTransaction,
    (log, first): (LogNumber, u64),
    span: &Span,
    pack: &[u8],
    scope: Scope,
) -> Result<Whole, StoreError> {
    let Ok(headers) = headers(transaction, log, first, span.blocks) else { return Ok(Whole::Missing) };
    let Some(id) = headers.first().map(|header| header.log) else { return Ok(Whole::Missing) };
    let keys = store.keys();
    let opened = StoredPack::read(&headers, pack).and_then(|pack| match scope {
        Scope::Structure => Ok(None),
        Scope::Everything => pack.open(&headers, &keys.ring(id)).map(Some),
    });
    Ok(opened.map_or_else(|error| Whole::Wrong(Wrong::Block(error)), Whole::Packed))
}

/// Notes what these records of the own log say went.
pub(crate) fn note_went(went: &mut Went, entries: &[Entry<'_>]) {
    went.extend(entries.iter().filter_map(|entry| match entry.body {
        EntryBody::Open(Body::Notice(Notice::Gone { log, first, end, .. })) => Some((log, first, end)),
        _ => None,
    }));
}
