//! From leaves back to JavaScript's trees.

use activemirror_core::value::path::{self, Step};
use activemirror_core::value::{Leaf, Value};
use js_sys::{Array, BigInt, Number};
use wasm_bindgen::JsValue;

use crate::failure::object;

/// A leaf on its way into a tree: the steps that are left, and its value.
struct Placed<'a> {
    steps: Vec<Name>,
    value: Value<'a>,
}

/// A step with its escapes undone.
#[derive(Debug, PartialEq, Eq)]
enum Name {
    Key(String),
    Index(u32),
}

/// The members of the object that these leaves describe, in document order.
pub(crate) fn members(leaves: &[Leaf<'_>]) -> Vec<(String, JsValue)> {
    let placed = leaves.iter().map(|leaf| Placed { steps: names(leaf.path), value: leaf.value }).collect();
    let groups = groups(placed);
    groups.into_iter().map(|(name, below)| (key(name), build(below))).collect()
}

/// The steps, last one first. A path that is none (a mask may lie across a step) is one key.
fn names(path: &str) -> Vec<Name> {
    let name = |step| match step {
        Step::Key(key) => Name::Key(key.chars().collect()),
        Step::Index(index) => Name::Index(index),
    };
    let names: Result<Vec<_>, _> = path::steps(path).map(|step| step.map(name)).collect();
    let mut names = names.unwrap_or_else(|_| vec![Name::Key(path.to_owned())]);
    names.reverse();
    names
}

/// Takes the first step of each leaf: what lies below each name. Leaves of one name follow each
/// other, since they are in document order.
fn groups(leaves: Vec<Placed<'_>>) -> Vec<(Name, Vec<Placed<'_>>)> {
    let mut groups: Vec<(Name, Vec<Placed<'_>>)> = Vec::new();
    for mut leaf in leaves {
        let Some(name) = leaf.steps.pop() else { continue };
        match groups.last_mut() {
            Some((last, below)) if *last == name => below.push(leaf),
            _ => groups.push((name, vec![leaf])),
        }
    }
    groups
}

fn build(leaves: Vec<Placed<'_>>) -> JsValue {
    if let Some(leaf) = leaves.iter().find(|leaf| leaf.steps.is_empty()) {
        return simple(leaf.value);
    }
    let groups = groups(leaves);
    if groups.iter().all(|(name, _)| matches!(name, Name::Index(_))) {
        return groups.into_iter().map(|(_, below)| build(below)).collect::<Array>().into();
    }
    let members: Vec<_> = groups.into_iter().map(|(name, below)| (key(name), build(below))).collect();
    object(members.iter().map(|(key, value)| (key.as_str(), value.clone())))
}

fn key(name: Name) -> String {
    match name {
        Name::Key(key) => key,
        Name::Index(index) => index.to_string(),
    }
}

fn simple(value: Value<'_>) -> JsValue {
    match value {
        Value::Null => JsValue::NULL,
        Value::Bool(value) => value.into(),
        Value::Signed(value) if value.unsigned_abs() <= Number::MAX_SAFE_INTEGER as u64 => {
            (value as f64).into()
        }
        Value::Signed(value) => value.into(),
        Value::Unsigned(value) => value.into(),
        Value::Float(value) => value.into(),
        Value::Decimal(text) => decimal(text),
        Value::Text(text) => text.into(),
        Value::EmptyObject => object([]),
        Value::EmptyList => Array::new().into(),
    }
}

/// A whole number is a bigint; any other is the nearest number there is.
fn decimal(text: &str) -> JsValue {
    BigInt::new(&text.into()).map_or_else(|_| Number::parse_float(text).into(), Into::into)
}
