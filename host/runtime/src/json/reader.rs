//! Reading records: `struson` takes the source apart, this puts each record together within its
//! [`limits`](super::limits).

use core::fmt;
use std::io::{self, Read};

use activemirror_core::value::path::{write_index, write_key};
use struson::reader::{
    JsonReader as _, JsonReaderPosition, JsonStreamReader, ReaderError, ReaderSettings, SyntaxErrorKind,
    ValueType,
};

use super::error::{Error, Fault, Position};
use super::limits::{Budget, NESTING_MAX, RECORD_BYTES_MAX, TEXT_BYTES_MAX};
use super::meter::{Meter, Stop};
use super::number;
use super::tree::{Node, Object, Tree};
use crate::document::Value;

/// The tokenizer reads this far ahead, so the meter stops this much later than a limit says; the
/// limit itself is checked on what was read.
const READ_AHEAD: usize = 1024;

/// One record, and what its texts may still take if they are read as JSON ([`parse`]).
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The record.
    pub node: Node,
    /// What is left of its budget.
    pub budget: Budget,
}

/// The records of a source, one by one: its values, and the elements of those that are lists. So
/// JSON Lines, one value printed over many lines, and a list of records all read the same.
///
/// After a fault there is nothing more.
pub struct Records<R: Read> {
    json: JsonStreamReader<Meter<R>>,
    place: Place,
}

/// Where in a source the reader stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Start,
    BetweenValues,
    InList,
    End,
}

impl<R: Read> Records<R> {
    /// The records of `source`, which needs no buffer of its own.
    pub fn new(source: R) -> Self {
        Self { json: tokenizer(source), place: Place::Start }
    }

    /// Where the reader stands: after the last record, before the next.
    #[must_use]
    pub fn here(&self) -> Position {
        position(&self.json)
    }

    fn read(&mut self) -> Result<Option<Record>, Error> {
        self.json.reader_mut().allow_record(RECORD_BYTES_MAX + READ_AHEAD);
        if !self.find_record().map_err(|error| self.fail(error))? {
            return Ok(None);
        }
        let mut budget = Budget::of_record();
        let at = self.here();
        let node = Walk::new(&mut self.json, NESTING_MAX, &mut budget).value()?;
        if self.place == Place::Start {
            self.place = Place::BetweenValues;
        }
        if self.here().byte - at.byte > RECORD_BYTES_MAX as u64 {
            return Err(Error { at, path: String::new(), fault: Fault::RecordTooLong });
        }
        Ok(Some(Record { node, budget }))
    }

    /// Steps into and out of lists until a record is next; false at the end.
    fn find_record(&mut self) -> Result<bool, ReaderError> {
        loop {
            match self.place {
                Place::End => return Ok(false),
                Place::BetweenValues if !self.json.has_next()? => return Ok(false),
                Place::Start | Place::BetweenValues if self.json.peek()? == ValueType::Array => {
                    self.json.begin_array()?;
                    self.place = Place::InList;
                }
                Place::InList if !self.json.has_next()? => {
                    self.json.end_array()?;
                    self.place = Place::BetweenValues;
                }
                Place::Start | Place::BetweenValues | Place::InList => return Ok(true),
            }
        }
    }

    /// A source that ends before its first value is empty rather than cut off.
    fn fail(&mut self, error: ReaderError) -> Error {
        let ended = matches!(&error, ReaderError::SyntaxError(error) if error.kind == SyntaxErrorKind::IncompleteDocument);
        let error = fail(&mut self.json, "", error);
        if ended && self.place == Place::Start { Error { fault: Fault::Empty, ..error } } else { error }
    }
}

impl<R: Read> Iterator for Records<R> {
    type Item = Result<Record, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = self.read();
        if !matches!(record, Ok(Some(_))) {
            self.place = Place::End;
        }
        record.transpose()
    }
}

/// The tokenizer's buffer holds what may be nobody's business, so it is not shown.
impl<R: Read> fmt::Debug for Records<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").field("place", &self.place).finish_non_exhaustive()
    }
}

/// Reads a text that is one JSON value and nothing else, nested at most `nesting_max` deep.
pub fn parse(text: &str, nesting_max: usize, budget: &mut Budget) -> Result<Node, Error> {
    let mut json = tokenizer(text.as_bytes());
    let node = Walk::new(&mut json, nesting_max, budget).value()?;
    match json.has_next() {
        Ok(false) => Ok(node),
        Ok(true) => {
            let fault = Fault::Syntax { expected: "the end of the text" };
            Err(Error { at: position(&json), path: String::new(), fault })
        }
        Err(error) => Err(fail(&mut json, "", error)),
    }
}

fn tokenizer<R: Read>(source: R) -> JsonStreamReader<Meter<R>> {
    let settings = ReaderSettings {
        allow_multiple_top_level: true,
        // Paths, nesting and numbers are this module's own.
        track_path: false,
        max_nesting_depth: None,
        restrict_number_values: false,
        ..ReaderSettings::default()
    };
    JsonStreamReader::new_custom(Meter::new(source), settings)
}

/// The way through one record.
struct Walk<'a, R: Read> {
    json: &'a mut JsonStreamReader<Meter<R>>,
    path: String,
    nesting_left: usize,
    budget: &'a mut Budget,
}

impl<'a, R: Read> Walk<'a, R> {
    const fn new(
        json: &'a mut JsonStreamReader<Meter<R>>,
        nesting_left: usize,
        budget: &'a mut Budget,
    ) -> Self {
        Self { json, path: String::new(), nesting_left, budget }
    }

    fn value(&mut self) -> Result<Node, Error> {
        let kind = self.json.peek().map_err(|error| self.fail(error))?;
        let at = position(self.json);
        let tree = match kind {
            ValueType::Object => self.nested(at, Self::object)?,
            ValueType::Array => self.nested(at, Self::list)?,
            ValueType::String => Tree::Leaf(Value::Text(self.text(at, |json| json.next_string())?)),
            ValueType::Number => {
                Tree::Leaf(number::read(&self.text(at, |json| json.next_number_as_string())?))
            }
            ValueType::Boolean => {
                Tree::Leaf(Value::Bool(self.json.next_bool().map_err(|error| self.fail(error))?))
            }
            ValueType::Null => {
                self.json.next_null().map_err(|error| self.fail(error))?;
                Tree::Leaf(Value::Null)
            }
        };
        self.spend(at, &tree)?;
        Ok(Node { at, tree })
    }

    fn nested(
        &mut self,
        at: Position,
        read: impl FnOnce(&mut Self) -> Result<Tree, Error>,
    ) -> Result<Tree, Error> {
        let Some(nesting_left) = self.nesting_left.checked_sub(1) else {
            return Err(self.fault(at, Fault::TooDeep));
        };
        self.nesting_left = nesting_left;
        let tree = read(self)?;
        self.nesting_left += 1;
        Ok(tree)
    }

    fn object(&mut self) -> Result<Tree, Error> {
        self.json.begin_object().map_err(|error| self.fail(error))?;
        let mut members = Object::new();
        while self.json.has_next().map_err(|error| self.fail(error))? {
            let at = position(self.json);
            let key = self.text(at, |json| json.next_name_owned())?;
            let parent = self.path.len();
            write_key(&mut self.path, &key).expect("invariant: a String takes what is written");
            if members.contains_key(&key) {
                return Err(self.fault(at, Fault::DuplicateKey));
            }
            members.insert(key, self.value()?);
            self.path.truncate(parent);
        }
        self.json.end_object().map_err(|error| self.fail(error))?;
        Ok(if members.is_empty() { Tree::Leaf(Value::EmptyObject) } else { Tree::Object(members) })
    }

    fn list(&mut self) -> Result<Tree, Error> {
        self.json.begin_array().map_err(|error| self.fail(error))?;
        let mut elements = Vec::new();
        while self.json.has_next().map_err(|error| self.fail(error))? {
            let parent = self.path.len();
            let index = u32::try_from(elements.len()).expect("invariant: VALUES_MAX is below 2^32");
            write_index(&mut self.path, index).expect("invariant: a String takes what is written");
            elements.push(self.value()?);
            self.path.truncate(parent);
        }
        self.json.end_array().map_err(|error| self.fail(error))?;
        Ok(if elements.is_empty() { Tree::Leaf(Value::EmptyList) } else { Tree::List(elements) })
    }

    /// Reads a text, key or number within its bound.
    fn text(
        &mut self,
        at: Position,
        read: impl FnOnce(&mut JsonStreamReader<Meter<R>>) -> Result<String, ReaderError>,
    ) -> Result<String, Error> {
        self.json.reader_mut().allow_text(Some(TEXT_BYTES_MAX + READ_AHEAD));
        let mut text = read(self.json).map_err(|error| self.fail(error))?;
        self.json.reader_mut().allow_text(None);
        if text.len() > TEXT_BYTES_MAX {
            return Err(self.fault(at, Fault::TextTooLong));
        }
        // The tokenizer's buffer grows by doubling.
        text.shrink_to_fit();
        Ok(text)
    }

    fn spend(&mut self, at: Position, tree: &Tree) -> Result<(), Error> {
        let path_bytes = if matches!(tree, Tree::Leaf(_)) { self.path.len() } else { 0 };
        self.budget.spend(path_bytes).ok_or_else(|| self.fault(at, Fault::TooManyValues))
    }

    fn fault(&self, at: Position, fault: Fault) -> Error {
        Error { at, path: self.path.clone(), fault }
    }

    fn fail(&mut self, error: ReaderError) -> Error {
        fail(self.json, &self.path, error)
    }
}

fn position<R: Read>(json: &JsonStreamReader<Meter<R>>) -> Position {
    place(&json.current_position(false))
}

/// `struson` counts from 0.
fn place(position: &JsonReaderPosition) -> Position {
    let Some(line) = position.line_pos else { return Position::START };
    Position { line: line.line + 1, column: line.column + 1, byte: position.data_pos.unwrap_or(0) }
}

fn fail<R: Read>(json: &mut JsonStreamReader<Meter<R>>, path: &str, error: ReaderError) -> Error {
    let (at, fault) = match error {
        ReaderError::SyntaxError(error) => {
            (place(&error.location), syntax_fault(json.reader_mut(), place(&error.location), error.kind))
        }
        ReaderError::IoError { error, location } => (place(&location), source_fault(error)),
        // Never asked for: every read follows a look at what is next.
        _ => (position(json), Fault::Syntax { expected: "another value" }),
    };
    Error { at, path: path.to_owned(), fault }
}

/// A text that is at fault only because it ends is cut off, whatever the tokenizer missed first.
fn syntax_fault<R: Read>(meter: &Meter<R>, at: Position, kind: SyntaxErrorKind) -> Fault {
    let marks = [Some(0xEF), Some(0xFE), Some(0xFF)];
    if at.byte == 0 && marks.contains(&meter.first()) {
        Fault::ByteOrderMark
    } else if meter.has_ended() {
        Fault::Truncated
    } else {
        Fault::Syntax { expected: expected(kind) }
    }
}

fn source_fault(error: io::Error) -> Fault {
    // What is not the meter's comes from the tokenizer, whose own is only this.
    let Ok(stop) = error.downcast::<Stop>() else { return Fault::InvalidUtf8 };
    match stop {
        Stop::Text => Fault::TextTooLong,
        Stop::Record => Fault::RecordTooLong,
        Stop::Nul => Fault::NulByte,
        Stop::Source(error) => Fault::Io(error),
    }
}

const fn expected(kind: SyntaxErrorKind) -> &'static str {
    use SyntaxErrorKind as Kind;
    match kind {
        Kind::CommentsNotEnabled | Kind::IncompleteComment | Kind::BlockCommentNotClosed => {
            "a value, since JSON has no comments"
        }
        Kind::InvalidLiteral | Kind::TrailingDataAfterLiteral => "`true`, `false` or `null`",
        Kind::UnexpectedClosingBracket => "a value, or the other kind of bracket",
        Kind::UnexpectedComma | Kind::UnexpectedColon => "a value",
        Kind::MissingComma => "a comma or a closing bracket",
        Kind::TrailingCommaNotEnabled => "a value after the comma",
        Kind::MissingColon => "a colon after the key",
        Kind::MalformedNumber | Kind::TrailingDataAfterNumber => "a number as JSON spells them",
        Kind::ExpectingMemberNameOrObjectEnd => "a key in double quotes or `}`",
        Kind::NotEscapedControlCharacter => "an escape for the control character",
        Kind::UnknownEscapeSequence | Kind::MalformedEscapeSequence => "an escape that JSON knows",
        Kind::UnpairedSurrogatePairEscapeSequence => "the other half of the surrogate pair",
        Kind::TrailingData => "the end of the text",
        _ => "an object, a list or another value",
    }
}
