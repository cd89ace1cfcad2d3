//! Values of rows.

use rusqlite::types::{ToSqlOutput, Value as SqlValue, ValueRef};

/// A value of a row of the result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'v> {
    /// There is none.
    Null,
    /// A whole number.
    Whole(i64),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(&'v str),
    /// Bytes, which only a query itself can make.
    Bytes(&'v [u8]),
}

impl<'v> Value<'v> {
    /// What SQLite gives; a text of its making that is no UTF-8 comes as bytes.
    pub(crate) fn of(value: ValueRef<'v>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Whole(number),
            ValueRef::Real(number) => Self::Float(number),
            ValueRef::Text(bytes) => core::str::from_utf8(bytes).map_or(Self::Bytes(bytes), Self::Text),
            ValueRef::Blob(bytes) => Self::Bytes(bytes),
        }
    }
}

/// A value of a table's row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Cell {
    #[default]
    Null,
    Whole(i64),
    Float(f64),
    Text(String),
}

impl Cell {
    /// Bytes that it takes in memory.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>() + if let Self::Text(text) = self { text.len() } else { 0 }
    }

    pub(crate) fn as_value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Whole(number) => Value::Whole(*number),
            Self::Float(number) => Value::Float(*number),
            Self::Text(text) => Value::Text(text),
        }
    }

    pub(crate) fn as_sql(&self) -> ToSqlOutput<'_> {
        match self {
            Self::Null => ToSqlOutput::Owned(SqlValue::Null),
            Self::Whole(number) => ToSqlOutput::Owned(SqlValue::Integer(*number)),
            Self::Float(number) => ToSqlOutput::Owned(SqlValue::Real(*number)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        }
    }
}

impl From<Option<&str>> for Cell {
    fn from(text: Option<&str>) -> Self {
        text.map_or(Self::Null, |text| Self::Text(text.to_owned()))
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Whole(number)
    }
}

/// Numbers beyond what SQL has, which no log of ours reaches, are its largest.
impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self::Whole(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<Option<f64>> for Cell {
    fn from(number: Option<f64>) -> Self {
        number.map_or(Self::Null, Self::Float)
    }
}
