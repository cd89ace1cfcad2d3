//! From records of the log to a trace: what each record adds to it.

use std::collections::HashMap;

use activemirror_core::draft::{Draft, Mark};
use activemirror_core::log::LogId;
use activemirror_core::log::reader::{Entry, EntryBody, OpenBlock};
use activemirror_core::trace::{Body, Content, Finding, Kind, Notice, SubjectRef, Verdict};
use activemirror_store::{BlockRef, StoreError};

use super::{Readable, StoredFinding, StoredVerdict, TraceSummary};
use crate::error::Error;
use crate::runtime::Inner;

/// A trace with its originals: for the runtime, and for nobody else.
#[derive(Debug)]
pub(crate) struct KeptTrace {
    pub(crate) log: LogId,
    pub(crate) id: String,
    pub(crate) agent: String,
    pub(crate) session: Option<String>,
    pub(crate) subject: SubjectRef,
    pub(crate) readable: Readable,
    pub(crate) ungoverned: bool,
    /// What begins it; its sequence is that of the trace's first record.
    pub(crate) start: Kept,
    pub(crate) events: Vec<Kept>,
    pub(crate) findings: Vec<StoredFinding>,
}

/// An event with its originals, or what begins a trace.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) sequence: u64,
    pub(crate) draft: Draft,
    pub(crate) readable: Readable,
    pub(crate) verdicts: Vec<StoredVerdict>,
}

/// Where a trace is at home: a trace that is gone on with after a restore lies in several own logs,
/// and is one trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Home {
    Own,
    Device(u32),
}

impl Inner {
    /// The trace of this id, with everything that can be read of it.
    pub(crate) fn read(&self, id: &str) -> Result<KeptTrace, Error> {
        let mut reading = None;
        let mut places = HashMap::new();
        let blocks = self.store().blocks_of_trace(id)?;
        let home = self.home(&blocks, id)?;
        for at in &blocks {
            let Some(block) = self.open(*at)? else { continue };
            for entry in entries(&block, *at)? {
                // Of other logs than its own, only what this device found in it belongs to a trace.
                let found = self.store().is_own(*at) && entry.structure.kind == Kind::Finding;
                if entry.structure.trace == Some(id) && (Some(self.home_of(*at)) == home || found) {
                    self.take(&mut reading, &mut places, block.header().log, &entry);
                }
            }
        }
        match reading {
            Some(trace) => Ok(trace),
            None => Err(self.why_not_read(id, &blocks)?),
        }
    }

    /// Where the trace of this id begins; in the own logs where it begins in several.
    fn home(&self, blocks: &[BlockRef], id: &str) -> Result<Option<Home>, Error> {
        let mut home: Option<Home> = None;
        for at in blocks {
            if home.is_some_and(|home| self.home_of(*at) >= home) {
                continue;
            }
            let starts = |entry: &Entry<'_>| {
                entry.structure.kind == Kind::TraceStart && entry.structure.trace == Some(id)
            };
            let begins = match self.open(*at)? {
                Some(block) => entries(&block, *at)?.iter().any(starts),
                // That it began is known though it is gone: it is not imported again.
                None => self.store().trace_begins_in(id, *at)?,
            };
            if begins {
                home = Some(self.home_of(*at));
            }
        }
        Ok(home)
    }

    fn home_of(&self, at: BlockRef) -> Home {
        if self.store().is_own(at) { Home::Own } else { Home::Device(at.log) }
    }

    /// Whether an own log holds a trace of this id.
    pub(crate) fn has_trace(&self, id: &str) -> Result<bool, Error> {
        let blocks = self.store().blocks_of_trace(id)?;
        Ok(self.home(&blocks, id)? == Some(Home::Own))
    }

    /// Adds one record to the trace that is being read; `places` knows its events by sequence.
    fn take(
        &self,
        reading: &mut Option<KeptTrace>,
        places: &mut HashMap<u64, usize>,
        log: LogId,
        entry: &Entry<'_>,
    ) {
        if entry.structure.kind == Kind::TraceStart && reading.is_none() {
            *reading = Some(start(log, entry));
        }
        let Some(trace) = reading.as_mut() else { return };
        match &entry.body {
            _ if entry.structure.kind.event_name().is_some() => {
                places.insert(entry.sequence, trace.events.len());
                trace.events.push(kept(entry));
            }
            EntryBody::Open(Body::System(content)) => {
                trace.start.draft.text = content.text.map(str::to_owned);
                trace.start.draft.marks.splice(0..0, content.marks.iter().map(Mark::from));
            }
            EntryBody::Open(Body::Notice(Notice::Ungoverned)) => trace.ungoverned = true,
            EntryBody::Open(Body::Finding(finding)) => {
                trace.findings.push(self.finding(log, entry, finding));
            }
            EntryBody::Open(Body::Verdict(verdict)) => {
                let at = entry.sequence.checked_sub(u64::from(verdict.back));
                let place = at.and_then(|at| places.get(&at));
                let on = match place {
                    Some(place) => trace.events.get_mut(*place),
                    None => Some(&mut trace.start).filter(|start| at == Some(start.sequence)),
                };
                if let Some(on) = on {
                    on.verdicts.push(self.verdict(log, verdict));
                }
            }
            _ => {}
        }
    }

    pub(super) fn summary(&self, log: LogId, entry: &Entry<'_>) -> Result<TraceSummary, Error> {
        let id = entry.structure.trace.unwrap_or_default().to_owned();
        let mut events = 0;
        for at in self.store().blocks_of_trace(&id)? {
            let Some(block) = self.open(at)? else { continue };
            let of_trace = |entry: &&Entry<'_>| {
                entry.structure.trace == Some(&*id) && entry.structure.kind.event_name().is_some()
            };
            events += entries(&block, at)?.iter().filter(of_trace).count();
        }
        Ok(TraceSummary {
            id,
            log,
            sequence: entry.sequence,
            agent: entry.structure.agent.map(str::to_owned),
            session: entry.structure.session.map(str::to_owned),
            time: entry.structure.time,
            events,
            readable: readable(&entry.body),
        })
    }

    fn verdict(&self, log: LogId, verdict: &Verdict<'_>) -> StoredVerdict {
        StoredVerdict {
            number: verdict.plugin,
            policy: self.plugin_name(log, verdict.plugin),
            outcome: verdict.outcome,
            fuel: verdict.fuel,
            reason: verdict.reason.map(str::to_owned),
        }
    }

    pub(super) fn finding(&self, log: LogId, entry: &Entry<'_>, finding: &Finding<'_>) -> StoredFinding {
        StoredFinding {
            sequence: entry.sequence,
            trace: entry.structure.trace.unwrap_or_default().to_owned(),
            plugin: self.plugin_name(log, finding.plugin),
            control: finding.control.to_owned(),
            state: finding.state,
            severity: finding.severity,
            message: finding.message.to_owned(),
            evidence: finding.evidence.to_vec(),
        }
    }

    /// A number means something in the log that introduced it only: a device must not speak in the
    /// name of this device's plugins.
    fn plugin_name(&self, log: LogId, number: u16) -> String {
        let store = self.store();
        let known = match log == store.log_id() {
            true => Some(&self.known),
            false => self.known_before.get(&log),
        };
        if known.is_none() && !store.own_logs().contains(&log) {
            return format!("a device's plugin {number}");
        }
        match known.and_then(|known| known.get(&number)) {
            Some(identity) => format!("{}@{}", identity.name, identity.version),
            None => format!("plugin {number}"),
        }
    }
}

pub(crate) fn entries(block: &OpenBlock, at: BlockRef) -> Result<Vec<Entry<'_>>, Error> {
    block.entries().map_err(|error| Error::Store(StoreError::Block(at.block, error)))
}

fn start(log: LogId, entry: &Entry<'_>) -> KeptTrace {
    let structure = &entry.structure;
    KeptTrace {
        log,
        id: structure.trace.unwrap_or_default().to_owned(),
        agent: structure.agent.unwrap_or_default().to_owned(),
        session: structure.session.map(str::to_owned),
        subject: structure.subject,
        readable: readable(&entry.body),
        ungoverned: false,
        start: kept(entry),
        events: Vec::new(),
        findings: Vec::new(),
    }
}

pub(crate) fn kept(entry: &Entry<'_>) -> Kept {
    let nothing = Content::default();
    let content = match &entry.body {
        EntryBody::Open(Body::Event(content) | Body::TraceStart(content)) => content,
        _ => &nothing,
    };
    Kept {
        sequence: entry.sequence,
        draft: Draft::stored(&entry.structure, content),
        readable: readable(&entry.body),
        verdicts: Vec::new(),
    }
}

const fn readable(body: &EntryBody<'_>) -> Readable {
    match body {
        EntryBody::Open(_) => Readable::Open,
        EntryBody::Sealed => Readable::Sealed,
        EntryBody::Erased(_) => Readable::Erased,
    }
}
