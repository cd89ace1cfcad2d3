//! Of all that was found, what is whole: one header a block, and whether its records are there.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use activemirror_core::log::LogId;
use activemirror_core::log::header::Header;
use activemirror_core::log::reader::{EntryBody, OpenBlock, StoredBlock};
use activemirror_core::log::tree::Frontier;
use activemirror_core::trace::{Lost, SubjectRef};
use activemirror_core::vault::KeyTree;

use super::source::Source;
use super::{Progress, Repair, Stage};
use crate::error::StoreError;
use crate::keys::Keys;
use crate::keys::salvage::SalvagedKeys;
use crate::losses::Losses;
use crate::medium::{Medium, Memory};

/// What is saved of a store.
pub(super) struct Choice {
    /// The keys that open it.
    pub(super) keys: Keys,
    /// How many blocks each log had, the own ones first.
    pub(super) sizes: Vec<(LogId, u64)>,
    /// The header of each block, as far as it is there.
    pub(super) headers: BTreeMap<(LogId, u64), Header>,
    /// What is gone.
    pub(super) losses: Losses,
    /// Whose records are saved and cannot be read.
    pub(super) closed: HashSet<SubjectRef>,
}

/// A block that is whole.
pub(super) struct Whole {
    pub(super) open: OpenBlock,
    /// Whose records in it nothing opens any more.
    pub(super) closed: HashSet<SubjectRef>,
    /// Who was erased, though the keys do not say so.
    erased: HashSet<SubjectRef>,
}

impl Choice {
    pub(super) fn make(
        repair: &Repair<'_>,
        salvaged: &mut SalvagedKeys,
        source: &mut Source,
        tree: &KeyTree,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, StoreError> {
        let logs: HashMap<LogId, [u8; 32]> = salvaged.logs(tree).into_iter().collect();
        let mut keys = open_keys(repair, salvaged)?;
        if source.has_gaps() {
            source.carve(&logs, progress)?;
        }
        let mut choice =
            Choosing { source, keys: &keys, keys_gone: salvaged.lost > 0, found: Chosen::default() };
        choice.look_at_all(progress);
        let wanted = choice.wanted();
        if !wanted.is_empty() {
            choice.source.carve_stored(&wanted, progress)?;
            choice.look_at_all(progress);
        }
        let Chosen { whole, mut headers, closed, erased } = choice.found;
        for subject in erased {
            salvaged.add_erased(subject);
            keys = open_keys(repair, salvaged)?;
        }
        let sizes: Vec<(LogId, u64)> = salvaged
            .logs(tree)
            .into_iter()
            .map(|(log, _)| (log, source.found.signed(log).max(end_of(log, &whole))))
            .collect();
        headers.retain(|(log, block), _| sizes.iter().any(|(of, size)| of == log && block < size));
        let mut losses = Losses::default();
        for (log, size) in &sizes {
            drop_unproven(*log, *size, source, &whole, &mut headers);
            for block in 0..*size {
                match (headers.contains_key(&(*log, block)), whole.contains(&(*log, block))) {
                    (_, true) => {}
                    (true, false) => losses.add(*log, Lost::Records, block, block + 1),
                    (false, false) => losses.add(*log, Lost::Everything, block, block + 1),
                }
            }
        }
        closed.iter().for_each(|subject| losses.add_key(*subject));
        Ok(Self { keys, sizes, headers, losses, closed })
    }

    /// The stored form of this block that is whole.
    pub(super) fn whole(&self, source: &Source, header: &Header) -> Option<(Vec<u8>, Whole)> {
        best(source, &self.keys, true, header)
    }
}

/// The keys that were saved, opened.
fn open_keys(repair: &Repair<'_>, salvaged: &SalvagedKeys) -> Result<Keys, StoreError> {
    let mut memory = Memory::default();
    memory.write(0, &salvaged.bytes)?;
    Keys::open(KeyTree::new(repair.root), Box::new(memory), false)
}

/// The block after the last that is whole. What is whole was written by the log's device, be it that
/// the checkpoint over it is gone.
fn end_of(log: LogId, whole: &BTreeSet<(LogId, u64)>) -> u64 {
    whole.range((log, 0)..=(log, u64::MAX)).next_back().map_or(0, |(_, block)| block + 1)
}

/// What was chosen so far.
#[derive(Default)]
struct Chosen {
    whole: BTreeSet<(LogId, u64)>,
    headers: BTreeMap<(LogId, u64), Header>,
    closed: HashSet<SubjectRef>,
    erased: HashSet<SubjectRef>,
}

struct Choosing<'c> {
    source: &'c mut Source,
    keys: &'c Keys,
    keys_gone: bool,
    found: Chosen,
}

impl Choosing<'_> {
    /// Looks at every block that is not known to be whole.
    fn look_at_all(&mut self, progress: &mut dyn FnMut(Progress)) {
        let found: Vec<_> = self.source.found.headers.iter().map(|(at, it)| (*at, it.clone())).collect();
        for (at, headers) in found {
            if !self.found.whole.contains(&at) {
                self.look_at(at, &headers);
            }
            progress(Progress(Stage::Checking, 1));
        }
        for (at, header) in self.source.mended(|at| self.found.whole.contains(&at)) {
            self.look_at(at, &[header]);
        }
    }

    fn look_at(&mut self, at: (LogId, u64), headers: &[Header]) {
        for header in headers {
            if let Some((_, whole)) = best(self.source, self.keys, self.keys_gone, header) {
                self.found.whole.insert(at);
                self.found.headers.insert(at, *header);
                self.found.closed.extend(whole.closed);
                self.found.erased.extend(whole.erased);
                return;
            }
        }
        if let Some(first) = headers.first() {
            self.found.headers.entry(at).or_insert(*first);
        }
    }

    /// The headers whose records are still to be found.
    fn wanted(&self) -> Vec<Header> {
        let headers = self.source.found.headers.iter();
        headers.filter(|(at, _)| !self.found.whole.contains(at)).flat_map(|(_, it)| it).copied().collect()
    }
}

/// The best stored form of a block: one that nothing is closed in, if there is one.
fn best(source: &Source, keys: &Keys, keys_gone: bool, header: &Header) -> Option<(Vec<u8>, Whole)> {
    let stored = source.stored(header).into_iter();
    let whole = stored.filter_map(|stored| whole(keys, keys_gone, header, &stored).map(|it| (stored, it)));
    whole.min_by_key(|(_, whole)| whole.closed.len())
}

/// Opens a block and recomputes its leaves.
fn whole(keys: &Keys, keys_gone: bool, header: &Header, stored: &[u8]) -> Option<Whole> {
    let ring = keys.ring(header.log);
    let open = StoredBlock::read(header, stored).and_then(|block| block.open(header, &ring)).ok()?;
    let proven = open.verify(&ring).ok()?;
    let (mut closed, mut erased) = (HashSet::new(), HashSet::new());
    for entry in open.entries().ok()? {
        let subject = entry.structure.subject;
        match entry.body {
            EntryBody::Sealed => drop(closed.insert(subject)),
            EntryBody::Erased(_) if !keys.was_erased(subject) => drop(erased.insert(subject)),
            _ => {}
        }
    }
    // What is sealed although its person was erased is an older form of the block.
    let older = closed.iter().any(|subject| keys.was_erased(*subject));
    let explained = keys_gone || (closed.is_empty() && erased.is_empty());
    (!older && explained && proven == closed.is_empty()).then_some(Whole { open, closed, erased })
}

/// Gives up headers without records that no checkpoint proves.
fn drop_unproven(
    log: LogId,
    size: u64,
    source: &Source,
    whole: &BTreeSet<(LogId, u64)>,
    headers: &mut BTreeMap<(LogId, u64), Header>,
) {
    let suspects: Vec<u64> = (0..size).filter(|block| !whole.contains(&(log, *block))).collect();
    if suspects.is_empty() {
        return;
    }
    let signed = source.found.notes.get(&log).map(|(checkpoint, _)| *checkpoint);
    let mut tree = Frontier::new();
    let mut proven = false;
    for block in 0..signed.map_or(0, |signed| signed.size) {
        let Some(header) = headers.get(&(log, block)) else { break };
        tree.push(header.leaf_hash());
        proven = signed.is_some_and(|signed| signed.size == tree.size() && signed.root == tree.root());
    }
    for block in suspects {
        if !proven || signed.is_none_or(|signed| block >= signed.size) {
            headers.remove(&(log, block));
        }
    }
}
