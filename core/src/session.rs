//! Sessions: conversations that outlive a restart, as the first SDKs kept them.
//!
//! A session is no store of its own. Its head is a record of kind [`Kind::Session`], of which the
//! newest counts, and its messages are events of the session's own trace; [`Fold`] reads both back
//! (`record` has the mapping). Times stay the text they came as: the Python SDK writes local
//! times without a zone, and no instant can be made of one without inventing something.
//!
//! How a message goes about its subject, and how sure it is, is a [`Pattern`] and an
//! [`Uncertainty`].
//!
//! [`Kind::Session`]: crate::trace::Kind::Session

mod record;
mod reflection;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::value::OwnedLeaf;
pub use record::{Fold, Stamp};
pub use reflection::{Depth, Glyph, Pattern, Reflection, Uncertainty, prompt};

/// A session's head.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// What it is about.
    pub title: String,
    /// Whose it is.
    pub user: Option<String>,
    /// The session it goes on from.
    pub parent: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// When it began, as the source wrote it.
    pub created: String,
    /// When it last changed, as the source wrote it.
    pub updated: String,
    /// Every other field: below `/metadata`, and keys that this version does not know.
    pub leaves: Vec<OwnedLeaf>,
}

/// One message of a session.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its id.
    pub id: String,
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub text: String,
    /// When, as the source wrote it.
    pub time: String,
    /// Every other field: below `/message/metadata`, and below `/message` the keys that this
    /// version does not know.
    pub leaves: Vec<OwnedLeaf>,
}

/// A session and what was said in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Transcript {
    /// The head.
    pub session: Session,
    /// The messages, in order.
    pub messages: Vec<Message>,
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Status {
    /// It goes on.
    #[default]
    Active,
    /// It rests.
    Paused,
    /// It is over.
    Completed,
}

impl Status {
    /// The SDKs' name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Completed => "completed",
        }
    }
}

impl FromStr for Status {
    type Err = SessionError;

    fn from_str(name: &str) -> Result<Self, SessionError> {
        let known = [Self::Active, Self::Paused, Self::Completed];
        known.into_iter().find(|status| status.name() == name).ok_or(SessionError::UnknownStatus)
    }
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The person.
    User,
    /// The agent.
    Assistant,
    /// The application, to the agent.
    System,
}

impl Role {
    /// The SDKs' name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::System => "system",
        }
    }
}

impl FromStr for Role {
    type Err = SessionError;

    fn from_str(name: &str) -> Result<Self, SessionError> {
        let known = [Self::User, Self::Assistant, Self::System];
        known.into_iter().find(|role| role.name() == name).ok_or(SessionError::UnknownRole)
    }
}

/// Why something is no session, or no message of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionError {
    /// The status is not one of the three.
    UnknownStatus,
    /// The role is not one of the three.
    UnknownRole,
    /// A record of kind session names no session.
    NoSession,
    /// This field is not there.
    Missing(&'static str),
    /// This field is no text.
    NotText(&'static str),
    /// An event carries a message's fields, but is of a kind that no message has.
    NotSpoken,
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownStatus => f.write_str("a session's status is `active`, `paused` or `completed`"),
            Self::UnknownRole => f.write_str("a message's role is `user`, `assistant` or `system`"),
            Self::NoSession => f.write_str("the session's head does not name its session"),
            Self::Missing(field) => write!(f, "the field `{field}` is missing"),
            Self::NotText(field) => write!(f, "the field `{field}` must be a text"),
            Self::NotSpoken => f.write_str("a message is an output, or an observation from user or system"),
        }
    }
}

impl core::error::Error for SessionError {}
