//! Something on its way into the log, and what policies have marked in it so far.
//!
//! A draft owns its texts and can still be changed; in the log it is a [`Structure`] and a
//! [`Content`]. Three rules keep what was marked hidden, on hosts and in browsers alike:
//!
//! 1. a mask covers what no mask covers yet;
//! 2. a drop takes bytes out for good, and the marks behind them follow theirs;
//! 3. a name in which something is marked leaves the structure, which outlives its person, for the
//!    content, which does not ([`At::Action`], [`At::Intent`]).

mod edit;

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::mask;
use crate::time::Timestamp;
use crate::trace::{self, Content, Kind, Place, Structure};
use crate::value::{OwnedLeaf, OwnedValue};

/// The category of what no policy could look at.
pub const UNCHECKED: &str = "unchecked";

const ACTION: &str = "/action";
const INTENT: &str = "/semantics/intent";

impl Structure<'_> {
    /// Whether a name of it may stand for one that left it for the content.
    #[must_use]
    pub fn has_stand_in(&self) -> bool {
        [self.action, self.intent].into_iter().flatten().any(stands_in)
    }
}

/// Whether a name in a structure may stand for one that left it for the content.
pub(crate) fn stands_in(name: &str) -> bool {
    name.starts_with(STAND_IN)
}

/// What a stand-in begins with.
const STAND_IN: char = '⟦';

/// A stretch of a draft that a policy found: [`trace::Mark`] with a text of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Where.
    pub place: Place,
    /// First byte of the original.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
    /// What it is.
    pub category: String,
    /// Whether the original was dropped, for good.
    pub dropped: bool,
    /// The number of the plugin that found it.
    pub plugin: u16,
}

impl Mark {
    /// The same, borrowed, as the log has it.
    #[must_use]
    pub fn as_log(&self) -> trace::Mark<'_> {
        let Self { place, start, end, ref category, dropped, plugin } = *self;
        trace::Mark { place, start, end, category, dropped, plugin }
    }
}

impl From<&trace::Mark<'_>> for Mark {
    fn from(mark: &trace::Mark<'_>) -> Self {
        let trace::Mark { place, start, end, category, dropped, plugin } = *mark;
        Self { place, start, end, category: category.to_owned(), dropped, plugin }
    }
}

/// Where in a draft something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// In its content.
    Place(Place),
    /// In the name of its action.
    Action,
    /// In its intent.
    Intent,
}

impl From<Place> for At {
    fn from(place: Place) -> Self {
        Self::Place(place)
    }
}

/// Who an observation comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Not an observation, or nobody said.
    Unknown,
    /// The person that the agent talks to.
    User,
    /// A tool that the agent called.
    Tool,
}

impl Source {
    /// Its name in the plugin contract.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::User => "user",
            Self::Tool => "tool",
        }
    }
}

/// The moment at which policies are asked about a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// A trace or a session begins.
    AgentStartup,
    /// A user's message arrives.
    Input,
    /// The model has answered.
    PostModelCall,
    /// A tool is about to be called.
    PreToolCall,
    /// A tool has answered.
    PostToolCall,
    /// An answer is about to go to the user.
    Output,
}

impl Point {
    /// Its name in the plugin contract.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AgentStartup => "agent-startup",
            Self::Input => "input",
            Self::PostModelCall => "post-model-call",
            Self::PreToolCall => "pre-tool-call",
            Self::PostToolCall => "post-tool-call",
            Self::Output => "output",
        }
    }
}

/// An event, or what begins a trace or a session, with its marks.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// What it is.
    pub kind: Kind,
    /// When, as the source gave it.
    pub time: Timestamp,
    /// What the source calls it.
    pub alias: Option<String>,
    /// The name of the action, on actions.
    pub action: Option<String>,
    /// What the agent wanted.
    pub intent: Option<String>,
    /// How sure it was, 0 to 1.
    pub confidence: Option<f64>,
    /// Its text.
    pub text: Option<String>,
    /// Every field that the structure does not hold, in document order.
    pub leaves: Vec<OwnedLeaf>,
    /// What policies have found, by place and start; none overlaps another.
    pub marks: Vec<Mark>,
}

impl Draft {
    /// A draft with nothing in it yet.
    #[must_use]
    pub const fn new(kind: Kind, time: Timestamp) -> Self {
        Self {
            kind,
            time,
            alias: None,
            action: None,
            intent: None,
            confidence: None,
            text: None,
            leaves: Vec::new(),
            marks: Vec::new(),
        }
    }

    /// What the log holds.
    #[must_use]
    pub fn stored(structure: &Structure<'_>, content: &Content<'_>) -> Self {
        Self {
            alias: structure.alias.map(str::to_owned),
            action: structure.action.map(str::to_owned),
            intent: structure.intent.map(str::to_owned),
            confidence: structure.confidence,
            text: content.text.map(str::to_owned),
            leaves: content.leaves.iter().copied().map(OwnedLeaf::from).collect(),
            marks: content.marks.iter().map(Mark::from).collect(),
            ..Self::new(structure.kind, structure.time)
        }
    }

    /// The half of it that is sealed, as the log has it.
    #[must_use]
    pub fn content(&self) -> Content<'_> {
        Content {
            text: self.text.as_deref(),
            leaves: self.leaves.iter().map(OwnedLeaf::as_leaf).collect(),
            marks: self.marks.iter().map(Mark::as_log).collect(),
        }
    }

    /// The other half: `structure`, and what this draft knows of it.
    #[must_use]
    pub fn structure<'d>(&'d self, structure: Structure<'d>) -> Structure<'d> {
        Structure {
            kind: self.kind,
            time: self.time,
            alias: self.alias.as_deref(),
            action: self.action.as_deref(),
            intent: self.intent.as_deref(),
            confidence: self.confidence,
            ..structure
        }
    }

    /// Who it comes from.
    #[must_use]
    pub fn source(&self) -> Source {
        match self.text_at("/metadata/source") {
            _ if self.kind != Kind::Observation => Source::Unknown,
            Some("user") => Source::User,
            Some("tool") => Source::Tool,
            _ if self.text_at("/metadata/tool_call_id").is_some() => Source::Tool,
            _ => Source::Unknown,
        }
    }

    /// At which point policies are asked about it.
    #[must_use]
    pub fn point(&self) -> Point {
        match self.kind {
            Kind::TraceStart | Kind::Session => Point::AgentStartup,
            Kind::Action => Point::PreToolCall,
            Kind::Output => Point::Output,
            Kind::Thought | Kind::Decision => Point::PostModelCall,
            Kind::Observation if self.source() == Source::User => Point::Input,
            _ => Point::PostToolCall,
        }
    }

    /// What it looks like to whoever may not see what is marked: tokens stand in its place. `tag`
    /// is as for [`mask::view`].
    #[must_use]
    pub fn masked(&self, tag: &dyn Fn(&str) -> Option<[u8; 3]>) -> Self {
        let content = self.content();
        let view = mask::view(&content, tag);
        let leaf = |leaf: &mask::ViewLeaf<'_>| OwnedLeaf {
            path: leaf.path.clone().into_owned(),
            value: leaf.shown().into(),
        };
        let leaves = view.leaves.iter().map(leaf).collect();
        let text = view.text.map(Into::into);
        Self { leaves, text, marks: Vec::new(), ..self.clone() }.with_names()
    }

    /// What it was before anything in it was marked; what was dropped stays gone.
    #[must_use]
    pub fn revealed(&self) -> Self {
        Self { marks: Vec::new(), ..self.clone() }.with_names()
    }

    /// Names that left the structure, back in their fields.
    fn with_names(mut self) -> Self {
        for (path, name) in [(ACTION, &mut self.action), (INTENT, &mut self.intent)] {
            let apart = self.leaves.iter().position(|leaf| leaf.path == path);
            if let Some(place) = apart
                && name.is_some()
                && let OwnedValue::Text(text) = self.leaves.remove(place).value
            {
                *name = Some(text);
            }
        }
        self
    }

    fn text_at(&self, path: &str) -> Option<&str> {
        match &self.leaves.iter().find(|leaf| leaf.path == path)?.value {
            OwnedValue::Text(text) => Some(text),
            _ => None,
        }
    }
}
