//! The plugin contract as jco spells it: events out, verdicts in.
//!
//! `wit/types.wit` defines both. A verdict comes out of a sandbox and is held against the contract
//! here: what does not fit the event is refused, and the event with it.

use core::cmp::Reverse;
use core::ops::Range;

use activemirror_core::draft::{At, Draft, Mark};
use activemirror_core::limits::CATEGORY_BYTES_MAX;
use activemirror_core::trace::{Kind, Outcome, Place};
use activemirror_core::value::OwnedLeaf;
use activemirror_core::value::Value;
use js_sys::{Array, BigInt, Reflect};
use wasm_bindgen::JsValue;

use crate::failure::object;

/// A reason is one sentence: characters kept of it.
const REASON_CHARS_MAX: usize = 500;

/// What a policy found, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) at: At,
    pub(crate) range: Range<u32>,
    pub(crate) category: String,
}

/// What a policy said of an event.
#[derive(Debug)]
pub(crate) enum Verdict {
    Allow,
    Mask(Vec<Found>),
    Drop(Vec<Found>),
    Stop(Outcome, String),
}

/// The draft as a policy with the grant for personal data sees it.
pub(crate) fn seen(draft: &Draft, sequence: f64) -> JsValue {
    let leaves: Array = draft.leaves.iter().map(leaf).collect();
    let marks: Array = draft.marks.iter().filter(|mark| !mark.dropped).map(mark).collect();
    let kind = match draft.kind {
        Kind::TraceStart | Kind::Session => "start",
        kind => kind.event_name().unwrap_or("thought"),
    };
    object([
        ("sequence", big(sequence)),
        ("time", JsValue::from(draft.time.as_millis())),
        ("kind", kind.into()),
        ("source", draft.source().name().into()),
        ("content", draft.text.as_deref().into()),
        ("action", draft.action.as_deref().into()),
        ("intent", draft.intent.as_deref().into()),
        ("confidence", draft.confidence.into()),
        ("leaves", leaves.into()),
        ("marks", marks.into()),
    ])
}

/// Reads a verdict on this draft; `None` where it is none.
pub(crate) fn verdict(draft: &Draft, verdict: &JsValue) -> Option<Verdict> {
    let value = member(verdict, "val");
    Some(match member(verdict, "tag").as_string()?.as_str() {
        "allow" => Verdict::Allow,
        "mask" => Verdict::Mask(found(draft, &value)?),
        "drop" => Verdict::Drop(found(draft, &value)?),
        "require-approval" => Verdict::Stop(Outcome::RequireApproval, sentence(&value.as_string()?)),
        "deny" => Verdict::Stop(Outcome::Deny, sentence(&value.as_string()?)),
        _ => return None,
    })
}

fn found(draft: &Draft, marks: &JsValue) -> Option<Vec<Found>> {
    let marks = Array::is_array(marks).then(|| Array::from(marks))?;
    let found: Option<Vec<Found>> = marks.iter().map(|mark| found_one(draft, &mark)).collect();
    found.map(settle)
}

fn found_one(draft: &Draft, mark: &JsValue) -> Option<Found> {
    let span = member(mark, "span");
    let place = member(&span, "place");
    let index = whole(&member(&place, "val"));
    let at = match member(&place, "tag").as_string()?.as_str() {
        "content" => At::Place(Place::Text),
        "leaf-value" => At::Place(Place::LeafValue(index?)),
        "leaf-path" => At::Place(Place::LeafPath(index?)),
        "action" => At::Action,
        "intent" => At::Intent,
        _ => return None,
    };
    let range = whole(&member(&span, "start"))?..whole(&member(&span, "end"))?;
    let category = member(mark, "category").as_string().filter(|text| is_category(text))?;
    draft.holds(at, &range).then_some(Found { at, range, category })
}

/// In order, and where two overlap, one that covers both under the category of the first.
fn settle(found: Vec<Found>) -> Vec<Found> {
    let order = |it: &Found| (order(it.at), it.range.start, Reverse(it.range.end));
    let mut settled: Vec<Found> = Vec::with_capacity(found.len());
    for it in found {
        let at = settled.partition_point(|known| order(known) <= order(&it));
        settled.insert(at, it);
    }
    settled.dedup_by(|next, before| {
        let overlap = next.at == before.at && (next.range.start < before.range.end || before.range.end == 0);
        if overlap {
            before.range.end = before.range.end.max(next.range.end);
        }
        overlap
    });
    settled
}

const fn order(at: At) -> (u8, u32) {
    match at {
        At::Place(Place::Text) => (0, 0),
        At::Place(Place::LeafValue(index)) => (1, index),
        At::Place(Place::LeafPath(index)) => (2, index),
        At::Action => (3, 0),
        At::Intent => (4, 0),
    }
}

/// Whether this is a category as plugins write them.
fn is_category(text: &str) -> bool {
    (1..=CATEGORY_BYTES_MAX).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// One line, without what would change how the rest is shown.
pub(crate) fn sentence(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().take(REASON_CHARS_MAX).map(|c| if hidden(c) { '\u{fffd}' } else { c }).collect()
}

/// How outcomes are called towards JavaScript.
pub(crate) const fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allow => "allow",
        Outcome::Mask => "mask",
        Outcome::Drop => "drop",
        Outcome::RequireApproval => "require-approval",
        Outcome::Deny => "deny",
    }
}

/// A member of whatever it is; undefined where it has none.
pub(crate) fn member(value: &JsValue, name: &str) -> JsValue {
    if value.is_object() { Reflect::get(value, &name.into()).unwrap_or_default() } else { JsValue::UNDEFINED }
}

fn leaf(leaf: &OwnedLeaf) -> JsValue {
    let leaf = leaf.as_leaf();
    object([("path", leaf.path.into()), ("value", value(leaf.value))])
}

fn value(value: Value<'_>) -> JsValue {
    let (tag, value) = match value {
        Value::Null => ("null", JsValue::UNDEFINED),
        Value::Bool(value) => ("boolean", value.into()),
        Value::Signed(value) => ("signed", value.into()),
        Value::Unsigned(value) => ("unsigned", value.into()),
        Value::Float(value) => ("float", value.into()),
        Value::Decimal(text) => ("decimal", text.into()),
        Value::Text(text) => ("text", text.into()),
        Value::EmptyObject => ("empty-object", JsValue::UNDEFINED),
        Value::EmptyList => ("empty-list", JsValue::UNDEFINED),
    };
    object([("tag", tag.into()), ("val", value)])
}

fn mark(found: &Mark) -> JsValue {
    let (tag, index) = match found.place {
        Place::Text => ("content", JsValue::UNDEFINED),
        Place::LeafValue(index) => ("leaf-value", index.into()),
        Place::LeafPath(index) => ("leaf-path", index.into()),
    };
    let place = object([("tag", tag.into()), ("val", index)]);
    let span = object([("place", place), ("start", found.start.into()), ("end", found.end.into())]);
    object([("span", span), ("category", found.category.as_str().into())])
}

fn big(number: f64) -> JsValue {
    BigInt::new(&number.into()).map_or(JsValue::UNDEFINED, Into::into)
}

fn whole(value: &JsValue) -> Option<u32> {
    let number = value.as_f64()?;
    (number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number)).then_some(number as u32)
}
