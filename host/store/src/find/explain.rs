//! What a search did: how many blocks it opened, and why not the others.

use core::fmt;

use crate::error::StoreError;
use crate::tables::BlockRef;

/// What a search did.
#[derive(Debug, Default)]
pub struct Explain {
    /// Blocks of all logs.
    pub blocks: u64,
    /// Those that the index ruled out: they hold nothing of the traces, sessions or agents named.
    pub ruled_out_by_index: u64,
    /// Those that their header ruled out: other times, other numbers, another log.
    pub ruled_out_by_header: u64,
    /// Those that their zone ruled out: no such kinds, names or confidences.
    pub ruled_out_by_zone: u64,
    /// Blocks whose structure was opened.
    pub opened: u64,
    /// Those of them that lie in packs, here or in the cold store: the structure of a pack is opened once
    /// for all of them.
    pub moved: u64,
    /// Single people's content that was unsealed, of one block or of one pack.
    pub unsealed: u64,
    /// Records that were held against the filter.
    pub looked_at: u64,
    /// Records that passed.
    pub matched: u64,
    /// Blocks that may hold what is wanted, and could not be read.
    pub unread: Vec<Unread>,
}

/// A block that could not be read.
#[derive(Debug)]
pub struct Unread {
    /// Which.
    pub at: BlockRef,
    /// Why.
    pub why: StoreError,
}

impl fmt::Display for Explain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} blocks", self.blocks)?;
        let lines = [
            (self.ruled_out_by_index, "ruled out by the index (trace, session, agent)"),
            (self.ruled_out_by_header, "ruled out by their header (time, sequence, log)"),
            (self.ruled_out_by_zone, "ruled out by their zone (type, names, confidence)"),
            (self.opened - self.moved, "opened, their structure first"),
            (self.moved, "opened in packs, the structure of each first"),
            (self.unread.len() as u64, "that could not be read"),
        ];
        lines.iter().try_for_each(|(count, what)| writeln!(f, "  {count} {what}"))?;
        writeln!(f, "{} contents unsealed, each of one person in one block or pack", self.unsealed)?;
        write!(f, "{} records looked at, {} found", self.looked_at, self.matched)?;
        self.unread.iter().try_for_each(|unread| write!(f, "\nnot read: {}", unread.why))
    }
}
