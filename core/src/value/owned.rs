//! Leaves that own their texts: documents and sessions outlive the block or file they came from.

use alloc::borrow::ToOwned;
use alloc::string::String;

use super::{Leaf, Value};

/// A [`Value`] of its own.
#[derive(Clone, Debug, PartialEq)]
pub enum OwnedValue {
    /// JSON null.
    Null,
    /// JSON true or false.
    Bool(bool),
    /// A whole number within `i64`.
    Signed(i64),
    /// A whole number within `u64` but beyond `i64`.
    Unsigned(u64),
    /// A number whose shortest decimal text is what the source wrote.
    Float(f64),
    /// Any other number, as the decimal text the source wrote.
    Decimal(String),
    /// A text.
    Text(String),
    /// An object without members.
    EmptyObject,
    /// A list without elements.
    EmptyList,
}

impl OwnedValue {
    /// The same, borrowed.
    #[must_use]
    pub fn as_value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Signed(value) => Value::Signed(*value),
            Self::Unsigned(value) => Value::Unsigned(*value),
            Self::Float(value) => Value::Float(*value),
            Self::Decimal(text) => Value::Decimal(text),
            Self::Text(text) => Value::Text(text),
            Self::EmptyObject => Value::EmptyObject,
            Self::EmptyList => Value::EmptyList,
        }
    }
}

impl<'a> From<&'a OwnedValue> for Value<'a> {
    fn from(value: &'a OwnedValue) -> Self {
        value.as_value()
    }
}

impl From<&str> for OwnedValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for OwnedValue {
    fn from(number: i64) -> Self {
        Self::Signed(number)
    }
}

impl From<f64> for OwnedValue {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl From<bool> for OwnedValue {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<Value<'_>> for OwnedValue {
    fn from(value: Value<'_>) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Signed(value) => Self::Signed(value),
            Value::Unsigned(value) => Self::Unsigned(value),
            Value::Float(value) => Self::Float(value),
            Value::Decimal(text) => Self::Decimal(text.to_owned()),
            Value::Text(text) => Self::Text(text.to_owned()),
            Value::EmptyObject => Self::EmptyObject,
            Value::EmptyList => Self::EmptyList,
        }
    }
}

/// A [`Leaf`] of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnedLeaf {
    /// The path, as [`path`](crate::value::path) defines it.
    pub path: String,
    /// The value there.
    pub value: OwnedValue,
}

impl OwnedLeaf {
    /// The same, borrowed.
    #[must_use]
    pub fn as_leaf(&self) -> Leaf<'_> {
        Leaf { path: &self.path, value: self.value.as_value() }
    }
}

impl From<Leaf<'_>> for OwnedLeaf {
    fn from(leaf: Leaf<'_>) -> Self {
        Self { path: leaf.path.to_owned(), value: leaf.value.into() }
    }
}
