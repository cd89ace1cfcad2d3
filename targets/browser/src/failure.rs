//! What went wrong, as JavaScript gets it: `{code, message}`, a plain object that survives the way
//! between tabs. `errors.ts` lists the codes.

use std::io::ErrorKind;

use activemirror_core::log::block::PushError;
use activemirror_core::log::reader::BlockError;
use activemirror_core::session::SessionError;
use activemirror_store::StoreError;
use js_sys::{Array, Object};
use wasm_bindgen::JsValue;

/// A code that programs can act on, and a sentence for people.
#[derive(Debug)]
pub(crate) struct Failure {
    code: &'static str,
    message: String,
}

impl Failure {
    /// The caller's value or call is wrong.
    pub(crate) fn bad_value(message: impl Into<String>) -> Self {
        Self { code: "bad-value", message: message.into() }
    }

    /// There is nothing of this id.
    pub(crate) fn unknown(what: &str, id: &str) -> Self {
        Self { code: "unknown", message: format!("there is no {what} `{id}` in this store") }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::Held => "held",
            StoreError::NewerFormat(_) => "newer-format",
            StoreError::WrongKey => "wrong-key",
            StoreError::KeysMissing | StoreError::StoreMissing => "files-missing",
            StoreError::NotAStore(_) | StoreError::KeysDamaged(_) => "damaged",
            StoreError::MissingBlock(_) | StoreError::Block(..) => "damaged",
            // What redb says of a file that is none of its own.
            StoreError::Io(error) if error.kind() == ErrorKind::InvalidData => "damaged",
            StoreError::Full => "full",
            StoreError::Record(_) => "bad-value",
            StoreError::UnknownSubject(_) => "unknown",
            _ => "io",
        };
        let message = match &error {
            StoreError::Full => {
                "the browser gives this site no more room; nothing of this write was stored".to_owned()
            }
            other => other.to_string(),
        };
        Self { code, message }
    }
}

impl From<PushError> for Failure {
    fn from(error: PushError) -> Self {
        StoreError::from(error).into()
    }
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        Self::bad_value(error.to_string())
    }
}

impl Failure {
    /// A block that does not open.
    pub(crate) fn block(number: u64, error: BlockError) -> Self {
        StoreError::Block(number, error).into()
    }
}

impl From<Failure> for JsValue {
    fn from(failure: Failure) -> Self {
        object([("code", failure.code.into()), ("message", failure.message.into())])
    }
}

/// A plain object. Its members are defined, never assigned: `__proto__` is a key like any other.
pub(crate) fn object<'k>(members: impl IntoIterator<Item = (&'k str, JsValue)>) -> JsValue {
    let pair = |(key, value): (&str, JsValue)| Array::of2(&key.into(), &value);
    let pairs: Array = members.into_iter().map(pair).collect();
    Object::from_entries(&pairs).map_or(JsValue::UNDEFINED, Into::into)
}
