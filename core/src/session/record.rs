//! Sessions as records of the log.
//!
//! | part | record |
//! |---|---|
//! | head | kind `Session`, `structure.session` = id; leaves `/title`, `/user_id`, `/parent_session_id`, `/status`, `/created_at`, `/updated_at`, then every other field |
//! | message of the user | kind `Observation`, leaf `/metadata/source` = `user` |
//! | message of the system | kind `Observation`, leaf `/metadata/source` = `system` |
//! | message of the assistant | kind `Output` |
//! | every message | `structure.trace` = `structure.session` = the session's id, alias = the message's id, its text as the event's; leaves `/message/id`, `/message/timestamp`, then every other field below `/message` |
//!
//! What carries no `/message/id` is no message: a session's trace also holds what the agent
//! thought and did between two of them.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Message, Role, Session, SessionError, Status, Transcript};
use crate::time::Timestamp;
use crate::trace::{Body, Content, Kind, Record, Structure, SubjectRef, USER};
use crate::value::{Leaf, OwnedLeaf, Value};

/// What a record needs and a session does not say.
#[derive(Clone, Copy, Debug)]
pub struct Stamp<'a> {
    /// When.
    pub time: Timestamp,
    /// Whose data it is.
    pub subject: SubjectRef,
    /// The agent that takes part.
    pub agent: Option<&'a str>,
}

impl<'a> Stamp<'a> {
    fn structure(self, kind: Kind, session: &'a str) -> Structure<'a> {
        let plain = Structure::new(kind, self.time, self.subject);
        Structure { agent: self.agent, session: Some(session), ..plain }
    }
}

impl Session {
    /// The head's leaves.
    #[must_use]
    pub fn leaves(&self) -> Vec<Leaf<'_>> {
        let known = [
            (TITLE, Some(&*self.title)),
            (USER, self.user.as_deref()),
            (PARENT, self.parent.as_deref()),
            (STATUS, Some(self.status.name())),
            (CREATED, Some(&*self.created)),
            (UPDATED, Some(&*self.updated)),
        ];
        let known = known.into_iter().filter_map(|(path, value)| Some(text(path, value?)));
        known.chain(self.leaves.iter().map(OwnedLeaf::as_leaf)).collect()
    }

    /// The head as a record.
    #[must_use]
    pub fn head<'a>(&'a self, stamp: Stamp<'a>) -> Record<'a> {
        let structure = stamp.structure(Kind::Session, &self.id);
        Record { structure, body: Body::Session(Content::of(self.leaves())) }
    }

    /// The session with this id and these leaves of its head.
    pub fn from_leaves(id: &str, leaves: &[Leaf<'_>]) -> Result<Self, SessionError> {
        let known = [TITLE, USER, PARENT, STATUS, CREATED, UPDATED];
        Ok(Self {
            id: id.to_owned(),
            title: required(leaves, TITLE)?.to_owned(),
            user: find(leaves, USER)?.map(str::to_owned),
            parent: find(leaves, PARENT)?.map(str::to_owned),
            status: find(leaves, STATUS)?.map_or(Ok(Status::default()), str::parse)?,
            created: required(leaves, CREATED)?.to_owned(),
            updated: required(leaves, UPDATED)?.to_owned(),
            leaves: others(leaves, &known).collect(),
        })
    }
}

impl Message {
    /// The kind of event that it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self.role {
            Role::User | Role::System => Kind::Observation,
            Role::Assistant => Kind::Output,
        }
    }

    /// The event's leaves.
    #[must_use]
    pub fn leaves(&self) -> Vec<Leaf<'_>> {
        let source = (self.kind() == Kind::Observation).then(|| text(SOURCE, self.role.name()));
        let own = [text(ID, &self.id), text(TIME, &self.time)];
        let others = self.leaves.iter().map(OwnedLeaf::as_leaf);
        source.into_iter().chain(own).chain(others).collect()
    }

    /// The message as a record of its session's own trace.
    #[must_use]
    pub fn record<'a>(&'a self, session: &'a str, stamp: Stamp<'a>) -> Record<'a> {
        let structure = stamp.structure(self.kind(), session);
        let structure = Structure { trace: Some(session), alias: Some(&self.id), ..structure };
        let content = Content { text: Some(&self.text), leaves: self.leaves().into(), marks: [][..].into() };
        Record { structure, body: Body::Event(content) }
    }

    /// The message that an event is; `None` where it is something else.
    pub fn from_event(kind: Kind, content: &Content<'_>) -> Result<Option<Self>, SessionError> {
        let leaves = &content.leaves;
        let Some(id) = find(leaves, ID)? else { return Ok(None) };
        let below = leaves.iter().filter(|leaf| leaf.path.starts_with(MESSAGE)).copied();
        Ok(Some(Self {
            id: id.to_owned(),
            role: role(kind, leaves)?,
            text: content.text.unwrap_or_default().to_owned(),
            time: required(leaves, TIME)?.to_owned(),
            leaves: others(&below.collect::<Vec<_>>(), &[ID, TIME]).collect(),
        }))
    }
}

/// Reads one session back from records in the order of their log.
///
/// Records of other sessions and events that are no messages pass by.
#[derive(Clone, Debug)]
pub struct Fold {
    id: String,
    session: Option<Session>,
    messages: Vec<Message>,
}

impl Fold {
    /// A fold for the session with this id.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self { id: id.to_owned(), session: None, messages: Vec::new() }
    }

    /// Takes the next record in.
    pub fn push(&mut self, structure: &Structure<'_>, body: &Body<'_>) -> Result<(), SessionError> {
        let of_this = structure.session == Some(&self.id);
        match body {
            Body::Session(_) if structure.session.is_none() => return Err(SessionError::NoSession),
            Body::Session(head) if of_this => {
                self.session = Some(Session::from_leaves(&self.id, &head.leaves)?);
            }
            Body::Event(content) if of_this => {
                self.messages.extend(Message::from_event(structure.kind, content)?);
            }
            _ => {}
        }
        Ok(())
    }

    /// The session; `None` where no head came by.
    #[must_use]
    pub fn finish(self) -> Option<Transcript> {
        Some(Transcript { session: self.session?, messages: self.messages })
    }
}

fn role(kind: Kind, leaves: &[Leaf<'_>]) -> Result<Role, SessionError> {
    match kind {
        Kind::Output => Ok(Role::Assistant),
        Kind::Observation => match required(leaves, SOURCE)?.parse()? {
            Role::Assistant => Err(SessionError::NotSpoken),
            spoken => Ok(spoken),
        },
        _ => Err(SessionError::NotSpoken),
    }
}

const fn text<'a>(path: &'a str, text: &'a str) -> Leaf<'a> {
    Leaf { path, value: Value::Text(text) }
}

fn find<'a>(leaves: &[Leaf<'a>], path: &'static str) -> Result<Option<&'a str>, SessionError> {
    match leaves.iter().find(|leaf| leaf.path == path) {
        None => Ok(None),
        Some(leaf) => leaf.value.as_text().map(Some).ok_or(SessionError::NotText(path)),
    }
}

fn required<'a>(leaves: &[Leaf<'a>], path: &'static str) -> Result<&'a str, SessionError> {
    find(leaves, path)?.ok_or(SessionError::Missing(path))
}

fn others(leaves: &[Leaf<'_>], known: &[&str]) -> impl Iterator<Item = OwnedLeaf> {
    leaves.iter().filter(|leaf| !known.contains(&leaf.path)).copied().map(OwnedLeaf::from)
}

const TITLE: &str = "/title";
const PARENT: &str = "/parent_session_id";
const STATUS: &str = "/status";
const CREATED: &str = "/created_at";
const UPDATED: &str = "/updated_at";

const SOURCE: &str = "/metadata/source";
const MESSAGE: &str = "/message/";
const ID: &str = "/message/id";
const TIME: &str = "/message/timestamp";
