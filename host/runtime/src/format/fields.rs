//! The members of an object of a source, taken one by one by their names and types; what nobody
//! takes stays, and becomes leaves.

use activemirror_core::limits::PATH_STEPS_MAX;
use activemirror_core::time::Timestamp;
use activemirror_core::value::path::write_key;

use super::error::{Fault, FormatError};
use super::time;
use crate::document::{Leaf, Value};
use crate::json::{self, Node, Object, Position, Tree};

/// An object of a source.
#[derive(Debug)]
pub(super) struct Fields {
    /// Its members.
    pub(super) members: Object,
    at: Position,
    path: String,
}

impl Fields {
    /// The members of `node`, which lies at `path` of its record.
    pub(super) fn of(node: Node, path: String) -> Result<Self, FormatError> {
        let members = match node.tree {
            Tree::Object(members) => members,
            Tree::Leaf(Value::EmptyObject) => Object::new(),
            other => return Err(wrong_type(node.at, path, "an object", &other)),
        };
        Ok(Self { members, at: node.at, path })
    }

    /// The path of a member.
    pub(super) fn path_of(&self, key: &str) -> String {
        let mut path = self.path.clone();
        write_key(&mut path, key).expect("invariant: a String takes what is written");
        path
    }

    /// Takes a member.
    pub(super) fn take(&mut self, key: &str) -> Option<Node> {
        self.members.shift_remove(key)
    }

    /// Takes a text. `null` is none, and stays to be given back.
    pub(super) fn text(&mut self, key: &str) -> Result<Option<String>, FormatError> {
        match self.members.get(key).map(|node| &node.tree) {
            None | Some(Tree::Leaf(Value::Null)) => Ok(None),
            Some(Tree::Leaf(Value::Text(_))) => Ok(self.take(key).and_then(into_text)),
            Some(_) => Err(self.wrong_type(key, "a text")),
        }
    }

    /// Takes a text that names something, so that it is there and not empty.
    pub(super) fn name(&mut self, key: &str) -> Result<String, FormatError> {
        let name = self.text(key)?.filter(|name| !name.is_empty());
        name.ok_or_else(|| self.missing(key, "a text that is not empty"))
    }

    /// Takes a name that the format knows.
    pub(super) fn known_name<T>(
        &mut self,
        key: &str,
        expected: &'static str,
        known: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, FormatError> {
        let at = self.members.get(key).map_or(self.at, |node| node.at);
        let name = self.name(key)?;
        known(&name).ok_or_else(|| {
            let fault = Fault::UnknownName { expected, characters: name.chars().count() };
            FormatError::new(at, self.path_of(key), fault)
        })
    }

    /// Takes a list.
    pub(super) fn list(&mut self, key: &str) -> Result<Vec<Node>, FormatError> {
        match self.take(key) {
            None => Err(self.missing(key, "a list")),
            Some(Node { tree: Tree::List(elements), .. }) => Ok(elements),
            Some(Node { tree: Tree::Leaf(Value::EmptyList), .. }) => Ok(Vec::new()),
            Some(other) => Err(wrong_type(other.at, self.path_of(key), "a list", &other.tree)),
        }
    }

    /// Whether a member is there and not `null`.
    pub(super) fn is_given(&self, key: &str) -> bool {
        self.members.get(key).is_some_and(|node| node.tree != Tree::Leaf(Value::Null))
    }

    /// Sees to it that a member is what is expected, if it is given.
    pub(super) fn check(
        &self,
        key: &str,
        expected: &'static str,
        is_expected: impl Fn(&Tree) -> bool,
    ) -> Result<(), FormatError> {
        match self.members.get(key) {
            Some(node) if self.is_given(key) && !is_expected(&node.tree) => {
                Err(self.wrong_type(key, expected))
            }
            _ => Ok(()),
        }
    }

    /// Takes a member that is to lie under `steps` steps of a path.
    pub(super) fn take_within(&mut self, key: &str, steps: usize) -> Result<Option<Node>, FormatError> {
        let Some(node) = self.take(key) else { return Ok(None) };
        if node.nesting() + steps > PATH_STEPS_MAX {
            return Err(FormatError::new(node.at, self.path_of(key), Fault::Json(json::Fault::TooDeep)));
        }
        Ok(Some(node))
    }

    /// Takes a time; if it is not spelled as this runtime spells it, the spelling stays.
    pub(super) fn time(&mut self, key: &str) -> Result<Option<Timestamp>, FormatError> {
        let Some(node) = self.members.get(key) else { return Ok(None) };
        let Tree::Leaf(value) = &node.tree else { return Err(self.wrong_type(key, "a time")) };
        if *value == Value::Null {
            return Ok(None);
        }
        let time =
            time::read(value).ok_or_else(|| FormatError::no_time(node.at, self.path_of(key), &node.tree))?;
        if time::print(time).as_deref() == node.tree.as_text() {
            self.take(key);
        }
        Ok(Some(time))
    }

    /// Says in `metadata` that the time `key` is not the source's.
    pub(super) fn mark_synthetic_time(&mut self, key: &str) -> Result<(), FormatError> {
        let node = |tree| Node { at: self.at, tree };
        let metadata =
            self.members.entry("metadata".to_owned()).or_insert_with(|| node(Tree::Object(Object::new())));
        if metadata.tree == Tree::Leaf(Value::EmptyObject) {
            metadata.tree = Tree::Object(Object::new());
        }
        let Tree::Object(metadata) = &mut metadata.tree else {
            return Err(self.missing(key, "a time, since `metadata` has no place to say that there is none"));
        };
        metadata.insert("synthetic_time".to_owned(), node(Tree::Leaf(Value::Bool(true))));
        Ok(())
    }

    /// What is left, as leaves, in document order.
    pub(super) fn into_leaves(self) -> Vec<Leaf> {
        let mut leaves = Vec::new();
        Node { at: self.at, tree: Tree::Object(self.members) }.flatten("", &mut leaves);
        leaves
    }

    /// A member is missing, or `null` where that will not do.
    pub(super) fn missing(&self, key: &str, expected: &'static str) -> FormatError {
        let at = self.members.get(key).map_or(self.at, |node| node.at);
        FormatError::new(at, self.path_of(key), Fault::Missing { expected })
    }

    /// A member has the wrong type.
    pub(super) fn wrong_type(&self, key: &str, expected: &'static str) -> FormatError {
        match self.members.get(key) {
            Some(node) => wrong_type(node.at, self.path_of(key), expected, &node.tree),
            None => self.missing(key, expected),
        }
    }
}

fn wrong_type(at: Position, path: String, expected: &'static str, found: &Tree) -> FormatError {
    FormatError::new(at, path, Fault::WrongType { expected, found: found.type_name() })
}

fn into_text(node: Node) -> Option<String> {
    match node.tree {
        Tree::Leaf(Value::Text(text)) => Some(text),
        _ => None,
    }
}
