//! From records of the log to a trace: what each record adds to it.

use std::collections::HashMap;

use activemirror_core::draft::{Draft, Mark};
use activemirror_core::filter::{Filter, Name, Test};
use activemirror_core::log::LogId;
use activemirror_core::trace::{Body, Content, Finding, Kind, Notice, SubjectRef, Verdict};
use activemirror_store::{BlockRef, Found, FoundBody, Order};

use super::{Readable, StoredFinding, StoredVerdict};
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

/// A trace that is being read.
#[derive(Default)]
struct Reading {
    trace: Option<KeptTrace>,
    /// Its events by their sequence.
    places: HashMap<u64, usize>,
    /// What this device found in a trace of another log, which comes after its own.
    found: Vec<StoredFinding>,
}

impl Inner {
    /// The trace of this id, with everything that can be read of it.
    pub(crate) fn read(&self, id: &str) -> Result<KeptTrace, Error> {
        match self.home(id)? {
            Some(Home::Own) => self.read_where(self.own(), id),
            Some(Home::Device(number)) => self.read_in(self.store().log_of(number)?, id),
            None => Err(Error::UnknownTrace(id.to_owned())),
        }
    }

    /// The same of the trace that has this id in this log; the own logs are one.
    pub(crate) fn read_in(&self, log: LogId, id: &str) -> Result<KeptTrace, Error> {
        let own = self.store().own_logs().contains(&log);
        self.read_where(if own { self.own() } else { Test::Log(log).into() }, id)
    }

    fn read_where(&self, at_home: Filter, id: &str) -> Result<KeptTrace, Error> {
        let mut reading = Reading::default();
        // Of other logs than its own, only what this device found in it belongs to a trace.
        let found = self.own().and(Filter::of(Kind::Finding));
        let filter = Filter::named(Name::Trace, id).and(at_home.or(found));
        self.search(&filter, true, &mut |record| {
            self.take(&mut reading, record);
            Ok(())
        })?;
        match reading.trace {
            Some(mut trace) => {
                trace.findings.splice(0..0, reading.found);
                Ok(trace)
            }
            None => Err(self.why_not_read(id, &self.store().blocks_of_trace(id)?)?),
        }
    }

    /// Where the trace of this id begins; in the own logs where it begins in several.
    fn home(&self, id: &str) -> Result<Option<Home>, Error> {
        let mut home: Option<Home> = None;
        let mut begins = |at| home = home.into_iter().chain([self.home_of(at)]).min();
        let starts = Filter::named(Name::Trace, id).and(Filter::of(Kind::TraceStart));
        let unread = self.search_readable(Order::OldestFirst, None, &starts, false, &mut |start| {
            begins(start.at);
            Ok(())
        })?;
        for unread in unread {
            let at = unread.at;
            self.leave_out(unread)?;
            // That it began is known though it is gone: it is not imported again.
            if self.store().trace_begins_in(id, at)? {
                begins(at);
            }
        }
        Ok(home)
    }

    fn home_of(&self, at: BlockRef) -> Home {
        if self.store().is_own(at) { Home::Own } else { Home::Device(at.log) }
    }

    /// Whether an own log holds a trace of this id.
    pub(crate) fn has_trace(&self, id: &str) -> Result<bool, Error> {
        Ok(self.home(id)? == Some(Home::Own))
    }

    /// Everything that this device recorded, in whichever of its logs.
    pub(crate) fn own(&self) -> Filter {
        let logs = self.store().own_logs();
        Filter::Any(logs.into_iter().map(|log| Test::Log(log).into()).collect())
    }

    /// Adds one record to the trace that is being read.
    fn take(&self, reading: &mut Reading, record: &Found<'_>) {
        let Reading { trace, places, found } = reading;
        if record.structure.kind == Kind::TraceStart && trace.is_none() {
            *trace = Some(start(record));
        }
        let Some(trace) = trace.as_mut() else {
            if let FoundBody::Open(Body::Finding(finding)) = record.body {
                found.push(self.finding(record, finding));
            }
            return;
        };
        match record.body {
            _ if record.structure.kind.event_name().is_some() => {
                places.insert(record.sequence, trace.events.len());
                trace.events.push(kept(record));
            }
            FoundBody::Open(Body::System(content)) => {
                trace.start.draft.text = content.text.map(str::to_owned);
                trace.start.draft.marks.splice(0..0, content.marks.iter().map(Mark::from));
            }
            FoundBody::Open(Body::Notice(Notice::Ungoverned)) => trace.ungoverned = true,
            FoundBody::Open(Body::Finding(finding)) => {
                trace.findings.push(self.finding(record, finding));
            }
            FoundBody::Open(Body::Verdict(verdict)) => {
                let at = record.sequence.checked_sub(u64::from(verdict.back));
                let place = at.and_then(|at| places.get(&at));
                let on = match place {
                    Some(place) => trace.events.get_mut(*place),
                    None => Some(&mut trace.start).filter(|start| at == Some(start.sequence)),
                };
                if let Some(on) = on {
                    on.verdicts.push(self.verdict(record.log, verdict));
                }
            }
            _ => {}
        }
    }

    pub(crate) fn verdict(&self, log: LogId, verdict: &Verdict<'_>) -> StoredVerdict {
        StoredVerdict {
            number: verdict.plugin,
            policy: self.plugin_name(log, verdict.plugin),
            outcome: verdict.outcome,
            fuel: verdict.fuel,
            reason: verdict.reason.map(str::to_owned),
        }
    }

    pub(crate) fn finding(&self, record: &Found<'_>, finding: &Finding<'_>) -> StoredFinding {
        StoredFinding {
            sequence: record.sequence,
            trace: record.structure.trace.unwrap_or_default().to_owned(),
            plugin: self.plugin_name(record.log, finding.plugin),
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

fn start(record: &Found<'_>) -> KeptTrace {
    let structure = record.structure;
    KeptTrace {
        log: record.log,
        id: structure.trace.unwrap_or_default().to_owned(),
        agent: structure.agent.unwrap_or_default().to_owned(),
        session: structure.session.map(str::to_owned),
        subject: structure.subject,
        readable: readable(record.body),
        ungoverned: false,
        start: kept(record),
        events: Vec::new(),
        findings: Vec::new(),
    }
}

pub(crate) fn kept(record: &Found<'_>) -> Kept {
    let nothing = Content::default();
    let content = match record.body {
        FoundBody::Open(Body::Event(content) | Body::TraceStart(content)) => content,
        _ => &nothing,
    };
    Kept {
        sequence: record.sequence,
        draft: Draft::stored(record.structure, content),
        readable: readable(record.body),
        verdicts: Vec::new(),
    }
}

pub(crate) const fn readable(body: FoundBody<'_>) -> Readable {
    match body {
        FoundBody::Open(_) | FoundBody::Closed => Readable::Open,
        FoundBody::Sealed => Readable::Sealed,
        FoundBody::Erased => Readable::Erased,
    }
}
