//! What follows the street line: unit, town, state, country, postal code, on the same line or
//! on the next ones.

use crate::page::{Gap, Kind, Page};
use crate::words::role;

/// A tail.
#[derive(Clone, Copy)]
pub(super) struct Tail {
    /// The token after its last part that only addresses have.
    pub(super) next: usize,
    /// How much its weightiest part says.
    pub(super) weight: Weight,
}

/// The tail that starts at this token; an empty one where none does.
pub(super) fn read(page: &Page<'_>, from: usize) -> Tail {
    let (mut at, mut tail) = (from, Tail { next: from, weight: Weight::Nothing });
    for _ in 0..PARTS_MAX {
        let Some(part) = part(page, past_separator(page, at)) else { break };
        at = part.next;
        if part.weight > Weight::Nothing {
            tail = Tail { next: at, weight: tail.weight.max(part.weight) };
        }
    }
    tail
}

const PARTS_MAX: usize = 8;

/// One part of a tail.
struct Part {
    next: usize,
    weight: Weight,
}

/// What a part says of the whole.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// Nothing: a capitalised word stands anywhere.
    Nothing,
    /// It is a part of an address that is one without it: a town with a state.
    Extends,
    /// It speaks for an address: a country.
    Speaks,
    /// There is an address: a unit, a postal code.
    Proof,
}

fn part(page: &Page<'_>, at: usize) -> Option<Part> {
    unit(page, at)
        .or_else(|| street_word(page, at))
        .or_else(|| code(page, at))
        .or_else(|| state(page, at))
        .or_else(|| town(page, at))
}

/// The token behind a comma or a full stop.
fn past_separator(page: &Page<'_>, at: usize) -> usize {
    let dot = page.is_mark(at, b'.')
        && page.is_tight(at)
        && (page.gap(at + 1) == Gap::Line || page.plays(at + 1, role::UNIT));
    at + usize::from(dot || page.is_mark(at, b','))
}

/// `Apt. 335`, `Suite 12B`, `#4`, `Fifth Floor`.
fn unit(page: &Page<'_>, at: usize) -> Option<Part> {
    if page.is_capital(at) && page.is(at + 1, "floor") {
        return Some(Part { next: at + 2, weight: Weight::Proof });
    }
    let number = if page.is_mark(at, b'#') {
        at + 1
    } else {
        let named = page.plays(at, role::UNIT).then_some(at + 1)?;
        named + usize::from(page.is_mark_of(named, b".#"))
    };
    let letter = page.length(number) == 1 && page.is_word(number);
    if !page.is_digits(number) && !letter || page.gap(number) == Gap::Line {
        return None;
    }
    let suffix = page.is_tight(number + 1) && page.is_word(number + 1);
    Some(Part { next: number + 1 + usize::from(suffix), weight: Weight::Proof })
}

/// `street` or `St.` behind a name and a number.
fn street_word(page: &Page<'_>, at: usize) -> Option<Part> {
    let street = page.is_any(at, &["street", "st", "st.", "road"]);
    (street && page.is_digits(at - 1) && page.gap(at) == Gap::Space)
        .then_some(Part { next: at + 1, weight: Weight::Proof })
}

/// A postal code: on a line of its own, or behind a town or state on the same line.
fn code(page: &Page<'_>, at: usize) -> Option<Part> {
    let next = code_end(page, at);
    let ends =
        page.gap(next) == Gap::Line || !(page.is_digits(next) || page.is_tight(next) && page.is_word(next));
    let last = page.gap(next) == Gap::Line || page.is_mark_of(next, b",.;?!)");
    let alone = page.gap(at) == Gap::Line && last && page.digit_count(at) >= 4;
    let behind = page.gap(at) == Gap::Space && page.is_word(at - 1) || page.is_mark(at - 1, b')');
    let shape = (4..=6).contains(&page.digit_count(at)) && ends;
    let weight = if alone { Weight::Proof } else { weight_of_code(page, at) };
    (shape && (alone || behind) && !page.is_mark(next, b':')).then_some(Part { next, weight })
}

/// What a code behind a word says: one of four digits may be any other number.
fn weight_of_code(page: &Page<'_>, at: usize) -> Weight {
    if page.digit_count(at) >= 5 { Weight::Proof } else { Weight::Speaks }
}

/// The token after the code and the four digits that may extend it.
fn code_end(page: &Page<'_>, at: usize) -> usize {
    let extended = page.is_mark(at + 1, b'-')
        && page.is_tight(at + 1)
        && page.is_tight(at + 2)
        && page.is_digits(at + 2);
    if extended { at + 3 } else { at + 1 }
}

/// `TX`, and in any case `tx` before a postal code.
fn state(page: &Page<'_>, at: usize) -> Option<Part> {
    let short = page.is_word(at) && matches!(page.length(at), 2 | 3);
    let upper = is_upper(page, at) && (page.is_mark(at - 1, b',') || page.gap(at) == Gap::Line);
    if !short || !is_upper(page, at) && page.plays(at, role::FUNCTION) || page.is_mark_of(at + 1, b":-") {
        return None;
    }
    if page.gap(at + 1) != Gap::None && (4..=6).contains(&page.digit_count(at + 1)) {
        return Some(Part { next: code_end(page, at + 1), weight: weight_of_code(page, at + 1) });
    }
    upper.then_some(Part { next: at + 1, weight: Weight::Nothing })
}

/// Names of a town, perhaps with a state or a country, which belong to the address.
fn town(page: &Page<'_>, at: usize) -> Option<Part> {
    let mut next = at;
    while next < at + TOWN_TOKENS_MAX
        && (next == at || page.gap(next) != Gap::Line)
        && is_town_word(page, next, at)
    {
        next += 1;
        if page.plays(next - 1, role::COUNTRY) {
            return Some(Part { next: past_parenthesis(page, next), weight: Weight::Speaks });
        }
    }
    let labels = page.is_mark(next, b':') && page.gap(next) != Gap::Line;
    let stated = next > at + 1 && is_upper(page, next - 1) && matches!(page.length(next - 1), 2 | 3);
    let next = if next > at { past_parenthesis(page, next) } else { next };
    let weight = if stated && page.gap(at) == Gap::Space { Weight::Extends } else { Weight::Nothing };
    (next > at && !labels).then_some(Part { next, weight })
}

fn is_upper(page: &Page<'_>, at: usize) -> bool {
    page.kind(at) == Some(Kind::Upper)
}

const TOWN_TOKENS_MAX: usize = 10;

fn is_town_word(page: &Page<'_>, at: usize, first: usize) -> bool {
    let name = page.is_capital(at) && !page.plays(at, role::FUNCTION | role::MONTH | role::UNIT);
    let followed = |gap: Gap| page.is_word(at + 1) && page.gap(at + 1) == gap;
    let joint = page.is_mark_of(at, b"-'/") && page.is_tight(at) && followed(Gap::None);
    let dot = page.is_mark(at, b'.') && page.length(at.wrapping_sub(1)) <= 3 && followed(Gap::Space);
    name || at > first && (joint || dot || page.plays(at, role::PARTICLE) && followed(Gap::Space))
}

/// The token after `(Greek)`, if that is at hand.
fn past_parenthesis(page: &Page<'_>, at: usize) -> usize {
    let enclosed = page.is_mark(at, b'(') && page.is_word(at + 1) && page.is_mark(at + 2, b')');
    if enclosed { at + 3 } else { at }
}
