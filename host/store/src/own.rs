//! The logs of this device: the one that it writes, and those that it goes on from.
//!
//! A log is not gone on with where another copy of the data may have: the copy that was put back
//! begins a log of its own, whose first record names its parent. The parent stays in the same store,
//! readable and provable, and is never appended to. Sequences count on, so that one sequence is one
//! record, whichever own log holds it.
//!
//! 1. The slot of the later log is durable in the keys' file.
//! 2. One transaction makes the log: its number, its first block, a signed checkpoint.
//! 3. The slot notes that the log has begun.
//!
//! Power may fail anywhere: before 2 is durable the parent is still the log that is written, and the
//! slot stands for nothing; after it the next opening finishes the work.

use activemirror_core::hash::Digest;
use activemirror_core::log::LogId;
use activemirror_core::log::reader::EntryBody;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Kind, Notice, Reason, Record, Structure, SubjectRef};
use redb::{ReadableDatabase, ReadableTable};

use crate::error::StoreError;
use crate::losses::Losses;
use crate::open::{Head, Store};
use crate::tables::{BlockRef, LOGS, LogNumber, META};
use crate::tier::Unit;

/// The number of the first own log.
pub(crate) const FIRST: LogNumber = 0;

/// What the newest own log branches off by; there is none while the first one is written.
pub(crate) const OWN: &str = "own";

/// So many notices go into one block at the least.
const NOTICES_A_BLOCK: usize = 1_000;

/// One of this device's logs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnLog {
    pub(crate) number: LogNumber,
    pub(crate) log: LogId,
    pub(crate) public_key: [u8; 32],
    /// Whether the next one is in its place: its store was damaged, and no copy of it is gone on with.
    pub(crate) replaced: bool,
}

/// The log that another one goes on from, as the later one says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parent {
    /// The log.
    pub log: LogId,
    /// How many blocks it has here.
    pub blocks: u64,
    /// The root over them.
    pub root: Digest,
    /// Why it does not go on itself.
    pub reason: Reason,
}

impl Store {
    /// This device's logs, oldest first; the last one is written.
    #[must_use]
    pub fn own_logs(&self) -> Vec<LogId> {
        self.own.iter().map(|own| own.log).collect()
    }

    /// Whether a block is of one of this device's own logs.
    #[must_use]
    pub fn is_own(&self, at: BlockRef) -> bool {
        self.is_own_number(at.log)
    }

    /// Closes the log that is written and begins another, which names it as its parent. The notice
    /// belongs to `by`, who must have a key. Where this fails, the store has to be opened again.
    pub fn go_on(self, reason: Reason, by: SubjectRef, time: Timestamp) -> Result<Self, StoreError> {
        let tree = self.head().tree.clone();
        let parent = Parent { log: self.log, blocks: tree.size(), root: tree.root(), reason };
        self.go_on_from(parent, &[], by, time)
    }

    /// The same where a repair says what the parent is, and what is gone.
    pub(crate) fn go_on_from(
        mut self,
        parent: Parent,
        gone: &[Notice<'_>],
        by: SubjectRef,
        time: Timestamp,
    ) -> Result<Self, StoreError> {
        self.settle_erasure()?;
        let (id, salt) = (self.random()?, self.random()?);
        self.change_keys().branch(id, &salt)?;
        let transaction = self.begin_write()?;
        {
            let mut logs = transaction.open_table(LOGS)?;
            let number = logs.last()?.map_or(FIRST, |(number, _)| number.value()) + 1;
            self.tree = std::sync::Arc::new(self.tree.branch(&id));
            self.log = self.tree.log_id();
            let public_key = self.tree.public_key();
            if let Some(before) = self.own.last_mut() {
                before.replaced = parent.reason == Reason::Repaired;
            }
            self.own.push(OwnLog { number, log: self.log, public_key, replaced: false });
            logs.insert(number, &public_key)?;
            transaction.open_table(META)?.insert(OWN, id.as_slice())?;
        }
        let head = Head { next_sequence: self.next_sequence(), ..Head::default() };
        let Parent { log, blocks, root, reason } = parent;
        let notices =
            core::iter::once(Notice::Parent { log, blocks, root, reason }).chain(gone.iter().copied());
        let record =
            |notice| Record { structure: Structure::new(Kind::Notice, time, by), body: Body::Notice(notice) };
        let records: Vec<Record<'_>> = notices.map(record).collect();
        let next = self.append_in(&transaction, &head, &records)?;
        transaction.commit()?;
        *self.head() = next;
        let log = self.log;
        let mut keys = self.change_keys();
        keys.note_branch_has_begun(log)?;
        keys.note_log_has_begun()?;
        drop(keys);
        Ok(self)
    }

    /// Whether a unit holds the beginning of a later own log: it says where the log comes from and what
    /// is gone, so it stays where it was written.
    #[must_use]
    pub fn stays(&self, unit: &Unit) -> bool {
        let said = 1 + (self.losses.len() / NOTICES_A_BLOCK) as u64;
        self.own.iter().skip(1).any(|own| own.number == unit.at.log && unit.at.block < said)
    }

    pub(crate) fn is_own_number(&self, number: LogNumber) -> bool {
        self.own.iter().any(|own| own.number == number)
    }

    pub(crate) fn is_own_log(&self, log: LogId) -> bool {
        self.own.iter().any(|own| own.log == log)
    }

    /// The number of the log that is written.
    pub(crate) fn own_number(&self) -> LogNumber {
        self.own.last().map_or(FIRST, |own| own.number)
    }

    /// Finds the log that is to be written: the newest of those that the keys know and that has
    /// begun.
    pub(crate) fn find_own(&mut self) -> Result<(), StoreError> {
        let mut begun = Vec::new();
        {
            let keys = self.keys();
            let transaction = self.db.begin_read()?;
            let meta = transaction.open_table(META)?;
            for branch in keys.branches() {
                match self.number_of(branch.log)? {
                    Some(number) => begun.push((number, branch.log, branch.tree.clone())),
                    None if branch.begun => return Err(StoreError::LogMissing(branch.log)),
                    None => {}
                }
            }
            let known = |id: &[u8]| keys.branches().iter().any(|branch| branch.id == *id);
            if meta.get(OWN)?.is_some_and(|id| !known(id.value())) {
                return Err(StoreError::KeysDamaged("the key of the log that is written is not in it"));
            }
        }
        for (number, log, tree) in begun {
            self.change_keys().note_branch_has_begun(log)?;
            self.own.push(OwnLog { number, log, public_key: tree.public_key(), replaced: false });
            (self.log, self.tree) = (log, tree);
        }
        self.read_losses()
    }

    /// Learns what repairs said is gone. A person whose key is gone and who came back has another key
    /// by now, which opens nothing of before.
    fn read_losses(&mut self) -> Result<(), StoreError> {
        let mut losses = Losses::default();
        for place in 1..self.own.len() {
            let parent = self.origin(self.own[place].number, &mut losses)?;
            self.own[place - 1].replaced = parent.is_some_and(|parent| parent.reason == Reason::Repaired);
            let closed: Vec<LogId> = self.own[..place].iter().map(|own| own.log).collect();
            self.change_keys().close(&closed, losses.keys());
        }
        self.losses = losses;
        Ok(())
    }

    /// Whether a repair said that this block is gone, and it did not come again.
    pub(crate) fn is_gone(&self, log: LogId, at: BlockRef) -> bool {
        self.losses.of(log, at.block).is_some() && !self.is_here(at)
    }

    /// Whether a block's records are somewhere, or went by a rule.
    pub(crate) fn is_here(&self, at: BlockRef) -> bool {
        self.raw_block(at).is_ok() || matches!(self.span_of(at), Ok(Some(_)))
    }

    /// The parent that a later own log names, and what it says is gone; nothing of it where its
    /// beginning cannot be read, which is for [`Store::verify`] to name.
    pub(crate) fn origin(
        &self,
        number: LogNumber,
        losses: &mut Losses,
    ) -> Result<Option<Parent>, StoreError> {
        let mut parent = None;
        for block in 0.. {
            let open = match self.open_block(BlockRef { log: number, block }) {
                Ok(open) => open,
                Err(error @ StoreError::Io(_)) => return Err(error),
                Err(_) => return Ok(parent),
            };
            let Ok(entries) = open.entries() else { return Ok(parent) };
            for entry in entries {
                match entry.body {
                    EntryBody::Open(Body::Notice(
                        entry_notice @ Notice::Parent { log, blocks, root, reason },
                    )) if parent.is_none() => {
                        parent = Some(Parent { log, blocks, root, reason });
                        if reason == Reason::Repaired {
                            losses.note(&entry_notice);
                        }
                    }
                    EntryBody::Open(Body::Notice(notice)) if parent.is_some() && losses.note(&notice) => {}
                    _ => return Ok(parent),
                }
            }
        }
        Ok(parent)
    }
}
