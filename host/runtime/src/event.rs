//! Events as an agent writes them: short constructors for the six kinds.

use activemirror_core::time::Timestamp;
use activemirror_core::trace::Kind;

use crate::document::{Event, Leaf, Value};
use crate::runtime::now;

impl Event {
    /// An event of this kind, now, with nothing in it.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            time: now(),
            alias: None,
            text: None,
            action: None,
            intent: None,
            confidence: None,
            leaves: Vec::new(),
        }
    }

    /// What the agent considered.
    #[must_use]
    pub fn thought(text: impl Into<String>) -> Self {
        Self::new(Kind::Thought).text(text)
    }

    /// What the agent is about to do.
    #[must_use]
    pub fn action(name: impl Into<String>) -> Self {
        Self { action: Some(name.into()), ..Self::new(Kind::Action) }
    }

    /// What the agent was told.
    #[must_use]
    pub fn observation(text: impl Into<String>) -> Self {
        Self::new(Kind::Observation).text(text)
    }

    /// What the agent settled on.
    #[must_use]
    pub fn decision(text: impl Into<String>) -> Self {
        Self::new(Kind::Decision).text(text)
    }

    /// What the agent says to its user.
    #[must_use]
    pub fn output(text: impl Into<String>) -> Self {
        Self::new(Kind::Output).text(text)
    }

    /// What went wrong.
    #[must_use]
    pub fn error(text: impl Into<String>) -> Self {
        Self::new(Kind::Error).text(text)
    }

    /// The same with this text.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..self }
    }

    /// The same, as said by the person that the agent talks to.
    #[must_use]
    pub fn from_user(self) -> Self {
        self.with("/metadata/source", "user")
    }

    /// The same, as answered by a tool.
    #[must_use]
    pub fn from_tool(self) -> Self {
        self.with("/metadata/source", "tool")
    }

    /// The same with what the agent wanted and how sure it was, 0 to 1.
    #[must_use]
    pub fn intent(self, intent: impl Into<String>, confidence: f64) -> Self {
        Self { intent: Some(intent.into()), confidence: Some(confidence), ..self }
    }

    /// The same at this time.
    #[must_use]
    pub fn at(self, time: Timestamp) -> Self {
        Self { time, ..self }
    }

    /// The same with one more leaf: `/parameters/order_id`, `/data/items[0]/sku`.
    #[must_use]
    pub fn with(mut self, path: impl Into<String>, value: impl Into<Value>) -> Self {
        self.leaves.push(Leaf { path: path.into(), value: value.into() });
        self
    }
}
