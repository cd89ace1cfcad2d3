//! What a tab asks to be recorded, read from the plain object that it sends (`protocol.ts`).

use activemirror_core::draft::Draft;
use activemirror_core::session::{Message, Role, Session, Status};
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Kind, USER};
use activemirror_core::value::OwnedLeaf;
use js_sys::{Array, Object};
use wasm_bindgen::{JsCast, JsValue};

use crate::entry::{Context, Entry};
use crate::failure::Failure;
use crate::sight::member;
use crate::value::Leaves;

/// The agent of sessions' own traces; as on hosts.
const SESSION_AGENT: &str = "session";

/// A request's members, each checked as it is read.
#[derive(Clone, Debug)]
pub(crate) struct Request(pub(crate) JsValue);

impl Request {
    /// The member that is an object of its own.
    pub(crate) fn inner(&self, name: &str) -> Self {
        Self(member(&self.0, name))
    }

    /// A text that may be missing.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, Failure> {
        match member(&self.0, name) {
            missing if missing.is_null() || missing.is_undefined() => Ok(None),
            value => value.as_string().map(Some).ok_or_else(|| wrong(name, "a text")),
        }
    }

    /// A text that must be there.
    pub(crate) fn required(&self, name: &str) -> Result<String, Failure> {
        self.text(name)?.filter(|text| !text.is_empty()).ok_or_else(|| wrong(name, "a text"))
    }

    /// A point in time, in whole milliseconds since the Unix epoch.
    pub(crate) fn time(&self, name: &str) -> Result<Timestamp, Failure> {
        let number = member(&self.0, name).as_f64().filter(|number| number.fract() == 0.0);
        let millis = number.ok_or_else(|| wrong(name, "a number of milliseconds"))?;
        Ok(Timestamp::from_millis(millis as i64))
    }

    /// Whose records these are, and where they belong.
    fn context(&self) -> Result<Context, Failure> {
        let (trace, session, user) =
            (self.required("traceId")?, self.text("sessionId")?, self.text("userId")?);
        let subject = subject(user.as_deref(), session.as_deref().unwrap_or(&trace));
        Ok(Context { trace: Some(trace), agent: self.text("agentId")?, session, subject })
    }

    /// A trace that begins.
    pub(crate) fn start(&self) -> Result<Entry, Failure> {
        let mut leaves = Leaves::new();
        leaves.field(&["metadata"], &member(&self.0, "metadata"))?;
        let user = self.text("userId")?;
        let user = user.map(|name| OwnedLeaf { path: USER.to_owned(), value: name.as_str().into() });
        let mut draft = Draft::new(Kind::TraceStart, self.time("timestamp")?);
        draft.leaves = user.into_iter().chain(leaves.finish()).collect();
        Ok(Entry::draft(self.context()?, draft))
    }

    /// An event of a trace.
    pub(crate) fn event(&self) -> Result<Entry, Failure> {
        let name = self.required("type")?;
        let kind = Kind::from_event_name(&name).ok_or_else(|| wrong("type", "one of the six event types"))?;
        let mut draft = Draft::new(kind, self.time("timestamp")?);
        draft.alias = Some(self.required("eventId")?);
        draft.text = self.text("content")?;
        draft.action = self.text("action")?;
        let (intent, confidence, semantics) = self.semantics()?;
        (draft.intent, draft.confidence) = (intent, confidence);
        let mut leaves = Leaves::new();
        for field in ["parameters", "data"] {
            leaves.field(&[field], &member(&self.0, field))?;
        }
        leaves.field(&["semantics"], &semantics)?;
        leaves.field(&["metadata"], &member(&self.0, "metadata"))?;
        draft.leaves = leaves.finish();
        Ok(Entry::draft(self.inner("trace").context()?, draft))
    }

    /// Intent and confidence have a place in the structure; the rest are leaves.
    fn semantics(&self) -> Result<(Option<String>, Option<f64>, JsValue), Failure> {
        let semantics = self.inner("semantics");
        if !semantics.0.is_object() {
            return Ok((None, None, semantics.0));
        }
        let intent = member(&semantics.0, "intent").as_string();
        let confidence = member(&semantics.0, "confidence").as_f64().filter(|number| number.is_finite());
        let placed = |key: &JsValue| match key.as_string().as_deref() {
            Some("intent") => intent.is_some(),
            Some("confidence") => confidence.is_some(),
            _ => false,
        };
        let members = Object::entries(semantics.0.unchecked_ref());
        let others: Array = members.iter().filter(|pair| !placed(&Array::from(pair).get(0))).collect();
        if others.length() == 0 && members.length() > 0 {
            return Ok((intent, confidence, JsValue::UNDEFINED));
        }
        let others = Object::from_entries(&others).map_err(|_| wrong("semantics", "an object"))?;
        Ok((intent, confidence, others.into()))
    }

    /// A session's head: a new one, or what changes in the one that is known.
    pub(crate) fn session(&self, known: Option<Session>) -> Result<Entry, Failure> {
        let first = known.is_none();
        let mut session = match known {
            None => self.new_session()?,
            Some(known) => known,
        };
        session.updated = self.required("updatedAt")?;
        if let Some(title) = self.text("title")? {
            session.title = title;
        }
        if let Some(status) = self.text("status")? {
            session.status = status.parse()?;
        }
        let subject = subject(session.user.as_deref(), &session.id);
        let context = session_context(&session.id, subject);
        let mut head = Draft::new(Kind::Session, self.time("time")?);
        head.leaves = session.leaves().into_iter().map(Into::into).collect();
        Ok(if first { Entry::first(context, head) } else { Entry::draft(context, head) })
    }

    fn new_session(&self) -> Result<Session, Failure> {
        let mut leaves = Leaves::new();
        leaves.field(&["metadata"], &member(&self.0, "metadata"))?;
        Ok(Session {
            id: self.required("id")?,
            title: self.required("title")?,
            user: self.text("userId")?,
            parent: self.text("parentSessionId")?,
            status: Status::default(),
            created: self.required("createdAt")?,
            updated: self.required("updatedAt")?,
            leaves: leaves.finish(),
        })
    }

    /// A message of a session: an event of the session's own trace.
    pub(crate) fn message(&self, head: &Session) -> Result<Entry, Failure> {
        let mut leaves = Leaves::new();
        leaves.field(&["message", "metadata"], &member(&self.0, "metadata"))?;
        let message = Message {
            id: self.required("id")?,
            role: self.required("role")?.parse::<Role>()?,
            text: self.text("content")?.ok_or_else(|| wrong("content", "a text"))?,
            time: self.required("timestamp")?,
            leaves: leaves.finish(),
        };
        let mut draft = Draft::new(message.kind(), self.time("time")?);
        draft.alias = Some(message.id.clone());
        draft.leaves = message.leaves().into_iter().map(Into::into).collect();
        draft.text = Some(message.text);
        let subject = subject(head.user.as_deref(), &head.id);
        Ok(Entry::draft(session_context(&head.id, subject), draft))
    }
}

/// Where the records of a session belong: to a trace of its own, as on hosts.
fn session_context(id: &str, subject: String) -> Context {
    let (trace, agent) = (Some(id.to_owned()), Some(SESSION_AGENT.to_owned()));
    Context { trace, agent, session: Some(id.to_owned()), subject }
}

/// How the person is called among subjects; the session, or the trace, stands in where nobody is
/// known. As on hosts.
pub(crate) fn subject(user: Option<&str>, otherwise: &str) -> String {
    user.map_or_else(|| format!("session:{otherwise}"), |user| format!("user:{user}"))
}

fn wrong(name: &str, expected: &str) -> Failure {
    Failure::bad_value(format!("`{name}` must be {expected}"))
}
