//! MirrorDNA v1.1, the exchange format: traces of events, as JSON.
//!
//! # What becomes of a trace
//!
//! | member | becomes |
//! |---|---|
//! | `trace_id` | [`Trace::id`]; where it is missing, a UUIDv5 of the trace itself |
//! | `agent_id` | [`Trace::agent`]; it has to be there |
//! | `session_id`, `user_id`, `system` | [`Trace::session`], [`Trace::user`], [`Trace::system`] |
//! | `timestamp` | [`Trace::time`]; where it is missing, the first event's |
//! | `events` | [`Trace::events`]; it has to be there |
//! | `verdicts`, `findings` | leaves under `/imported`: see below |
//! | any other | leaves under its own name |
//!
//! # What becomes of an event
//!
//! | member | becomes |
//! |---|---|
//! | `event_id`, `type`, `content`, `action` | [`Event::alias`], [`Event::kind`], [`Event::text`], [`Event::action`] |
//! | `timestamp` | [`Event::time`]; where it is missing, a second after the event before |
//! | `semantics.intent`, if a text | [`Event::intent`] |
//! | `semantics.confidence`, if a number | [`Event::confidence`] |
//! | any other | leaves under its own name |
//!
//! `intent`, `confidence` and `citations` in `metadata` are the older spelling of those members of
//! `semantics`. They are read as such, and written as such, where the event has no `semantics`;
//! the rest of `metadata` stays where it is.
//!
//! A time that is no RFC 3339 time in UTC with milliseconds is read too (other offsets and
//! precisions; without a zone, as UTC; numbers since the Unix epoch), and its spelling is a leaf
//! that wins on export. A trace or event whose `timestamp` is missing gets
//! `metadata.synthetic_time`.
//!
//! `verdicts` and `findings` of a file are what somebody else's policies said. They are not this
//! log's, whose own come to stand under those names on export, so they move under `imported`, with
//! an older `imported` inside.
//!
//! The order of members is the source's within unknown ones and the documented one among the
//! others.
//!
//! [`Trace::id`]: crate::document::Trace::id
//! [`Trace::agent`]: crate::document::Trace::agent
//! [`Trace::session`]: crate::document::Trace::session
//! [`Trace::user`]: crate::document::Trace::user
//! [`Trace::system`]: crate::document::Trace::system
//! [`Trace::time`]: crate::document::Trace::time
//! [`Trace::events`]: crate::document::Trace::events
//! [`Event::alias`]: crate::document::Event::alias
//! [`Event::kind`]: crate::document::Event::kind
//! [`Event::text`]: crate::document::Event::text
//! [`Event::action`]: crate::document::Event::action
//! [`Event::time`]: crate::document::Event::time
//! [`Event::intent`]: crate::document::Event::intent
//! [`Event::confidence`]: crate::document::Event::confidence

mod read;
mod write;

pub(super) use read::read;
pub use write::Writer;
