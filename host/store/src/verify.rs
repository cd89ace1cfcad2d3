//! Whether the store is still what was written: everything recomputed, the first fault named.

mod records;
mod report;

use activemirror_core::hash::leaf;
use activemirror_core::log::LogId;
use activemirror_core::log::checkpoint::Checkpoint;
use activemirror_core::log::header::Header;
use activemirror_core::log::reader::StoredBlock;
use activemirror_core::log::tree::Frontier;
use activemirror_core::trace::{Lost, Reason};
use redb::{ReadTransaction, ReadableDatabase, ReadableTable};

use crate::error::StoreError;
use crate::losses::Losses;
use crate::open::Store;
use crate::own::Parent;
use crate::pages::guarded;
use crate::tables::{CHECKPOINTS, HEADERS, LOGS, LogNumber, PAYLOADS};
use crate::tier::verifying::{Moved, Went};

pub use report::{Fault, LogReport, Report, Wrong};

/// How far to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Digests, headers, trees and checkpoints: what needs no key but the public ones.
    Structure,
    /// Every record as well.
    Everything,
}

impl Store {
    /// Recomputes everything that `scope` covers; `progress` is told after each block. With all records,
    /// what lies in the cold store is fetched, as far as it comes.
    ///
    /// An error means that the system failed; what is wrong with the log is in the report.
    pub fn verify(&self, scope: Scope, progress: impl FnMut()) -> Result<Report, StoreError> {
        guarded(|| self.recompute(scope, progress))
    }

    fn recompute(&self, scope: Scope, mut progress: impl FnMut()) -> Result<Report, StoreError> {
        // Asked before the snapshot is taken: a log that has begun has blocks in it.
        let begun = self.keys().log_has_begun();
        let transaction = self.db.begin_read()?;
        let logs = transaction.open_table(LOGS)?;
        let mut report = Report::default();
        let losses = &self.losses;
        // The own logs are looked at whatever the table of logs says, under the keys that are ours.
        let (mut next, mut looked, mut went) = (None::<Parent>, Vec::new(), Went::new());
        let mut repaired = false;
        for (place, own) in self.own.iter().enumerate().rev() {
            let mut log = Log { number: own.number, public_key: own.public_key, own: true, ..Log::default() };
            log.closed_as = next.take();
            repaired |= log.closed_as.is_some_and(|closed| closed.reason == Reason::Repaired);
            log.repaired = repaired;
            log.current = place + 1 == self.own.len();
            log.begun = begun && log.current;
            log.left = losses.left(own.log).or(log.closed_as);
            if let Some(before) = place.checked_sub(1).map(|before| self.own[before]) {
                next = self.origin(own.number, &mut Losses::default())?;
                log.parent = next;
                log.after_lost = losses.headers_of(before.log, u64::MAX);
                let ends =
                    self.own[..place].iter().map(|own| self.end_of(own.number).map_or(0, |(_, end)| end));
                log.goes_on_from = Some((before.log, ends.max().unwrap_or(0)));
            }
            let mut checking = Checking::new(self, &transaction, log, losses, scope);
            checking.run(&mut progress)?;
            went.append(&mut checking.went);
            looked.push(checking);
        }
        for row in logs.iter()? {
            let (number, key) = row?;
            let mut log = Log { number: number.value(), public_key: *key.value(), ..Log::default() };
            log.left = losses.left(LogId::of(&log.public_key));
            if !self.is_own_number(log.number) {
                let mut checking = Checking::new(self, &transaction, log, losses, scope);
                checking.run(&mut progress)?;
                looked.push(checking);
            }
        }
        // What went in any log is said in the own ones, which were all looked at by now.
        report.logs.extend(looked.into_iter().map(|mut checking| {
            checking.compare_gone(&went);
            checking.report
        }));
        Ok(report)
    }
}

/// What is known of a log before it is looked at.
#[derive(Clone, Copy, Default)]
struct Log {
    number: LogNumber,
    public_key: [u8; 32],
    own: bool,
    /// Whether it is the log that is written.
    current: bool,
    /// Whether it must have a block.
    begun: bool,
    /// What it says it goes on from.
    parent: Option<Parent>,
    /// What it must go on from, and the sequence where that one ends.
    goes_on_from: Option<(LogId, u64)>,
    /// Whether headers of that one are lost.
    after_lost: bool,
    /// How the log that goes on from it says that it ends.
    closed_as: Option<Parent>,
    /// Whether a repair came after it, which may not have found its checkpoint.
    repaired: bool,
    /// What is said of its tree besides a checkpoint.
    left: Option<Parent>,
}

/// One log under examination.
pub(crate) struct Checking<'s> {
    pub(crate) store: &'s Store,
    pub(crate) transaction: &'s ReadTransaction,
    pub(crate) number: LogNumber,
    log: Log,
    losses: &'s Losses,
    pub(crate) scope: Scope,
    tree: Frontier,
    /// The sequence that the next block begins with, or after it where a header is lost.
    next: u64,
    /// Whether the header before is lost.
    after_lost: bool,
    /// Headers that are lost so far.
    holes: u64,
    /// Whether one that a repair could not save came again, with its device's stream.
    came_again: bool,
    covered_root: Option<Checkpoint>,
    /// The rows of the index that lead to this log, by keyed hash and block: in order, as the table
    /// has them.
    index: Vec<([u8; 16], u64)>,
    pub(crate) moved: Moved,
    /// Which blocks this log says went.
    went: Went,
    pub(crate) report: LogReport,
}

impl<'s> Checking<'s> {
    fn new(
        store: &'s Store,
        transaction: &'s ReadTransaction,
        log: Log,
        losses: &'s Losses,
        scope: Scope,
    ) -> Self {
        let report = LogReport {
            log: LogId::of(&log.public_key),
            own: log.own,
            parent: log.parent,
            blocks: 0,
            records: 0,
            recomputed: 0,
            erased: 0,
            gone: 0,
            cold: 0,
            unreached: None,
            lost: 0,
            closed: 0,
            covered: 0,
            fault: None,
        };
        Self {
            store,
            transaction,
            number: log.number,
            log,
            losses,
            scope,
            tree: Frontier::new(),
            next: log.goes_on_from.map_or(0, |(_, end)| end),
            after_lost: log.after_lost,
            holes: 0,
            came_again: false,
            covered_root: None,
            index: Vec::new(),
            moved: Moved::default(),
            went: Went::new(),
            report,
        }
    }

    fn run(&mut self, progress: &mut impl FnMut()) -> Result<(), StoreError> {
        self.report.fault = self.first_fault(progress)?;
        Ok(())
    }

    fn first_fault(&mut self, progress: &mut impl FnMut()) -> Result<Option<Fault>, StoreError> {
        let fault = |block, what| Ok(Some(Fault { block, what }));
        if self.scope == Scope::Everything {
            self.index = self.read_index()?;
        }
        let headers = self.transaction.open_table(HEADERS)?;
        let payloads = self.transaction.open_table(PAYLOADS)?;
        let stored = self.stored_blocks(&headers)?;
        let checkpoint = self.checkpoint(stored > 0)?;
        if let Ok(checkpoint) = &checkpoint {
            self.covered_root = *checkpoint;
        }
        let signed = self.covered_root.map_or(0, |checkpoint| checkpoint.size);
        if self.names_another_parent() {
            return fault(0, Wrong::Parent);
        }
        if self.log.begun && stored == 0 {
            return fault(0, Wrong::Missing);
        }
        let closed = self.log.closed_as.map_or(0, |closed| closed.blocks);
        for block in 0..stored.max(signed).max(closed) {
            if self.log.closed_as.is_some_and(|closed| block >= closed.blocks) {
                return fault(block, Wrong::Closed);
            }
            let at = (self.log.number, block);
            let (header, payload) = (headers.get(at)?, payloads.get(at)?);
            let header = header.as_ref().map(|header| header.value());
            if let Err(what) = self.block(block, header, payload.as_ref().map(|payload| payload.value()))? {
                return fault(block, what);
            }
            progress();
        }
        let last = self.seen().saturating_sub(1);
        match checkpoint {
            Err(what) => fault(last, what),
            Ok(_) if self.log.current && self.seen() > signed => fault(signed, Wrong::Uncovered),
            Ok(_) => Ok(None),
        }
    }

    /// Whether the log does not say that it goes on from the one before it; where that cannot be read any
    /// more, a repair said so.
    fn names_another_parent(&self) -> bool {
        let Some((before, _)) = self.log.goes_on_from else { return false };
        match self.log.parent {
            Some(parent) => parent.log != before,
            None => self.losses.of(self.report.log, 0).is_none() && self.losses.keys().next().is_none(),
        }
    }

    /// How many blocks were looked at.
    const fn seen(&self) -> u64 {
        self.report.blocks + self.report.lost
    }

    fn stored_blocks(
        &self,
        headers: &impl ReadableTable<(LogNumber, u64), &'static [u8]>,
    ) -> Result<u64, StoreError> {
        let last = headers.range((self.log.number, 0)..=(self.log.number, u64::MAX))?.next_back();
        Ok(match last {
            Some(row) => row?.0.value().1 + 1,
            None => 0,
        })
    }

    /// The signed checkpoint; `Ok(None)` where an empty log, or a device's, has none.
    fn checkpoint(&self, blocks: bool) -> Result<Result<Option<Checkpoint>, Wrong>, StoreError> {
        let notes = self.transaction.open_table(CHECKPOINTS)?;
        let Some(note) = notes.get(self.log.number)? else {
            let closed = self.log.closed_as.is_some();
            let needed = blocks && (self.log.current || (closed && !self.log.repaired));
            return Ok(if needed { Err(Wrong::NoCheckpoint) } else { Ok(None) });
        };
        Ok(activemirror_core::log::checkpoint::open(note.value(), self.report.log, &self.log.public_key)
            .map(Some)
            .map_err(Wrong::Checkpoint))
    }

    fn block(
        &mut self,
        block: u64,
        header: Option<&[u8]>,
        payload: Option<&[u8]>,
    ) -> Result<Result<(), Wrong>, StoreError> {
        let lost = self.losses.of(self.report.log, block);
        let Some(header) = header else {
            if lost != Some(Lost::Everything) {
                return Ok(Err(Wrong::Missing));
            }
            self.tree.push(leaf(&[]));
            self.report.lost += 1;
            (self.holes, self.after_lost) = (self.holes + 1, true);
            return Ok(self.compare_root());
        };
        let header = match Header::from_bytes(header) {
            Ok(header) => header,
            Err(error) => return Ok(Err(Wrong::Header(error))),
        };
        let follows = if self.after_lost { header.first >= self.next } else { header.first == self.next };
        if !follows || (header.log, header.block) != (self.report.log, block) {
            return Ok(Err(Wrong::Misplaced));
        }
        let looked = match payload {
            Some(payload) => self.stored(&header, payload)?,
            None => self.elsewhere(&header)?,
        };
        match looked {
            Ok(()) => {
                self.report.blocks += 1;
                self.report.records += u64::from(header.count);
            }
            Err(Wrong::Missing) if lost.is_some() => self.report.lost += 1,
            Err(what) => return Ok(Err(what)),
        }
        self.tree.push(header.leaf_hash());
        self.came_again |= lost == Some(Lost::Everything);
        (self.next, self.after_lost) = (header.end(), false);
        Ok(self.compare_root())
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

    /// Where the tree has the size that was signed, it must have the root that was signed. Over a lost
    /// header nobody can tell.
    fn compare_root(&mut self) -> Result<(), Wrong> {
        let left = self.log.left.filter(|left| left.blocks == self.seen() && !self.came_again);
        if left.is_some_and(|left| left.root != self.tree.root()) {
            return Err(Wrong::Root);
        }
        let Some(checkpoint) = self.covered_root.filter(|signed| signed.size == self.seen()) else {
            return Ok(());
        };
        if self.holes > 0 {
            return Ok(());
        }
        self.report.covered = checkpoint.size;
        if checkpoint.root == self.tree.root() { Ok(()) } else { Err(Wrong::Root) }
    }
}
