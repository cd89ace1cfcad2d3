//! The plugin contract as jco spells it: events out, verdicts in.
//!
//! `wit/types.wit` defines both. A verdict comes out of a sandbox and is held against the contract
//! here: what does not fit the event is refused, and the event with it.

use activemirror_core::trace::{Kind, Outcome, Place};
use activemirror_core::value::OwnedLeaf;
use activemirror_core::value::Value;
use js_sys::{Array, BigInt, Reflect};
use wasm_bindgen::JsValue;

use crate::draft::{Draft, Found, is_category};
use crate::failure::object;

/// A reason is one sentence: characters kept of it.
const REASON_CHARS_MAX: usize = 500;

/// What a policy said of an event.
#[derive(Debug)]
pub(crate) enum Verdict {
    Allow,
    Mask(Vec<Found>),
    Drop(Vec<Found>),
    Stop(Outcome, String),
}

impl Draft {
    /// The event as a policy with the grant for personal data sees it.
    pub(crate) fn seen(&self, sequence: f64) -> JsValue {
        let leaves: Array = self.leaves.iter().map(leaf).collect();
        let marks: Array = self.marked().map(mark).collect();
        object([
            ("sequence", big(sequence)),
            ("time", JsValue::from(self.time.as_millis())),
            ("kind", self.kind.event_name().unwrap_or("thought").into()),
            ("source", self.source().into()),
            ("content", self.text.as_deref().into()),
            ("action", self.action.as_deref().into()),
            ("intent", self.intent.as_deref().into()),
            ("confidence", self.confidence.into()),
            ("leaves", leaves.into()),
            ("marks", marks.into()),
        ])
    }

    /// At which point policies are asked about it.
    pub(crate) fn point(&self) -> &'static str {
        match self.kind {
            Kind::Action => "pre-tool-call",
            Kind::Output => "output",
            Kind::Thought | Kind::Decision => "post-model-call",
            Kind::Observation if self.source() == "user" => "input",
            _ => "post-tool-call",
        }
    }

    fn source(&self) -> &'static str {
        let text_at = |path| self.leaves.iter().find(|leaf| leaf.path == path)?.as_leaf().value.as_text();
        match text_at("/metadata/source") {
            _ if self.kind != Kind::Observation => "unknown",
            Some("user") => "user",
            Some("tool") => "tool",
            _ if text_at("/metadata/tool_call_id").is_some() => "tool",
            _ => "unknown",
        }
    }

    /// Reads a verdict on this event; `None` where it is none.
    pub(crate) fn verdict(&self, verdict: &JsValue) -> Option<Verdict> {
        let value = member(verdict, "val");
        Some(match member(verdict, "tag").as_string()?.as_str() {
            "allow" => Verdict::Allow,
            "mask" => Verdict::Mask(self.found(&value)?),
            "drop" => Verdict::Drop(self.found(&value)?),
            "require-approval" => Verdict::Stop(Outcome::RequireApproval, sentence(&value.as_string()?)),
            "deny" => Verdict::Stop(Outcome::Deny, sentence(&value.as_string()?)),
            _ => return None,
        })
    }

    fn found(&self, marks: &JsValue) -> Option<Vec<Found>> {
        Array::is_array(marks).then(|| Array::from(marks))?.iter().map(|mark| self.found_one(&mark)).collect()
    }

    fn found_one(&self, mark: &JsValue) -> Option<Found> {
        let span = member(mark, "span");
        let place = member(&span, "place");
        let index = whole(&member(&place, "val"));
        let place = match member(&place, "tag").as_string()?.as_str() {
            "content" => Place::Text,
            "leaf-value" => Place::LeafValue(index?),
            "leaf-path" => Place::LeafPath(index?),
            _ => return None,
        };
        let (start, end) = (whole(&member(&span, "start"))?, whole(&member(&span, "end"))?);
        let category = member(mark, "category").as_string().filter(|text| is_category(text))?;
        Some(Found { place, start, end, category }).filter(|found| self.holds(found))
    }
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

fn mark(found: &Found) -> JsValue {
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
