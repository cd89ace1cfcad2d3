//! Reading back: traces as they stand in the log, masked or revealed.

use std::collections::{BTreeMap, HashMap};

use activemirror_core::log::LogId;
use activemirror_core::log::reader::{Entry, EntryBody, OpenBlock};
use activemirror_core::mask;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{
    Body, ControlState, Finding, Kind, Notice, Outcome, Place, Severity, SubjectRef, Verdict,
};
use activemirror_store::{BlockRef, StoreError};

use crate::document::{self, Event, Leaf, Trace, Value};
use crate::draft::{Draft, Mark, owned};
use crate::error::Error;
use crate::plan::Planned;
use crate::runtime::{Inner, Runtime};
use crate::sight::Tags;

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

/// A trace as it stands in the log.
#[derive(Clone, Debug)]
pub struct StoredTrace {
    /// The log that holds it.
    pub log: LogId,
    /// The trace without its events.
    pub start: Trace,
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
    /// The event with its marks; without content where that cannot be read.
    pub draft: Draft,
    /// Whether its content can be read.
    pub readable: Readable,
    /// What policies decided on it.
    pub verdicts: Vec<StoredVerdict>,
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

/// A trace, ready to be written in any format.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The trace.
    pub trace: Trace,
    /// What policies decided on its events.
    pub verdicts: Vec<document::Verdict>,
    /// What was found in it.
    pub findings: Vec<document::Finding>,
}

impl StoredTrace {
    /// A finding, with its evidence as places in this trace.
    fn finding(&self, finding: &StoredFinding) -> document::Finding {
        let place = |sequence: &u64| self.events.iter().position(|event| event.sequence == *sequence);
        document::Finding {
            plugin: finding.plugin.clone(),
            control: finding.control.clone(),
            state: finding.state,
            severity: finding.severity,
            message: finding.message.clone(),
            evidence: finding.evidence.iter().filter_map(place).map(|place| place as u32).collect(),
        }
    }
}

/// The verdicts on one event; what is marked in it goes with the verdict of who marked it.
fn verdicts(place: u32, event: &StoredEvent, reveal: Reveal) -> impl Iterator<Item = document::Verdict> + '_ {
    event.verdicts.iter().map(move |verdict| document::Verdict {
        event: place,
        plugin: verdict.policy.clone(),
        outcome: verdict.outcome,
        reason: verdict.reason.clone(),
        fuel: verdict.fuel,
        marks: event
            .draft
            .marks
            .iter()
            .filter(|mark| mark.plugin == verdict.number)
            .map(|mark| {
                document::Mark {
                    field: field(&event.draft, mark.place),
                    // Bytes of the original mean nothing to a reader who sees tokens.
                    span: (reveal == Reveal::Originals).then_some(mark.start..mark.end),
                    category: mark.category.clone(),
                    dropped: mark.dropped,
                }
            })
            .collect(),
    })
}

/// The field that a place lies in; a key that is itself marked is not repeated.
fn field(draft: &Draft, place: Place) -> String {
    let path = |index: u32| draft.event.leaves.get(index as usize).map(|leaf| leaf.path.as_str());
    let top = |path: &str| match path.get(1..).and_then(|rest| rest.find(['/', '['])) {
        Some(end) => path[..=end].to_owned(),
        None => path.to_owned(),
    };
    match place {
        Place::Text => "/content".to_owned(),
        Place::LeafPath(index) => path(index).map(top).unwrap_or_default(),
        Place::LeafValue(index) => {
            let marked = draft.marks.iter().any(|mark| mark.place == Place::LeafPath(index));
            let path = path(index).unwrap_or_default();
            if marked { top(path) } else { path.to_owned() }
        }
    }
}

impl Runtime {
    /// All traces, newest first within each log.
    pub fn traces(&self) -> Result<Vec<TraceSummary>, Error> {
        let inner = self.lock()?;
        let starts = inner.store.traces()?;
        let mut summaries = Vec::with_capacity(starts.len());
        for start in starts {
            let block = inner.store.open_block(start.at)?;
            let entries = entries(&block, start.at)?;
            let Some(entry) = entries.into_iter().find(|entry| entry.sequence == start.sequence) else {
                continue;
            };
            summaries.push(inner.summary(block.header().log, &entry)?);
        }
        Ok(summaries)
    }

    /// The trace of this id; with originals, the log notes `request` as who asked for them.
    pub fn read(&self, id: &str, reveal: Reveal, request: &str) -> Result<StoredTrace, Error> {
        let mut inner = self.lock()?;
        let trace = inner.read(id)?;
        if reveal == Reveal::Originals {
            let context = crate::plan::Context {
                trace: id.to_owned(),
                agent: None,
                session: None,
                subject: inner.namespace,
                namespace: inner.namespace,
            };
            inner.append(&context, &[Planned::Revealed { request: request.to_owned() }])?;
        }
        Ok(trace)
    }

    /// A stored trace as a document, with originals or tokens.
    pub fn document(&self, trace: &StoredTrace, reveal: Reveal) -> Result<Document, Error> {
        let inner = self.lock()?;
        let tags = |text: &str| inner.store.token_tag(trace.subject, text);
        let shown = |event: &StoredEvent| match reveal {
            Reveal::Originals => event.draft.event.clone(),
            Reveal::Masked => masked(&event.draft, &tags),
        };
        let events: Vec<Event> = trace.events.iter().map(shown).collect();
        let verdicts = (0..).zip(&trace.events).flat_map(|(place, event)| verdicts(place, event, reveal));
        let verdicts = verdicts.collect();
        let findings = trace.findings.iter().map(|finding| trace.finding(finding)).collect();
        Ok(Document { trace: Trace { events, ..trace.start.clone() }, verdicts, findings })
    }

    /// Whose data is here, by the name that traces give them, and in how many traces. Who was
    /// erased has no name any more.
    pub fn people(&self) -> Result<BTreeMap<String, usize>, Error> {
        let inner = self.lock()?;
        let mut people = BTreeMap::new();
        for at in inner.store.traces()? {
            let block = inner.store.open_block(at.at)?;
            let entries = entries(&block, at.at)?;
            let first = entries.iter().find(|entry| entry.sequence == at.sequence);
            if let Some(Entry { structure, body: EntryBody::Open(Body::TraceStart { user, .. }), .. }) = first {
                let name = user.or(structure.session).or(structure.trace).unwrap_or_default();
                *people.entry(name.to_owned()).or_default() += 1;
            }
        }
        Ok(people)
    }

    /// Everything found in any trace, oldest first.
    pub fn findings(&self) -> Result<Vec<StoredFinding>, Error> {
        let inner = self.lock()?;
        let mut found = Vec::new();
        for at in inner.store.blocks()? {
            let block = inner.store.open_block(at)?;
            for entry in entries(&block, at)? {
                if let EntryBody::Open(Body::Finding(finding)) = &entry.body {
                    found.push(inner.finding(&entry, finding));
                }
            }
        }
        Ok(found)
    }
}

/// The event with a token in each marked place.
pub(crate) fn masked(draft: &Draft, tags: &Tags<'_>) -> Event {
    let content = draft.content();
    let view = mask::view(&content, tags);
    let leaf = |leaf: &mask::ViewLeaf<'_>| Leaf {
        path: leaf.path.clone().into_owned(),
        value: match &leaf.masked {
            Some(shown) => Value::Text(shown.clone()),
            None => leaf.value.into(),
        },
    };
    Event {
        leaves: view.leaves.iter().map(leaf).collect(),
        text: view.text.map(Into::into),
        ..draft.event.clone()
    }
}

impl Inner {
    /// The trace of this id, with everything that can be read of it.
    pub(crate) fn read(&self, id: &str) -> Result<StoredTrace, Error> {
        let mut reading = None;
        let mut places = HashMap::new();
        for at in self.store.blocks_of_trace(id)? {
            let block = self.store.open_block(at)?;
            for entry in entries(&block, at)? {
                if entry.structure.trace == Some(id) {
                    self.take(&mut reading, &mut places, block.header().log, &entry);
                }
            }
        }
        reading.ok_or_else(|| Error::UnknownTrace(id.to_owned()))
    }

    /// Adds one record to the trace that is being read; `places` knows its events by sequence.
    fn take(
        &self,
        reading: &mut Option<StoredTrace>,
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
                trace.events.push(event(entry));
            }
            EntryBody::Open(Body::System(text)) => trace.start.system = Some((*text).to_owned()),
            EntryBody::Open(Body::Notice(Notice::Ungoverned)) => trace.ungoverned = true,
            EntryBody::Open(Body::Finding(finding)) => trace.findings.push(self.finding(entry, finding)),
            EntryBody::Open(Body::Verdict(verdict)) => {
                let place =
                    entry.sequence.checked_sub(u64::from(verdict.back)).and_then(|at| places.get(&at));
                if let Some(event) = place.and_then(|place| trace.events.get_mut(*place)) {
                    event.verdicts.push(self.verdict(verdict));
                }
            }
            _ => {}
        }
    }

    fn summary(&self, log: LogId, entry: &Entry<'_>) -> Result<TraceSummary, Error> {
        let id = entry.structure.trace.unwrap_or_default().to_owned();
        let mut events = 0;
        for at in self.store.blocks_of_trace(&id)? {
            let block = self.store.open_block(at)?;
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

    fn verdict(&self, verdict: &Verdict<'_>) -> StoredVerdict {
        StoredVerdict {
            number: verdict.plugin,
            policy: self.plugin_name(verdict.plugin),
            outcome: verdict.outcome,
            fuel: verdict.fuel,
            reason: verdict.reason.map(str::to_owned),
        }
    }

    fn finding(&self, entry: &Entry<'_>, finding: &Finding<'_>) -> StoredFinding {
        StoredFinding {
            sequence: entry.sequence,
            trace: entry.structure.trace.unwrap_or_default().to_owned(),
            plugin: self.plugin_name(finding.plugin),
            control: finding.control.to_owned(),
            state: finding.state,
            severity: finding.severity,
            message: finding.message.to_owned(),
            evidence: finding.evidence.to_vec(),
        }
    }

    fn plugin_name(&self, number: u16) -> String {
        match self.known.get(&number) {
            Some(identity) => format!("{}@{}", identity.name, identity.version),
            None => format!("plugin {number}"),
        }
    }
}

pub(crate) fn entries(block: &OpenBlock, at: BlockRef) -> Result<Vec<Entry<'_>>, Error> {
    block.entries().map_err(|error| Error::Store(StoreError::Block(at.block, error)))
}

fn start(log: LogId, entry: &Entry<'_>) -> StoredTrace {
    let (user, leaves) = match &entry.body {
        EntryBody::Open(Body::TraceStart { user, leaves }) => (user.map(str::to_owned), owned(leaves)),
        _ => (None, Vec::new()),
    };
    let structure = &entry.structure;
    let start = Trace {
        id: structure.trace.unwrap_or_default().to_owned(),
        agent: structure.agent.unwrap_or_default().to_owned(),
        session: structure.session.map(str::to_owned),
        user,
        time: structure.time,
        system: None,
        leaves,
        events: Vec::new(),
    };
    StoredTrace {
        log,
        start,
        subject: structure.subject,
        readable: readable(&entry.body),
        ungoverned: false,
        events: Vec::new(),
        findings: Vec::new(),
    }
}

fn event(entry: &Entry<'_>) -> StoredEvent {
    let structure = &entry.structure;
    let mut event = Event {
        kind: structure.kind,
        time: structure.time,
        alias: structure.alias.map(str::to_owned),
        text: None,
        action: structure.action.map(str::to_owned),
        intent: structure.intent.map(str::to_owned),
        confidence: structure.confidence,
        leaves: Vec::new(),
    };
    let mut marks = Vec::new();
    if let EntryBody::Open(Body::Event(content)) = &entry.body {
        event.text = content.text.map(str::to_owned);
        event.leaves = owned(&content.leaves);
        marks = content.marks.iter().map(Mark::from).collect();
    }
    let draft = Draft { event, marks };
    StoredEvent { sequence: entry.sequence, draft, readable: readable(&entry.body), verdicts: Vec::new() }
}

const fn readable(body: &EntryBody<'_>) -> Readable {
    match body {
        EntryBody::Open(_) => Readable::Open,
        EntryBody::Sealed => Readable::Sealed,
        EntryBody::Erased(_) => Readable::Erased,
    }
}
