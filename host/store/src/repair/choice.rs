//! Of all that was found, what is whole: one header a block, and where its records are.

mod cabinet;
mod cold;
mod judging;
mod packs;
mod proving;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use activemirror_core::log::LogId;
use activemirror_core::log::header::Header;
use activemirror_core::log::reader::{OpenBlock, StoredBlock};
use activemirror_core::trace::{Lost, SubjectRef};
use activemirror_core::vault::KeyTree;

use self::cabinet::Cabinet;
use self::judging::{Judged, Went, judge, note};
pub(super) use self::proving::one_bit_off;
use self::proving::{Headers, Wrong, proven};
use super::moved::{Form, Moved};
use super::source::Source;
use super::{Progress, Repair, Stage};
use crate::error::StoreError;
use crate::keys::Keys;
use crate::keys::salvage::SalvagedKeys;
use crate::losses::Losses;
use crate::medium::{Medium, Memory};
use crate::tier::cold::ColdFault;

/// What is saved of a store.
pub(super) struct Choice {
    /// The keys that open it.
    pub(super) keys: Keys,
    /// How many blocks each log had, the own ones first.
    pub(super) sizes: Vec<(LogId, u64)>,
    /// The header of each block, as far as it is there.
    pub(super) headers: Headers,
    /// The blocks whose records are as they were written.
    pub(super) hot: BTreeSet<(LogId, u64)>,
    /// What is saved of blocks that moved, by the first of them.
    pub(super) moved: BTreeMap<(LogId, u64), Moved>,
    /// What is gone.
    pub(super) losses: Losses,
    /// Whose records are saved and cannot be read.
    pub(super) closed: HashSet<SubjectRef>,
    /// Why something that was needed did not come from the cold store.
    pub(super) cold: Option<ColdFault>,
}

/// A block that is whole.
pub(super) struct Whole {
    pub(super) open: OpenBlock,
    judged: Judged,
}

impl Choice {
    pub(super) fn make(
        repair: &Repair<'_>,
        salvaged: &mut SalvagedKeys,
        source: &mut Source,
        tree: &KeyTree,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, StoreError> {
        let public: Vec<(LogId, [u8; 32])> = salvaged.logs(tree);
        let logs: Vec<LogId> = public.iter().map(|(log, _)| *log).collect();
        let mut keys = open_keys(repair, salvaged)?;
        if source.has_gaps() {
            source.carve(&public.into_iter().collect(), progress)?;
        }
        let own = 1 + salvaged.branches.len();
        // Nothing in the keys' file proves who was erased; that the index knows them does.
        let keys_whole =
            salvaged.lost + salvaged.mended == 0 && keys.ever_erased().all(|it| source.is_indexed(&it.0));
        let folders = logs[..own].iter().rev().copied().collect();
        let strangers = source.strangers.keys().copied().collect();
        let mut choosing = Choosing {
            sound: source.is_sound(),
            source,
            keys: &keys,
            tree,
            keys_gone: salvaged.lost > 0,
            keys_whole,
            cabinet: Cabinet::new(repair.cold, folders, strangers),
            own: logs[..own].iter().copied().collect(),
            logs: logs.clone(),
            found: Chosen::default(),
        };
        choosing.choose(progress)?;
        let (sizes, cold) = (choosing.sizes(), choosing.cabinet.trouble.take());
        let Chosen { whole: hot, mut headers, moved, closed, erased, .. } = choosing.found;
        for subject in erased {
            salvaged.add_erased(subject);
            keys = open_keys(repair, salvaged)?;
        }
        headers.retain(|(log, block), _| sizes.iter().any(|(of, size)| of == log && block < size));
        let mut choice = Self { keys, sizes, headers, hot, moved, losses: Losses::default(), closed, cold };
        choice.list_losses();
        Ok(choice)
    }

    fn list_losses(&mut self) {
        let mut saved = self.hot.clone();
        for ((log, first), moved) in &self.moved {
            saved.extend((*first..first + moved.blocks).map(|block| (*log, block)));
        }
        for (log, size) in &self.sizes {
            for block in 0..*size {
                match (self.headers.contains_key(&(*log, block)), saved.contains(&(*log, block))) {
                    (true, true) => {}
                    (true, false) => self.losses.add(*log, Lost::Records, block, block + 1),
                    (false, _) => self.losses.add(*log, Lost::Everything, block, block + 1),
                }
            }
        }
        self.closed.iter().for_each(|subject| self.losses.add_key(*subject));
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

/// What was chosen so far.
#[derive(Default)]
struct Chosen {
    whole: BTreeSet<(LogId, u64)>,
    headers: Headers,
    moved: BTreeMap<(LogId, u64), Moved>,
    /// All blocks of `moved`.
    covered: BTreeSet<(LogId, u64)>,
    closed: HashSet<SubjectRef>,
    erased: HashSet<SubjectRef>,
    /// What the own logs say went.
    went: Vec<Went>,
}

impl Chosen {
    /// By what a block went, if it did.
    fn went_at(&self, (log, block): (LogId, u64)) -> Option<&Went> {
        self.went.iter().find(|went| went.log == log && (went.first..went.end).contains(&block))
    }
}

struct Choosing<'c> {
    source: &'c mut Source,
    keys: &'c Keys,
    tree: &'c KeyTree,
    keys_gone: bool,
    /// Whether nothing of the keys' file was damaged.
    keys_whole: bool,
    /// Whether the tables are what was written.
    sound: bool,
    cabinet: Cabinet<'c>,
    own: HashSet<LogId>,
    logs: Vec<LogId>,
    found: Chosen,
}

impl Choosing<'_> {
    fn choose(&mut self, progress: &mut dyn FnMut(Progress)) -> Result<(), StoreError> {
        self.look_at_all(progress);
        self.mend_headers();
        self.look_at_packs();
        self.look_at_cold_rows(progress);
        let wanted = self.wanted();
        if !wanted.is_empty() {
            self.source.carve_stored(&wanted, progress)?;
            let firsts = wanted.iter().map(|header| header.block).collect();
            self.source.carve_packs(&firsts, progress)?;
            self.look_at_all(progress);
            self.mend_headers();
            self.look_at_packs();
            self.look_at_damaged_packs();
            self.look_at_cold_rows(progress);
        }
        self.look_in_the_cold_store(progress);
        self.leave_what_went();
        self.drop_unproven();
        Ok(())
    }

    fn is_saved(&self, at: (LogId, u64)) -> bool {
        self.found.whole.contains(&at) || self.found.covered.contains(&at)
    }

    /// Whether a block's records are still to be found.
    fn is_open(&self, at: (LogId, u64)) -> bool {
        !self.is_saved(at) && self.found.went_at(at).is_none()
    }

    /// Looks at every block that is not saved, where it would be hot.
    fn look_at_all(&mut self, progress: &mut dyn FnMut(Progress)) {
        let found: Vec<_> = self.source.found.headers.iter().map(|(at, it)| (*at, it.clone())).collect();
        for (at, headers) in found {
            if !self.is_saved(at) {
                self.look_at(at, &headers);
            }
            progress(Progress(Stage::Checking, 1));
        }
        for (at, header) in self.source.mended(|at| self.is_saved(at)) {
            self.look_at(at, &[header]);
        }
    }

    fn look_at(&mut self, at: (LogId, u64), headers: &[Header]) {
        for header in headers {
            if let Some((_, whole)) = best(self.source, self.keys, self.keys_gone, header) {
                self.found.whole.insert(at);
                self.found.headers.insert(at, *header);
                self.take(&whole.open, whole.judged);
                return;
            }
        }
        if let Some(first) = headers.first() {
            self.found.headers.entry(at).or_insert(*first);
        }
    }

    /// Takes what a whole block tells besides.
    fn take(&mut self, open: &OpenBlock, judged: Judged) {
        self.found.closed.extend(judged.closed);
        self.found.erased.extend(judged.erased);
        if self.own.contains(&open.header().log) {
            note(open, &mut self.found.went, &mut self.source.found);
        }
    }

    /// Saves blocks that moved.
    fn save(&mut self, (log, first): (LogId, u64), moved: Moved) {
        self.found.covered.extend((first..first + moved.blocks).map(|block| (log, block)));
        self.found.moved.insert((log, first), moved);
    }

    /// The headers whose records are still to be found.
    fn wanted(&self) -> Vec<Header> {
        let headers = self.source.found.headers.iter();
        headers.filter(|(at, _)| self.is_open(**at)).flat_map(|(_, it)| it).copied().collect()
    }

    /// Puts a header right whose block does not prove it, where the tree over all of them does.
    fn mend_headers(&mut self) {
        for log in self.logs.clone() {
            let roots = self.source.found.roots(log);
            let proven = proven(log, &roots, &self.found.headers);
            let Some((size, root)) = roots.last_key_value().filter(|(size, _)| **size > proven) else {
                continue;
            };
            let wrong = Wrong::over(log, *size, *root, &self.found.headers);
            let suspects = (0..*size).filter(|block| !self.is_saved((log, *block)));
            let mended = suspects
                .filter_map(|block| wrong.mend(block, &self.source.header_bytes((log, block))))
                .next();
            if let Some(header) = mended {
                self.found.headers.insert((log, header.block), header);
                self.source.found.headers.entry((log, header.block)).or_default().insert(0, header);
            }
        }
    }

    /// What went by a rule is not saved from what the raw file still has of it.
    fn leave_what_went(&mut self) {
        let went = |at: &(LogId, u64)| self.found.went_at(*at).is_some();
        let raw = |(log, block): &(LogId, u64)| !self.source.has_row(*log, *block);
        let carved: BTreeSet<_> = self.found.whole.iter().filter(|at| went(at) && raw(at)).copied().collect();
        self.found.whole.retain(|at| !carved.contains(at));
        let gone: Vec<((LogId, u64), Went)> = self
            .found
            .headers
            .keys()
            .filter(|at| !self.is_saved(**at))
            .filter_map(|at| Some((*at, self.found.went_at(*at)?.clone())))
            .collect();
        let together = |one: &((LogId, u64), Went), next: &((LogId, u64), Went)| {
            (one.0.0, one.0.1 + 1) == next.0 && one.1 == next.1
        };
        for row in gone.chunk_by(together) {
            let Some((at, Went { since, rule, .. })) = row.first() else { continue };
            let form = Form::Gone { since: *since, rule: rule.clone() };
            self.save(*at, Moved { blocks: row.len() as u64, form });
        }
    }

    /// Gives up headers that nothing proves: of blocks whose records are not here to prove them, and in no
    /// tree that has a root that is known. Those of which it is said where the records are stay, unless a
    /// root that is known says that one of them is wrong.
    fn drop_unproven(&mut self) {
        for log in self.logs.clone() {
            let roots = self.source.found.roots(log);
            let proven = proven(log, &roots, &self.found.headers);
            let due = roots.last_key_value().map_or(0, |(size, _)| *size);
            let proves_itself = self.proving_themselves(log);
            let covered = &self.found.covered;
            self.found.headers.retain(|at, _| {
                let (of, block) = *at;
                of != log
                    || block < proven
                    || self.found.whole.contains(at)
                    || proves_itself.contains(&block)
                    || (covered.contains(at) && block >= due)
            });
        }
        self.drop_headless();
    }

    /// The blocks of moved rows that were opened.
    fn proving_themselves(&self, log: LogId) -> BTreeSet<u64> {
        let rows = self.found.moved.iter().filter(|((of, _), _)| *of == log);
        rows.flat_map(|((_, first), moved)| moved.proven(*first)).collect()
    }

    /// Rows whose headers are not all there lead nowhere.
    fn drop_headless(&mut self) {
        let headers = &self.found.headers;
        self.found.moved.retain(|(log, first), moved| {
            (*first..first + moved.blocks).all(|block| headers.contains_key(&(*log, block)))
        });
    }

    /// How many blocks each log had. What is whole was written by the log's device, be it that the checkpoint
    /// over it is gone.
    fn sizes(&self) -> Vec<(LogId, u64)> {
        let size = |log: LogId| {
            let all = (log, 0)..=(log, u64::MAX);
            let hot = self.found.whole.range(all.clone()).next_back().map_or(0, |(_, block)| block + 1);
            let ends = self
                .found
                .moved
                .range(all)
                .map(|((_, first), moved)| moved.proven(*first).end.max(first + moved.blocks));
            let moved = ends.max().unwrap_or(0);
            self.source.found.signed(log).max(hot).max(moved)
        };
        self.logs.iter().map(|log| (*log, size(*log))).collect()
    }
}

/// The best stored form of a block: one that nothing is closed in, if there is one.
fn best(source: &Source, keys: &Keys, keys_gone: bool, header: &Header) -> Option<(Vec<u8>, Whole)> {
    let stored = source.stored(header).into_iter();
    let whole = stored.filter_map(|stored| whole(keys, keys_gone, header, &stored).map(|it| (stored, it)));
    whole.min_by_key(|(_, whole)| whole.judged.closed.len())
}

/// Opens a block and recomputes its leaves.
fn whole(keys: &Keys, keys_gone: bool, header: &Header, stored: &[u8]) -> Option<Whole> {
    let ring = keys.ring(header.log);
    let open = StoredBlock::read(header, stored).and_then(|block| block.open(header, &ring)).ok()?;
    let judged = judge(keys, keys_gone, &open)?;
    Some(Whole { open, judged })
}
