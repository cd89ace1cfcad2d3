//! What repairs said is gone: which blocks of which log, and whose keys.
//!
//! It is read from the beginning of the own logs, so nobody without the device key can declare lost
//! what he took away.

use std::collections::{BTreeMap, HashMap, HashSet};

use activemirror_core::log::LogId;
use activemirror_core::trace::{Lost, Notice, SubjectRef};

use crate::own::Parent;

/// What is gone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Losses {
    /// Log, what is gone, first block → the block after the last. No two of a kind touch.
    blocks: BTreeMap<(LogId, Lost, u64), u64>,
    keys: HashSet<SubjectRef>,
    /// Logs that lost headers, as the repair left them.
    left: HashMap<LogId, Parent>,
}

impl Losses {
    /// Notes what a notice says is gone; `false` where it says nothing of the kind.
    pub(crate) fn note(&mut self, notice: &Notice<'_>) -> bool {
        match *notice {
            Notice::Lost { log, first, blocks, what } => {
                self.add(log, what, first, first.saturating_add(blocks));
            }
            Notice::Parent { log, blocks, root, reason } => {
                self.left.insert(log, Parent { log, blocks, root, reason });
            }
            Notice::KeyLost { subject } => drop(self.keys.insert(subject)),
            _ => return false,
        }
        true
    }

    /// Notes that these blocks are gone.
    pub(crate) fn add(&mut self, log: LogId, what: Lost, mut first: u64, mut end: u64) {
        while let Some((at, before)) = self.last_before(log, what, end).filter(|(_, before)| *before >= first)
        {
            self.blocks.remove(&(log, what, at));
            (first, end) = (first.min(at), end.max(before));
        }
        if first < end {
            self.blocks.insert((log, what, first), end);
        }
    }

    /// The last range that begins at or before this block.
    fn last_before(&self, log: LogId, what: Lost, block: u64) -> Option<(u64, u64)> {
        let last = self.blocks.range((log, what, 0)..=(log, what, block)).next_back();
        last.map(|((_, _, first), end)| (*first, *end))
    }

    /// What is gone of a block; nothing where it should be whole.
    pub(crate) fn of(&self, log: LogId, block: u64) -> Option<Lost> {
        let lost = |what| self.last_before(log, what, block).is_some_and(|(_, end)| block < end);
        [Lost::Everything, Lost::Records].into_iter().find(|what| lost(*what))
    }

    /// How many notices it takes to say all of it, about.
    pub(crate) fn len(&self) -> usize {
        self.blocks.len() + self.keys.len() + self.left.len()
    }

    /// Whether nothing is gone.
    pub(crate) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Whether headers of a log are gone, of the first so many blocks.
    pub(crate) fn headers_of(&self, log: LogId, size: u64) -> bool {
        let everything = |first| (log, Lost::Everything, first);
        self.blocks.range(everything(0)..everything(size)).next().is_some()
    }

    /// How a repair left a log that lost headers: over them no checkpoint proves anything any more.
    pub(crate) fn left(&self, log: LogId) -> Option<Parent> {
        self.left.get(&log).copied()
    }

    /// Whose keys are gone.
    pub(crate) fn keys(&self) -> impl Iterator<Item = SubjectRef> {
        self.keys.iter().copied()
    }

    /// Whether this person's key is gone.
    pub(crate) fn has_lost_key(&self, subject: SubjectRef) -> bool {
        self.keys.contains(&subject)
    }
}

/// What a repair needs to make a list.
#[cfg(not(target_family = "wasm"))]
impl Losses {
    /// Notes that a person's key is gone.
    pub(crate) fn add_key(&mut self, subject: SubjectRef) {
        self.keys.insert(subject);
    }

    /// The ranges of blocks that are gone: log, what, first, and the block after the last.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = (LogId, Lost, u64, u64)> {
        self.blocks.iter().map(|((log, what, first), end)| (*log, *what, *first, *end))
    }
}
