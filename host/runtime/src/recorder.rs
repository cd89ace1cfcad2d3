//! Recording: a whole trace at once, or a conversation as it happens.
//!
//! Both go down the pipeline once: govern, seal, append, notify. An imported trace is committed
//! whole or not at all. Nobody waits for the disk unless they ask to.

use std::collections::VecDeque;
use std::sync::Arc;

use activemirror_core::draft::Draft;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Kind, Outcome, SubjectRef, USER};
use activemirror_engine::{Call, Frame, Review};

use crate::audit::{Audit, Found};
use crate::document::{Event, Leaf, Trace};
use crate::error::Error;
use crate::govern::{Governance, Ruling, stronger};
use crate::plan::{Context, Plan, Planned, RUNTIME_TRACE};
use crate::plugins::Grant;
use crate::runtime::{Inner, Runtime, now, random_id, session_subject, user_subject};
use crate::sight::seen;
use crate::watch::Watched;

/// Events that a persona is shown of what came before.
const PERSONA_CONTEXT: usize = 64;

/// What became of a trace that was given whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It is stored: with so many events and findings.
    New {
        /// Its events.
        events: usize,
        /// What policies objected to and compliance packs found.
        findings: usize,
    },
    /// A trace of this id was here already; nothing was added.
    Known,
}

/// How a conversation begins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Start {
    /// The trace's id; one is drawn where none is given.
    pub trace: Option<String>,
    /// The agent.
    pub agent: String,
    /// The session.
    pub session: Option<String>,
    /// The person whose data it is; the session stands in where nobody is known.
    pub user: Option<String>,
    /// The system text.
    pub system: Option<String>,
    /// Whatever else is to be kept of it.
    pub leaves: Vec<Leaf>,
}

/// What became of a live event.
#[derive(Clone, Debug, PartialEq)]
pub struct Ruled {
    /// Its sequence in the log.
    pub sequence: u64,
    /// The strongest ruling; only with [`Ruled::may_proceed`] may the agent go on with it.
    pub outcome: Outcome,
    /// What each policy said.
    pub rulings: Vec<Ruling>,
}

impl Ruled {
    fn new(sequence: u64, rulings: Vec<Ruling>) -> Self {
        let outcome = rulings.iter().fold(Outcome::Allow, |all, ruling| stronger(all, ruling.outcome));
        Self { sequence, outcome, rulings }
    }

    /// Whether the agent may go on: nothing was denied, and nobody has to approve first.
    #[must_use]
    pub const fn may_proceed(&self) -> bool {
        !matches!(self.outcome, Outcome::RequireApproval | Outcome::Deny)
    }

    /// Why it was stopped.
    pub fn reasons(&self) -> impl Iterator<Item = &str> {
        self.rulings.iter().filter_map(|ruling| ruling.reason.as_deref())
    }
}

impl Runtime {
    /// Records a whole trace, unless one of its id is here already.
    pub fn record_trace(&self, trace: Trace) -> Result<Recorded, Error> {
        self.record_with(trace, None)
    }

    /// Records a whole trace whose beginning this head of a session is to follow.
    pub(crate) fn record_with(&self, trace: Trace, head: Option<Draft>) -> Result<Recorded, Error> {
        let inner = self.inner();
        refuse_reserved(&trace.id)?;
        if inner.has_trace(&trace.id)? {
            return Ok(Recorded::Known);
        }
        inner.announce()?;
        let Trace { id, agent, session, user, time, system, leaves, events } = trace;
        let context = Arc::new(inner.context(id, agent, session, user.as_deref())?);
        let tags = |text: &str| inner.store().token_tag(context.subject, text);
        let mut plan = Plan::default();
        let on_start = plan.begin(&inner.plugins, &tags, start_draft(user, system, leaves, time));
        let on_head = head.map(|head| plan.head(&inner.plugins, &tags, head)).unwrap_or_default();
        let mut drafts: Vec<Draft> = events.into_iter().map(Draft::from).collect();
        let rulings = Governance::new(&inner.plugins).decide(&inner.plugins, &mut drafts, 0, &tags);
        let events = drafts.iter().zip(&rulings);
        let places: Vec<u64> = events.map(|(draft, rulings)| plan.event(draft.clone(), rulings)).collect();
        plan.objections(&[on_start, on_head], &[0, 0]);
        plan.objections(&rulings, &places);
        let (packs, events) = (&inner.plugins.compliance, places.into_iter().zip(drafts));
        let (mut audit, events): (_, Vec<_>) = (Audit::new(packs), events.collect());
        plan.findings(audit.observe(packs, &events, &tags));
        plan.findings(audit.finish(packs));
        let findings = plan.records.iter().filter(|record| matches!(record, Planned::Finding(_))).count();
        let begun = inner.begin_trace(&context.trace, || {
            let sequences = inner.record_whole(&context, plan.records)?;
            Ok((sequences.start, ()))
        })?;
        Ok(begun.map_or(Recorded::Known, |()| Recorded::New { events: events.len(), findings }))
    }

    /// Begins to record a conversation.
    pub fn begin(&self, start: Start) -> Result<Recorder, Error> {
        let inner = self.inner();
        inner.announce()?;
        let Start { trace, agent, session, user, system, leaves } = start;
        let trace = match trace {
            Some(id) => id,
            None => random_id()?,
        };
        refuse_reserved(&trace)?;
        let context = Arc::new(inner.context(trace, agent, session, user.as_deref())?);
        let tags = |text: &str| inner.store().token_tag(context.subject, text);
        let mut plan = Plan::default();
        let rulings = plan.begin(&inner.plugins, &tags, start_draft(user, system, leaves, now()));
        let begun = inner.begin_trace(&context.trace, || {
            let sequences = inner.record(&context, plan.records)?;
            Ok((sequences.start, sequences.start))
        })?;
        let Some(sequence) = begun else { return Err(Error::KnownTrace(context.trace.clone())) };
        Ok(Recorder {
            runtime: self.clone(),
            governance: Governance::new(&inner.plugins),
            watched: Watched::new(&context, Audit::new(&inner.plugins.compliance)),
            past: Past::default(),
            started: Ruled::new(sequence, rulings),
            context,
        })
    }
}

/// A conversation that is being recorded.
#[derive(Debug)]
pub struct Recorder {
    runtime: Runtime,
    context: Arc<Context>,
    governance: Governance,
    watched: Arc<Watched>,
    past: Past,
    started: Ruled,
}

/// What a conversation has been so far, as far as anybody needs it.
#[derive(Debug, Default)]
struct Past {
    /// How many events there were.
    events: u64,
    /// The newest of them, for a persona.
    recent: VecDeque<(u64, Draft)>,
}

impl Past {
    fn remember(&mut self, events: impl IntoIterator<Item = (u64, Draft)>) {
        self.recent.extend(events);
        let too_many = self.recent.len().saturating_sub(PERSONA_CONTEXT);
        self.recent.drain(..too_many);
    }
}

impl Recorder {
    /// A conversation that is stored already, at its end: its events were given to the plugins
    /// again, which puts their states where they were.
    pub(crate) fn resume(runtime: &Runtime, context: Context, stored: Vec<(u64, Draft)>) -> Self {
        let inner = runtime.inner();
        let mut governance = Governance::new(&inner.plugins);
        let tags = |text: &str| inner.store().token_tag(context.subject, text);
        let mut past = Past { events: stored.len() as u64, ..Past::default() };
        if inner.plugins.has_persona() {
            past.remember(stored.iter().cloned());
        }
        let started = Ruled::new(stored.first().map_or(0, |(first, _)| *first), Vec::new());
        let (sequences, mut drafts): (Vec<u64>, Vec<Draft>) = stored.into_iter().unzip();
        governance.decide(&inner.plugins, &mut drafts, 0, &tags);
        let (mut audit, events) = (Audit::new(&inner.plugins.compliance), sequences.into_iter().zip(drafts));
        audit.observe(&inner.plugins.compliance, &events.collect::<Vec<_>>(), &tags);
        let context = Arc::new(context);
        let watched = Watched::new(&context, audit);
        Self { runtime: runtime.clone(), context, governance, watched, past, started }
    }

    /// The trace's id.
    #[must_use]
    pub fn trace(&self) -> &str {
        &self.context.trace
    }

    /// What policies made of how it began: its system text and its fields. An agent goes on only
    /// where [`Ruled::may_proceed`] says so.
    #[must_use]
    pub const fn started(&self) -> &Ruled {
        &self.started
    }

    /// Puts an event through the pipeline, whatever is ruled: an event that was stopped is kept as
    /// one that was tried. It does not wait for the disk; [`Recorder::flush`] does, and
    /// [`Runtime::wait`] for one event's sequence.
    pub fn record(&mut self, event: Event) -> Result<Ruled, Error> {
        let mut ruled = self.record_all([event])?;
        Ok(ruled.pop().expect("invariant: each event is ruled on"))
    }

    /// Puts events through the pipeline that came to pass before anybody could ask about the first
    /// of them: they are ruled on in order, as if one by one, and kept together or not at all. Each
    /// plugin is called once for many, which costs a fraction of asking for each.
    pub fn record_all(&mut self, events: impl IntoIterator<Item = Event>) -> Result<Vec<Ruled>, Error> {
        let inner = self.runtime.inner();
        let tags = |text: &str| inner.store().token_tag(self.context.subject, text);
        let mut drafts: Vec<Draft> = events.into_iter().map(Draft::from).collect();
        if drafts.is_empty() {
            return Ok(Vec::new());
        }
        // States move on only with what is recorded.
        let mut governance = self.governance.clone();
        let rulings = governance.decide(&inner.plugins, &mut drafts, self.past.events, &tags);
        let mut plan = Plan::default();
        let events = drafts.into_iter().zip(&rulings);
        let places: Vec<u64> = events.map(|(draft, rulings)| plan.event(draft, rulings)).collect();
        let (sequences, planned) = inner.record_and_keep(&self.context, plan.records)?;
        let first = sequences.start;
        self.governance = governance;
        self.past.events += places.len() as u64;
        if inner.plugins.look_back() {
            self.look_back(sequences.zip(planned));
        }
        Ok(places.iter().zip(rulings).map(|(place, rulings)| Ruled::new(first + place, rulings)).collect())
    }

    /// Keeps what was recorded for those who look at it afterwards.
    fn look_back(&mut self, records: impl Iterator<Item = (u64, Planned)>) {
        let inner = self.runtime.inner();
        let events = records.filter_map(|(sequence, planned)| match planned {
            Planned::Draft(draft) => Some((sequence, *draft)),
            _ => None,
        });
        let events: Vec<(u64, Draft)> = events.collect();
        if inner.plugins.has_persona() {
            self.past.remember(events.iter().cloned());
        }
        inner.watch.push(&self.watched, events);
    }

    /// What compliance packs have found in all that was recorded so far, and was not handed out before;
    /// the newest 256 of it. The log keeps every finding ([`Runtime::findings`]).
    pub fn found(&self) -> Result<Vec<Found>, Error> {
        Ok(self.runtime.inner().watch.found(&self.watched)?)
    }

    /// Returns once everything that was recorded so far, here and elsewhere, is durable.
    pub fn flush(&self) -> Result<(), Error> {
        self.runtime.flush()
    }

    /// The persona's frame for the user's new message; `None` without a persona.
    pub fn frame(&self, message: &str) -> Result<Option<Call<Frame>>, Error> {
        let inner = self.runtime.inner();
        let Some(persona) = inner.plugins.personas.first() else { return Ok(None) };
        let message = self.masked(inner, Event::observation(message).from_user());
        Ok(Some(persona.plugin.frame(&self.persona_context(inner), &message)))
    }

    /// What the persona makes of a draft reply; `None` without a persona.
    pub fn review(&self, draft: &str) -> Result<Option<Call<Review>>, Error> {
        let inner = self.runtime.inner();
        let Some(persona) = inner.plugins.personas.first() else { return Ok(None) };
        let draft = self.masked(inner, Event::output(draft));
        Ok(Some(persona.plugin.review(&self.persona_context(inner), &draft)))
    }

    /// Ends the conversation: compliance packs say what they make of it as a whole. All of it is
    /// durable when this returns.
    pub fn end(self) -> Result<Vec<Found>, Error> {
        let found = self.runtime.inner().watch.finish(&self.watched)?;
        self.runtime.flush()?;
        Ok(found)
    }

    /// The text of an event that may come next, as a persona may see it. Nothing is recorded, and
    /// no policy remembers it.
    fn masked(&self, inner: &Inner, event: Event) -> String {
        let tags = |text: &str| inner.store().token_tag(self.context.subject, text);
        let mut drafts = [Draft::from(event)];
        self.governance.clone().decide(&inner.plugins, &mut drafts, self.past.events, &tags);
        let [draft] = drafts;
        draft.masked(&tags).text.unwrap_or_default()
    }

    fn persona_context(&self, inner: &Inner) -> Vec<activemirror_engine::Event> {
        let tags = |text: &str| inner.store().token_tag(self.context.subject, text);
        let recent = self.past.recent.iter();
        recent.map(|(sequence, draft)| seen(draft, *sequence, Grant::Masked, &tags)).collect()
    }
}

impl Inner {
    /// What the records of a trace share; its subject has a key when this returns.
    pub(crate) fn context(
        &self,
        trace: String,
        agent: String,
        session: Option<String>,
        user: Option<&str>,
    ) -> Result<Context, Error> {
        let subject = self.subject_of(&trace, session.as_deref(), user)?;
        Ok(Context { trace, agent: Some(agent), session, subject, namespace: self.namespace })
    }

    /// Whose data a trace is: the user's; the session's where no user is known; its own where
    /// there is no session either.
    fn subject_of(
        &self,
        trace: &str,
        session: Option<&str>,
        user: Option<&str>,
    ) -> Result<SubjectRef, Error> {
        let name = user.map(user_subject).unwrap_or_else(|| session_subject(session.unwrap_or(trace)));
        Ok(self.store().ensure_subject(&name)?)
    }
}

/// What begins a trace: its text, its fields, and whose it is among them.
fn start_draft(user: Option<String>, system: Option<String>, leaves: Vec<Leaf>, time: Timestamp) -> Draft {
    let user = user.map(|name| Leaf { path: USER.to_owned(), value: name.as_str().into() });
    let leaves = user.into_iter().chain(leaves).collect();
    Draft { text: system, leaves, ..Draft::new(Kind::TraceStart, time) }
}

/// The runtime's own notices have a trace id that nobody else may take.
fn refuse_reserved(id: &str) -> Result<(), Error> {
    if id == RUNTIME_TRACE { Err(Error::ReservedTrace) } else { Ok(()) }
}
