//! Whether a draft shows what a tool told of another person.
//!
//! A tool's answer with an id of a person is about that person. The user's own id is the one that
//! they have named, else the first. From another's answer, texts that single somebody out (with a
//! digit or an @ in them) must not be in the draft, unless they are known from elsewhere too.

use activemirror_guest::persona::{Event, Leaf};

use crate::history::{History, key, leaf_text, texts};

/// Whether the draft shows somebody else's data.
pub(crate) fn are_shown(history: &History<'_>, draft: &str) -> bool {
    let Some(own) = own_id(history) else { return false };
    let is_strange = |event: &&Event| person(event).is_some_and(|id| id != own);
    let strange = history.answers().filter(is_strange).flat_map(|event| &event.leaves).filter_map(leaf_text);
    let shown: Vec<&str> = strange.filter(|text| is_telling(text) && draft.contains(text)).collect();
    shown.iter().any(|text| !is_known_otherwise(history, own, text))
}

fn own_id<'c>(history: &History<'c>) -> Option<&'c str> {
    let ids = || history.events.iter().filter_map(|event| person(event));
    ids().find(|id| history.user_texts().any(|text| text.contains(id))).or_else(|| ids().next())
}

/// The id of the person that an event is about.
fn person(event: &Event) -> Option<&str> {
    let names_person = |leaf: &&Leaf| PERSON_KEYS.contains(&key(leaf));
    event.leaves.iter().find(names_person).and_then(leaf_text).filter(|id| !id.is_empty())
}

/// Whether a text singles somebody out.
fn is_telling(text: &str) -> bool {
    text.len() >= TELLING_BYTES_MIN && text.contains(|c: char| c.is_ascii_digit() || c == '@')
}

fn is_known_otherwise(history: &History<'_>, own: &str, text: &str) -> bool {
    let elsewhere = history.events.iter().filter(|event| person(event).is_none_or(|id| id == own));
    elsewhere.flat_map(texts).any(|known| known.contains(text))
}

const PERSON_KEYS: &[&str] = &["user_id", "customer_id", "account_id", "userId", "customerId", "accountId"];
const TELLING_BYTES_MIN: usize = 6;
