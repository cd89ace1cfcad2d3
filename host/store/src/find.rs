//! How records are found again: block by block, leaving closed what cannot hold any that are wanted.
//!
//! | step | leaves out | costs |
//! |---|---|---|
//! | the index, where the filter names traces, sessions or agents | blocks without them | a look-up |
//! | the header | blocks of other times, numbers, logs | nothing |
//! | the list of traces' beginnings, where nothing else is wanted of traces that are named | blocks in which none of them begins | a look-up |
//! | the zone | blocks without such kinds, names, confidences, and between whose times it is | nothing |
//! | the structure | records that it settles | a segment is opened |
//! | the content of the people whose records it does not settle | the rest | a segment each |
//!
//! # Why text in content has no index
//!
//! It is looked for by opening content and reading it, once everything above has left out what it
//! can. An index of words would have to be sealed for each person, or it would outlive them: whose
//! key is destroyed must leave no list of words behind. Split so, it is as many look-ups as people.
//! And words are found as their reader sees them: what a policy marks is not there for one reader
//! and there for another, so that an index of originals would tell what a mask hides.
//!
//! Blocks that lie in one pack, here or in the cold store, have one structure, and each person has one
//! content in it: what their headers and zones do not rule out is looked through together. The pack that
//! was looked into last is kept. A block that is gone, or does not come, is in the answer.
//!
//! One block or pack is in memory at a time, and no lock is held while somebody is handed a record.

mod block;
mod explain;
mod moved;

use core::ops::ControlFlow;
use std::collections::BTreeSet;

use activemirror_core::filter::{Name, Shown, Sieve};
use activemirror_core::log::LogId;
use activemirror_core::log::header::Header;
use activemirror_core::trace::{Body, Content, Kind, Structure};
use redb::{ReadOnlyMultimapTable, ReadOnlyTable, ReadableDatabase};

pub use explain::{Explain, Unread};
use moved::Together;

use crate::error::StoreError;
use crate::open::Store;
use crate::pages::guarded;
use crate::tables::{BlockRef, HEADERS, INDEX, LogNumber, PAYLOADS, TRACES, ZONES};

/// In which order records come: the own log before those of devices, and within each
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// from its beginning.
    OldestFirst,
    /// from its end.
    NewestFirst,
}

/// What is looked for.
#[derive(Clone, Copy)]
pub struct Search<'q> {
    /// Which records.
    pub sieve: &'q Sieve,
    /// In which order.
    pub order: Order,
    /// No more than so many.
    pub limit: Option<u64>,
    /// Whether content is wanted of those that the structure alone settles.
    pub content: bool,
    /// How content looks to who asks.
    pub show: &'q Show<'q>,
}

impl core::fmt::Debug for Search<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Search")
            .field("sieve", self.sieve)
            .field("order", &self.order)
            .finish_non_exhaustive()
    }
}

/// How content looks to who asks: a filter sees nothing else of it.
pub type Show<'s> = dyn for<'c> Fn(&Structure<'_>, &'c Content<'c>) -> Shown<'c> + 's;

/// A record that was found, with its originals: for the runtime, and for nobody else.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// The block that holds it.
    pub at: BlockRef,
    /// The log that holds it.
    pub log: LogId,
    /// Its number there.
    pub sequence: u64,
    /// What can be known of it in any case.
    pub structure: &'a Structure<'a>,
    /// The rest.
    pub body: FoundBody<'a>,
}

/// The body of a record that was found.
#[derive(Clone, Copy, Debug)]
pub enum FoundBody<'a> {
    /// It can be read, and nobody asked for it.
    Closed,
    /// The body.
    Open(&'a Body<'a>),
    /// It is sealed under a key that is not here.
    Sealed,
    /// Its person's key was destroyed.
    Erased,
}

impl Store {
    /// Hands every record that is wanted to `found`, until that has enough. Blocks that cannot be
    /// read are in the answer: without a look at [`Explain::unread`] nobody knows whether what was
    /// found is all there is.
    pub fn find(
        &self,
        search: &Search<'_>,
        found: &mut dyn FnMut(&Found<'_>) -> ControlFlow<()>,
    ) -> Result<Explain, StoreError> {
        // Before the tables are looked at, so that they have every block that is listed.
        let all = self.blocks()?;
        let explain = Explain { blocks: all.len() as u64, ..Explain::default() };
        let (begins, left) = (self.begins(search.sieve), search.limit.unwrap_or(u64::MAX));
        let mut finding = Finding { store: self, search, begins, explain, left };
        let tables = guarded(|| Tables::open(self))?;
        finding.run(&tables, all, found)?;
        Ok(finding.explain)
    }

    /// The traces, as the tables know them, where nothing is wanted but what begins them.
    fn begins(&self, sieve: &Sieve) -> Option<Vec<[u8; 16]>> {
        if !sieve.kinds().within(Kind::TraceStart.into()) {
            return None;
        }
        let key = |id: &str| self.tree.keyed_hash("trace", id.as_bytes());
        Some(sieve.pinned(Name::Trace)?.into_iter().map(key).collect())
    }
}

/// Whether this is wrong with one block, and others can be read.
const fn is_of_a_block(error: &StoreError) -> bool {
    use StoreError::{Block, Cold, Gone, MissingBlock};
    matches!(error, Block(..) | Cold { .. } | Gone { .. } | MissingBlock(_))
}

/// What a search reads, as it was when it began.
struct Tables {
    headers: BlockRows,
    zones: BlockRows,
    payloads: BlockRows,
    index: ReadOnlyMultimapTable<&'static [u8; 16], (LogNumber, u64)>,
    traces: ReadOnlyTable<(LogNumber, u64), &'static [u8; 16]>,
}

type BlockRows = ReadOnlyTable<(LogNumber, u64), &'static [u8]>;

impl Tables {
    fn open(store: &Store) -> Result<Self, StoreError> {
        let transaction = store.db.begin_read()?;
        Ok(Self {
            headers: transaction.open_table(HEADERS)?,
            zones: transaction.open_table(ZONES)?,
            payloads: transaction.open_table(PAYLOADS)?,
            index: transaction.open_multimap_table(INDEX)?,
            traces: transaction.open_table(TRACES)?,
        })
    }

    /// Whether one of these traces begins in a block.
    fn begins(&self, traces: &[[u8; 16]], log: LogNumber, header: &Header) -> Result<bool, StoreError> {
        for row in self.traces.range((log, header.first)..(log, header.end()))? {
            if traces.contains(row?.1.value()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The stored form of a block that was not moved.
    fn payload(&self, at: BlockRef) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.payloads.get((at.log, at.block))?.map(|stored| stored.value().to_vec()))
    }
}

/// A search under way.
struct Finding<'q> {
    store: &'q Store,
    search: &'q Search<'q>,
    /// [`Store::begins`].
    begins: Option<Vec<[u8; 16]>>,
    explain: Explain,
    left: u64,
}

impl Finding<'_> {
    fn run(
        &mut self,
        tables: &Tables,
        all: Vec<BlockRef>,
        found: &mut dyn FnMut(&Found<'_>) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let mut together = Together::default();
        for at in guarded(|| self.candidates(tables, all))? {
            if self.left == 0 {
                return Ok(());
            }
            let header = match guarded(|| self.store.catalog.header(&tables.headers, at)) {
                Ok(header) => header,
                Err(why) if is_of_a_block(&why) => {
                    self.explain.unread.push(Unread { at, why });
                    continue;
                }
                Err(system) => return Err(system),
            };
            if self.search.sieve.rules_out(&header, None) {
                self.explain.ruled_out_by_header += 1;
                continue;
            }
            if let Some(traces) = &self.begins
                && !guarded(|| tables.begins(traces, at.log, &header))?
            {
                self.explain.ruled_out_by_index += 1;
                continue;
            }
            let key = self.store.tree.structure();
            let zone = guarded(|| self.store.catalog.zone(&tables.zones, at, &header, key))?;
            if zone.is_some_and(|zone| self.search.sieve.rules_out(&header, Some(&zone))) {
                self.explain.ruled_out_by_zone += 1;
                continue;
            }
            if together.takes(at) {
                continue;
            }
            // Records come in order: what lies together comes before what lies elsewhere.
            if self.moved(core::mem::take(&mut together), found)?.is_break() {
                return Ok(());
            }
            let looked = match guarded(|| tables.payload(at))? {
                Some(stored) => self.block(at, &header, &stored, found),
                None => self.together_with(at).map(|begun| {
                    together = begun;
                    ControlFlow::Continue(())
                }),
            };
            match looked {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => return Ok(()),
                Err(why) if is_of_a_block(&why) => self.explain.unread.push(Unread { at, why }),
                Err(system) => return Err(system),
            }
        }
        self.moved(together, found).map(drop)
    }

    /// Blocks that the index does not rule out, in the order that is asked for.
    fn candidates(&mut self, tables: &Tables, all: Vec<BlockRef>) -> Result<Vec<BlockRef>, StoreError> {
        let mut blocks: Vec<BlockRef> = match self.indexed(tables)? {
            Some(blocks) => blocks.into_iter().collect(),
            None => all,
        };
        self.explain.ruled_out_by_index = self.explain.blocks.saturating_sub(blocks.len() as u64);
        if self.search.order == Order::NewestFirst {
            blocks.reverse();
            // Logs stay in their order.
            blocks.sort_by_key(|at| at.log);
        }
        Ok(blocks)
    }

    /// Blocks that hold what the filter names, by whichever of the index's names leaves the fewest.
    fn indexed(&self, tables: &Tables) -> Result<Option<BTreeSet<BlockRef>>, StoreError> {
        let mut fewest: Option<BTreeSet<BlockRef>> = None;
        for (name, kind) in [(Name::Trace, "trace"), (Name::Session, "session"), (Name::Agent, "agent")] {
            let Some(values) = self.search.sieve.pinned(name) else { continue };
            let mut blocks = BTreeSet::new();
            for value in values {
                for row in tables.index.get(&self.store.tree.keyed_hash(kind, value.as_bytes()))? {
                    let (log, block) = row?.value();
                    blocks.insert(BlockRef { log, block });
                }
            }
            fewest = Some(match fewest {
                Some(others) => others.intersection(&blocks).copied().collect(),
                None => blocks,
            });
        }
        Ok(fewest)
    }
}
