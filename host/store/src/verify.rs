//! Whether the store is still what was written: everything recomputed, the first fault named.

use core::fmt;

use activemirror_core::log::LogId;
use activemirror_core::log::checkpoint::{Checkpoint, CheckpointError};
use activemirror_core::log::header::{Header, HeaderError};
use activemirror_core::log::reader::{BlockError, Entry, OpenBlock, StoredBlock};
use activemirror_core::log::tree::Frontier;
use activemirror_core::trace::SubjectRef;
use redb::{ReadTransaction, ReadableDatabase, ReadableMultimapTable};

use crate::append::{OWN, Pending};
use crate::error::StoreError;
use crate::open::Store;
use crate::tables::{CHECKPOINTS, HEADERS, INDEX, LOGS, LogNumber, PAYLOADS, TRACES};
use crate::tier::cold::ColdFault;
use crate::tier::verifying::{Moved, Went, note_went};

/// How far to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Digests, headers, trees and checkpoints: what needs no key but the public ones.
    Structure,
    /// Every record as well.
    Everything,
}

/// What [`Store::verify`] found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// One report a log, the own log first.
    pub logs: Vec<LogReport>,
}

impl Report {
    /// The first fault of all.
    #[must_use]
    pub fn fault(&self) -> Option<(&LogReport, &Fault)> {
        self.logs.iter().find_map(|log| Some((log, log.fault.as_ref()?)))
    }
}

/// What there is to say of one log.
#[derive(Clone, Debug)]
pub struct LogReport {
    /// The log.
    pub log: LogId,
    /// Whether it is this device's own.
    pub own: bool,
    /// Blocks that hold.
    pub blocks: u64,
    /// Records in them.
    pub records: u64,
    /// Records whose leaf was recomputed under their key.
    pub recomputed: u64,
    /// Records whose person was erased; their kept leaf fits the tree.
    pub erased: u64,
    /// Blocks whose payload went by retention: their headers hold.
    pub gone: u64,
    /// Blocks in the cold store that were not looked at.
    pub cold: u64,
    /// Those of them that were asked for, and did not come: why the first did not.
    pub unreached: Option<(u64, ColdFault)>,
    /// How many of the blocks the signed checkpoint covers.
    pub covered: u64,
    /// The first fault, after which this log was not looked at further.
    pub fault: Option<Fault>,
}

/// A fault, and the block it was found at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The block's number in its log.
    pub block: u64,
    /// What is wrong.
    pub what: Wrong,
}

/// What can be wrong with a block or a log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wrong {
    /// The block is not there, though the checkpoint or a later block needs it.
    Missing,
    /// Its header cannot be read.
    Header(HeaderError),
    /// Its header is that of another place or log.
    Misplaced,
    /// Its stored form or its records are wrong.
    Block(BlockError),
    /// It holds a person's content, that person was not erased, and their key is not there.
    KeyMissing,
    /// It shows a person as erased whom nobody erased here.
    NotErased,
    /// A row of the index that should lead to it is not there.
    Unindexed,
    /// There is no checkpoint.
    NoCheckpoint,
    /// The checkpoint is not the log's.
    Checkpoint(CheckpointError),
    /// The tree over the headers is not the one that was signed.
    Root,
    /// Its payload is shown as gone, and the log tells of no rule by which it went.
    NotGone,
    /// The cold store gave other bytes than what was put there.
    Cold(ColdFault),
    /// The block is not covered by the checkpoint that was signed when it was written.
    Uncovered,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "block {}: ", self.block)?;
        match &self.what {
            Wrong::Missing => f.write_str("it is missing"),
            Wrong::Header(error) => error.fmt(f),
            Wrong::Misplaced => f.write_str("its header belongs to another place or log"),
            Wrong::Block(error) => error.fmt(f),
            Wrong::KeyMissing => f.write_str("a person's key is missing, though they were not erased"),
            Wrong::NotErased => f.write_str("a person is shown as erased whom nobody erased here"),
            Wrong::Unindexed => f.write_str("the index does not lead to all of its records"),
            Wrong::NoCheckpoint => f.write_str("the log has no checkpoint"),
            Wrong::Checkpoint(error) => error.fmt(f),
            Wrong::Root => f.write_str("the headers up to here are not those that were signed"),
            Wrong::NotGone => {
                f.write_str("it is shown as gone, and the log tells of no rule by which it went")
            }
            Wrong::Cold(why) => write!(f, "it is in the cold store: {why}"),
            Wrong::Uncovered => f.write_str("the signed checkpoint does not cover it"),
        }
    }
}

impl Store {
    /// Recomputes everything that `scope` covers; `progress` is told after each block. With all records,
    /// what lies in the cold store is fetched, as far as it comes.
    ///
    /// An error means that the system failed; what is wrong with the log is in the report.
    pub fn verify(&self, scope: Scope, mut progress: impl FnMut()) -> Result<Report, StoreError> {
        // Asked before the snapshot is taken: a log that has begun has blocks in it.
        let begun = self.keys().log_has_begun();
        let transaction = self.db.begin_read()?;
        let logs = transaction.open_table(LOGS)?;
        let mut report = Report::default();
        // The own log is looked at whatever the table of logs says, under the key that is ours.
        let own = (OWN, self.public_key());
        let others: Vec<_> = logs.range(1..)?.collect::<Result<_, _>>()?;
        let others = others.iter().map(|(number, key)| (number.value(), *key.value()));
        // What went in any log is said in the own one, which comes first.
        let mut went = Went::new();
        for (number, key) in core::iter::once(own).chain(others) {
            let mut checking = Checking::new(self, &transaction, number, key, scope);
            checking.went = went;
            checking.run(begun, &mut progress)?;
            checking.compare_gone();
            report.logs.push(checking.report);
            went = checking.went;
        }
        Ok(report)
    }
}

/// One log under examination.
pub(crate) struct Checking<'s> {
    pub(crate) store: &'s Store,
    pub(crate) transaction: &'s ReadTransaction,
    pub(crate) number: LogNumber,
    public_key: [u8; 32],
    pub(crate) scope: Scope,
    tree: Frontier,
    covered_root: Option<Checkpoint>,
    /// The rows of the index that lead to this log, by keyed hash and block: in order, as the table
    /// has them.
    index: Vec<([u8; 16], u64)>,
    pub(crate) moved: Moved,
    pub(crate) went: Went,
    pub(crate) report: LogReport,
}

impl<'s> Checking<'s> {
    fn new(
        store: &'s Store,
        transaction: &'s ReadTransaction,
        number: LogNumber,
        public_key: [u8; 32],
        scope: Scope,
    ) -> Self {
        let report = LogReport {
            log: LogId::of(&public_key),
            own: number == OWN,
            blocks: 0,
            records: 0,
            recomputed: 0,
            erased: 0,
            gone: 0,
            cold: 0,
            unreached: None,
            covered: 0,
            fault: None,
        };
        Self {
            store,
            transaction,
            number,
            public_key,
            scope,
            tree: Frontier::new(),
            covered_root: None,
            index: Vec::new(),
            moved: Moved::default(),
            went: Went::new(),
            report,
        }
    }

    fn run(&mut self, begun: bool, progress: &mut impl FnMut()) -> Result<(), StoreError> {
        if self.scope == Scope::Everything {
            self.index = self.read_index()?;
        }
        let headers = self.transaction.open_table(HEADERS)?;
        let payloads = self.transaction.open_table(PAYLOADS)?;
        let last = headers.range((self.number, 0)..=(self.number, u64::MAX))?.next_back();
        let stored = match last {
            Some(row) => row?.0.value().1 + 1,
            None => 0,
        };
        let checkpoint = self.checkpoint(stored > 0)?;
        if let Ok(checkpoint) = &checkpoint {
            self.covered_root = *checkpoint;
        }
        let signed = self.covered_root.map_or(0, |checkpoint| checkpoint.size);
        if self.report.own && stored == 0 && begun {
            return self.fault(0, Wrong::Missing);
        }
        for block in 0..stored.max(signed) {
            let at = (self.number, block);
            let header = headers.get(at)?;
            let payload = payloads.get(at)?;
            let Some(header) = header else { return self.fault(block, Wrong::Missing) };
            let payload = payload.as_ref().map(|payload| payload.value());
            if let Err(what) = self.block(block, header.value(), payload)? {
                return self.fault(block, what);
            }
            progress();
        }
        match checkpoint {
            Err(what) => self.fault(self.report.blocks.saturating_sub(1), what),
            Ok(_) if self.report.own && self.report.blocks > signed => self.fault(signed, Wrong::Uncovered),
            Ok(_) => Ok(()),
        }
    }

    /// The signed checkpoint; `Ok(None)` where an empty log, or a device's, has none.
    fn checkpoint(&self, blocks: bool) -> Result<Result<Option<Checkpoint>, Wrong>, StoreError> {
        let notes = self.transaction.open_table(CHECKPOINTS)?;
        let Some(note) = notes.get(self.number)? else {
            let needed = self.report.own && blocks;
            return Ok(if needed { Err(Wrong::NoCheckpoint) } else { Ok(None) });
        };
        Ok(activemirror_core::log::checkpoint::open(note.value(), self.report.log, &self.public_key)
            .map(Some)
            .map_err(Wrong::Checkpoint))
    }

    fn block(
        &mut self,
        block: u64,
        header: &[u8],
        payload: Option<&[u8]>,
    ) -> Result<Result<(), Wrong>, StoreError> {
        let header = match Header::from_bytes(header) {
            Ok(header) => header,
            Err(error) => return Ok(Err(Wrong::Header(error))),
        };
        if (header.log, header.block, header.first) != (self.report.log, block, self.report.records) {
            return Ok(Err(Wrong::Misplaced));
        }
        let looked = match payload {
            Some(payload) => self.stored(&header, payload)?,
            None => self.elsewhere(&header)?,
        };
        if let Err(what) = looked {
            return Ok(Err(what));
        }
        self.tree.push(header.leaf_hash());
        self.report.blocks += 1;
        self.report.records += u64::from(header.count);
        Ok(self.compare_root())
    }

    /// Where the tree has the size that was signed, it must have the root that was signed.
    fn compare_root(&mut self) -> Result<(), Wrong> {
        let Some(checkpoint) = self.covered_root.filter(|signed| signed.size == self.report.blocks) else {
            return Ok(());
        };
        self.report.covered = checkpoint.size;
        if checkpoint.root == self.tree.root() { Ok(()) } else { Err(Wrong::Root) }
    }

    /// A block where it was written.
    fn stored(&mut self, header: &Header, payload: &[u8]) -> Result<Result<(), Wrong>, StoreError> {
        let stored = match StoredBlock::read(header, payload) {
            Ok(stored) => stored,
            Err(error) => return Ok(Err(Wrong::Block(error))),
        };
        if self.scope == Scope::Structure {
            return Ok(Ok(()));
        }
        let opened = stored.open(header, &self.store.keys().ring(header.log));
        match opened {
            Ok(open) => self.records(header, &open),
            Err(error) => Ok(Err(Wrong::Block(error))),
        }
    }

    pub(crate) fn records(
        &mut self,
        header: &Header,
        open: &OpenBlock,
    ) -> Result<Result<(), Wrong>, StoreError> {
        let keys = self.store.keys();
        let ring = keys.ring(header.log);
        match open.verify(&ring) {
            Ok(true) => {}
            Ok(false) => return Ok(Err(Wrong::KeyMissing)),
            Err(error) => return Ok(Err(Wrong::Block(error))),
        }
        let was_erased = |subject| keys.was_erased(subject);
        self.count_and_find(header, open, was_erased)
    }

    fn count_and_find(
        &mut self,
        header: &Header,
        open: &OpenBlock,
        was_erased: impl Fn(SubjectRef) -> bool,
    ) -> Result<Result<(), Wrong>, StoreError> {
        use activemirror_core::log::reader::EntryBody;
        let entries = match open.entries() {
            Ok(entries) => entries,
            Err(error) => return Ok(Err(Wrong::Block(error))),
        };
        let erased = entries.iter().filter(|entry| matches!(entry.body, EntryBody::Erased(_))).count() as u64;
        let forged = |entry: &Entry<'_>| {
            let subject = entry.structure.subject;
            matches!(entry.body, EntryBody::Erased(_)) && !was_erased(subject)
        };
        if entries.iter().any(forged) {
            return Ok(Err(Wrong::NotErased));
        }
        if self.report.own {
            note_went(&mut self.went, &entries);
        }
        self.report.erased += erased;
        self.report.recomputed += entries.len() as u64 - erased;
        Ok(if self.is_indexed(header.block, &entries)? { Ok(()) } else { Err(Wrong::Unindexed) })
    }

    /// Read once: a key that many blocks have would otherwise be walked for each of them.
    fn read_index(&self) -> Result<Vec<([u8; 16], u64)>, StoreError> {
        let mut rows = Vec::new();
        for row in self.transaction.open_multimap_table(INDEX)?.iter()? {
            let (key, blocks) = row?;
            for at in blocks {
                let (log, block) = at?.value();
                if log == self.number {
                    rows.push((*key.value(), block));
                }
            }
        }
        Ok(rows)
    }

    /// Whether the index leads to every record of a block.
    fn is_indexed(&self, block: u64, entries: &[Entry<'_>]) -> Result<bool, StoreError> {
        let mut expected = Pending::default();
        entries.iter().for_each(|entry| expected.note(self.store, entry.sequence, &entry.structure));
        let traces = self.transaction.open_table(TRACES)?;
        for (sequence, trace) in &expected.starts {
            if traces.get((self.number, *sequence))?.is_none_or(|row| row.value() != trace) {
                return Ok(false);
            }
        }
        Ok(expected.keys.iter().all(|key| self.index.binary_search(&(*key, block)).is_ok()))
    }

    fn fault(&mut self, block: u64, what: Wrong) -> Result<(), StoreError> {
        self.report.fault = Some(Fault { block, what });
        Ok(())
    }
}
