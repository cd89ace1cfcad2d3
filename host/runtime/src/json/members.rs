//! Single members of an object that is there as leaves, each as the text of a JSON value of its own.

use std::io;

use struson::writer::{JsonStreamWriter, JsonWriter as _};

use super::writer::{WriteError, object_text};
use crate::document::Leaf;

/// The text of the value of `key`, which has no characters that a path escapes; `None` where there is
/// no such member.
pub fn member_text(leaves: &[Leaf], key: &str) -> Result<Option<String>, WriteError> {
    let text = text_where(leaves, |path| is_under(path, key))?;
    // `{"key":value}`, which the writer writes without spaces.
    Ok(text.and_then(|text| Some(text.get(key.len() + 4..text.len() - 1)?.to_owned())))
}

/// The text of the object without these members; `None` where nothing is left.
pub fn object_without(leaves: &[Leaf], keys: &[&str]) -> Result<Option<String>, WriteError> {
    text_where(leaves, |path| !keys.iter().any(|key| is_under(path, key)))
}

/// The text of a list of texts.
#[must_use]
pub fn texts_text(texts: &[String]) -> String {
    list_text(texts, |json, text| json.string_value(text))
}

/// The text of a list of whole numbers.
#[must_use]
pub fn wholes_text(numbers: &[u64]) -> String {
    list_text(numbers, |json, number| json.number_value(*number))
}

/// Whether `path` is the member `of` of the root or lies in it; `of` has no characters that a path
/// escapes.
pub(crate) fn is_under(path: &str, of: &str) -> bool {
    let rest = path.strip_prefix('/').and_then(|path| path.strip_prefix(of));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '[']))
}

fn text_where(leaves: &[Leaf], wanted: impl Fn(&str) -> bool) -> Result<Option<String>, WriteError> {
    let mut wanted = leaves.iter().filter(|leaf| wanted(&leaf.path)).peekable();
    if wanted.peek().is_none() {
        return Ok(None);
    }
    object_text(wanted).map(Some)
}

fn list_text<T>(items: &[T], write: impl Fn(&mut JsonStreamWriter<Vec<u8>>, &T) -> io::Result<()>) -> String {
    let mut json = JsonStreamWriter::new(Vec::new());
    let text = json
        .begin_array()
        .and_then(|()| items.iter().try_for_each(|item| write(&mut json, item)))
        .and_then(|()| json.end_array())
        .and_then(|()| json.finish_document())
        .expect("invariant: a Vec takes every byte");
    String::from_utf8(text).expect("invariant: the tokenizer writes UTF-8")
}
