//! What can go wrong on the way out: with one row, or with the output.

use core::fmt;
use std::io;

use activemirror::{Timestamp, json};
use parquet::errors::ParquetError;

/// Why a row was not written.
#[derive(Debug)]
#[non_exhaustive]
pub enum WriteError {
    /// This one cannot be said in the format; nothing of it is written, and others can follow.
    Row(Unwritable),
    /// The output failed.
    Io(io::Error),
}

/// What a format cannot say. Only another device's log can hold such things.
#[derive(Debug)]
#[non_exhaustive]
pub enum Unwritable {
    /// A time beyond the calendar.
    Time(Timestamp),
    /// Fields that are no JSON.
    Json(json::WriteError),
    /// A number that JSON cannot spell.
    Number(f64),
}

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(time) => write!(f, "{} is no time", time.as_millis()),
            Self::Json(error) => error.fmt(f),
            Self::Number(number) => write!(f, "{number} is no number that JSON can spell"),
        }
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Row(what) => what.fmt(f),
            Self::Io(error) => write!(f, "cannot write: {error}"),
        }
    }
}

impl core::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Row(Unwritable::Json(error)) => Some(error),
            Self::Io(error) => Some(error),
            Self::Row(_) => None,
        }
    }
}

impl From<Unwritable> for WriteError {
    fn from(what: Unwritable) -> Self {
        Self::Row(what)
    }
}

impl From<json::WriteError> for WriteError {
    fn from(error: json::WriteError) -> Self {
        match error {
            json::WriteError::Io(error) => Self::Io(error),
            other => Self::Row(Unwritable::Json(other)),
        }
    }
}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// All that can fail where a Parquet file is written is its output.
pub(crate) fn output_failed(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(other) => io::Error::other(other),
        },
        other => io::Error::other(other),
    }
}
