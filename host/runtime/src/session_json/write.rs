//! From a session to JSON of either spelling.

use activemirror_core::session::{Message, Session, Status, Transcript};
use activemirror_core::value::OwnedLeaf;
use activemirror_core::value::Value;
use struson::writer::{JsonStreamWriter, JsonWriter as _, WriterSettings};

use super::{
    CONTENT, COUNT, CREATED, Field, ID, MESSAGE, MESSAGE_SESSION, MESSAGES, METADATA, PARENT, ROLE, SESSION,
    STATUS, Spelling, TIME, TITLE, UPDATED, USER,
};
use crate::json::{ObjectWriter, WriteError};

type Json = JsonStreamWriter<Vec<u8>>;

/// The session over many lines, for files and people.
pub fn write(transcript: &Transcript, spelling: Spelling) -> Result<String, WriteError> {
    written(transcript, spelling, WriterSettings { pretty_print: true, ..WriterSettings::default() })
}

/// The session in one line.
pub fn write_line(transcript: &Transcript, spelling: Spelling) -> Result<String, WriteError> {
    written(transcript, spelling, WriterSettings::default())
}

fn written(
    transcript: &Transcript,
    spelling: Spelling,
    settings: WriterSettings,
) -> Result<String, WriteError> {
    let mut json = JsonStreamWriter::new_custom(Vec::new(), settings);
    write_session(&mut json, transcript, spelling)?;
    let text = json.finish_document()?;
    Ok(String::from_utf8(text).expect("invariant: the tokenizer writes UTF-8"))
}

fn write_session(json: &mut Json, transcript: &Transcript, spelling: Spelling) -> Result<(), WriteError> {
    let Transcript { session, messages } = transcript;
    let mut object = Spelled { object: ObjectWriter::begin(json)?, spelling };
    match spelling {
        Spelling::Python => write_python_head(&mut object, session)?,
        Spelling::JavaScript => write_javascript_head(&mut object, session)?,
    }
    object.value(COUNT, Value::Unsigned(messages.len() as u64))?;
    let list = object.object.member(MESSAGES.spelled(spelling))?;
    list.begin_array()?;
    messages.iter().try_for_each(|message| write_message(list, message, &session.id, spelling))?;
    list.end_array()?;
    if spelling == Spelling::JavaScript {
        write_javascript_tail(&mut object, session)?;
    }
    object.rest(&session.leaves, "")?;
    object.object.end()
}

fn write_python_head(object: &mut Spelled<'_>, session: &Session) -> Result<(), WriteError> {
    object.text(ID, &session.id)?;
    object.text(TITLE, &session.title)?;
    object.optional(USER, session.user.as_deref())?;
    object.optional(PARENT, session.parent.as_deref())?;
    object.text(CREATED, &session.created)?;
    object.text(UPDATED, &session.updated)?;
    object.text(STATUS, session.status.name())
}

fn write_javascript_head(object: &mut Spelled<'_>, session: &Session) -> Result<(), WriteError> {
    object.text(ID, &session.id)?;
    object.text(TITLE, &session.title)?;
    object.optional(USER, session.user.as_deref())?;
    object.text(CREATED, &session.created)?;
    object.text(UPDATED, &session.updated)
}

/// What JavaScript's SDK does not know, where there is something to say.
fn write_javascript_tail(object: &mut Spelled<'_>, session: &Session) -> Result<(), WriteError> {
    if let Some(parent) = &session.parent {
        object.text(PARENT, parent)?;
    }
    if session.status != Status::default() {
        object.text(STATUS, session.status.name())?;
    }
    Ok(())
}

fn write_message(
    json: &mut Json,
    message: &Message,
    session: &str,
    spelling: Spelling,
) -> Result<(), WriteError> {
    let (foreign, leaves): (Vec<_>, Vec<_>) =
        message.leaves.iter().cloned().partition(|leaf| leaf.path == MESSAGE_SESSION);
    let session = foreign.first().map_or(Value::Text(session), |leaf| leaf.value.as_value());
    let mut object = Spelled { object: ObjectWriter::begin(json)?, spelling };
    object.text(ID, &message.id)?;
    object.value(SESSION, session)?;
    object.text(ROLE, message.role.name())?;
    object.text(CONTENT, &message.text)?;
    object.text(TIME, &message.time)?;
    object.rest(&leaves, MESSAGE)?;
    object.object.end()
}

/// An object whose fields are spelled one way.
struct Spelled<'w> {
    object: ObjectWriter<'w, Vec<u8>>,
    spelling: Spelling,
}

impl Spelled<'_> {
    fn value(&mut self, field: Field, value: Value<'_>) -> Result<(), WriteError> {
        self.object.leaf(&format!("/{}", field.spelled(self.spelling)), value)
    }

    fn text(&mut self, field: Field, text: &str) -> Result<(), WriteError> {
        self.value(field, Value::Text(text))
    }

    fn optional(&mut self, field: Field, text: Option<&str>) -> Result<(), WriteError> {
        self.value(field, text.map_or(Value::Null, Value::Text))
    }

    /// The metadata, which both SDKs always have in messages, and then every other leaf.
    fn rest(&mut self, leaves: &[OwnedLeaf], prefix: &str) -> Result<(), WriteError> {
        let below = |leaf: &OwnedLeaf| leaf.path.strip_prefix(prefix).unwrap_or(&leaf.path).to_owned();
        let is_metadata = |leaf: &&OwnedLeaf| is_metadata(&below(leaf));
        let (metadata, others): (Vec<_>, Vec<_>) = leaves.iter().partition(is_metadata);
        if metadata.is_empty() && (self.spelling == Spelling::Python || prefix == MESSAGE) {
            self.value(METADATA, Value::EmptyObject)?;
        }
        let mut rest = metadata.into_iter().chain(others);
        rest.try_for_each(|leaf| self.object.leaf(&below(leaf), leaf.value.as_value()))
    }
}

fn is_metadata(path: &str) -> bool {
    path.strip_prefix("/metadata").is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '[']))
}
