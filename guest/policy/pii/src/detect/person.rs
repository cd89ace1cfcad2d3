//! Names of persons, where somebody says that a name follows. Names in running text are left
//! alone: no list of names is long enough, and a wrong mask costs the trace its sense.

use crate::category::Category;
use crate::page::{Gap, Page};
use crate::scan::Finding;
use crate::words::role;

/// The roles of words that announce a name.
pub(crate) const ANNOUNCES: u32 = role::TITLE | role::INTRODUCES;

/// The name that this word announces: `Mr.`, `name` in `my name is`.
pub(crate) fn read(page: &Page<'_>, at: usize) -> Option<Finding> {
    let (first, next) = match page.roles(at) & ANNOUNCES {
        role::INTRODUCES => introduced(page, at)?,
        _ => titled(page, at)?,
    };
    Some(Finding { start: page.start(first), end: page.end(next - 1), category: Category::PersonName })
}

/// The name behind a title.
fn titled(page: &Page<'_>, at: usize) -> Option<(usize, usize)> {
    let first = at + 1 + usize::from(page.is_mark(at + 1, b'.'));
    let street =
        page.gap(at) == Gap::Space && page.is_capital(at.wrapping_sub(1)) && page.plays(at, role::STREET);
    let title = page.plays(at, role::TITLE) && page.is_capital(at) && !street;
    (title && page.has_capitals() && page.gap(first) == Gap::Space)
        .then(|| Some((first, name_end(page, first)?)))?
}

/// The name behind `name is`, `name's` and `call me`.
fn introduced(page: &Page<'_>, at: usize) -> Option<(usize, usize)> {
    let first = match page.word(at) {
        "name" | "Name" if is_possessive(page, at.wrapping_sub(1)) => past_is(page, at + 1)?,
        "me" if page.is(at.wrapping_sub(1), "call") => at + 1,
        _ => return None,
    };
    (page.has_capitals() && page.gap(first) == Gap::Space).then(|| Some((first, name_end(page, first)?)))?
}

/// Whether the word says whose name it is, or which part of a name.
fn is_possessive(page: &Page<'_>, at: usize) -> bool {
    page.is_any(at, &["my", "his", "her", "first", "last", "full", "maiden", "the", "account", "legal"])
}

/// The token after `is`, `'s` or `on it is`.
fn past_is(page: &Page<'_>, at: usize) -> Option<usize> {
    let apostrophe = usize::from(page.is_mark(at, b'\''));
    let verb = at + apostrophe;
    matches!(page.word(verb), "is" | "s").then_some(verb + 1)
}

/// The token after the name that starts at this token: capitalised words, initials, particles
/// and hyphens between them.
pub(crate) fn name_end(page: &Page<'_>, first: usize) -> Option<usize> {
    if !is_name_word(page, first) {
        return None;
    }
    let (mut next, mut words) = (first + 1, 1);
    while words < NAME_WORDS_MAX {
        let word = past_joint(page, next);
        if page.gap(next) == Gap::Line || page.gap(word) == Gap::Line || !is_name_word(page, word) {
            break;
        }
        (next, words) = (word + 1, words + 1);
    }
    Some(next)
}

const NAME_WORDS_MAX: usize = 5;

/// The token behind what joins two parts of a name: nothing, a hyphen, an apostrophe, the full
/// stop of an initial, a particle.
fn past_joint(page: &Page<'_>, at: usize) -> usize {
    let initial = page.is_mark(at, b'.') && page.length(at - 1) == 1;
    let tight =
        page.is_mark_of(at, b"-'") && page.is_tight(at) && page.is_tight(at + 1) && page.word(at + 1) != "s";
    if initial || tight {
        return at + 1;
    }
    let particles = (at..at + 2)
        .take_while(|&token| page.plays(token, role::PARTICLE) && !page.plays(token, role::FUNCTION))
        .count();
    at + particles
}

fn is_name_word(page: &Page<'_>, at: usize) -> bool {
    page.is_capital(at) && !page.plays(at, role::FUNCTION | role::MONTH | role::TITLE | role::BIRTH)
}
