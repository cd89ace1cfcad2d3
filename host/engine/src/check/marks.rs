//! Marks of one verdict: each within its event, in order, none overlapping another.

use core::cmp::Reverse;

use crate::{CallError, Event, Mark, Place, Span, Value, limits::CATEGORY_BYTES_MAX, text};

/// Checks and orders marks. Where two overlap, one that covers both takes their place, under the
/// category of the first: what a policy wants hidden stays hidden.
pub(super) fn settle(mut marks: Vec<Mark>, event: &Event) -> Result<Vec<Mark>, CallError> {
    for mark in &marks {
        check(mark, event)?;
    }
    marks.sort_by_key(|mark| (order(&mark.span.place), mark.span.start, Reverse(mark.span.end)));
    marks.dedup_by(|next, before| {
        let overlap = overlap(&before.span, &next.span);
        if overlap {
            before.span.end = before.span.end.max(next.span.end);
        }
        overlap
    });
    Ok(marks)
}

fn check(mark: &Mark, event: &Event) -> Result<(), CallError> {
    if !text::is_name(&mark.category, CATEGORY_BYTES_MAX) {
        return Err(wrong(mark, event, "has no plain category"));
    }
    let Span { start, end, .. } = mark.span;
    let fits = match marked(&mark.span.place, event) {
        None => return Err(wrong(mark, event, "lies in a place that the event does not have")),
        Some(Marked::Text(text)) => {
            let (start, end) = (start as usize, end as usize);
            start < end && text.is_char_boundary(start) && text.is_char_boundary(end)
        }
        Some(Marked::Whole) => start == 0 && end == 0,
    };
    if fits { Ok(()) } else { Err(wrong(mark, event, "does not lie on characters of its text")) }
}

/// What a mark can be set on.
enum Marked<'e> {
    Text(&'e str),
    /// A value that is no text.
    Whole,
}

fn marked<'e>(place: &Place, event: &'e Event) -> Option<Marked<'e>> {
    let leaf = |index: u32| event.leaves.get(index as usize);
    Some(match place {
        Place::Content => Marked::Text(event.content.as_deref()?),
        Place::LeafPath(index) => Marked::Text(&leaf(*index)?.path),
        Place::LeafValue(index) => match &leaf(*index)?.value {
            Value::Text(text) => Marked::Text(text),
            _ => Marked::Whole,
        },
        Place::Action => Marked::Text(event.action.as_deref()?),
        Place::Intent => Marked::Text(event.intent.as_deref()?),
    })
}

fn order(place: &Place) -> (u8, u32) {
    match place {
        Place::Content => (0, 0),
        Place::LeafValue(index) => (1, *index),
        Place::LeafPath(index) => (2, *index),
        Place::Action => (3, 0),
        Place::Intent => (4, 0),
    }
}

/// Two marks of a value as a whole overlap as well, though both are empty.
fn overlap(before: &Span, next: &Span) -> bool {
    before.place == next.place && (next.start < before.end || before.end == 0)
}

fn wrong(mark: &Mark, event: &Event, what: &str) -> CallError {
    let Mark { span: Span { place, start, end }, category } = mark;
    CallError::bad(format!(
        "the mark `{category}` at {place:?} {start}..{end} of event {} {what}",
        event.sequence
    ))
}
