//! Why a record is no trace, and where; why a trace cannot be written.

use core::fmt;
use std::io;

use super::Format;
use crate::json::{self, Node, Position, Tree};

/// Members of a record of unknown format that an error lists.
const MEMBERS_SHOWN: usize = 8;

/// Characters of a key from the source that an error repeats.
const CHARS_SHOWN: usize = 40;

/// A fault in a source, and where it is.
#[derive(Debug)]
#[non_exhaustive]
pub struct FormatError {
    /// Where in the source.
    pub at: Position,
    /// How many traces the source gave before the one at fault.
    pub trace: u64,
    /// The field, as a path into the record; empty for the record itself.
    pub field: String,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a source.
#[derive(Debug)]
#[non_exhaustive]
pub enum Fault {
    /// It is not JSON, or more of it than this runtime reads.
    Json(json::Fault),
    /// It is JSON, but of no format that this runtime reads.
    UnknownFormat {
        /// What the record is.
        found: String,
    },
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
    /// A field has a name in it that the format does not know.
    UnknownName {
        /// The names that it knows.
        expected: &'static str,
        /// How many characters the name has; it may be anybody's data, so it is not repeated.
        characters: usize,
    },
    /// A field holds no time.
    Time {
        /// What is there, without its content.
        found: String,
    },
}

impl FormatError {
    /// A fault at a value; the reader adds which trace it is in.
    pub(super) const fn new(at: Position, field: String, fault: Fault) -> Self {
        Self { at, trace: 0, field, fault }
    }

    /// A text that spells no time.
    pub(super) fn no_time(at: Position, field: String, found: &Tree) -> Self {
        let found = match found.as_text() {
            Some(text) => format!("a text of {}", characters(text.chars().count())),
            None => found.type_name().to_owned(),
        };
        Self::new(at, field, Fault::Time { found })
    }

    pub(super) fn unknown_format(record: &Node) -> Self {
        let found = match &record.tree {
            Tree::Object(members) => format!("an object with {}", list_members(members.keys())),
            other => other.type_name().to_owned(),
        };
        Self::new(record.at, String::new(), Fault::UnknownFormat { found })
    }
}

fn list_members<'a>(keys: impl ExactSizeIterator<Item = &'a String>) -> String {
    let more = if keys.len() > MEMBERS_SHOWN { ", …" } else { "" };
    let shown: Vec<_> = keys.take(MEMBERS_SHOWN).map(|key| member_name(key)).collect();
    shown.join(", ") + more
}

/// A key, where it is one that a program would choose; others may be data.
fn member_name(key: &str) -> String {
    let chosen = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if key.len() <= CHARS_SHOWN
        && key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(chosen)
    {
        format!("`{key}`")
    } else {
        format!("a name of {}", characters(key.chars().count()))
    }
}

fn characters(count: usize) -> String {
    if count == 1 { "1 character".to_owned() } else { format!("{count} characters") }
}

impl From<json::Error> for FormatError {
    fn from(error: json::Error) -> Self {
        Self::new(error.at, error.path, Fault::Json(error.fault))
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, trace {}", self.at, self.trace + 1)?;
        if !self.field.is_empty() {
            write!(f, ", field {}", cut_path(&self.field))?;
        }
        write!(f, ": {}", self.fault)
    }
}

/// A path may be long, and its end says most.
fn cut_path(path: &str) -> String {
    let length = path.chars().count();
    let start = length.saturating_sub(4 * CHARS_SHOWN);
    let shown: String = path.chars().skip(start).flat_map(char::escape_debug).collect();
    if start > 0 { format!("…{shown}") } else { shown }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(fault) => write!(f, "{fault}"),
            Self::UnknownFormat { found } => {
                let known =
                    Format::ALL.map(|format| format!("{} (with {})", format.name(), format.known_by()));
                write!(f, "expected a trace as {}, found {found}", known.join(" or "))
            }
            Self::WrongType { expected, found } => write!(f, "expected {expected}, found {found}"),
            Self::Missing { expected } => write!(f, "expected {expected}, found nothing"),
            Self::UnknownName { expected, characters: count } => {
                write!(f, "expected {expected}, found another name of {}", characters(*count))
            }
            Self::Time { found } => {
                write!(f, "expected a time such as `2024-01-15T10:30:00.100Z`, found {found}")
            }
        }
    }
}

impl core::error::Error for FormatError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match &self.fault {
            Fault::Json(json::Fault::Io(error)) => Some(error),
            _ => None,
        }
    }
}

/// Why a trace cannot be written. A forged block can hold any trace.
#[derive(Debug)]
#[non_exhaustive]
pub enum WriteError {
    /// Its leaves make no JSON.
    Leaves {
        /// The event that they are of; `None` for the trace itself.
        event: Option<usize>,
        /// Why.
        error: json::WriteError,
    },
    /// A time lies outside the years that have four digits.
    Time {
        /// The event that it is of; `None` for the trace itself.
        event: Option<usize>,
        /// The time, in milliseconds since the Unix epoch.
        millis: i64,
    },
    /// A record that is no event stands among the events.
    NoEvent {
        /// Its position.
        event: usize,
    },
    /// The output failed.
    Io(io::Error),
}

impl WriteError {
    /// An error in an event, or in the trace itself.
    pub(super) fn from_json(event: Option<usize>, error: json::WriteError) -> Self {
        match error {
            json::WriteError::Io(error) => Self::Io(error),
            error => Self::Leaves { event, error },
        }
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let owner = |event: &Option<usize>| match event {
            Some(index) => format!("event {index} of the trace"),
            None => String::from("the trace"),
        };
        match self {
            Self::Leaves { event, error } => write!(f, "cannot write {}: {error}", owner(event)),
            Self::Time { event, millis } => {
                write!(f, "cannot write {}: {millis} ms from the Unix epoch is no time", owner(event))
            }
            Self::NoEvent { event } => {
                write!(f, "cannot write {}: its kind is none of an event", owner(&Some(*event)))
            }
            Self::Io(error) => write!(f, "cannot write the trace: {error}"),
        }
    }
}

impl core::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Leaves { error, .. } => Some(error),
            Self::Io(error) => Some(error),
            Self::Time { .. } | Self::NoEvent { .. } => None,
        }
    }
}
