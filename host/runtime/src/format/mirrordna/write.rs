//! From documents to MirrorDNA: one trace, one line.

use std::io::{self, Write};

use activemirror_core::time::Timestamp;
use activemirror_core::value::Value;
use struson::writer::{JsonStreamWriter, JsonWriter as _};

use crate::document::{Event, Finding, Leaf, Mark, Trace, Verdict, outcome_name, severity_name, state_name};
use crate::format::error::WriteError;
use crate::format::time;
use crate::json::{self, ObjectWriter, is_under};

/// Members of a trace that stand before its events.
const TRACE_ORDER: [&str; 6] = ["trace_id", "agent_id", "session_id", "user_id", "timestamp", "system"];

/// Members of an event that stand before all others.
const EVENT_ORDER: [&str; 9] =
    ["event_id", "type", "timestamp", "content", "action", "parameters", "data", "semantics", "metadata"];

/// A trace goes through memory as text before any of it goes out.
type Json<'b> = JsonStreamWriter<&'b mut Vec<u8>>;

/// Writes traces as JSON Lines. A trace that cannot be written leaves nothing behind.
#[derive(Debug)]
pub struct Writer<W: Write> {
    output: W,
    line: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// Writes to `output`, which needs no buffer of its own.
    pub const fn new(output: W) -> Self {
        Self { output, line: Vec::new() }
    }

    /// Writes a trace, what policies decided on its events, and what was found in it.
    pub fn write(
        &mut self,
        trace: &Trace,
        verdicts: &[Verdict],
        findings: &[Finding],
    ) -> Result<(), WriteError> {
        self.line.clear();
        let mut json = JsonStreamWriter::new(&mut self.line);
        write_trace(&mut json, trace, verdicts, findings)?;
        json.finish_document().map_err(WriteError::Io)?;
        self.line.push(b'\n');
        self.output.write_all(&self.line).map_err(WriteError::Io)
    }

    /// Flushes the output and gives it back.
    pub fn finish(mut self) -> io::Result<W> {
        self.output.flush()?;
        Ok(self.output)
    }
}

/// A member to be written: its rank among the documented ones, path and value.
type Member<'a> = (usize, &'a str, Value<'a>);

fn write_trace(
    json: &mut Json<'_>,
    trace: &Trace,
    verdicts: &[Verdict],
    findings: &[Finding],
) -> Result<(), WriteError> {
    let of_trace = |error| WriteError::from_json(None, error);
    let time = print_time(None, trace.time)?;
    let members = trace_members(trace, &time);
    let (before, after) = members.split_at(members.partition_point(|(rank, ..)| *rank < TRACE_ORDER.len()));
    let mut object = ObjectWriter::begin(json).map_err(of_trace)?;
    write_members(&mut object, before).map_err(of_trace)?;
    write_events(object.member("events").map_err(of_trace)?, &trace.events)?;
    write_members(&mut object, after).map_err(of_trace)?;
    if !verdicts.is_empty() {
        let json = object.member("verdicts").map_err(of_trace)?;
        write_list(json, verdicts, write_verdict).map_err(WriteError::Io)?;
    }
    if !findings.is_empty() {
        let json = object.member("findings").map_err(of_trace)?;
        write_list(json, findings, write_finding).map_err(WriteError::Io)?;
    }
    object.end().map_err(of_trace)
}

fn trace_members<'a>(trace: &'a Trace, time: &'a str) -> Vec<Member<'a>> {
    let columns = [
        ("/trace_id", Some(Value::Text(&trace.id))),
        ("/agent_id", Some(Value::Text(&trace.agent))),
        ("/session_id", trace.session.as_deref().map(Value::Text)),
        ("/user_id", trace.user.as_deref().map(Value::Text)),
        ("/timestamp", Some(Value::Text(time))),
        ("/system", trace.system.as_deref().map(Value::Text)),
    ];
    ordered_members(&columns, &trace.leaves, &TRACE_ORDER)
}

fn write_events(json: &mut Json<'_>, events: &[Event]) -> Result<(), WriteError> {
    json.begin_array().map_err(WriteError::Io)?;
    for (index, event) in events.iter().enumerate() {
        let kind = event.kind.event_name().ok_or(WriteError::NoEvent { event: index })?;
        let time = print_time(Some(index), event.time)?;
        write_event(json, &event_members(event, kind, &time))
            .map_err(|error| WriteError::from_json(Some(index), error))?;
    }
    json.end_array().map_err(WriteError::Io)
}

fn write_event(json: &mut Json<'_>, members: &[Member<'_>]) -> Result<(), json::WriteError> {
    let mut object = ObjectWriter::begin(json)?;
    write_members(&mut object, members)?;
    object.end()
}

fn event_members<'a>(event: &'a Event, kind: &'a str, time: &'a str) -> Vec<Member<'a>> {
    let columns = [
        ("/event_id", event.alias.as_deref().map(Value::Text)),
        ("/type", Some(Value::Text(kind))),
        ("/timestamp", Some(Value::Text(time))),
        ("/content", event.text.as_deref().map(Value::Text)),
        ("/action", event.action.as_deref().map(Value::Text)),
        ("/semantics/intent", event.intent.as_deref().map(Value::Text)),
        ("/semantics/confidence", event.confidence.map(Value::Float)),
    ];
    ordered_members(&columns, &event.leaves, &EVENT_ORDER)
}

/// Columns and leaves in the documented order. A leaf at a column's place is the source's own
/// spelling, and wins.
fn ordered_members<'a>(
    columns: &[(&'a str, Option<Value<'a>>)],
    leaves: &'a [Leaf],
    order: &[&str],
) -> Vec<Member<'a>> {
    let rank = |path: &str| order.iter().position(|key| is_under(path, key)).unwrap_or(order.len());
    let spelled = |path: &str| leaves.iter().any(|leaf| is_under(&leaf.path, &path[1..]));
    let columns = columns.iter().filter(|(path, _)| !spelled(path));
    let columns = columns.filter_map(|(path, value)| Some((rank(path), *path, (*value)?)));
    let leaves = leaves.iter().map(|leaf| (rank(&leaf.path), leaf.path.as_str(), Value::from(&leaf.value)));
    let mut members: Vec<_> = columns.chain(leaves).collect();
    members.sort_by_key(|(rank, ..)| *rank);
    members
}

fn write_members<W: Write>(
    object: &mut ObjectWriter<'_, W>,
    members: &[Member<'_>],
) -> Result<(), json::WriteError> {
    members.iter().try_for_each(|(_, path, value)| object.leaf(path, *value))
}

fn print_time(event: Option<usize>, time: Timestamp) -> Result<String, WriteError> {
    time::print(time).ok_or(WriteError::Time { event, millis: time.as_millis() })
}

fn write_list<T>(
    json: &mut Json<'_>,
    items: &[T],
    write: impl Fn(&mut Json<'_>, &T) -> io::Result<()>,
) -> io::Result<()> {
    json.begin_array()?;
    for item in items {
        json.begin_object()?;
        write(json, item)?;
        json.end_object()?;
    }
    json.end_array()
}

fn write_verdict(json: &mut Json<'_>, verdict: &Verdict) -> io::Result<()> {
    if let Some(event) = verdict.event {
        json.name("event")?;
        json.number_value(event)?;
    }
    write_text(json, "plugin", &verdict.plugin)?;
    write_text(json, "outcome", outcome_name(verdict.outcome))?;
    if let Some(reason) = &verdict.reason {
        write_text(json, "reason", reason)?;
    }
    json.name("fuel")?;
    json.number_value(verdict.fuel)?;
    if verdict.marks.is_empty() {
        return Ok(());
    }
    json.name("marks")?;
    write_list(json, &verdict.marks, write_mark)
}

fn write_mark(json: &mut Json<'_>, mark: &Mark) -> io::Result<()> {
    write_text(json, "field", &mark.field)?;
    if let Some(span) = &mark.span {
        json.name("start")?;
        json.number_value(span.start)?;
        json.name("end")?;
        json.number_value(span.end)?;
    }
    write_text(json, "category", &mark.category)?;
    json.name("dropped")?;
    json.bool_value(mark.dropped)
}

fn write_finding(json: &mut Json<'_>, finding: &Finding) -> io::Result<()> {
    write_text(json, "plugin", &finding.plugin)?;
    write_text(json, "control", &finding.control)?;
    write_text(json, "state", state_name(finding.state))?;
    write_text(json, "severity", severity_name(finding.severity))?;
    write_text(json, "message", &finding.message)?;
    json.name("events")?;
    json.begin_array()?;
    finding.evidence.iter().try_for_each(|event| json.number_value(*event))?;
    json.end_array()
}

fn write_text(json: &mut Json<'_>, name: &str, text: &str) -> io::Result<()> {
    json.name(name)?;
    json.string_value(text)
}
