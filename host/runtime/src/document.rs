//! A trace as a document: what formats read and write, and the pipeline takes in.
//!
//! It owns its texts, since it outlives the file it came from; [`activemirror_core::trace`] is the
//! same in the form of the log.

use activemirror_core::time::Timestamp;
use activemirror_core::trace::Kind;

/// A value at a leaf; as [`activemirror_core::value::Value`], but its own.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
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
    Decimal(String),
    /// A text.
    Text(String),
    /// An object without members.
    EmptyObject,
    /// A list without elements.
    EmptyList,
}

/// One leaf of a structured value: path (see [`activemirror_core::value::path`]) and value.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    /// The path, whose first step is the field: `/parameters/order_id`.
    pub path: String,
    /// The value there.
    pub value: Value,
}

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What it is: one of [`Kind::EVENTS`].
    pub kind: Kind,
    /// When, as the source gave it.
    pub time: Timestamp,
    /// What the source calls it.
    pub alias: Option<String>,
    /// Its text.
    pub text: Option<String>,
    /// The name of the action, on actions.
    pub action: Option<String>,
    /// `semantics.intent`, where it is a text.
    pub intent: Option<String>,
    /// `semantics.confidence`, where it is a number.
    pub confidence: Option<f64>,
    /// Every other field, in document order. Where a field above cannot give back the source's
    /// spelling (a time with microseconds, a confidence of `1`), the spelling is a leaf here and
    /// wins on export.
    pub leaves: Vec<Leaf>,
}

/// One trace.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// Its id; a UUIDv5 of its canonical source where the source gives none.
    pub id: String,
    /// The agent.
    pub agent: String,
    /// The session.
    pub session: Option<String>,
    /// The person whose data it is; the session stands in where nobody is known.
    pub user: Option<String>,
    /// When it began.
    pub time: Timestamp,
    /// Its system text, which belongs to nobody.
    pub system: Option<String>,
    /// Every other field of the trace, in document order.
    pub leaves: Vec<Leaf>,
    /// Its events, in order.
    pub events: Vec<Event>,
}
