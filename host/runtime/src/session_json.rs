//! Sessions as JSON, in the spellings of the first two SDKs, which could not read each other.
//!
//! | field | Python | JavaScript |
//! |---|---|---|
//! | of a session | `id` `title` `user_id` `parent_session_id` `created_at` `updated_at` `status` `message_count` `messages` `metadata` | `id` `title` `userId` `createdAt` `updatedAt` `messageCount` `messages` |
//! | of a message | `id` `session_id` `role` `content` `timestamp` `metadata` | `id` `sessionId` `role` `content` `timestamp` `metadata` |
//! | times | local, without a zone | UTC, with a `Z` |
//!
//! [`read()`] takes either, field by field; [`write()`] writes either. JavaScript's has no parent,
//! status and metadata of a session: they are written under camel-case names where there is
//! something to say. Times stay as they are. Keys that neither SDK knows stay too, after the known
//! ones. Counts are counted anew, and a message's session is said only where it is another.
//! So a session that goes from one spelling to the other and back is the same.

mod read;
mod write;

use core::fmt;

use activemirror_core::session::SessionError;

use crate::json::{self, Position};

pub use read::read;
pub use write::{write, write_line};

/// Whose spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// The Python SDK's: `created_at`.
    Python,
    /// The JavaScript SDK's: `createdAt`.
    JavaScript,
}

/// A field in both spellings.
#[derive(Clone, Copy, Debug)]
struct Field {
    python: &'static str,
    javascript: &'static str,
}

impl Field {
    /// A field that is spelled the same.
    const fn same(name: &'static str) -> Self {
        Self { python: name, javascript: name }
    }

    const fn spelled(self, spelling: Spelling) -> &'static str {
        match spelling {
            Spelling::Python => self.python,
            Spelling::JavaScript => self.javascript,
        }
    }
}

const ID: Field = Field::same("id");
const TITLE: Field = Field::same("title");
const USER: Field = Field { python: "user_id", javascript: "userId" };
const PARENT: Field = Field { python: "parent_session_id", javascript: "parentSessionId" };
const CREATED: Field = Field { python: "created_at", javascript: "createdAt" };
const UPDATED: Field = Field { python: "updated_at", javascript: "updatedAt" };
const STATUS: Field = Field::same("status");
const COUNT: Field = Field { python: "message_count", javascript: "messageCount" };
const MESSAGES: Field = Field::same("messages");
const METADATA: Field = Field::same("metadata");
const SESSION: Field = Field { python: "session_id", javascript: "sessionId" };
const ROLE: Field = Field::same("role");
const CONTENT: Field = Field::same("content");
const TIME: Field = Field::same("timestamp");

/// Where a message's leaves lie, as [`activemirror_core::session`] keeps them.
const MESSAGE: &str = "/message";
/// Where a message says that it is another session's.
const MESSAGE_SESSION: &str = "/message/session_id";

/// Why a text is no session, and where.
#[derive(Debug)]
#[non_exhaustive]
pub struct Error {
    /// Where in the text.
    pub at: Position,
    /// Which field, as [`activemirror_core::value::path`] writes it; empty for the whole.
    pub field: String,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a text that should be a session.
#[derive(Debug)]
#[non_exhaustive]
pub enum Fault {
    /// It is not JSON, or more of it than this runtime reads.
    Json(json::Fault),
    /// There is something after the session.
    More,
    /// A field has another type than it should.
    WrongType {
        /// What should be there.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// A field is missing.
    Missing {
        /// What should be there.
        expected: &'static str,
    },
    /// A field is there in both spellings.
    SpelledTwice,
    /// A field's text is none of those that it may be.
    Unknown(SessionError),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.at)?;
        if !self.field.is_empty() {
            write!(f, ", field {}", self.field.escape_debug())?;
        }
        write!(f, ": {}", self.fault)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(fault) => fault.fmt(f),
            Self::More => f.write_str("expected one session, found something after it"),
            Self::WrongType { expected, found } => write!(f, "expected {expected}, found {found}"),
            Self::Missing { expected } => write!(f, "expected {expected}, found nothing"),
            Self::SpelledTwice => {
                f.write_str("expected one spelling, found snake case and camel case: remove one of them")
            }
            Self::Unknown(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match &self.fault {
            Fault::Json(json::Fault::Io(error)) => Some(error),
            Fault::Unknown(error) => Some(error),
            _ => None,
        }
    }
}
