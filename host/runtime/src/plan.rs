//! Records as they will stand in the log, before they are sealed.

use activemirror_core::draft::{Draft, Mark};
use activemirror_core::many::Many;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{
    Body, Content, ControlState, Finding, Kind, Notice, Outcome, Place, Record, Severity, Structure,
    SubjectRef, Verdict,
};
use activemirror_engine as engine;

use crate::audit::Found;
use crate::govern::{Ruling, decide_start};
use crate::plugins::{Identity, Plugins};
use crate::sight::Tags;

/// The pseudo-trace of what the runtime says of itself; no trace that starts has this id.
pub(crate) const RUNTIME_TRACE: &str = "activemirror/runtime";

/// What all records of a trace share.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub(crate) trace: String,
    pub(crate) agent: Option<String>,
    pub(crate) session: Option<String>,
    /// Whose data the trace is.
    pub(crate) subject: SubjectRef,
    /// Whose data is nobody's.
    pub(crate) namespace: SubjectRef,
}

/// One record to be.
#[derive(Clone, Debug)]
pub(crate) enum Planned {
    /// What begins a trace, but for its text.
    TraceStart(Box<Draft>),
    /// The text of what begins a trace.
    System(Box<Draft>),
    /// An event, or a session's head.
    Draft(Box<Draft>),
    Verdict {
        back: u32,
        ruling: Ruling,
    },
    Finding(Found),
    Plugin {
        number: u16,
        identity: Identity,
    },
    Ungoverned,
    Revealed {
        request: String,
    },
}

impl Planned {
    fn kind(&self) -> Kind {
        match self {
            Self::TraceStart(draft) | Self::Draft(draft) => draft.kind,
            Self::System(_) => Kind::System,
            Self::Verdict { .. } => Kind::Verdict,
            Self::Finding(_) => Kind::Finding,
            Self::Plugin { .. } | Self::Ungoverned | Self::Revealed { .. } => Kind::Notice,
        }
    }

    /// The record, in the form of the log.
    pub(crate) fn record<'p>(&'p self, context: &'p Context, now: Timestamp) -> Record<'p> {
        // What the runtime says must outlive whom it speaks of.
        let nobodys = match self {
            Self::Plugin { .. } | Self::Revealed { .. } => true,
            // A text in which a policy found something is its person's.
            Self::System(draft) => !draft.marks.iter().any(in_text),
            _ => false,
        };
        let subject = if nobodys { context.namespace } else { context.subject };
        let mut structure = Structure::new(self.kind(), now, subject);
        structure.trace = Some(&context.trace);
        structure.agent = context.agent.as_deref();
        structure.session = context.session.as_deref();
        if let Self::TraceStart(draft) | Self::Draft(draft) = self {
            structure = draft.structure(structure);
        }
        Record { structure, body: self.body() }
    }

    fn body(&self) -> Body<'_> {
        match self {
            Self::TraceStart(draft) => {
                let Content { leaves, marks, .. } = draft.content();
                let marks = marks.iter().filter(|mark| mark.place != Place::Text).copied().collect();
                Body::TraceStart(Content { text: None, leaves, marks })
            }
            Self::System(draft) => {
                let Content { text, marks, .. } = draft.content();
                let marks = marks.iter().filter(|mark| mark.place == Place::Text).copied().collect();
                Body::System(Content { text, marks, ..Content::default() })
            }
            Self::Draft(draft) if draft.kind == Kind::Session => Body::Session(draft.content()),
            Self::Draft(draft) => Body::Event(draft.content()),
            Self::Verdict { back, ruling } => Body::Verdict(Verdict {
                back: *back,
                plugin: ruling.plugin,
                outcome: ruling.outcome,
                fuel: ruling.fuel,
                reason: ruling.reason.as_deref(),
            }),
            Self::Finding(found) => Body::Finding(finding(found)),
            Self::Plugin { number, identity } => Body::Notice(Notice::Plugin {
                number: *number,
                world: identity.world,
                name: &identity.name,
                version: &identity.version,
                sha256: identity.sha256,
                config: identity.config,
            }),
            Self::Ungoverned => Body::Notice(Notice::Ungoverned),
            Self::Revealed { request } => Body::Notice(Notice::Revealed { request }),
        }
    }
}

/// Records in the order in which they will stand in the log. Their places count from 0, since only
/// the log knows where they will begin.
#[derive(Default)]
pub(crate) struct Plan {
    pub(crate) records: Vec<Planned>,
}

impl Plan {
    /// Begins a trace; returns what policies make of that.
    pub(crate) fn begin(&mut self, plugins: &Plugins, tags: &Tags<'_>, start: Draft) -> Vec<Ruling> {
        let system = start.text.is_some();
        let rulings = self.decided(plugins, tags, start, Planned::TraceStart);
        if system && let Some(Planned::TraceStart(start)) = self.records.first() {
            self.records.push(Planned::System(start.clone()));
        }
        if !plugins.govern() {
            self.records.push(Planned::Ungoverned);
        }
        rulings
    }

    /// Puts a session's head behind what is there; returns what policies make of it.
    pub(crate) fn head(&mut self, plugins: &Plugins, tags: &Tags<'_>, head: Draft) -> Vec<Ruling> {
        self.decided(plugins, tags, head, Planned::Draft)
    }

    /// Puts an event behind what is there, followed by its verdicts; returns its place.
    pub(crate) fn event(&mut self, draft: Draft, rulings: &[Ruling]) -> u64 {
        self.put(Planned::Draft(Box::new(draft)), rulings)
    }

    /// Puts a finding behind what is there for each objection to what is recorded all the same.
    pub(crate) fn objections(&mut self, rulings: &[Vec<Ruling>], places: &[u64]) {
        let objections = rulings
            .iter()
            .zip(places)
            .flat_map(|(rulings, place)| rulings.iter().filter_map(|ruling| objection(ruling, *place)));
        self.records.extend(objections.map(Planned::Finding));
    }

    /// Puts findings behind what is there.
    pub(crate) fn findings(&mut self, found: Vec<Found>) {
        self.records.extend(found.into_iter().map(Planned::Finding));
    }

    fn decided(
        &mut self,
        plugins: &Plugins,
        tags: &Tags<'_>,
        mut draft: Draft,
        planned: fn(Box<Draft>) -> Planned,
    ) -> Vec<Ruling> {
        let rulings = decide_start(plugins, &mut draft, tags);
        self.put(planned(Box::new(draft)), &rulings);
        rulings
    }

    /// Puts a record and the verdicts on it; returns its place.
    fn put(&mut self, planned: Planned, rulings: &[Ruling]) -> u64 {
        let place = self.records.len() as u64;
        self.records.push(planned);
        let verdict = |(back, ruling): (u32, &Ruling)| Planned::Verdict { back, ruling: ruling.clone() };
        self.records.extend((1..).zip(rulings).map(verdict));
        place
    }
}

fn in_text(mark: &Mark) -> bool {
    mark.place == Place::Text
}

fn finding(found: &Found) -> Finding<'_> {
    Finding {
        plugin: found.plugin,
        control: &found.finding.control,
        state: match found.finding.state {
            engine::ControlState::Satisfied => ControlState::Satisfied,
            engine::ControlState::NotSatisfied => ControlState::NotSatisfied,
            engine::ControlState::NotAssessable => ControlState::NotAssessable,
        },
        severity: match found.finding.severity {
            engine::Severity::Info => Severity::Info,
            engine::Severity::Low => Severity::Low,
            engine::Severity::Medium => Severity::Medium,
            engine::Severity::High => Severity::High,
        },
        message: &found.finding.message,
        evidence: Many::Borrowed(&found.finding.evidence),
    }
}

/// What becomes of a policy's objection to something that has already happened.
pub(crate) fn objection(ruling: &Ruling, sequence: u64) -> Option<Found> {
    let severity = match ruling.outcome {
        Outcome::Deny => engine::Severity::High,
        Outcome::RequireApproval => engine::Severity::Medium,
        _ => return None,
    };
    let finding = engine::Finding {
        control: format!("policy/{}", ruling.policy),
        state: engine::ControlState::NotSatisfied,
        severity,
        message: ruling.reason.clone().unwrap_or_default(),
        evidence: vec![sequence],
    };
    Some(Found { plugin: ruling.plugin, finding })
}
