//! The runtime of ActiveMirrorOS: record what an agent does, hold it to rules, prove it, on the
//! machine it runs on.
//!
//! # A conversation, recorded and governed
//!
//! ```
//! use activemirror::{Options, Runtime, Start, document::Event};
//!
//! # fn main() -> Result<(), Box<dyn core::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let (data, key_file) = (folder.path().join("data"), folder.path().join("keys/device.key"));
//! let runtime = Runtime::open(Options { data, key_file, ..Options::default() })?;
//! let mut trace = runtime.begin(Start { agent: "support-bot".into(), ..Start::default() })?;
//! trace.record(Event::observation("Where is my parcel?").from_user())?;
//! let ruled = trace.record(Event::action("find_parcel").with("/parameters/order_id", "A-17"))?;
//! assert!(ruled.may_proceed());
//! trace.record(Event::output("It arrives tomorrow."))?;
//! let id = trace.trace().to_owned();
//! trace.end()?;
//!
//! assert!(runtime.verify(activemirror::Scope::Everything, || ())?.fault().is_none());
//! assert_eq!(runtime.read(&id, activemirror::Reveal::Masked, "example")?.events.len(), 3);
//! # Ok(())
//! # }
//! ```
//!
//! # The pipeline
//!
//! An event goes down this list once ([`Recorder::record`], [`Recorder::record_all`],
//! [`Runtime::record_trace`]):
//!
//! 1. **frame**: a persona says how to go about a user's message ([`Recorder::frame`]);
//! 2. **govern**: policies allow, mask, drop, ask or deny, in the sandbox of `activemirror-engine`;
//! 3. **seal**: content goes under its person's own key;
//! 4. **append**: block, Merkle leaf, signed checkpoint, durable commit, in `activemirror-store`;
//! 5. **notify**: compliance packs say what they find; nobody waits for that but who asks
//!    ([`Recorder::found`]) or flushes.
//!
//! Steps 2 and 3 come before 4: no content reaches the disk unsealed, and what a policy drops
//! never reaches it at all.
//!
//! # What it does not do
//!
//! It calls no model and no tool: the agent does, and asks here first. It trusts no plugin, no
//! file and no other device.
#![deny(missing_docs)]

mod audit;
pub mod device_key;
mod devices;
pub mod document;
mod error;
mod event;
mod find;
pub mod format;
mod govern;
mod history;
pub mod json;
mod left_out;
mod plan;
mod plugins;
mod recorder;
mod recording;
mod repair;
mod restore;
pub mod retention;
mod runtime;
mod seen;
pub mod session_json;
mod sessions;
mod sight;
mod watch;

pub use activemirror_core::filter;
pub use activemirror_core::log::LogId;
pub use activemirror_core::session;
pub use activemirror_core::time::Timestamp;
pub use activemirror_core::trace::{ControlState, Kind, Lost, Outcome, Place, Reason, Severity};
pub use activemirror_engine::{Call, CallError, Compiler, Config, Frame, Review, Worker};
pub use activemirror_store::group::{GroupError, Limits, WhenFull};
pub use activemirror_store::{
    Bytes, Cold, ColdError, ColdFault, Explain, Fault, Gone, LogReport, Order, Parent, Progress, Repaired,
    RepairedLog, Report, Saved, Scope, Stage, Standing, StoreError, Tier, Unread,
};

pub use audit::Found;
pub use devices::{StreamFault, StreamWrong, Streamed};
pub use error::{Error, KeyError};
pub use find::{Noted, Query, Row, Said};
pub use govern::Ruling;
pub use history::{
    Ask, Document, Met, MetEvent, MetStart, Readable, Reveal, StoredEvent, StoredFinding, StoredMark,
    StoredTrace, StoredVerdict, TraceSummary, Traces, What,
};
pub use left_out::LeftOut;
pub use plugins::{Grant, Identity, PluginFile, Refused};
pub use recorder::{Recorded, Recorder, Ruled, Start};
pub use restore::Restored;
pub use runtime::{Options, Room, Runtime, Subjects};
