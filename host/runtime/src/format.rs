//! Formats that traces come in and go out as: each maps its records to [`Trace`], one by one, and
//! every fault names its place.
//!
//! | format | in | out |
//! |---|---|---|
//! | [`mirrordna`] | yes | yes |
//! | [`tau_bench`] | yes | no |
//!
//! All of them are JSON in any of its usual shapes: one record a line, one record over many
//! lines, or a list of records. Which format it is, the first record tells.

mod ahead;
mod error;
mod fields;
mod identity;
pub mod mirrordna;
pub mod tau_bench;
mod time;

use core::fmt;
use std::io::Read;

pub use self::ahead::Ahead;
pub use self::error::{Fault, FormatError, WriteError};
pub use self::time::print as print_time;
use crate::document::Trace;
use crate::json::{Node, Record, Records, Tree};

/// A format that this runtime reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// MirrorDNA v1.1.
    MirrorDna,
    /// Runs of tau-bench.
    TauBench,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::MirrorDna, Self::TauBench];

    /// What the command line calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MirrorDna => "mirrordna",
            Self::TauBench => "tau-bench",
        }
    }

    /// The format of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The members by which [`Format::of`] knows it.
    pub(crate) const fn known_by(self) -> &'static str {
        match self {
            Self::MirrorDna => "`events` and `agent_id`",
            Self::TauBench => "`traj`",
        }
    }

    /// The format of a record, by its members.
    #[must_use]
    pub fn of(record: &Node) -> Option<Self> {
        let Tree::Object(members) = &record.tree else { return None };
        let has = |key| members.contains_key(key);
        if has("traj") {
            Some(Self::TauBench)
        } else if has("events") && (has("trace_id") || has("agent_id") || has("session_id")) {
            Some(Self::MirrorDna)
        } else {
            None
        }
    }
}

/// The traces of a source, one by one; only one is in memory at a time.
///
/// A fault is the last that comes: every trace before it has come whole.
pub struct Reader<R: Read> {
    records: Records<R>,
    format: Option<Format>,
    traces: u64,
    failed: bool,
}

impl<R: Read> Reader<R> {
    /// Reads `source` as `format`, or as what its first record looks like.
    pub fn new(source: R, format: Option<Format>) -> Self {
        Self { records: Records::new(source), format, traces: 0, failed: false }
    }

    /// The format: the one that was asked for, or that of the first record once it is read.
    #[must_use]
    pub const fn format(&self) -> Option<Format> {
        self.format
    }

    /// How many traces it has given.
    #[must_use]
    pub const fn traces(&self) -> u64 {
        self.traces
    }

    fn read(&mut self, record: Record) -> Result<Trace, FormatError> {
        let format = self.format.or_else(|| Format::of(&record.node));
        self.format = format;
        match format {
            Some(Format::MirrorDna) => mirrordna::read(record),
            Some(Format::TauBench) => tau_bench::read(record),
            None => Err(FormatError::unknown_format(&record.node)),
        }
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = Result<Trace, FormatError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let trace = match self.records.next()? {
            Ok(record) => self.read(record),
            Err(error) => Err(FormatError::from(error)),
        };
        match trace {
            Ok(trace) => {
                self.traces += 1;
                Some(Ok(trace))
            }
            Err(error) => {
                self.failed = true;
                Some(Err(FormatError { trace: self.traces, ..error }))
            }
        }
    }
}

impl<R: Read> fmt::Debug for Reader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Reader");
        shown.field("format", &self.format).field("traces", &self.traces).finish_non_exhaustive()
    }
}
