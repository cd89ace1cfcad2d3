//! Short constructors; `⟦email⟧` in a text is a token with a mark.

use activemirror_guest::policy::{Event, EventKind, Leaf, Mark, Place, Source, Span, Value};

/// An event that says nothing but this.
#[must_use]
pub fn event(kind: EventKind, source: Source) -> Event {
    Event {
        sequence: 0,
        time: 0,
        kind,
        source,
        content: None,
        action: None,
        intent: None,
        confidence: None,
        leaves: Vec::new(),
        marks: Vec::new(),
    }
}

/// What the user says.
#[must_use]
pub fn user(text: &str) -> Event {
    Event {
        content: Some(masked(text).0),
        marks: masked(text).1,
        ..event(EventKind::Observation, Source::User)
    }
}

/// What the agent says.
#[must_use]
pub fn answer(text: &str) -> Event {
    Event {
        content: Some(masked(text).0),
        marks: masked(text).1,
        ..event(EventKind::Output, Source::Unknown)
    }
}

/// What the agent does.
#[must_use]
pub fn action(name: &str, parameters: &[(&str, &str)]) -> Event {
    with_leaves(
        Event { action: Some(name.into()), ..event(EventKind::Action, Source::Unknown) },
        "/parameters",
        parameters,
    )
}

/// What a tool answers.
#[must_use]
pub fn told(data: &[(&str, &str)]) -> Event {
    with_leaves(event(EventKind::Observation, Source::Tool), "/data", data)
}

/// What the agent settles on.
#[must_use]
pub fn decision(text: &str, confidence: Option<f64>) -> Event {
    Event { content: Some(text.into()), confidence, ..event(EventKind::Decision, Source::Unknown) }
}

/// What goes wrong.
#[must_use]
pub fn failed(text: &str) -> Event {
    Event { content: Some(text.into()), ..event(EventKind::Error, Source::Unknown) }
}

fn with_leaves(mut event: Event, field: &str, pairs: &[(&str, &str)]) -> Event {
    for (index, (key, text)) in (0..).zip(pairs) {
        let (text, mut marks) = masked(text);
        marks.iter_mut().for_each(|mark| mark.span.place = Place::LeafValue(index));
        event.marks.extend(marks);
        event.leaves.push(Leaf { path: format!("{field}/{key}"), value: Value::Text(text) });
    }
    event
}

/// In a test's text, `⟦email⟧` is a token with a mark.
fn masked(text: &str) -> (String, Vec<Mark>) {
    let tokens =
        text.match_indices('⟦').filter_map(|(start, _)| Some((start, start + text[start..].find('⟧')?)));
    let mark = |(start, end): (usize, usize)| Mark {
        span: Span { place: Place::Content, start: start as u32, end: (end + '⟧'.len_utf8()) as u32 },
        category: text[start + '⟦'.len_utf8()..end].into(),
    };
    (text.into(), tokens.map(mark).collect())
}
