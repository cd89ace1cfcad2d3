//! Writing: leaves as the members of an object, and trees in a canonical form.
//!
//! `struson` writes tokens and panics on a row of tokens that is no JSON, so what is written here
//! is checked first.

use core::fmt;
use std::collections::HashSet;
use std::io::{self, Write};

use activemirror_core::value::Value;
use activemirror_core::value::path::{self, PathError, Step};
use struson::writer::{JsonNumberError, JsonStreamWriter, JsonWriter};

use super::number;
use super::tree::{Node, Tree};
use crate::document::Leaf;

/// Why leaves are no JSON. A forged block can hold any leaves.
#[derive(Debug)]
#[non_exhaustive]
pub enum WriteError {
    /// A path is none.
    Path {
        /// The path.
        path: String,
        /// Why.
        error: PathError,
    },
    /// Two leaves cannot both be there: the same path twice, a value beside members of it, a list
    /// out of order, or members of one object in two places.
    Contradiction {
        /// The second one's path.
        path: String,
    },
    /// A number is none that JSON can spell.
    Number {
        /// Its path.
        path: String,
    },
    /// The output failed.
    Io(io::Error),
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path { path, error } => write!(f, "`{path}` is no path: {error}"),
            Self::Contradiction { path } => write!(f, "the value at `{path}` contradicts one before it"),
            Self::Number { path } => write!(f, "the value at `{path}` is no number that JSON can spell"),
            Self::Io(error) => write!(f, "cannot write: {error}"),
        }
    }
}

impl core::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Path { error, .. } => Some(error),
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The text of an object whose members are `leaves`.
pub fn object_text<'l>(leaves: impl IntoIterator<Item = &'l Leaf>) -> Result<String, WriteError> {
    let mut json = JsonStreamWriter::new(Vec::new());
    let mut object = ObjectWriter::begin(&mut json)?;
    for leaf in leaves {
        object.leaf(&leaf.path, Value::from(&leaf.value))?;
    }
    object.end()?;
    let text = json.finish_document()?;
    Ok(String::from_utf8(text).expect("invariant: the tokenizer writes UTF-8"))
}

/// Writes an object whose members come as leaves, in the order of the document they are from.
///
/// It holds only what is open: the keys so far of each object on the way to the last leaf. What
/// does not fit them is refused, so no leaves, however forged, make a text that is not JSON or
/// that has a key twice. After a refusal the text is worthless.
#[derive(Debug)]
pub struct ObjectWriter<'w, W: Write> {
    json: &'w mut JsonStreamWriter<W>,
    open: Vec<Open>,
}

/// An object or list that is not closed yet.
#[derive(Debug)]
struct Open {
    via: Via,
    container: Container,
}

/// The step into a container.
#[derive(Debug)]
enum Via {
    Root,
    /// As escaped as in the path.
    Key(String),
    Index(u32),
}

#[derive(Debug)]
enum Container {
    /// With these keys so far.
    Object(HashSet<String>),
    /// With so many elements so far.
    List(u32),
}

impl<'w, W: Write> ObjectWriter<'w, W> {
    /// Begins an object.
    pub fn begin(json: &'w mut JsonStreamWriter<W>) -> Result<Self, WriteError> {
        json.begin_object()?;
        let root = Open { via: Via::Root, container: Container::Object(HashSet::new()) };
        Ok(Self { json, open: vec![root] })
    }

    /// Writes one leaf.
    pub fn leaf(&mut self, path: &str, value: Value<'_>) -> Result<(), WriteError> {
        let not_a_path = |error| WriteError::Path { path: path.to_owned(), error };
        let steps: Vec<Step<'_>> = path::steps(path).collect::<Result<_, _>>().map_err(not_a_path)?;
        let (last, way) = steps.split_last().ok_or_else(|| not_a_path(PathError::NoStep))?;
        let shared = self.shared_with(way);
        self.close_down_to(shared)?;
        for pair in steps[shared - 1..].windows(2) {
            self.enter(pair[0], path)?;
            self.open(pair[0], pair[1])?;
        }
        self.enter(*last, path)?;
        write_value(self.json, path, value)
    }

    /// Begins a member of the object itself; the caller writes exactly one value.
    pub fn member(&mut self, key: &str) -> Result<&mut JsonStreamWriter<W>, WriteError> {
        self.close_down_to(1)?;
        self.enter_key(key, key)?;
        Ok(self.json)
    }

    /// Ends the object.
    pub fn end(mut self) -> Result<(), WriteError> {
        self.close_down_to(0)
    }

    /// How many open containers lie on this way, the root included.
    fn shared_with(&self, way: &[Step<'_>]) -> usize {
        let inner = self.open.iter().skip(1);
        1 + inner.zip(way).take_while(|(open, step)| open.via.is(**step)).count()
    }

    fn close_down_to(&mut self, count: usize) -> Result<(), WriteError> {
        while self.open.len() > count {
            match self.open.pop().map(|open| open.container) {
                Some(Container::Object(_)) => self.json.end_object()?,
                Some(Container::List(_)) => self.json.end_array()?,
                None => {}
            }
        }
        Ok(())
    }

    /// Takes a step into the innermost container, which must not have gone there before.
    fn enter(&mut self, step: Step<'_>, path: &str) -> Result<(), WriteError> {
        match step {
            Step::Key(key) => self.enter_key(&key.chars().collect::<String>(), path),
            Step::Index(index) => match self.innermost() {
                Container::List(next) if *next == index => {
                    *next += 1;
                    Ok(())
                }
                _ => Err(WriteError::Contradiction { path: path.to_owned() }),
            },
        }
    }

    fn enter_key(&mut self, key: &str, path: &str) -> Result<(), WriteError> {
        let is_new = match self.innermost() {
            Container::Object(keys) => keys.insert(key.to_owned()),
            Container::List(_) => false,
        };
        if !is_new {
            return Err(WriteError::Contradiction { path: path.to_owned() });
        }
        Ok(self.json.name(key)?)
    }

    /// Opens the container that `via` led to, of the kind that has a `next` step.
    fn open(&mut self, via: Step<'_>, next: Step<'_>) -> Result<(), WriteError> {
        let container = match next {
            Step::Key(_) => {
                self.json.begin_object()?;
                Container::Object(HashSet::new())
            }
            Step::Index(_) => {
                self.json.begin_array()?;
                Container::List(0)
            }
        };
        self.open.push(Open { via: Via::from(via), container });
        Ok(())
    }

    fn innermost(&mut self) -> &mut Container {
        &mut self.open.last_mut().expect("invariant: the root is open until the end").container
    }
}

impl Via {
    fn is(&self, step: Step<'_>) -> bool {
        match (self, step) {
            (Self::Key(mine), Step::Key(key)) => mine == key.escaped(),
            (Self::Index(mine), Step::Index(index)) => *mine == index,
            _ => false,
        }
    }
}

impl From<Step<'_>> for Via {
    fn from(step: Step<'_>) -> Self {
        match step {
            Step::Key(key) => Self::Key(key.escaped().to_owned()),
            Step::Index(index) => Self::Index(index),
        }
    }
}

fn write_value(json: &mut impl JsonWriter, path: &str, value: Value<'_>) -> Result<(), WriteError> {
    match value {
        Value::Null => json.null_value()?,
        Value::Bool(value) => json.bool_value(value)?,
        Value::Signed(value) => json.number_value(value)?,
        Value::Unsigned(value) => json.number_value(value)?,
        Value::Float(value) => write_number(json, path, &number::write_float(value))?,
        Value::Decimal(text) => write_number(json, path, text)?,
        Value::Text(text) => json.string_value(text)?,
        Value::EmptyObject => {
            json.begin_object()?;
            json.end_object()?;
        }
        Value::EmptyList => {
            json.begin_array()?;
            json.end_array()?;
        }
    }
    Ok(())
}

/// Numbers of a forged block can be any text; the tokenizer knows which are none.
fn write_number(json: &mut impl JsonWriter, path: &str, text: &str) -> Result<(), WriteError> {
    json.number_value_from_string(text).map_err(|error| match error {
        JsonNumberError::InvalidNumber(_) => WriteError::Number { path: path.to_owned() },
        JsonNumberError::IoError(error) => WriteError::Io(error),
    })
}

/// The bytes that stand for a tree that was read, whatever its whitespace, its escapes and the
/// order of its keys: keys sorted by their bytes, numbers as they were written.
pub(crate) fn canonical(node: &Node) -> Vec<u8> {
    let mut json = JsonStreamWriter::new(Vec::new());
    write_sorted(&mut json, &node.tree)
        .and_then(|()| Ok(json.finish_document()?))
        .expect("invariant: what was read is JSON, and a Vec takes it")
}

fn write_sorted(json: &mut JsonStreamWriter<Vec<u8>>, tree: &Tree) -> Result<(), WriteError> {
    match tree {
        Tree::Leaf(value) => write_value(json, "", Value::from(value)),
        Tree::List(elements) => {
            json.begin_array()?;
            elements.iter().try_for_each(|element| write_sorted(json, &element.tree))?;
            Ok(json.end_array()?)
        }
        Tree::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_unstable_by_key(|(key, _)| *key);
            json.begin_object()?;
            for (key, member) in sorted {
                json.name(key)?;
                write_sorted(json, &member.tree)?;
            }
            Ok(json.end_object()?)
        }
    }
}
