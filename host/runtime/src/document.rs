//! A trace as a document: what formats read and write, and the pipeline takes in.
//!
//! It owns its texts, since it outlives the file it came from; [`activemirror_core::trace`] is the
//! same in the form of the log.

use core::ops::Range;

use activemirror_core::draft::Draft;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{ControlState, Kind, Outcome, Severity};
pub use activemirror_core::value::{OwnedLeaf as Leaf, OwnedValue as Value};

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What it is: one of [`Kind::EVENTS`].
    pub kind: Kind,
    /// When, as the source gave it.
    pub time: Timestamp,
    /// What the source calls it.
    pub alias: Option<String>,
    /// Its text.
    pub text: Option<String>,
    /// The name of the action, on actions.
    pub action: Option<String>,
    /// `semantics.intent`, where it is a text.
    pub intent: Option<String>,
    /// `semantics.confidence`, where it is a number.
    pub confidence: Option<f64>,
    /// Every other field, in document order. Where a field above cannot give back the source's
    /// spelling (a time with microseconds, a confidence of `1`), the spelling is a leaf here and
    /// wins on export.
    pub leaves: Vec<Leaf>,
}

impl From<Event> for Draft {
    fn from(event: Event) -> Self {
        let Event { kind, time, alias, text, action, intent, confidence, leaves } = event;
        Self { kind, time, alias, action, intent, confidence, text, leaves, marks: Vec::new() }
    }
}

impl From<Draft> for Event {
    fn from(draft: Draft) -> Self {
        let Draft { kind, time, alias, action, intent, confidence, text, leaves, marks: _ } = draft;
        Self { kind, time, alias, text, action, intent, confidence, leaves }
    }
}

/// One trace.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// Its id; a UUIDv5 of its canonical source where the source gives none.
    pub id: String,
    /// The agent.
    pub agent: String,
    /// The session.
    pub session: Option<String>,
    /// The person whose data it is; the session stands in where nobody is known.
    pub user: Option<String>,
    /// When it began.
    pub time: Timestamp,
    /// Its system text, which belongs to nobody.
    pub system: Option<String>,
    /// Every other field of the trace, in document order.
    pub leaves: Vec<Leaf>,
    /// Its events, in order.
    pub events: Vec<Event>,
}

/// What a policy decided on an event of a trace, as an export tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The event's position in [`Trace::events`]; `None` where it is about how the trace begins.
    pub event: Option<u32>,
    /// The policy's name.
    pub plugin: String,
    /// What it decided.
    pub outcome: Outcome,
    /// Why, where it stopped the event.
    pub reason: Option<String>,
    /// Fuel that the decision burned.
    pub fuel: u32,
    /// What it marked.
    pub marks: Vec<Mark>,
}

/// What a policy marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Where: `/content`, or the path of a leaf, as the reader of the export may see it.
    pub field: String,
    /// UTF-8 bytes of the original, where they mean something to that reader.
    pub span: Option<Range<u32>>,
    /// What it is, such as `email`.
    pub category: String,
    /// Whether the original was dropped, so that nothing can reveal it.
    pub dropped: bool,
}

/// What a compliance pack found in a trace, as an export tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The pack's name.
    pub plugin: String,
    /// The control's id.
    pub control: String,
    /// What the trace shows of it.
    pub state: ControlState,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence, without personal data.
    pub message: String,
    /// The events that show it, by their position in [`Trace::events`].
    pub evidence: Vec<u32>,
}

/// What an outcome is called, here and in the plugin contract.
#[must_use]
pub const fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allow => "allow",
        Outcome::Mask => "mask",
        Outcome::Drop => "drop",
        Outcome::RequireApproval => "require-approval",
        Outcome::Deny => "deny",
    }
}

/// What a control's state is called.
#[must_use]
pub const fn state_name(state: ControlState) -> &'static str {
    match state {
        ControlState::Satisfied => "satisfied",
        ControlState::NotSatisfied => "not-satisfied",
        ControlState::NotAssessable => "not-assessable",
    }
}

/// What a severity is called.
#[must_use]
pub const fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
    }
}
