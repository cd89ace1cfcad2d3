//! What the conversation so far shows: which actions a tool answered for, and how it stands.

use std::collections::VecDeque;

use activemirror_guest::persona::{Event, EventKind, Leaf, Source, Value};

use crate::text::name_words;

/// An action that a tool carried out.
#[derive(Debug)]
pub(crate) struct Deed<'c> {
    /// The words of its name.
    pub(crate) name: Vec<String>,
    /// The tool's answer.
    pub(crate) answer: &'c Event,
}

/// The conversation so far.
#[derive(Debug)]
pub(crate) struct History<'c> {
    pub(crate) events: &'c [Event],
    /// What was done.
    pub(crate) deeds: Vec<Deed<'c>>,
    /// Whether the last tool that answered failed.
    pub(crate) has_failed: bool,
}

impl<'c> History<'c> {
    /// Reads the context. Tools answer in the order in which they were called.
    pub(crate) fn of(events: &'c [Event]) -> Self {
        let mut history = Self { events, deeds: Vec::new(), has_failed: false };
        let mut asked = VecDeque::new();
        for event in events {
            match (event.kind, event.source) {
                (EventKind::Action, _) => asked.push_back(event.action.as_deref().unwrap_or_default()),
                (EventKind::Observation, Source::Tool) | (EventKind::Error, _) => {
                    history.has_failed = is_failure(event);
                    let name = asked.pop_front().filter(|_| !history.has_failed).map(name_words);
                    history.deeds.extend(name.map(|name| Deed { name, answer: event }));
                }
                _ => {}
            }
        }
        history
    }

    /// How sure the agent was of its last decision in this turn.
    pub(crate) fn confidence(&self) -> Option<f64> {
        let turn = self.events.iter().rev().take_while(|event| !is_user(event));
        turn.filter(|event| event.kind == EventKind::Decision).find_map(|event| event.confidence)
    }

    /// What the user said, newest first.
    pub(crate) fn user_texts(&self) -> impl Iterator<Item = &'c str> {
        self.events.iter().rev().filter(|event| is_user(event)).filter_map(|event| event.content.as_deref())
    }

    /// What tools answered.
    pub(crate) fn answers(&self) -> impl Iterator<Item = &'c Event> {
        self.events.iter().filter(|event| is_answer(event))
    }

    /// Whether policies found something of this category.
    pub(crate) fn has_marked(&self, category: &str) -> bool {
        self.events.iter().flat_map(|event| &event.marks).any(|mark| mark.category == category)
    }
}

/// The texts of an event: its content, and every leaf that is a text.
pub(crate) fn texts(event: &Event) -> impl Iterator<Item = &str> {
    event.content.as_deref().into_iter().chain(event.leaves.iter().filter_map(leaf_text))
}

/// A leaf's text, if it is one.
pub(crate) fn leaf_text(leaf: &Leaf) -> Option<&str> {
    match &leaf.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

/// A leaf's last key.
pub(crate) fn key(leaf: &Leaf) -> &str {
    let path = leaf.path.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '[' | ']'));
    path.rsplit('/').next().unwrap_or_default()
}

fn is_user(event: &Event) -> bool {
    event.kind == EventKind::Observation && event.source == Source::User
}

fn is_answer(event: &Event) -> bool {
    event.kind == EventKind::Observation && event.source == Source::Tool
}

/// Whether an answer says that it did not work.
fn is_failure(event: &Event) -> bool {
    let says_error = |text: &str| text.get(..5).is_some_and(|head| head.eq_ignore_ascii_case("error"));
    let names_error = |leaf: &Leaf| {
        let nothing =
            matches!(leaf.value, Value::Null | Value::Boolean(false) | Value::EmptyList | Value::EmptyObject);
        matches!(key(leaf), "error" | "errors") && !nothing
    };
    event.kind == EventKind::Error
        || event.content.as_deref().is_some_and(says_error)
        || event.leaves.iter().any(names_error)
}
