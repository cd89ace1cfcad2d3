//! What the columns of each table hold.

use activemirror::document::{Event, Leaf, Value, outcome_name, severity_name, state_name};
use activemirror::session::Session;
use activemirror::{LogId, Readable, Row as Found, StoredFinding, StoredVerdict, Timestamp};

use super::{Columns, Row};
use crate::cell::Cell;
use crate::schema::{SEMANTICS, Table};
use crate::text;

/// Members of an event that have columns of their own.
const EVENT_MEMBERS: [&str; 9] =
    ["event_id", "type", "timestamp", "content", "action", "parameters", "data", SEMANTICS, "metadata"];

/// Members of a trace that have.
const TRACE_MEMBERS: [&str; 7] =
    ["trace_id", "agent_id", "session_id", "user_id", "timestamp", "system", "metadata"];

/// A row of this table, of the columns that are wanted.
pub(super) fn row(
    table: Table,
    wanted: Columns,
    (log, sequence): (LogId, u64),
    cell: impl Fn(&'static str) -> Cell,
) -> Row {
    let columns = table.columns().iter().enumerate();
    let cells = columns.map(|(place, column)| if wanted.has(place) { cell(column.name) } else { Cell::Null });
    Row { log, sequence, cells: cells.collect() }
}

/// What a record of a trace says of itself without anybody's key.
#[derive(Clone, Debug)]
pub(super) struct Head<'a> {
    pub(super) log: LogId,
    pub(super) sequence: u64,
    pub(super) trace: Option<&'a str>,
    pub(super) agent: Option<&'a str>,
    pub(super) session: Option<&'a str>,
    pub(super) time: Timestamp,
    pub(super) readable: Readable,
}

impl<'a> Head<'a> {
    pub(super) const fn of(record: &Found<'a>) -> Self {
        Self {
            log: record.log,
            sequence: record.sequence,
            trace: record.trace,
            agent: record.agent,
            session: record.session,
            time: record.event.time,
            readable: record.readable,
        }
    }

    fn cell(&self, column: &str) -> Cell {
        match column {
            "trace_id" => self.trace.into(),
            "agent_id" => self.agent.into(),
            "session_id" => self.session.into(),
            "timestamp" => text::time(self.time).as_deref().into(),
            "time_ms" => self.time.as_millis().into(),
            "log" => self.log.to_string().into(),
            "sequence" => self.sequence.into(),
            "readable" => readable_name(self.readable).into(),
            _ => Cell::Null,
        }
    }
}

pub(super) fn event_cell(head: &Head<'_>, event: &Event, column: &str) -> Cell {
    match column {
        "event_id" => event.alias.as_deref().into(),
        "type" => event.kind.event_name().into(),
        "action" => event.action.as_deref().into(),
        "intent" => event.intent.as_deref().into(),
        "confidence" => event.confidence.into(),
        "content" => event.text.as_deref().into(),
        SEMANTICS => semantics(event).as_deref().into(),
        "parameters" | "data" | "metadata" => text::member(&event.leaves, column).as_deref().into(),
        "other" => text::others(&event.leaves, &EVENT_MEMBERS).as_deref().into(),
        column => head.cell(column),
    }
}

/// All of it, the two that are columns of their own included.
fn semantics(event: &Event) -> Option<String> {
    let own = event.leaves.iter().filter(|leaf| text::is_under(&leaf.path, SEMANTICS));
    let mut leaves: Vec<_> = own.cloned().collect();
    text::add(&mut leaves, "/semantics/intent", event.intent.clone().map(Value::Text));
    text::add(&mut leaves, "/semantics/confidence", event.confidence.map(Value::Float));
    text::member(&leaves, SEMANTICS)
}

/// What a trace's start says; what other records say of the trace is null.
pub(super) fn trace_cell(head: &Head<'_>, start: &Event, column: &str) -> Cell {
    match column {
        "user_id" => start.leaves.iter().find(|leaf| leaf.path == "/user_id").and_then(text_of).into(),
        "metadata" => text::member(&start.leaves, column).as_deref().into(),
        "other" => text::others(&start.leaves, &TRACE_MEMBERS).as_deref().into(),
        column => head.cell(column),
    }
}

fn text_of(leaf: &Leaf) -> Option<&str> {
    if let Value::Text(text) = &leaf.value { Some(text) } else { None }
}

/// `ruled` is the event that a verdict is about, and what it says of it, where that can be read.
pub(super) fn verdict_cell(head: &Head<'_>, ruled: Option<(u64, &StoredVerdict)>, column: &str) -> Cell {
    let verdict = ruled.map(|(_, verdict)| verdict);
    match column {
        "record" => head.sequence.into(),
        "sequence" => ruled.map_or(Cell::Null, |(on, _)| on.into()),
        "plugin" => verdict.map(|verdict| verdict.policy.as_str()).into(),
        "outcome" => verdict.map(|verdict| outcome_name(verdict.outcome)).into(),
        "reason" => verdict.and_then(|verdict| verdict.reason.as_deref()).into(),
        "fuel" => verdict.map_or(Cell::Null, |verdict| Cell::Whole(verdict.fuel.into())),
        column => head.cell(column),
    }
}

pub(super) fn finding_cell(head: &Head<'_>, finding: Option<&StoredFinding>, column: &str) -> Cell {
    match column {
        "plugin" => finding.map(|finding| finding.plugin.as_str()).into(),
        "control" => finding.map(|finding| finding.control.as_str()).into(),
        "state" => finding.map(|finding| state_name(finding.state)).into(),
        "severity" => finding.map(|finding| severity_name(finding.severity)).into(),
        "message" => finding.map(|finding| finding.message.as_str()).into(),
        "evidence" => finding.map_or(Cell::Null, |finding| {
            let events: Vec<String> = finding.evidence.iter().map(u64::to_string).collect();
            format!("[{}]", events.join(",")).into()
        }),
        column => head.cell(column),
    }
}

pub(super) fn session_cell(session: &Session, column: &str) -> Cell {
    match column {
        "session_id" => session.id.as_str().into(),
        "title" => session.title.as_str().into(),
        "user_id" => session.user.as_deref().into(),
        "parent_session_id" => session.parent.as_deref().into(),
        "status" => session.status.name().into(),
        "created" => session.created.as_str().into(),
        "updated" => session.updated.as_str().into(),
        "metadata" => text::member(&session.leaves, column).as_deref().into(),
        "other" => text::others(&session.leaves, &["metadata"]).as_deref().into(),
        _ => Cell::Null,
    }
}

/// What `readable` is called.
pub(super) const fn readable_name(readable: Readable) -> &'static str {
    match readable {
        Readable::Open => "open",
        Readable::Sealed => "sealed",
        Readable::Erased => "erased",
    }
}
