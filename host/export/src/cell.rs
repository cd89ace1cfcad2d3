//! What stands in a row: values of few types, each with its column.

use std::borrow::Cow;

use activemirror::Timestamp;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Text.
    Text,
    /// The text of a JSON value.
    Json,
    /// A whole number from 0.
    Whole,
    /// A number.
    Number,
    /// True or false.
    Truth,
    /// A point in time, to the millisecond, in UTC.
    Time,
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub of: Type,
    /// Whether a row may have nothing there.
    pub optional: bool,
}

impl Column {
    pub(crate) const fn always(name: &'static str, of: Type) -> Self {
        Self { name, of, optional: false }
    }

    pub(crate) const fn maybe(name: &'static str, of: Type) -> Self {
        Self { name, of, optional: true }
    }
}

/// What stands in one column of one row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Nothing.
    Null,
    /// Text.
    Text(Cow<'a, str>),
    /// The text of a JSON value.
    Json(String),
    /// A whole number from 0.
    Whole(u64),
    /// A number.
    Number(f64),
    /// True or false.
    Truth(bool),
    /// A point in time, and how RFC 3339 spells it.
    Time(Timestamp, String),
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<u64> for Cell<'_> {
    fn from(number: u64) -> Self {
        Self::Whole(number)
    }
}

impl From<f64> for Cell<'_> {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl<'a, T: Into<Self>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Null, Into::into)
    }
}
