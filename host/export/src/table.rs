//! The tables, their columns, and what a record puts into each.
//!
//! A record that cannot be read is a row all the same: `readable` says why there is nothing in it.

use activemirror::document::{outcome_name, severity_name, state_name};
use activemirror::filter::Kinds;
use activemirror::format::print_time;
use activemirror::json::{member_text, object_without, texts_text, wholes_text};
use activemirror::{Kind, Met, MetEvent, MetStart, Readable, StoredFinding, StoredVerdict, What};

use crate::cell::{Cell, Column, Type};
use crate::error::{Unwritable, WriteError};

/// A table of the log. Rows of different tables belong together by `log` and `trace_id`, and by
/// `log` and a sequence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Table {
    /// One row an event.
    #[default]
    Events,
    /// One row a trace.
    Traces,
    /// One row a decision of a policy.
    Verdicts,
    /// One row a finding.
    Findings,
}

/// Members of an event that have columns of their own; all others are together in `other`.
const MEMBERS: [&str; 4] = ["parameters", "data", "semantics", "metadata"];

const LOG: Column = Column::always("log", Type::Text);
const SEQUENCE: Column = Column::always("sequence", Type::Whole);
const TRACE: Column = Column::maybe("trace_id", Type::Text);
const TIME: Column = Column::always("timestamp", Type::Time);
const READABLE: Column = Column::always("readable", Type::Text);

const EVENTS: &[Column] = &[
    LOG,
    SEQUENCE,
    TRACE,
    Column::maybe("agent_id", Type::Text),
    Column::maybe("session_id", Type::Text),
    Column::maybe("user_id", Type::Text),
    Column::maybe("event_id", Type::Text),
    Column::always("type", Type::Text),
    TIME,
    Column::maybe("content", Type::Text),
    Column::maybe("action", Type::Text),
    Column::maybe("parameters", Type::Json),
    Column::maybe("data", Type::Json),
    Column::maybe("semantics", Type::Json),
    Column::maybe("metadata", Type::Json),
    Column::maybe("other", Type::Json),
    Column::maybe("intent", Type::Text),
    Column::maybe("confidence", Type::Number),
    READABLE,
    Column::maybe("verdict", Type::Text),
    Column::maybe("marked", Type::Json),
];

const TRACES: &[Column] = &[
    LOG,
    SEQUENCE,
    TRACE,
    Column::maybe("agent_id", Type::Text),
    Column::maybe("session_id", Type::Text),
    Column::maybe("user_id", Type::Text),
    TIME,
    Column::maybe("system", Type::Text),
    Column::maybe("other", Type::Json),
    READABLE,
    Column::always("governed", Type::Truth),
    Column::maybe("verdict", Type::Text),
    Column::maybe("marked", Type::Json),
];

const VERDICTS: &[Column] = &[
    LOG,
    SEQUENCE,
    TRACE,
    TIME,
    Column::maybe("of_sequence", Type::Whole),
    Column::maybe("plugin", Type::Text),
    Column::maybe("outcome", Type::Text),
    Column::maybe("reason", Type::Text),
    Column::maybe("fuel", Type::Whole),
    READABLE,
];

const FINDINGS: &[Column] = &[
    LOG,
    SEQUENCE,
    TRACE,
    TIME,
    Column::maybe("plugin", Type::Text),
    Column::maybe("control", Type::Text),
    Column::maybe("state", Type::Text),
    Column::maybe("severity", Type::Text),
    Column::maybe("message", Type::Text),
    Column::maybe("evidence", Type::Json),
    READABLE,
];

impl Table {
    /// Its columns, in order.
    #[must_use]
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Events => EVENTS,
            Self::Traces => TRACES,
            Self::Verdicts => VERDICTS,
            Self::Findings => FINDINGS,
        }
    }

    /// The records that a pass has to meet to fill it.
    #[must_use]
    pub const fn kinds(self) -> Kinds {
        match self {
            Self::Events => Kinds::EVENTS.with(Kind::TraceStart).with(Kind::Verdict),
            Self::Traces => Kinds::of(&[Kind::TraceStart, Kind::System, Kind::Notice, Kind::Verdict]),
            Self::Verdicts => Kinds::of(&[Kind::Verdict]),
            Self::Findings => Kinds::of(&[Kind::Finding]),
        }
    }

    /// The row that a record is here, one cell a column; `None` where it belongs elsewhere.
    pub fn row(self, met: &Met) -> Result<Option<Vec<Cell<'_>>>, WriteError> {
        Ok(Some(match (self, &met.what) {
            (Self::Events, What::Event(event)) => event_row(met, event)?,
            (Self::Traces, What::Start(start)) => trace_row(met, start)?,
            (Self::Verdicts, What::Verdict { of, verdict }) => verdict_row(met, *of, verdict.as_ref())?,
            (Self::Findings, What::Finding(finding)) => finding_row(met, finding.as_ref())?,
            _ => return Ok(None),
        }))
    }
}

fn event_row<'m>(met: &'m Met, met_event: &'m MetEvent) -> Result<Vec<Cell<'m>>, WriteError> {
    let event = &met_event.event;
    let [parameters, data, semantics, metadata] = MEMBERS.map(|key| member_text(&event.leaves, key));
    Ok(vec![
        met.log.to_string().into(),
        met.sequence.into(),
        met.trace.as_deref().into(),
        met.agent.as_deref().into(),
        met.session.as_deref().into(),
        met_event.user.as_deref().into(),
        event.alias.as_deref().into(),
        event.kind.event_name().unwrap_or_default().into(),
        time(met)?,
        event.text.as_deref().into(),
        event.action.as_deref().into(),
        json(parameters?),
        json(data?),
        json(semantics?),
        json(metadata?),
        json(object_without(&event.leaves, &MEMBERS)?),
        event.intent.as_deref().into(),
        event.confidence.into(),
        readable(met),
        met_event.outcome.map(outcome_name).into(),
        marked(&met_event.marked),
    ])
}

fn trace_row<'m>(met: &'m Met, start: &'m MetStart) -> Result<Vec<Cell<'m>>, WriteError> {
    const NOTHING: [&str; 0] = [];
    Ok(vec![
        met.log.to_string().into(),
        met.sequence.into(),
        met.trace.as_deref().into(),
        met.agent.as_deref().into(),
        met.session.as_deref().into(),
        start.user.as_deref().into(),
        time(met)?,
        start.system.as_deref().into(),
        json(object_without(&start.leaves, &NOTHING)?),
        readable(met),
        Cell::Truth(!start.ungoverned),
        start.outcome.map(outcome_name).into(),
        marked(&start.marked),
    ])
}

fn verdict_row<'m>(
    met: &'m Met,
    of: Option<u64>,
    verdict: Option<&'m StoredVerdict>,
) -> Result<Vec<Cell<'m>>, WriteError> {
    Ok(vec![
        met.log.to_string().into(),
        met.sequence.into(),
        met.trace.as_deref().into(),
        time(met)?,
        of.into(),
        verdict.map(|verdict| &*verdict.policy).into(),
        verdict.map(|verdict| outcome_name(verdict.outcome)).into(),
        verdict.and_then(|verdict| verdict.reason.as_deref()).into(),
        verdict.map(|verdict| u64::from(verdict.fuel)).into(),
        readable(met),
    ])
}

fn finding_row<'m>(met: &'m Met, finding: Option<&'m StoredFinding>) -> Result<Vec<Cell<'m>>, WriteError> {
    Ok(vec![
        met.log.to_string().into(),
        met.sequence.into(),
        met.trace.as_deref().into(),
        time(met)?,
        finding.map(|finding| &*finding.plugin).into(),
        finding.map(|finding| &*finding.control).into(),
        finding.map(|finding| state_name(finding.state)).into(),
        finding.map(|finding| severity_name(finding.severity)).into(),
        finding.map(|finding| &*finding.message).into(),
        json(finding.map(|finding| wholes_text(&finding.evidence))),
        readable(met),
    ])
}

fn time(met: &Met) -> Result<Cell<'static>, Unwritable> {
    let text = print_time(met.time).ok_or(Unwritable::Time(met.time))?;
    Ok(Cell::Time(met.time, text))
}

fn json(text: Option<String>) -> Cell<'static> {
    text.map_or(Cell::Null, Cell::Json)
}

fn marked(categories: &[String]) -> Cell<'static> {
    json((!categories.is_empty()).then(|| texts_text(categories)))
}

fn readable(met: &Met) -> Cell<'static> {
    Cell::from(match met.readable {
        Readable::Open => "open",
        Readable::Sealed => "sealed",
        Readable::Erased => "erased",
    })
}
