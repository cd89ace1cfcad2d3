//! Why a text is no JSON that this runtime reads, and where.

use core::fmt;
use std::io;

use super::limits::{NESTING_MAX, RECORD_BYTES_MAX, TEXT_BYTES_MAX, VALUES_MAX};

/// A place in a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line, from 1.
    pub line: u64,
    /// The character within the line, from 1.
    pub column: u64,
    /// The byte, from 0.
    pub byte: u64,
}

impl Position {
    /// Where every source begins.
    pub const START: Self = Self { line: 1, column: 1, byte: 0 };
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {} (byte {})", self.line, self.column, self.byte)
    }
}

/// A fault, and where it is.
#[derive(Debug)]
#[non_exhaustive]
pub struct Error {
    /// Where in the source.
    pub at: Position,
    /// Where in the record, as [`activemirror_core::value::path`] writes it; empty for the record
    /// itself and between records.
    pub path: String,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a text.
#[derive(Debug)]
#[non_exhaustive]
pub enum Fault {
    /// There is nothing in it.
    Empty,
    /// It begins with a byte order mark, or is not UTF-8 at all.
    ByteOrderMark,
    /// It has a zero byte, as a file has that was not written to its end.
    NulByte,
    /// Its bytes are no UTF-8.
    InvalidUtf8,
    /// It ends in the middle of a value.
    Truncated,
    /// It is no JSON: what a JSON text would have here.
    Syntax {
        /// What was expected.
        expected: &'static str,
    },
    /// Objects and lists are nested deeper than [`NESTING_MAX`].
    TooDeep,
    /// A text, key or number is longer than [`TEXT_BYTES_MAX`].
    TextTooLong,
    /// A record is longer than [`RECORD_BYTES_MAX`].
    RecordTooLong,
    /// A record has more values than [`VALUES_MAX`], or under longer paths than
    /// [`super::limits::PATH_BYTES_MAX`] allows.
    TooManyValues,
    /// An object has the same key twice, so its meaning depends on who reads it.
    DuplicateKey,
    /// The source could not be read.
    Io(io::Error),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("expected JSON, found nothing: the file is empty"),
            Self::ByteOrderMark => {
                f.write_str("expected JSON, found a byte order mark: save the file as UTF-8 without one")
            }
            Self::NulByte => {
                f.write_str("expected JSON text, found a zero byte: the file is damaged or binary")
            }
            Self::InvalidUtf8 => f.write_str("expected UTF-8, found other bytes: save the file as UTF-8"),
            Self::Truncated => {
                f.write_str("expected the rest of the value, found the end: the file is cut off")
            }
            Self::Syntax { expected } => write!(f, "this is not JSON: expected {expected}"),
            Self::TooDeep => write!(f, "expected at most {NESTING_MAX} levels of nesting, found more"),
            Self::TextTooLong => {
                write!(f, "expected a text, key or number of at most {TEXT_BYTES_MAX} bytes, found more")
            }
            Self::RecordTooLong => {
                write!(f, "expected a record of at most {RECORD_BYTES_MAX} bytes, found more")
            }
            Self::TooManyValues => {
                write!(f, "expected at most {VALUES_MAX} values in a record, under short keys, found more")
            }
            Self::DuplicateKey => f.write_str("expected a new key, found one that the object has already"),
            Self::Io(error) => write!(f, "cannot read on: {error}"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.at)?;
        if !self.path.is_empty() {
            write!(f, ", at {}", self.path)?;
        }
        write!(f, ": {}", self.fault)
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match &self.fault {
            Fault::Io(error) => Some(error),
            _ => None,
        }
    }
}
