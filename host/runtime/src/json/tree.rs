//! A record as a tree whose every value knows its place, and as leaves.

use core::fmt;

use activemirror_core::value::path::{write_index, write_key};
use indexmap::IndexMap;

use super::error::Position;
use crate::document::{Leaf, Value};

/// The members of an object, in document order.
pub type Object = IndexMap<String, Node>;

/// A value, and where it begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it begins.
    pub at: Position,
    /// What it is.
    pub tree: Tree,
}

/// A value. A reader makes no empty object or list but the leaves [`Value::EmptyObject`] and
/// [`Value::EmptyList`]; what is emptied later has no leaves at all.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// A value without others in it.
    Leaf(Value),
    /// An object with members.
    Object(Object),
    /// A list with elements.
    List(Vec<Node>),
}

impl Tree {
    /// What it is, in a word for people.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Leaf(Value::Null) => "null",
            Self::Leaf(Value::Bool(_)) => "true or false",
            Self::Leaf(Value::Signed(_) | Value::Unsigned(_) | Value::Float(_) | Value::Decimal(_)) => {
                "a number"
            }
            Self::Leaf(Value::Text(_)) => "a text",
            Self::Object(_) | Self::Leaf(Value::EmptyObject) => "an object",
            Self::List(_) | Self::Leaf(Value::EmptyList) => "a list",
        }
    }

    /// Whether it is an object.
    #[must_use]
    pub const fn is_object(&self) -> bool {
        matches!(self, Self::Object(_) | Self::Leaf(Value::EmptyObject))
    }

    /// Whether it is a list.
    #[must_use]
    pub const fn is_list(&self) -> bool {
        matches!(self, Self::List(_) | Self::Leaf(Value::EmptyList))
    }

    /// Its text, if it is one.
    #[must_use]
    pub const fn as_text(&self) -> Option<&str> {
        match self {
            Self::Leaf(Value::Text(text)) => Some(text.as_str()),
            _ => None,
        }
    }
}

impl Node {
    /// Objects and lists inside each other, itself included; 0 for a value without others in it.
    #[must_use]
    pub fn nesting(&self) -> usize {
        match &self.tree {
            Tree::Leaf(Value::EmptyObject | Value::EmptyList) => 1,
            Tree::Leaf(_) => 0,
            Tree::Object(members) => 1 + members.values().map(Self::nesting).max().unwrap_or(0),
            Tree::List(elements) => 1 + elements.iter().map(Self::nesting).max().unwrap_or(0),
        }
    }

    /// Appends its leaves to `leaves`, in document order, each path beginning with `prefix`.
    pub fn flatten(self, prefix: &str, leaves: &mut Vec<Leaf>) {
        let mut path = prefix.to_owned();
        self.tree.flatten(&mut path, leaves);
    }
}

impl Tree {
    fn flatten(self, path: &mut String, leaves: &mut Vec<Leaf>) {
        match self {
            Self::Leaf(value) => leaves.push(Leaf { path: path.clone(), value }),
            Self::Object(members) => {
                for (key, node) in members {
                    node.tree.flatten_under(path, leaves, |path| write_key(path, &key));
                }
            }
            Self::List(elements) => {
                for (index, node) in (0..).zip(elements) {
                    node.tree.flatten_under(path, leaves, |path| write_index(path, index));
                }
            }
        }
    }

    fn flatten_under(
        self,
        path: &mut String,
        leaves: &mut Vec<Leaf>,
        step: impl FnOnce(&mut String) -> fmt::Result,
    ) {
        let parent = path.len();
        step(path).expect("invariant: a String takes what is written");
        self.flatten(path, leaves);
        path.truncate(parent);
    }
}
