//! An event as the rules see it: its words, its marks, and who speaks.

use activemirror_guest::compliance::{Event, EventKind, Leaf, Source, Value};

use crate::category::{Kind, Kinds};
use crate::words::{Hash, List, Words};

/// Who an event comes from, and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Voice {
    /// The person speaks.
    User,
    /// A tool answers.
    Tool,
    /// The agent considers or decides.
    Mind,
    /// The agent acts.
    Action,
    /// The agent speaks.
    Answer,
    /// Something went wrong.
    Error,
    /// An observation from nobody in particular.
    Other,
}

/// An event, prepared once for all rules.
#[derive(Debug)]
pub(crate) struct Seen<'e> {
    pub(crate) event: &'e Event,
    pub(crate) voice: Voice,
    /// The words of its text; none of a tool's answer, which is data.
    pub(crate) words: Words,
    /// The words of its action's name.
    pub(crate) name: Vec<Hash>,
    /// The kinds of personal data that policies found in it.
    pub(crate) marked: Kinds,
    /// The names of its action and its intent, as a whole.
    called: [Option<Hash>; 2],
    /// The last key of each leaf.
    keys: Vec<Hash>,
}

impl<'e> Seen<'e> {
    pub(crate) fn new(event: &'e Event) -> Self {
        let voice = voice(event);
        let text = event.content.as_deref().filter(|_| !matches!(voice, Voice::Tool | Voice::Other));
        Self {
            event,
            voice,
            words: text.map(Words::of).unwrap_or_default(),
            name: event.action.as_deref().map(name_words).unwrap_or_default(),
            marked: event.marks.iter().map(|mark| Kind::of_category(&mark.category)).collect(),
            called: [&event.action, &event.intent].map(|name| name.as_deref().map(Hash::of)),
            keys: event.leaves.iter().map(key).collect(),
        }
    }

    pub(crate) fn sequence(&self) -> u64 {
        self.event.sequence
    }

    /// Whether the action's name has one of these words.
    pub(crate) fn name_has(&self, words: &List) -> bool {
        self.name.iter().any(|own| words.has(*own))
    }

    /// Whether the action or the intent is called one of these, as a whole.
    pub(crate) fn is_called(&self, names: &List) -> bool {
        self.called.into_iter().flatten().any(|name| names.has(name))
    }

    /// Leaves whose last key is one of these, and that say something.
    pub(crate) fn leaves_named(&self, keys: &List) -> impl Iterator<Item = &'e Leaf> {
        let named = self.keys.iter().zip(&self.event.leaves).filter(|(key, _)| keys.has(**key));
        named.map(|(_, leaf)| leaf).filter(|leaf| says_something(&leaf.value))
    }
}

fn voice(event: &Event) -> Voice {
    match (event.kind, event.source) {
        (EventKind::Observation, Source::User) => Voice::User,
        (EventKind::Observation, Source::Tool) => Voice::Tool,
        (EventKind::Observation, Source::Unknown) | (EventKind::Start, _) => Voice::Other,
        (EventKind::Thought | EventKind::Decision, _) => Voice::Mind,
        (EventKind::Action, _) => Voice::Action,
        (EventKind::Output, _) => Voice::Answer,
        (EventKind::Error, _) => Voice::Error,
    }
}

/// `deleteUser_data` is `delete`, `user`, `data`.
fn name_words(name: &str) -> Vec<Hash> {
    let mut words = Vec::new();
    for part in name.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()) {
        let mut rest = part;
        while let Some(hump) = hump(rest) {
            words.push(Hash::of(&rest[..hump]));
            rest = &rest[hump..];
        }
        words.push(Hash::of(rest));
    }
    words
}

/// Where a capital follows a small letter.
fn hump(part: &str) -> Option<usize> {
    let pairs = part.char_indices().zip(part.chars().skip(1));
    pairs
        .into_iter()
        .find_map(|((at, a), b)| (a.is_lowercase() && b.is_uppercase()).then_some(at + a.len_utf8()))
}

/// The last key before any number of an element.
fn key(leaf: &Leaf) -> Hash {
    let path = leaf.path.split('[').next().unwrap_or_default();
    Hash::of(path.rsplit('/').next().unwrap_or_default())
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Boolean(false) | Value::EmptyObject | Value::EmptyList => false,
        Value::Text(text) => {
            !matches!(&*text.trim().to_ascii_lowercase(), "" | "none" | "no" | "false" | "n/a" | "unknown")
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::name_words;
    use crate::words::Hash;

    #[track_caller]
    fn check(name: &str, words: &[&str]) {
        let words: Vec<Hash> = words.iter().map(|word| Hash::of(word)).collect();
        assert_eq!(name_words(name), words, "{name}");
    }

    #[test]
    fn names_fall_into_words() {
        check("deleteUser_data", &["delete", "user", "data"]);
        check("GET-account.v2", &["get", "account", "v2"]);
        check("__", &[]);
    }
}
