//! What the tables, or the raw file, hold of blocks that moved.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;

use activemirror_core::limits::PACK_BYTES_MAX;
use activemirror_core::log::LogId;
use redb::{ReadOnlyTable, ReadableTable};

use super::super::carving::{self, Pieces, Place};
use super::super::overlay::{Tables, read_at};
use super::super::{Progress, Stage};
use super::Source;
use crate::error::StoreError;
use crate::pages::guarded;
use crate::tables::{INDEX, LogNumber, PACKS, SPANS, TRACES, ZONES};
use crate::tier::span::{self, Span};

type Packs = ReadOnlyTable<(LogNumber, u64, u32), &'static [u8]>;

/// Where a pack's bytes lie.
#[derive(Clone, Debug)]
pub(in crate::repair) enum PackPlace {
    /// In the tables.
    Rows(LogNumber, u64),
    /// In pieces of the raw file.
    Pieces(Vec<Place>),
}

/// What is known of moved blocks before anything of it is proven.
#[derive(Debug, Default)]
pub(super) struct Moves {
    /// Where the tables say that blocks are.
    spans: BTreeMap<(LogNumber, u64), Span>,
    /// The packs in the tables.
    packs: BTreeSet<(LogNumber, u64)>,
    /// What the raw file has of packs.
    pieces: Pieces,
}

impl Source {
    pub(super) fn read_moved(&mut self) {
        self.with_tables(|source, transaction| {
            for row in transaction.open_table(SPANS)?.iter()? {
                let (at, row) = row?;
                source.moves.spans.extend(Span::read(row.value()).map(|span| (at.value(), span)));
            }
            Ok(())
        });
        self.with_tables(|source, transaction| {
            for row in transaction.open_table(PACKS)?.iter()? {
                let (log, first, _) = row?.0.value();
                source.moves.packs.insert((log, first));
            }
            Ok(())
        });
    }

    /// Whether the tables' pages are what was written. Reads all of the file.
    pub(in crate::repair) fn is_sound(&self) -> bool {
        // Looking may change what is in memory of the tables.
        let open = || Tables::open(File::open(&self.path)?);
        self.tables.is_some() && open().is_ok_and(|mut tables| tables.are_sound())
    }

    /// Looks through the raw file for packs that begin with one of these blocks.
    pub(in crate::repair) fn carve_packs(
        &mut self,
        firsts: &BTreeSet<u64>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), StoreError> {
        let each = &mut |bytes| progress(Progress(Stage::Packs, bytes));
        self.moves.pieces = carving::find_pieces(&self.file, firsts, each)?;
        Ok(())
    }

    /// Which blocks a pack may begin with.
    pub(in crate::repair) fn pack_firsts(&self) -> BTreeSet<(LogId, u64)> {
        let all = self.moves.packs.iter().copied().chain(self.moves.pieces.packs());
        let firsts = all.flat_map(|(number, first)| {
            // Where the table of logs cannot be read, any log may be meant: the digest tells.
            let is_it = move |log: &LogId| self.numbers.get(log).is_none_or(|known| *known == number);
            self.logs.iter().copied().filter(is_it).map(move |log| (log, first))
        });
        firsts.filter(|at| self.found.headers.contains_key(at)).collect()
    }

    /// Where a pack may lie that begins with this block: that of the tables first.
    pub(in crate::repair) fn packs_at(&self, (log, first): (LogId, u64)) -> Vec<PackPlace> {
        let known = self.numbers.get(&log).copied();
        let rows = known.filter(|number| self.moves.packs.contains(&(*number, first)));
        let carved = self
            .moves
            .pieces
            .packs()
            .filter(|(number, of)| *of == first && known.is_none_or(|known| known == *number));
        let carved = carved.flat_map(|pack| self.moves.pieces.ways(pack)).map(PackPlace::Pieces);
        rows.map(|number| PackPlace::Rows(number, first)).into_iter().chain(carved).collect()
    }

    /// The bytes of a pack.
    pub(in crate::repair) fn pack(&self, place: &PackPlace) -> Option<Vec<u8>> {
        match place {
            PackPlace::Rows(number, first) => {
                let tables = self.tables.as_ref()?;
                let read = || -> Result<Vec<u8>, StoreError> {
                    let packs: Packs = tables.begin_read()?.open_table(PACKS)?;
                    span::pack(&packs, *number, *first)
                };
                guarded(read).ok()
            }
            PackPlace::Pieces(places) => {
                let len: usize = places.iter().map(|place| place.len).sum();
                let mut pack = vec![0; len.min(PACK_BYTES_MAX)];
                let mut rest = &mut pack[..];
                for place in places {
                    let (piece, after) = rest.split_at_mut_checked(place.len)?;
                    read_at(&self.file, place.offset, piece).ok()?;
                    rest = after;
                }
                Some(pack)
            }
        }
    }

    /// Where the tables say that blocks of this log are which are in no payload, by the first of them.
    pub(in crate::repair) fn spans_of(&self, log: LogId) -> Vec<(u64, Span)> {
        let Some(number) = self.numbers.get(&log).copied() else { return Vec::new() };
        let spans = self.moves.spans.range((number, 0)..=(number, u64::MAX));
        spans.map(|((_, first), span)| (*first, span.clone())).collect()
    }

    /// What the tables say of the row that begins with this block.
    pub(in crate::repair) fn span_at(&self, (log, first): (LogId, u64)) -> Option<&Span> {
        self.moves.spans.get(&(*self.numbers.get(&log)?, first))
    }

    /// Whether the index leads anywhere from this key.
    pub(in crate::repair) fn is_indexed(&self, key: &[u8; 16]) -> bool {
        let Some(tables) = self.tables.as_ref() else { return false };
        let read = || -> Result<bool, StoreError> {
            let index = tables.begin_read()?.open_multimap_table(INDEX)?;
            Ok(index.get(key)?.next().is_some())
        };
        guarded(read).unwrap_or(false)
    }

    /// The sealed zones of these blocks, as far as they can be read.
    pub(in crate::repair) fn zones_of(
        &mut self,
        blocks: &BTreeSet<(LogId, u64)>,
    ) -> Vec<((LogId, u64), Vec<u8>)> {
        let mut zones = Vec::new();
        self.with_tables(|source, transaction| {
            let table = transaction.open_table(ZONES)?;
            for (log, block) in blocks {
                let Some(number) = source.numbers.get(log) else { continue };
                if let Some(zone) = table.get((*number, *block))? {
                    zones.push(((*log, *block), zone.value().to_vec()));
                }
            }
            Ok(())
        });
        zones
    }

    /// The rows that say which traces begin in this log, by sequence, as far as they can be read.
    pub(in crate::repair) fn traces_of(&mut self, log: LogId) -> BTreeMap<u64, [u8; 16]> {
        let mut traces = BTreeMap::new();
        self.with_tables(|source, transaction| {
            let Some(number) = source.numbers.get(&log).copied() else { return Ok(()) };
            for row in transaction.open_table(TRACES)?.range((number, 0)..=(number, u64::MAX))? {
                let (at, trace) = row?;
                traces.insert(at.value().1, *trace.value());
            }
            Ok(())
        });
        traces
    }

    /// The logs by their number in the tables.
    pub(super) fn by_number(&self) -> HashMap<LogNumber, LogId> {
        self.numbers.iter().map(|(log, number)| (*number, *log)).collect()
    }
}
