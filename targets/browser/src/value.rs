//! JavaScript's values as leaves, and back.
//!
//! | JavaScript | leaf |
//! |---|---|
//! | `null`, boolean, string | the same; a lone surrogate becomes U+FFFD |
//! | number: whole and within `i64` | `Signed`, read back as number or, beyond 2⁵³, as bigint |
//! | number: any other but NaN and the infinities | `Float` |
//! | bigint | `Signed`, `Unsigned` or, beyond both, `Decimal` |
//! | array, plain object | its members; `undefined` ones are left out, and `null` in an array |
//! | `Date` | its ISO 8601 text, as in JSON |
//! | anything else | refused |

use activemirror_core::limits::PATH_STEPS_MAX;
use activemirror_core::value::path;
use activemirror_core::value::{OwnedLeaf, OwnedValue};
use js_sys::{Array, BigInt, Date, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use crate::failure::Failure;

mod tree;

pub(crate) use tree::members;

/// Bytes of paths and texts of one event: well below what a block holds.
const BYTES_MAX: usize = 8 << 20;

/// Two to the 63rd: the first number beyond `i64`.
const BEYOND_SIGNED: f64 = 9_223_372_036_854_775_808.0;

/// Leaves as they are gathered.
#[derive(Debug)]
pub(crate) struct Leaves {
    leaves: Vec<OwnedLeaf>,
    path: String,
    depth: usize,
    room: usize,
}

impl Leaves {
    /// None yet.
    pub(crate) const fn new() -> Self {
        Self { leaves: Vec::new(), path: String::new(), depth: 0, room: BYTES_MAX }
    }

    /// Adds everything under `value`, which lies under these names; nothing where it is undefined.
    pub(crate) fn field(&mut self, names: &[&str], value: &JsValue) -> Result<(), Failure> {
        match names {
            _ if value.is_undefined() => Ok(()),
            [] => self.value(value),
            [name, below @ ..] => {
                self.below(|path| path::write_key(path, name), |leaves| leaves.field(below, value))
            }
        }
    }

    /// What was gathered.
    pub(crate) fn finish(self) -> Vec<OwnedLeaf> {
        self.leaves
    }

    fn value(&mut self, value: &JsValue) -> Result<(), Failure> {
        if let Some(simple) = self.simple(value)? {
            return self.push(simple);
        }
        if let Some(list) = value.dyn_ref::<Array>() {
            return self.list(list);
        }
        if is_plain(value) { self.object(value) } else { Err(self.refuse("is no structured value")) }
    }

    /// A value without members.
    fn simple(&self, value: &JsValue) -> Result<Option<OwnedValue>, Failure> {
        if value.is_null() || value.is_undefined() || value.is_function() || value.is_symbol() {
            return Ok(Some(OwnedValue::Null));
        }
        if let Some(number) = value.as_f64() {
            return self.number(number).map(Some);
        }
        if let Some(date) = value.dyn_ref::<Date>() {
            let valid = !date.get_time().is_nan();
            let text = valid.then(|| OwnedValue::Text(date.to_iso_string().into()));
            return text.map(Some).ok_or_else(|| self.refuse("is an invalid date"));
        }
        Ok(value
            .as_bool()
            .map(OwnedValue::Bool)
            .or_else(|| value.as_string().map(OwnedValue::Text))
            .or_else(|| value.dyn_ref::<BigInt>().and_then(big)))
    }

    fn number(&self, number: f64) -> Result<OwnedValue, Failure> {
        if !number.is_finite() {
            return Err(self.refuse("is no number that can be written down"));
        }
        let whole = number.fract() == 0.0 && (-BEYOND_SIGNED..BEYOND_SIGNED).contains(&number);
        Ok(if whole { OwnedValue::Signed(number as i64) } else { OwnedValue::Float(number) })
    }

    fn list(&mut self, list: &Array) -> Result<(), Failure> {
        if list.length() == 0 {
            return self.push(OwnedValue::EmptyList);
        }
        (0..list.length()).try_for_each(|index| {
            self.below(|path| path::write_index(path, index), |leaves| leaves.value(&list.get(index)))
        })
    }

    fn object(&mut self, object: &JsValue) -> Result<(), Failure> {
        let before = self.leaves.len();
        for key in Object::keys(object.unchecked_ref::<Object>()) {
            let value = Reflect::get(object, &key).map_err(|_| self.refuse("cannot be read"))?;
            if !(value.is_undefined() || value.is_function() || value.is_symbol()) {
                let name = key.as_string().unwrap_or_default();
                self.below(|path| path::write_key(path, &name), |leaves| leaves.value(&value))?;
            }
        }
        if self.leaves.len() == before { self.push(OwnedValue::EmptyObject) } else { Ok(()) }
    }

    /// Goes one step down the path, does the work there, and comes back.
    fn below(
        &mut self,
        step: impl FnOnce(&mut String) -> core::fmt::Result,
        work: impl FnOnce(&mut Self) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        if self.depth == PATH_STEPS_MAX {
            return Err(self.refuse("is nested too deeply, or in itself"));
        }
        let above = self.path.len();
        step(&mut self.path).map_err(|_| self.refuse("has a key that cannot be written"))?;
        self.depth += 1;
        work(self)?;
        self.depth -= 1;
        self.path.truncate(above);
        Ok(())
    }

    fn push(&mut self, value: OwnedValue) -> Result<(), Failure> {
        let text = match &value {
            OwnedValue::Text(text) | OwnedValue::Decimal(text) => text.len(),
            _ => 0,
        };
        let taken = self.path.len() + text;
        self.room = self.room.checked_sub(taken).ok_or_else(|| self.refuse("makes the event too large"))?;
        self.leaves.push(OwnedLeaf { path: self.path.clone(), value });
        Ok(())
    }

    fn refuse(&self, what: &str) -> Failure {
        let shown: String = self.path.chars().take(200).collect();
        Failure::bad_value(format!("the value at `{shown}` {what}"))
    }
}

/// Whether it is an object of no class: what a structured clone makes of an object literal.
fn is_plain(value: &JsValue) -> bool {
    if !value.is_object() {
        return false;
    }
    let prototype = Object::get_prototype_of(value);
    prototype.is_null() || Object::is(&prototype, &Object::get_prototype_of(&Object::new()))
}

fn big(number: &BigInt) -> Option<OwnedValue> {
    let text: String = number.to_string(10).ok()?.into();
    let signed = text.parse().map(OwnedValue::Signed);
    Some(signed.or_else(|_| text.parse().map(OwnedValue::Unsigned)).unwrap_or(OwnedValue::Decimal(text)))
}
