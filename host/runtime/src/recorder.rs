//! Recording: a whole trace at once, or a conversation as it happens.
//!
//! Both go down the pipeline once: govern, seal, append, notify. An imported trace is committed
//! whole or not at all; a live event is durable when [`Recorder::record`] returns.

use activemirror_core::draft::Draft;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Kind, Outcome, SubjectRef, USER};
use activemirror_engine::{Call, Frame, Review};

use crate::document::{Event, Leaf, Trace};
use crate::error::Error;
use crate::govern::{Found, Governance, Ruling, stronger};
use crate::plan::{Context, Plan, Planned, RUNTIME_TRACE};
use crate::plugins::Grant;
use crate::runtime::{Inner, Runtime, now, random_id, session_subject, user_subject};
use crate::sight::seen;

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
    /// What compliance packs found.
    pub findings: Vec<Found>,
}

impl Ruled {
    fn new(sequence: u64, rulings: Vec<Ruling>, findings: Vec<Found>) -> Self {
        let outcome = rulings.iter().fold(Outcome::Allow, |all, ruling| stronger(all, ruling.outcome));
        Self { sequence, outcome, rulings, findings }
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
        let mut inner = self.lock()?;
        refuse_reserved(&trace.id)?;
        if inner.has_trace(&trace.id)? {
            return Ok(Recorded::Known);
        }
        inner.announce()?;
        let Trace { id, agent, session, user, time, system, leaves, events } = trace;
        let context = inner.context(id, agent, session, user.as_deref())?;
        let mut plan = Plan::next(&inner);
        let on_start = plan.begin(&inner, &context, start_draft(user, system, leaves, time));
        let begun = plan.base;
        let on_head = head.map(|head| plan.head(&inner, &context, head)).unwrap_or_default();
        let mut drafts: Vec<Draft> = events.into_iter().map(Draft::from).collect();
        let count = drafts.len();
        let mut governance = Governance::new(&inner.plugins);
        let rulings = {
            let tags = |text: &str| inner.store.token_tag(context.subject, text);
            governance.decide(&inner.plugins, &mut drafts, 0, &tags)
        };
        let sequences = plan.events(&drafts, &rulings);
        plan.objections(&[on_start, on_head], &[begun, begun]);
        plan.objections(&rulings, &sequences);
        let tags = |text: &str| inner.store.token_tag(context.subject, text);
        plan.findings(governance.observe(&inner.plugins, &drafts, &sequences, &tags));
        plan.findings(governance.finish(&inner.plugins, sequences.last().copied().unwrap_or_default()));
        let findings = plan.records.iter().filter(|record| matches!(record, Planned::Finding(_))).count();
        let records = plan.records;
        inner.append(&context, &records)?;
        Ok(Recorded::New { events: count, findings })
    }

    /// Begins to record a conversation.
    pub fn begin(&self, start: Start) -> Result<Recorder, Error> {
        let mut inner = self.lock()?;
        inner.announce()?;
        let Start { trace, agent, session, user, system, leaves } = start;
        let trace = match trace {
            Some(id) => id,
            None => random_id()?,
        };
        refuse_reserved(&trace)?;
        if inner.has_trace(&trace)? {
            return Err(Error::KnownTrace(trace));
        }
        let context = inner.context(trace, agent, session, user.as_deref())?;
        let mut plan = Plan::next(&inner);
        let rulings = plan.begin(&inner, &context, start_draft(user, system, leaves, now()));
        inner.append(&context, &plan.records)?;
        let started = Ruled::new(plan.base, rulings, Vec::new());
        let governance = Governance::new(&inner.plugins);
        Ok(Recorder { runtime: self.clone(), context, governance, past: Vec::new(), started })
    }
}

/// A conversation that is being recorded.
#[derive(Debug)]
pub struct Recorder {
    runtime: Runtime,
    context: Context,
    governance: Governance,
    past: Vec<(u64, Draft)>,
    started: Ruled,
}

impl Recorder {
    /// A conversation that is stored already, at its end: its events were given to the plugins
    /// again, which puts their states where they were.
    pub(crate) fn resume(
        runtime: &Runtime,
        context: Context,
        past: Vec<(u64, Draft)>,
    ) -> Result<Self, Error> {
        let inner = runtime.lock()?;
        let mut governance = Governance::new(&inner.plugins);
        let (sequences, mut drafts): (Vec<u64>, Vec<Draft>) = past.iter().cloned().unzip();
        let tags = |text: &str| inner.store.token_tag(context.subject, text);
        for draft in &mut drafts {
            governance.decide(&inner.plugins, core::slice::from_mut(draft), 0, &tags);
        }
        governance.observe(&inner.plugins, &drafts, &sequences, &tags);
        drop(inner);
        let started = Ruled::new(sequences.first().copied().unwrap_or_default(), Vec::new(), Vec::new());
        Ok(Self { runtime: runtime.clone(), context, governance, past, started })
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

    /// Puts an event through the pipeline. It is durable when this returns, whatever was ruled; an
    /// event that was stopped is kept as one that was tried.
    pub fn record(&mut self, event: Event) -> Result<Ruled, Error> {
        let mut inner = self.runtime.lock()?;
        let mut drafts = [Draft::from(event)];
        // States move on only with what is stored.
        let mut governance = self.governance.clone();
        let (rulings, plan, findings) = {
            let tags = |text: &str| inner.store.token_tag(self.context.subject, text);
            let rulings = governance.decide(&inner.plugins, &mut drafts, self.past.len() as u64, &tags);
            let mut plan = Plan::next(&inner);
            let sequences = plan.events(&drafts, &rulings);
            let findings = governance.observe(&inner.plugins, &drafts, &sequences, &tags);
            plan.findings(findings.clone());
            (rulings, plan, findings)
        };
        inner.append(&self.context, &plan.records)?;
        let [draft] = drafts;
        self.past.push((plan.base, draft));
        self.governance = governance;
        Ok(Ruled::new(plan.base, rulings.into_iter().next().unwrap_or_default(), findings))
    }

    /// The persona's frame for the user's new message; `None` without a persona.
    pub fn frame(&self, message: &str) -> Result<Option<Call<Frame>>, Error> {
        let inner = self.runtime.lock()?;
        let Some(persona) = inner.plugins.personas.first() else { return Ok(None) };
        let message = self.masked(&inner, Event::observation(message).from_user());
        Ok(Some(persona.plugin.frame(&self.persona_context(&inner), &message)))
    }

    /// What the persona makes of a draft reply; `None` without a persona.
    pub fn review(&self, draft: &str) -> Result<Option<Call<Review>>, Error> {
        let inner = self.runtime.lock()?;
        let Some(persona) = inner.plugins.personas.first() else { return Ok(None) };
        let draft = self.masked(&inner, Event::output(draft));
        Ok(Some(persona.plugin.review(&self.persona_context(&inner), &draft)))
    }

    /// Ends the conversation: compliance packs say what they make of it as a whole.
    pub fn end(mut self) -> Result<Vec<Found>, Error> {
        let mut inner = self.runtime.lock()?;
        let newest = self.past.last().map_or(0, |(sequence, _)| *sequence);
        let findings = self.governance.finish(&inner.plugins, newest);
        let mut plan = Plan::next(&inner);
        plan.findings(findings.clone());
        if !plan.records.is_empty() {
            inner.append(&self.context, &plan.records)?;
        }
        Ok(findings)
    }

    /// The text of an event that may come next, as a persona may see it. Nothing is recorded, and
    /// no policy remembers it.
    fn masked(&self, inner: &Inner, event: Event) -> String {
        let tags = |text: &str| inner.store.token_tag(self.context.subject, text);
        let mut drafts = [Draft::from(event)];
        self.governance.clone().decide(&inner.plugins, &mut drafts, self.past.len() as u64, &tags);
        let [draft] = drafts;
        draft.masked(&tags).text.unwrap_or_default()
    }

    fn persona_context(&self, inner: &Inner) -> Vec<activemirror_engine::Event> {
        let tags = |text: &str| inner.store.token_tag(self.context.subject, text);
        let recent = &self.past[self.past.len().saturating_sub(PERSONA_CONTEXT)..];
        recent.iter().map(|(sequence, draft)| seen(draft, *sequence, Grant::Masked, &tags)).collect()
    }
}

impl Inner {
    /// What the records of a trace share; its subject has a key when this returns.
    pub(crate) fn context(
        &mut self,
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
        &mut self,
        trace: &str,
        session: Option<&str>,
        user: Option<&str>,
    ) -> Result<SubjectRef, Error> {
        let name = user.map(user_subject).unwrap_or_else(|| session_subject(session.unwrap_or(trace)));
        Ok(self.store.ensure_subject(&name)?)
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
