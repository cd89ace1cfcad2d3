//! What a query did to the log, for whoever wants to know why it took as long as it did.

use core::fmt;
use std::collections::BTreeSet;

use activemirror::{Explain, StoreError};

/// As many blocks as help are named.
const UNREAD_TOLD: usize = 20;

/// What came of a query.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The query as SQLite ran it; `None` where that is the text as it was typed.
    pub rewritten: Option<String>,
    /// Rows of the result.
    pub rows: u64,
    /// What each table was asked.
    pub scans: Vec<ScanReport>,
}

/// Scans of one table under the same constraints; one within a loop runs many times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanReport {
    /// The table.
    pub table: &'static str,
    /// The constraints that reached the log, as in `agent_id =, timestamp >`.
    pub reached: String,
    /// How many times it ran.
    pub runs: u64,
    /// How many rows the log gave.
    pub rows: u64,
    /// Blocks of all logs.
    pub blocks: u64,
    /// Blocks that the index ruled out; like all that follows, of all runs together.
    pub ruled_out_by_index: u64,
    /// Blocks that their header ruled out: another time, sequence or log.
    pub ruled_out_by_header: u64,
    /// Blocks that their zone ruled out: no such types, names, confidences.
    pub ruled_out_by_zone: u64,
    /// Blocks whose structure was opened.
    pub opened: u64,
    /// Contents that were unsealed, each of one person in one block or pack.
    pub unsealed: u64,
    /// Records that were held against the constraints.
    pub looked_at: u64,
    /// Blocks that went by retention, or that the cold store does not give:
    /// [`activemirror::Runtime::left_out`] says which.
    pub left_out: u64,
    /// Other blocks that may hold what is wanted and could not be read, and why.
    pub unread: BTreeSet<String>,
}

impl ScanReport {
    pub(crate) fn new(table: &'static str, reached: &str) -> Self {
        Self { table, reached: reached.to_owned(), ..Self::default() }
    }

    pub(crate) fn add(&mut self, explain: &Explain) {
        self.blocks = self.blocks.max(explain.blocks);
        self.ruled_out_by_index += explain.ruled_out_by_index;
        self.ruled_out_by_header += explain.ruled_out_by_header;
        self.ruled_out_by_zone += explain.ruled_out_by_zone;
        self.opened += explain.opened;
        self.unsealed += explain.unsealed;
        self.looked_at += explain.looked_at;
        for unread in &explain.unread {
            match unread.why {
                StoreError::Gone { .. } | StoreError::Cold { .. } => self.left_out += 1,
                _ if self.unread.len() < UNREAD_TOLD => drop(self.unread.insert(unread.why.to_string())),
                _ => {}
            }
        }
    }
}

impl Report {
    /// Blocks that could not be read, though they should be here: what came may not be all there is.
    #[must_use]
    pub fn unread(&self) -> BTreeSet<&str> {
        self.scans.iter().flat_map(|scan| &scan.unread).map(String::as_str).collect()
    }
}

impl fmt::Display for ScanReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reached = if self.reached.is_empty() { "everything" } else { &self.reached };
        write!(f, "{}: {reached}", self.table)?;
        if self.runs > 1 {
            write!(f, " ({} times)", self.runs)?;
        }
        let counts = [
            (self.blocks, "blocks in all logs"),
            (self.ruled_out_by_index, "ruled out by the index (trace, session, agent)"),
            (self.ruled_out_by_header, "ruled out by their header (time, sequence, log)"),
            (self.ruled_out_by_zone, "ruled out by their zone (type, names, confidence)"),
            (self.opened, "opened for their structure"),
            (self.unsealed, "contents unsealed, each of one person in one block or pack"),
            (self.looked_at, "records looked at"),
            (self.left_out, "left out, since they went by retention or do not come from the cold store"),
            (self.rows, "rows given"),
        ];
        counts.iter().try_for_each(|(count, what)| write!(f, "\n  {count:>9} {what}"))?;
        self.unread.iter().try_for_each(|why| write!(f, "\n  not read: {why}"))
    }
}
