//! What a tab asks to be recorded, read from the plain object that it sends (`protocol.ts`).

use activemirror_core::session::{Message, Role, Session};
use activemirror_core::time::Timestamp;
use activemirror_core::trace::Kind;
use js_sys::{Array, Object};
use wasm_bindgen::{JsCast, JsValue};

use crate::draft::Draft;
use crate::entry::{Context, Entry, Head, Item};
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
        let item = Item::Start {
            user: self.text("userId")?,
            time: self.time("timestamp")?,
            leaves: leaves.finish(),
        };
        Ok(Entry::new(self.context()?, item))
    }

    /// An event of a trace.
    pub(crate) fn event(&self) -> Result<Entry, Failure> {
        let name = self.required("type")?;
        let kind = Kind::from_event_name(&name).ok_or_else(|| wrong("type", "one of the six event types"))?;
        let mut draft = Draft::new(kind, self.time("timestamp")?, self.required("eventId")?);
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
        Ok(Entry::event(self.inner("trace").context()?, draft))
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

    /// A session's head; `first` where its own trace begins with it.
    pub(crate) fn session(&self, first: bool) -> Result<Entry, Failure> {
        let mut leaves = Leaves::new();
        leaves.field(&["metadata"], &member(&self.0, "metadata"))?;
        let session = Session {
            id: self.required("id")?,
            title: self.required("title")?,
            user: self.text("userId")?,
            parent: self.text("parentSessionId")?,
            status: self.required("status")?.parse()?,
            created: self.required("createdAt")?,
            updated: self.required("updatedAt")?,
            leaves: leaves.finish(),
        };
        let subject = subject(session.user.as_deref(), &session.id);
        let context = session_context(&session.id, subject);
        let head = Head { session, time: self.time("time")?, first };
        Ok(Entry::new(context, Item::Head(Box::new(head))))
    }

    /// A message of a session: an event of the session's own trace.
    pub(crate) fn message(&self) -> Result<Entry, Failure> {
        let mut leaves = Leaves::new();
        leaves.field(&["message", "metadata"], &member(&self.0, "metadata"))?;
        let message = Message {
            id: self.required("id")?,
            role: self.required("role")?.parse::<Role>()?,
            text: self.text("content")?.ok_or_else(|| wrong("content", "a text"))?,
            time: self.required("timestamp")?,
            leaves: leaves.finish(),
        };
        let mut draft = Draft::new(message.kind(), self.time("time")?, message.id.clone());
        draft.leaves = message.leaves().into_iter().map(Into::into).collect();
        draft.text = Some(message.text);
        let (session, user) = (self.required("sessionId")?, self.text("userId")?);
        let subject = subject(user.as_deref(), &session);
        Ok(Entry::event(session_context(&session, subject), draft))
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
