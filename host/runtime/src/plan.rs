//! Records as they will stand in the log, before they are sealed.

use activemirror_core::many::Many;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{
    Body, ControlState, Finding, Kind, Notice, Outcome, Record, Severity, Structure, SubjectRef, Verdict,
};
use activemirror_engine as engine;

use crate::document::Leaf;
use crate::draft::{Draft, borrowed};
use crate::govern::{Found, Ruling};
use crate::plugins::Identity;

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
    TraceStart { user: Option<String>, leaves: Vec<Leaf>, time: Timestamp },
    System(String),
    Event(Box<Draft>),
    Verdict { back: u32, ruling: Ruling },
    Finding(Found),
    Session(Vec<Leaf>),
    Plugin { number: u16, identity: Identity },
    Ungoverned,
    Revealed { request: String },
}

impl Planned {
    fn kind(&self) -> Kind {
        match self {
            Self::TraceStart { .. } => Kind::TraceStart,
            Self::System(_) => Kind::System,
            Self::Event(draft) => draft.event.kind,
            Self::Verdict { .. } => Kind::Verdict,
            Self::Finding(_) => Kind::Finding,
            Self::Session(_) => Kind::Session,
            Self::Plugin { .. } | Self::Ungoverned | Self::Revealed { .. } => Kind::Notice,
        }
    }

    /// The record, in the form of the log.
    pub(crate) fn record<'p>(&'p self, context: &'p Context, now: Timestamp) -> Record<'p> {
        // What the runtime says must outlive whom it speaks of.
        let nobodys = matches!(self, Self::System(_) | Self::Plugin { .. } | Self::Revealed { .. });
        let subject = if nobodys { context.namespace } else { context.subject };
        let mut structure = Structure::new(self.kind(), now, subject);
        structure.trace = Some(&context.trace);
        structure.agent = context.agent.as_deref();
        structure.session = context.session.as_deref();
        if let Self::TraceStart { time, .. } = self {
            structure.time = *time;
        }
        if let Self::Event(draft) = self {
            let event = &draft.event;
            structure.time = event.time;
            structure.alias = event.alias.as_deref();
            structure.action = event.action.as_deref();
            structure.intent = event.intent.as_deref();
            structure.confidence = event.confidence;
        }
        Record { structure, body: self.body() }
    }

    fn body(&self) -> Body<'_> {
        match self {
            Self::TraceStart { user, leaves, .. } => {
                Body::TraceStart { user: user.as_deref(), leaves: borrowed(leaves) }
            }
            Self::System(text) => Body::System(text),
            Self::Event(draft) => Body::Event(draft.content()),
            Self::Verdict { back, ruling } => Body::Verdict(Verdict {
                back: *back,
                plugin: ruling.plugin,
                outcome: ruling.outcome,
                fuel: ruling.fuel,
                reason: ruling.reason.as_deref(),
            }),
            Self::Finding(found) => Body::Finding(finding(found)),
            Self::Session(leaves) => Body::Session(borrowed(leaves)),
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
