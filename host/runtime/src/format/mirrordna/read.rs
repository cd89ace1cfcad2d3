//! From MirrorDNA to documents.

use activemirror_core::time::Timestamp;
use activemirror_core::trace::Kind;

use crate::document::{Event, Trace, Value};
use crate::format::error::FormatError;
use crate::format::fields::Fields;
use crate::format::identity::{self, Purpose};
use crate::format::time;
use crate::json::{Node, Object, Record, Tree};

/// Members of `metadata` that are the older spelling of those of `semantics`.
const OLDER_SEMANTICS: [&str; 3] = ["intent", "confidence", "citations"];

/// The names of [`Kind::EVENTS`], for people.
const KINDS: &str = "thought, action, observation, decision, output or error";

/// What an event without a time is later than the one before.
const SYNTHETIC_STEP_MILLIS: i64 = 1000;

/// The trace that a record is.
pub(in crate::format) fn read(record: Record) -> Result<Trace, FormatError> {
    let own_id = lacks_id(&record.node).then(|| identity::of_record(&record.node, Purpose::Trace));
    let mut fields = Fields::of(record.node, String::new())?;
    let id = match own_id {
        Some(id) => {
            fields.take("trace_id");
            id.to_string()
        }
        None => fields.name("trace_id")?,
    };
    let agent = fields.name("agent_id")?;
    let session = fields.text("session_id")?;
    let user = fields.text("user_id")?;
    let system = fields.text("system")?;
    let time = fields.time("timestamp")?;
    let events = read_events(fields.list("events")?, time)?;
    set_aside_foreign_judgements(&mut fields)?;
    if time.is_none() {
        fields.mark_synthetic_time("timestamp")?;
    }
    let time = time.or(events.first().map(|event| event.time)).unwrap_or_default();
    Ok(Trace { id, agent, session, user, time, system, leaves: fields.into_leaves(), events })
}

fn lacks_id(record: &Node) -> bool {
    let Tree::Object(members) = &record.tree else { return false };
    members.get("trace_id").is_none_or(|id| id.tree == Tree::Leaf(Value::Null))
}

/// What the file says under these names is not this log's; see the module's page.
fn set_aside_foreign_judgements(fields: &mut Fields) -> Result<(), FormatError> {
    let Some(at) = ["verdicts", "findings"].iter().find_map(|key| Some(fields.members.get(*key)?.at)) else {
        return Ok(());
    };
    let mut imported = Object::new();
    for key in ["verdicts", "findings", "imported"] {
        if let Some(node) = fields.take_within(key, 2)? {
            imported.insert(key.to_owned(), node);
        }
    }
    fields.members.insert("imported".to_owned(), Node { at, tree: Tree::Object(imported) });
    Ok(())
}

fn read_events(nodes: Vec<Node>, start: Option<Timestamp>) -> Result<Vec<Event>, FormatError> {
    let mut events: Vec<Event> = Vec::with_capacity(nodes.len());
    for (index, node) in nodes.into_iter().enumerate() {
        let next = events.last().map(|last| after(last.time)).or(start).unwrap_or_default();
        events.push(read_event(Fields::of(node, format!("/events[{index}]"))?, next)?);
    }
    Ok(events)
}

/// The time of an event that has none. At the end of the calendar there is nothing after.
fn after(time: Timestamp) -> Timestamp {
    let next = Timestamp::from_millis(time.as_millis().saturating_add(SYNTHETIC_STEP_MILLIS));
    if time::print(next).is_some() { next } else { time }
}

fn read_event(mut fields: Fields, synthetic: Timestamp) -> Result<Event, FormatError> {
    let kind = fields.known_name("type", KINDS, Kind::from_event_name)?;
    let alias = fields.text("event_id")?;
    let text = fields.text("content")?;
    let action = fields.text("action")?;
    fields.check("parameters", "an object", Tree::is_object)?;
    fields.check("semantics", "an object", Tree::is_object)?;
    move_older_semantics(&mut fields.members);
    let time = match fields.time("timestamp")? {
        Some(time) => time,
        None => {
            fields.mark_synthetic_time("timestamp")?;
            synthetic
        }
    };
    let (intent, confidence) = take_columns(&mut fields.members);
    Ok(Event { kind, time, alias, text, action, intent, confidence, leaves: fields.into_leaves() })
}

fn move_older_semantics(members: &mut Object) {
    if members.contains_key("semantics") {
        return;
    }
    let Some((position, _, Node { at, tree: Tree::Object(metadata) })) = members.get_full_mut("metadata")
    else {
        return;
    };
    let moved = |key: &str| Some((key.to_owned(), metadata.shift_remove(key)?));
    let semantics: Object = OLDER_SEMANTICS.into_iter().filter_map(moved).collect();
    if !semantics.is_empty() {
        let node = Node { at: *at, tree: Tree::Object(semantics) };
        members.shift_insert(position, "semantics".to_owned(), node);
    }
}

/// Takes `intent` and `confidence` out of `semantics`, but a confidence whose spelling a float
/// would not give back stays there too.
fn take_columns(members: &mut Object) -> (Option<String>, Option<f64>) {
    let Some(Node { tree: Tree::Object(semantics), .. }) = members.get_mut("semantics") else {
        return (None, None);
    };
    let is_text = semantics.get("intent").is_some_and(|node| node.tree.as_text().is_some());
    let intent = if is_text { semantics.shift_remove("intent") } else { None };
    let confidence = semantics.get("confidence").and_then(as_number);
    if semantics.get("confidence").map(|node| &node.tree)
        == confidence.map(Value::Float).map(Tree::Leaf).as_ref()
    {
        semantics.shift_remove("confidence");
    }
    (intent.and_then(|node| node.tree.as_text().map(str::to_owned)), confidence)
}

fn as_number(node: &Node) -> Option<f64> {
    let number = match &node.tree {
        Tree::Leaf(Value::Signed(number)) => *number as f64,
        Tree::Leaf(Value::Unsigned(number)) => *number as f64,
        Tree::Leaf(Value::Float(number)) => *number,
        Tree::Leaf(Value::Decimal(text)) => text.parse().ok()?,
        _ => return None,
    };
    number.is_finite().then_some(number)
}
