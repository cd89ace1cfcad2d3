//! Reading back: traces as they stand in the log, masked or revealed.
//!
//! [`kept`] puts a trace together from the records of its blocks, [`shown`] makes of it what its
//! reader may see: originals, or tokens only. [`pass`] does not put together: it hands out record
//! by record.

mod distinct;
mod kept;
mod list;
mod pass;
mod shown;

use std::collections::BTreeMap;
use std::sync::Arc;

use activemirror_core::filter::Filter;
use activemirror_core::log::LogId;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, ControlState, Kind, Outcome, Severity, SubjectRef};
use activemirror_store::FoundBody;

use self::kept::KeptTrace;
pub(crate) use self::kept::{Kept, kept, readable};
pub use self::list::Traces;
pub use self::pass::{Ask, Met, MetEvent, MetStart, What};
pub use self::shown::Document;
pub(crate) use self::shown::see;
use crate::document::{Event, Mark, Trace};
use crate::error::Error;
use crate::plan::{Context, Planned};
use crate::runtime::{Inner, Runtime};

/// Whether originals are shown behind masks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reveal {
    /// Tokens stand in for what policies marked.
    Masked,
    /// Originals are shown, and the log notes that somebody looked.
    Originals,
}

/// What can still be read of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readable {
    /// All of it.
    Open,
    /// Its content is sealed under a key that is not here.
    Sealed,
    /// Its person was erased.
    Erased,
}

/// A line of a list of traces.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceSummary {
    /// The trace's id.
    pub id: String,
    /// The log that holds it.
    pub log: LogId,
    /// The sequence of its first record.
    pub sequence: u64,
    /// The agent.
    pub agent: Option<String>,
    /// The session.
    pub session: Option<String>,
    /// When it began.
    pub time: Timestamp,
    /// How many events it has.
    pub events: usize,
    /// Whether it can be read.
    pub readable: Readable,
}

/// A trace as it stands in the log, with originals or with tokens.
#[derive(Clone, Debug)]
pub struct StoredTrace {
    /// The log that holds it.
    pub log: LogId,
    /// What it shows.
    pub reveal: Reveal,
    /// The trace without its events.
    pub start: Trace,
    /// What policies found in how it begins.
    pub marks: Vec<StoredMark>,
    /// What policies decided on how it begins.
    pub verdicts: Vec<StoredVerdict>,
    /// Whose data it is.
    pub subject: SubjectRef,
    /// Whether its start can be read.
    pub readable: Readable,
    /// Whether it was recorded without policies.
    pub ungoverned: bool,
    /// Its events, in order.
    pub events: Vec<StoredEvent>,
    /// What was found in it.
    pub findings: Vec<StoredFinding>,
}

/// An event as it stands in the log.
#[derive(Clone, Debug)]
pub struct StoredEvent {
    /// Its sequence in the log.
    pub sequence: u64,
    /// The event; without content where that cannot be read.
    pub event: Event,
    /// What policies found in it.
    pub marks: Vec<StoredMark>,
    /// Whether its content can be read.
    pub readable: Readable,
    /// What policies decided on it.
    pub verdicts: Vec<StoredVerdict>,
}

/// A mark as it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMark {
    /// The number of the policy that set it.
    pub plugin: u16,
    /// Where, and what it is.
    pub mark: Mark,
}

/// A verdict as it stands in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredVerdict {
    /// The policy's number in this log.
    pub number: u16,
    /// The policy's name and version; its number where the log does not say.
    pub policy: String,
    /// What it decided.
    pub outcome: Outcome,
    /// Fuel burned.
    pub fuel: u32,
    /// Why, where it stopped the event.
    pub reason: Option<String>,
}

/// A finding as it stands in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredFinding {
    /// The sequence of its record.
    pub sequence: u64,
    /// The trace it was made on.
    pub trace: String,
    /// The name and version of the plugin that made it.
    pub plugin: String,
    /// The control's id.
    pub control: String,
    /// What the trace shows of it.
    pub state: ControlState,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence.
    pub message: String,
    /// The events that show it, by sequence.
    pub evidence: Vec<u64>,
}

impl Runtime {
    /// Whether there is, or was, something of a trace of this id.
    pub fn knows(&self, id: &str) -> Result<bool, Error> {
        Ok(!self.inner().store().blocks_of_trace(id)?.is_empty())
    }

    /// The trace of this id; with originals, the log notes `request` as who asked for them.
    pub fn read(&self, id: &str, reveal: Reveal, request: &str) -> Result<StoredTrace, Error> {
        let trace = self.inner().read(id)?;
        self.inner().looked_at(&trace, reveal, request)
    }

    /// The trace that has this id in this log, where several logs may have one.
    pub fn read_in(&self, log: LogId, id: &str, reveal: Reveal, request: &str) -> Result<StoredTrace, Error> {
        let trace = self.inner().read_in(log, id)?;
        self.inner().looked_at(&trace, reveal, request)
    }

    /// Whose data is here, by the name that traces give them, and in how many traces. Who was
    /// erased has no name any more.
    pub fn people(&self) -> Result<BTreeMap<String, usize>, Error> {
        let mut people = BTreeMap::new();
        self.inner().search(&Filter::of(Kind::TraceStart), true, &mut |record| {
            if let FoundBody::Open(Body::TraceStart(start)) = record.body {
                let structure = record.structure;
                let name = start.user().or(structure.session).or(structure.trace).unwrap_or_default();
                *people.entry(name.to_owned()).or_default() += 1;
            }
            Ok(())
        })?;
        Ok(people)
    }

    /// Everything found in any trace, oldest first.
    pub fn findings(&self) -> Result<Vec<StoredFinding>, Error> {
        let inner = self.inner();
        let mut found = Vec::new();
        inner.search(&Filter::of(Kind::Finding), true, &mut |record| {
            if let FoundBody::Open(Body::Finding(finding)) = record.body {
                found.push(inner.finding(record, finding));
            }
            Ok(())
        })?;
        Ok(found)
    }
}

impl Inner {
    /// A trace as it may be seen; the log notes who asked for originals.
    fn looked_at(&self, trace: &KeptTrace, reveal: Reveal, request: &str) -> Result<StoredTrace, Error> {
        let shown = self.shown(trace, reveal);
        if reveal == Reveal::Originals {
            self.note_reveals(&[&trace.id], request)?;
        }
        Ok(shown)
    }

    /// Notes that somebody looks at the originals of these traces; durable when this returns.
    fn note_reveals(&self, traces: &[&str], request: &str) -> Result<(), Error> {
        let mut newest = None;
        for trace in traces {
            let context = Context {
                trace: (*trace).to_owned(),
                agent: None,
                session: None,
                subject: self.namespace,
                namespace: self.namespace,
            };
            let note = Planned::Revealed { request: request.to_owned() };
            newest = Some(self.record(&Arc::new(context), vec![note])?.start);
        }
        newest.map_or(Ok(()), |newest| self.wait(newest))
    }
}
