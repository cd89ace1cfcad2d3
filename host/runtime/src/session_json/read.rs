//! From JSON of either spelling to a session.

use core::str::FromStr;

use activemirror_core::session::{Message, Session, SessionError, Status, Transcript};
use activemirror_core::value::OwnedLeaf;
use activemirror_core::value::path::{write_index, write_key};

use super::{
    CONTENT, COUNT, CREATED, Error, Fault, Field, ID, MESSAGE, MESSAGE_SESSION, MESSAGES, METADATA, PARENT,
    ROLE, SESSION, STATUS, TIME, TITLE, UPDATED, USER,
};
use crate::document::Value;
use crate::json::{self, Node, Object, Position, Records, Tree};

/// The title of a session that has none, in the Python SDK.
const UNTITLED: &str = "Untitled Conversation";

/// Reads the text of one session.
pub fn read(text: &[u8]) -> Result<Transcript, Error> {
    let mut records = Records::new(text);
    let Some(first) = records.next() else {
        return Err(Error {
            at: records.here(),
            field: String::new(),
            fault: Fault::Json(json::Fault::Empty),
        });
    };
    let transcript = transcript(Fields::of(first?.node, String::new())?)?;
    let at = records.here();
    match records.next() {
        None => Ok(transcript),
        Some(Ok(_)) => Err(Error { at, field: String::new(), fault: Fault::More }),
        Some(Err(error)) => Err(error.into()),
    }
}

fn transcript(mut fields: Fields) -> Result<Transcript, Error> {
    let messages = fields.list(MESSAGES)?;
    fields.take(COUNT)?;
    let session = Session {
        id: fields.name(ID)?,
        title: fields.text(TITLE)?.unwrap_or_else(|| UNTITLED.to_owned()),
        user: fields.text(USER)?,
        parent: fields.text(PARENT)?,
        status: fields.known::<Status>(STATUS)?.unwrap_or_default(),
        created: fields.name(CREATED)?,
        updated: fields.name(UPDATED)?,
        leaves: fields.leaves("")?,
    };
    let messages = (0..).zip(messages).map(|(index, node)| message(node, index, &session.id));
    Ok(Transcript { messages: messages.collect::<Result<_, _>>()?, session })
}

fn message(node: Node, index: u32, session: &str) -> Result<Message, Error> {
    let mut path = String::from("/messages");
    write_index(&mut path, index).expect("invariant: a String takes what is written");
    let mut fields = Fields::of(node, path)?;
    let other_session = fields.text(SESSION)?.filter(|id| id != session);
    let foreign = other_session.map(|id| OwnedLeaf { path: MESSAGE_SESSION.into(), value: Value::Text(id) });
    Ok(Message {
        id: fields.name(ID)?,
        role: fields.known(ROLE)?.ok_or_else(|| fields.missing(ROLE, "a role"))?,
        text: fields.text(CONTENT)?.ok_or_else(|| fields.missing(CONTENT, "a text"))?,
        time: fields.name(TIME)?,
        leaves: foreign.into_iter().chain(fields.leaves(MESSAGE)?).collect(),
    })
}

/// The members of an object, taken one by one; what nobody takes becomes leaves.
struct Fields {
    members: Object,
    at: Position,
    path: String,
}

impl Fields {
    fn of(node: Node, path: String) -> Result<Self, Error> {
        let members = match node.tree {
            Tree::Object(members) => members,
            Tree::Leaf(Value::EmptyObject) => Object::new(),
            other => return Err(wrong_type(node.at, path, "an object", &other)),
        };
        Ok(Self { members, at: node.at, path })
    }

    /// Takes a field in whichever spelling it has; `null` is none.
    fn take(&mut self, field: Field) -> Result<Option<Node>, Error> {
        let python = self.members.shift_remove(field.python);
        let javascript = self.members.shift_remove(field.javascript);
        match (python, javascript) {
            (Some(_), Some(other)) => {
                Err(Error { at: other.at, field: self.path_of(field), fault: Fault::SpelledTwice })
            }
            (one, other) => Ok(one.or(other).filter(|node| node.tree != Tree::Leaf(Value::Null))),
        }
    }

    fn text(&mut self, field: Field) -> Result<Option<String>, Error> {
        match self.take(field)? {
            None => Ok(None),
            Some(Node { tree: Tree::Leaf(Value::Text(text)), .. }) => Ok(Some(text)),
            Some(other) => Err(wrong_type(other.at, self.path_of(field), "a text", &other.tree)),
        }
    }

    /// A text that has to be there and not empty.
    fn name(&mut self, field: Field) -> Result<String, Error> {
        let name = self.text(field)?.filter(|name| !name.is_empty());
        name.ok_or_else(|| self.missing(field, "a text that is not empty"))
    }

    /// A text that is one of a few.
    fn known<T: FromStr<Err = SessionError>>(&mut self, field: Field) -> Result<Option<T>, Error> {
        let at = self.members.get(field.python).map_or(self.at, |node| node.at);
        let known = self.text(field)?.map(|name| name.parse()).transpose();
        known.map_err(|error| Error { at, field: self.path_of(field), fault: Fault::Unknown(error) })
    }

    fn list(&mut self, field: Field) -> Result<Vec<Node>, Error> {
        match self.take(field)? {
            None | Some(Node { tree: Tree::Leaf(Value::EmptyList), .. }) => Ok(Vec::new()),
            Some(Node { tree: Tree::List(elements), .. }) => Ok(elements),
            Some(other) => Err(wrong_type(other.at, self.path_of(field), "a list", &other.tree)),
        }
    }

    /// All that is left as leaves below `prefix`: the metadata, then what nobody knows.
    fn leaves(mut self, prefix: &str) -> Result<Vec<OwnedLeaf>, Error> {
        let mut leaves = Vec::new();
        match self.take(METADATA)? {
            None | Some(Node { tree: Tree::Leaf(Value::EmptyObject), .. }) => {}
            Some(node) if node.tree.is_object() => node.flatten(&format!("{prefix}/metadata"), &mut leaves),
            Some(other) => {
                return Err(wrong_type(other.at, self.path_of(METADATA), "an object", &other.tree));
            }
        }
        for (key, node) in self.members {
            let mut path = prefix.to_owned();
            write_key(&mut path, &key).expect("invariant: a String takes what is written");
            node.flatten(&path, &mut leaves);
        }
        Ok(leaves)
    }

    fn missing(&self, field: Field, expected: &'static str) -> Error {
        Error { at: self.at, field: self.path_of(field), fault: Fault::Missing { expected } }
    }

    fn path_of(&self, field: Field) -> String {
        format!("{}/{}", self.path, field.python)
    }
}

fn wrong_type(at: Position, field: String, expected: &'static str, found: &Tree) -> Error {
    Error { at, field, fault: Fault::WrongType { expected, found: found.type_name() } }
}

impl From<json::Error> for Error {
    fn from(error: json::Error) -> Self {
        Self { at: error.at, field: error.path, fault: Fault::Json(error.fault) }
    }
}
