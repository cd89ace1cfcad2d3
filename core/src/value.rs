//! Structured values as the ordered list of their leaves.
//!
//! Parameters, data and keys nobody knows are arbitrary trees, but WIT has no recursive types and
//! core knows no JSON. So a tree is `{path, value}` rows, in document order; the plugin contract,
//! the log and (later) its columns share this one form. [`path`] writes and reads the paths.

#[cfg(feature = "alloc")]
mod owned;
pub mod path;

#[cfg(feature = "alloc")]
pub use owned::{OwnedLeaf, OwnedValue};

use serde::Serialize;

/// The value at one leaf. The postcard discriminants are part of the canonical form: never
/// reorder.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "alloc", derive(serde::Deserialize))]
pub enum Value<'a> {
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
    Decimal(&'a str),
    /// A text.
    Text(&'a str),
    /// An object without members; it would vanish otherwise.
    EmptyObject,
    /// A list without elements.
    EmptyList,
}

impl<'a> Value<'a> {
    /// The text, if it is one.
    #[must_use]
    pub const fn as_text(&self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// One leaf: where, and what.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "alloc", derive(serde::Deserialize))]
pub struct Leaf<'a> {
    /// The path, as [`path`] defines it: `/parameters/passengers[0]/dob`.
    pub path: &'a str,
    /// The value there.
    #[serde(borrow)]
    pub value: Value<'a>,
}
