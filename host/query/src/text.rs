//! Times and objects as the text that queries see.

use activemirror::document::{Leaf, Value};
use activemirror::{Timestamp, json};
use jiff::fmt::temporal::DateTimePrinter;

/// RFC 3339 with milliseconds: texts of one length, so that their order is that of the times.
const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));

/// The text of a time, in UTC; `None` outside of the years 0 to 9999, which are those of one length.
pub(crate) fn time(time: Timestamp) -> Option<String> {
    let instant = jiff::Timestamp::from_millisecond(time.as_millis()).ok()?;
    let text = PRINTER.timestamp_to_string(&instant);
    (!text.starts_with('-')).then_some(text)
}

/// The time of which this is the text.
pub(crate) fn whole_time(text: &str) -> Option<Timestamp> {
    let instant: jiff::Timestamp = text.parse().ok()?;
    let millis = Timestamp::from_millis(instant.as_millisecond());
    (time(millis).as_deref() == Some(text)).then_some(millis)
}

/// The JSON text of what lies at the member `key` of the object that these leaves are; `None` where
/// nothing does, or where a device stored what no JSON can say.
pub(crate) fn member(leaves: &[Leaf], key: &str) -> Option<String> {
    let own: Vec<Leaf> = leaves.iter().filter(|leaf| is_under(&leaf.path, key)).cloned().collect();
    if own.is_empty() {
        return None;
    }
    // An object with this one member, in the compact form of the runtime's writer.
    let text = json::object_text(&own).ok()?;
    let value = text.strip_prefix(&format!("{{\"{key}\":"))?.strip_suffix('}')?;
    Some(value.to_owned())
}

/// The JSON text of the object that these leaves are, without these members.
pub(crate) fn others(leaves: &[Leaf], without: &[&str]) -> Option<String> {
    let others = leaves.iter().filter(|leaf| !without.iter().any(|key| is_under(&leaf.path, key)));
    let others: Vec<Leaf> = others.cloned().collect();
    if others.is_empty() { None } else { json::object_text(&others).ok() }
}

/// A leaf, unless there is one at its place.
pub(crate) fn add(leaves: &mut Vec<Leaf>, path: &str, value: Option<Value>) {
    if let Some(value) = value
        && !leaves.iter().any(|leaf| leaf.path == path)
    {
        leaves.push(Leaf { path: path.to_owned(), value });
    }
}

/// Whether a path is the member `key`, or lies in it. `key` has no characters that a path escapes.
pub(crate) fn is_under(path: &str, key: &str) -> bool {
    let rest = path.strip_prefix('/').and_then(|path| path.strip_prefix(key));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '[']))
}
