//! What an agent did, said and was told: records, each with its structure and its body.
//!
//! A record is two halves. The [`Structure`] is what can be known of it without its person's key;
//! the [`Body`] is sealed under that key. Both together have one canonical byte form
//! ([`Record::leaf_hash`] commits it), which is postcard's, structure first:
//!
//! | part | form |
//! |---|---|
//! | whole numbers | LEB128 varint, signed ones zigzag |
//! | text, lists | varint length, then the items |
//! | `Option` | `00`, or `01` and the value |
//! | enums | varint discriminant, then the fields |
//! | `f64` | 8 bytes, little-endian |
//!
//! Discriminants and the order of fields are the format: additions go to the end of an enum, and
//! a changed struct is a new enum case.

#[cfg(feature = "alloc")]
mod canonical;
mod kinds;
mod notice;

use serde::Serialize;

use crate::hash::{Digest, LeafHasher};
use crate::many::Many;
use crate::time::Timestamp;
use crate::value::Leaf;

#[cfg(feature = "alloc")]
pub use canonical::{Canonical, CanonicalRecord, Mismatch};
pub use kinds::Kinds;
pub use notice::{Holding, Lost, Notice, Reason};

/// Whose data a record is: 16 bytes of a keyed hash of the person's name, never the name itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "alloc", derive(serde::Deserialize))]
#[serde(transparent)]
pub struct SubjectRef(pub [u8; 16]);

/// What a record is. Its number is part of the canonical form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "alloc", derive(serde::Deserialize))]
pub enum Kind {
    /// Event: what the agent considered.
    Thought,
    /// Event: what the agent does.
    Action,
    /// Event: what the agent was told.
    Observation,
    /// Event: what the agent settled on.
    Decision,
    /// Event: what the agent said to its user.
    Output,
    /// Event: what went wrong.
    Error,
    /// A trace begins.
    TraceStart,
    /// The system text of a trace.
    System,
    /// What a policy decided on an event.
    Verdict,
    /// What a compliance pack found in a trace.
    Finding,
    /// A session's head; the newest one counts.
    Session,
    /// What the runtime itself has to say for the record.
    Notice,
}

impl Kind {
    /// The six kinds that are events of a trace, by their MirrorDNA names.
    pub const EVENTS: [(&'static str, Self); 6] = [
        ("thought", Self::Thought),
        ("action", Self::Action),
        ("observation", Self::Observation),
        ("decision", Self::Decision),
        ("output", Self::Output),
        ("error", Self::Error),
    ];

    /// The MirrorDNA name, if this is an event.
    #[must_use]
    pub fn event_name(self) -> Option<&'static str> {
        Self::EVENTS.iter().find(|(_, kind)| *kind == self).map(|(name, _)| *name)
    }

    /// The event kind with this MirrorDNA name.
    #[must_use]
    pub fn from_event_name(name: &str) -> Option<Self> {
        Self::EVENTS.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }
}

/// What can be known of a record without its person's key.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "alloc", derive(serde::Deserialize))]
pub struct Structure<'a> {
    /// What it is.
    pub kind: Kind,
    /// When, as the source gave it.
    pub time: Timestamp,
    /// Whose data its body is.
    pub subject: SubjectRef,
    /// The trace it belongs to.
    pub trace: Option<&'a str>,
    /// The agent that acted.
    pub agent: Option<&'a str>,
    /// The session it belongs to.
    pub session: Option<&'a str>,
    /// What the source calls it within its trace (`evt_001`): an alias of the address
    /// `log/sequence`.
    pub alias: Option<&'a str>,
    /// The name of the action, on actions.
    pub action: Option<&'a str>,
    /// What the agent wanted.
    pub intent: Option<&'a str>,
    /// How sure it was, 0 to 1.
    pub confidence: Option<f64>,
}

impl Structure<'_> {
    /// A structure that says nothing but these three.
    #[must_use]
    pub const fn new(kind: Kind, time: Timestamp, subject: SubjectRef) -> Self {
        Self {
            kind,
            time,
            subject,
            trace: None,
            agent: None,
            session: None,
            alias: None,
            action: None,
            intent: None,
            confidence: None,
        }
    }

    /// [`Record::leaf_hash`] where the canonical form of the body is there already.
    pub(crate) fn leaf_hash(&self, salt: &Digest, body: &[u8]) -> Digest {
        self.short_leaf_hash(salt, body).unwrap_or_else(|| {
            let mut leaf = LeafHasher::new();
            leaf.update(salt);
            leaf.update_postcard(self);
            leaf.update(body);
            leaf.finish()
        })
    }

    /// The same for a leaf that is short, all of it put in a row first: a hasher takes that faster
    /// than pieces. A device has no stack for it.
    #[cfg(feature = "alloc")]
    fn short_leaf_hash(&self, salt: &Digest, body: &[u8]) -> Option<Digest> {
        const FRONT: usize = 1 + size_of::<Digest>();
        let mut leaf = [0; 512];
        leaf[1..FRONT].copy_from_slice(salt);
        let end = FRONT + postcard::to_slice(self, &mut leaf[FRONT..]).ok()?.len();
        leaf.get_mut(end..end + body.len())?.copy_from_slice(body);
        Some(crate::hash::sha256(&leaf[..end + body.len()]))
    }

    #[cfg(not(feature = "alloc"))]
    const fn short_leaf_hash(&self, _: &Digest, _: &[u8]) -> Option<Digest> {
        None
    }
}

/// A place inside an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "alloc", derive(serde::Deserialize))]
pub enum Place {
    /// The event's text.
    Text,
    /// The value of the leaf with this index.
    LeafValue(u32),
    /// The path of the leaf with this index.
    LeafPath(u32),
}

/// A stretch of an event that a policy found: UTF-8 bytes `start..end` of the original.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "alloc", derive(serde::Deserialize))]
pub struct Mark<'a> {
    /// Where.
    pub place: Place,
    /// First byte; 0 for a value that is no text, which is marked as a whole.
    pub start: u32,
    /// Byte after the last; equal to `start` where the original was dropped or is no text.
    pub end: u32,
    /// What it is, such as `email`.
    pub category: &'a str,
    /// Whether the original was dropped: it was never stored, and nothing can reveal it.
    pub dropped: bool,
    /// The number of the plugin that found it.
    pub plugin: u16,
}

/// The sealed half of an event, or of what begins a trace or a session.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "alloc", derive(serde::Deserialize))]
pub struct Content<'a> {
    /// Its text.
    pub text: Option<&'a str>,
    /// Every field that the structure does not hold, in document order.
    #[serde(borrow)]
    pub leaves: Many<'a, Leaf<'a>>,
    /// What policies found in it, by place.
    #[serde(borrow)]
    pub marks: Many<'a, Mark<'a>>,
}

/// The leaf of a trace's start and of a session's head that names their person.
pub const USER: &str = "/user_id";

impl<'a> Content<'a> {
    /// Leaves that nothing is marked in yet.
    #[must_use]
    pub fn of(leaves: impl Into<Many<'a, Leaf<'a>>>) -> Self {
        Self { leaves: leaves.into(), ..Self::default() }
    }

    /// The person's name, where this begins a trace or a session.
    #[must_use]
    pub fn user(&self) -> Option<&'a str> {
        self.leaves.iter().find(|leaf| leaf.path == USER)?.value.as_text()
    }
}

/// What a policy made of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "alloc", derive(serde::Deserialize))]
pub enum Outcome {
    /// Nothing to object.
    Allow,
    /// Spans are shown as tokens.
    Mask,
    /// Spans were never stored.
    Drop,
    /// A person has to approve.
    RequireApproval,
    /// It must not happen.
    Deny,
}

/// A policy's verdict on an event of the same trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "alloc", derive(serde::Deserialize))]
pub struct Verdict<'a> {
    /// How many records before this one the event lies.
    pub back: u32,
    /// The plugin's number, which a [`Notice::Plugin`] of this log introduced.
    pub plugin: u16,
    /// What it decided.
    pub outcome: Outcome,
    /// Fuel that the decision burned; the share of this event, where a call decided several.
    pub fuel: u32,
    /// Why, where it stopped the event.
    pub reason: Option<&'a str>,
}

/// What a trace shows of a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "alloc", derive(serde::Deserialize))]
pub enum ControlState {
    /// Evidence that it works.
    Satisfied,
    /// Evidence that it does not.
    NotSatisfied,
    /// The trace cannot show it.
    NotAssessable,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "alloc", derive(serde::Deserialize))]
pub enum Severity {
    /// For the record.
    Info,
    /// To be looked at.
    Low,
    /// To be mended.
    Medium,
    /// To be mended now.
    High,
}

/// A finding on a trace.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "alloc", derive(serde::Deserialize))]
pub struct Finding<'a> {
    /// The number of the plugin that found it.
    pub plugin: u16,
    /// The control's id, such as `GDPR-5.1.c`.
    pub control: &'a str,
    /// What the trace shows of it.
    pub state: ControlState,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence, without personal data.
    pub message: &'a str,
    /// The events that show it, by sequence in this log.
    #[serde(borrow)]
    pub evidence: Many<'a, u64>,
}

/// The sealed half of a record. The discriminants are part of the canonical form.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "alloc", derive(serde::Deserialize))]
pub enum Body<'a> {
    /// An event.
    Event(#[serde(borrow)] Content<'a>),
    /// A trace begins: every field of it that the structure does not hold. The leaf [`USER`] is
    /// the person's name, as the source gave it.
    TraceStart(#[serde(borrow)] Content<'a>),
    /// The system text of a trace. It is nobody's, unless a policy found something in it.
    System(#[serde(borrow)] Content<'a>),
    /// What a policy decided.
    Verdict(#[serde(borrow)] Verdict<'a>),
    /// What a compliance pack found.
    Finding(#[serde(borrow)] Finding<'a>),
    /// A session's head, as leaves.
    Session(#[serde(borrow)] Content<'a>),
    /// What the runtime says.
    Notice(#[serde(borrow)] Notice<'a>),
}

impl Body<'_> {
    /// Whether a structure of this kind may carry this body.
    #[must_use]
    pub fn suits(&self, kind: Kind) -> bool {
        match self {
            Self::Event(_) => kind.event_name().is_some(),
            Self::TraceStart(_) => kind == Kind::TraceStart,
            Self::System(_) => kind == Kind::System,
            Self::Verdict(_) => kind == Kind::Verdict,
            Self::Finding(_) => kind == Kind::Finding,
            Self::Session(_) => kind == Kind::Session,
            Self::Notice(_) => kind == Kind::Notice,
        }
    }
}

/// One record of a log.
#[derive(Clone, Debug, PartialEq)]
pub struct Record<'a> {
    /// What can be known of it without its person's key.
    pub structure: Structure<'a>,
    /// The rest.
    pub body: Body<'a>,
}

impl Record<'_> {
    /// The record's leaf in its block's tree: RFC 6962 over `salt ‖ canonical form`.
    ///
    /// The salt comes from the key that seals the body, so nobody without that key can guess the
    /// body from the hash, and nobody at all once the key is destroyed.
    #[must_use]
    pub fn leaf_hash(&self, salt: &Digest) -> Digest {
        let mut leaf = LeafHasher::new();
        leaf.update(salt);
        leaf.update_postcard(&self.structure);
        leaf.update_postcard(&self.body);
        leaf.finish()
    }
}
