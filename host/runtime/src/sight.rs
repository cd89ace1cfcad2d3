//! What a plugin sees of an event: the contract's form, with originals or with tokens, and the way
//! back from its spans.

use core::ops::Range;

use activemirror_core::draft::{At, Draft, Point, Source};
use activemirror_core::mask::{self, Token};
use activemirror_core::trace::{Kind, Place};
use activemirror_core::value::Value as LogValue;
use activemirror_engine::{
    Event as SeenEvent, EventKind, Leaf as SeenLeaf, Mark as SeenMark, Place as SeenPlace,
    Point as SeenPoint, Source as SeenSource, Span, Value as SeenValue,
};

use crate::plugins::Grant;

/// Gives the digits of a token for an original text.
pub(crate) type Tags<'t> = dyn Fn(&str) -> Option<[u8; 3]> + 't;

/// The event as a plugin with this grant sees it.
pub(crate) fn seen(draft: &Draft, sequence: u64, grant: Grant, tags: &Tags<'_>) -> SeenEvent {
    let content = draft.content();
    let mut seen = SeenEvent {
        sequence,
        time: draft.time.as_millis(),
        kind: kind(draft.kind),
        source: source(draft.source()),
        content: None,
        action: draft.action.clone(),
        intent: draft.intent.clone(),
        confidence: draft.confidence,
        leaves: Vec::new(),
        marks: Vec::new(),
    };
    match grant {
        Grant::PersonalData => {
            seen.content = draft.text.clone();
            seen.leaves = content.leaves.iter().map(|leaf| leaf_of(leaf.path, leaf.value)).collect();
            seen.marks = content
                .marks
                .iter()
                .filter(|mark| !mark.dropped)
                .map(|mark| mark_of(mark.place, mark.start as usize..mark.end as usize, mark.category))
                .collect();
        }
        Grant::Masked => {
            let view = mask::view(&content, tags);
            seen.leaves = view.leaves.iter().map(|leaf| leaf_of(&leaf.path, leaf.shown())).collect();
            let mark =
                |token: &Token<'_>| mark_of(token.mark.place, token.shown.clone(), token.mark.category);
            seen.marks = view.tokens.iter().map(mark).collect();
            seen.content = view.text.map(Into::into);
        }
    }
    seen
}

/// The original's bytes that a plugin with this grant means by a span.
pub(crate) fn meant(draft: &Draft, span: &Span, grant: Grant, tags: &Tags<'_>) -> (At, Range<u32>) {
    let place = match span.place {
        SeenPlace::Content => Place::Text,
        SeenPlace::LeafValue(index) => Place::LeafValue(index),
        SeenPlace::LeafPath(index) => Place::LeafPath(index),
        SeenPlace::Action => return (At::Action, span.start..span.end),
        SeenPlace::Intent => return (At::Intent, span.start..span.end),
    };
    if grant == Grant::PersonalData {
        return (At::Place(place), span.start..span.end);
    }
    let content = draft.content();
    let view = mask::view(&content, tags);
    let range = mask::original_range(place, &(span.start as usize..span.end as usize), &view.tokens);
    (At::Place(place), range.start as u32..range.end as u32)
}

pub(crate) const fn kind(kind: Kind) -> EventKind {
    match kind {
        Kind::Action => EventKind::Action,
        Kind::Observation => EventKind::Observation,
        Kind::Decision => EventKind::Decision,
        Kind::Output => EventKind::Output,
        Kind::Error => EventKind::Error,
        Kind::TraceStart | Kind::Session => EventKind::Start,
        _ => EventKind::Thought,
    }
}

const fn source(source: Source) -> SeenSource {
    match source {
        Source::User => SeenSource::User,
        Source::Tool => SeenSource::Tool,
        Source::Unknown => SeenSource::Unknown,
    }
}

/// The point, as the contract has it.
pub(crate) const fn point(point: Point) -> SeenPoint {
    match point {
        Point::AgentStartup => SeenPoint::AgentStartup,
        Point::Input => SeenPoint::Input,
        Point::PostModelCall => SeenPoint::PostModelCall,
        Point::PreToolCall => SeenPoint::PreToolCall,
        Point::PostToolCall => SeenPoint::PostToolCall,
        Point::Output => SeenPoint::Output,
    }
}

fn leaf_of(path: &str, value: LogValue<'_>) -> SeenLeaf {
    let value = match value {
        LogValue::Null => SeenValue::Null,
        LogValue::Bool(value) => SeenValue::Boolean(value),
        LogValue::Signed(value) => SeenValue::Signed(value),
        LogValue::Unsigned(value) => SeenValue::Unsigned(value),
        LogValue::Float(value) => SeenValue::Float(value),
        LogValue::Decimal(text) => SeenValue::Decimal(text.to_owned()),
        LogValue::Text(text) => SeenValue::Text(text.to_owned()),
        LogValue::EmptyObject => SeenValue::EmptyObject,
        LogValue::EmptyList => SeenValue::EmptyList,
    };
    SeenLeaf { path: path.to_owned(), value }
}

fn mark_of(place: Place, range: Range<usize>, category: &str) -> SeenMark {
    let place = match place {
        Place::Text => SeenPlace::Content,
        Place::LeafValue(index) => SeenPlace::LeafValue(index),
        Place::LeafPath(index) => SeenPlace::LeafPath(index),
    };
    let span = Span { place, start: range.start as u32, end: range.end as u32 };
    SeenMark { span, category: category.to_owned() }
}
