//! Dates, and which of them are dates of birth. Other dates are read too, so that nothing else
//! takes their digits for a telephone number.

use crate::detect::small_number;
use crate::page::Page;
use crate::words::role;

/// A date in a text.
pub(crate) struct Date {
    /// The token after it.
    pub(crate) next: usize,
    /// Whether it has a day and a year.
    complete: bool,
}

/// The date that starts at this token.
pub(crate) fn read(page: &Page<'_>, at: usize) -> Option<Date> {
    if page.is_word(at) {
        return month_first(page, at);
    }
    let named = || page.mentions(role::MONTH).then(|| day_first(page, at))?;
    let born = || page.mentions(role::BIRTH).then(|| birth_year(page, at))?;
    numeric(page, at).or_else(named).or_else(born)
}

/// `1990-04-05`, `4/5/1990`, `5.4.90`.
fn numeric(page: &Page<'_>, at: usize) -> Option<Date> {
    let separator = page.mark(at + 1);
    if !matches!(separator, b'-' | b'/' | b'.') || !page.is_mark(at + 3, separator) {
        return None;
    }
    let tight = (1..5).all(|step| page.is_tight(at + step));
    let goes_on = page.is_mark_of(at + 5, b"-/.")
        && page.is_tight(at + 5)
        && page.is_tight(at + 6)
        && page.is_digits(at + 6);
    let parts = [at, at + 2, at + 4].map(|token| (small_number(page, token), page.digit_count(token)));
    let [(Some(a), a_digits), (Some(b), _), (Some(c), c_digits)] = parts else { return None };
    let day_and_month = |a: u16, b: u16| (1..=31).contains(&a) && (1..=31).contains(&b) && a.min(b) <= 12;
    let valid = match (a_digits, c_digits) {
        (4, 1 | 2) => is_year(a) && day_and_month(b, c),
        (1 | 2, 4) => is_year(c) && day_and_month(a, b),
        (1 | 2, 2) => day_and_month(a, b),
        _ => false,
    };
    (valid && tight && !goes_on).then_some(Date { next: at + 5, complete: true })
}

/// `5 April 1990`, `5th of April, 1990`, `5 de abril de 1990`.
fn day_first(page: &Page<'_>, at: usize) -> Option<Date> {
    let month = past(page, day(page, at)?, &["of", "de"]);
    if !page.plays(month, role::MONTH) {
        return None;
    }
    let year = past(page, past_marks(page, month + 1), &["de", "of"]);
    Some(with_year(page, year, month + 1))
}

/// `April 5, 1990`, `April 1990`.
fn month_first(page: &Page<'_>, at: usize) -> Option<Date> {
    let next = past_marks(page, at + 1);
    if !page.plays(at, role::MONTH) || !page.is_digits(next) {
        return None;
    }
    match day(page, next) {
        Some(after) => Some(with_year(page, past_marks(page, after), after)),
        None => year(page, next).then_some(Date { next: next + 1, complete: false }),
    }
}

/// The date that ends with this token if it is a year, and before it if not.
fn with_year(page: &Page<'_>, at: usize, without: usize) -> Date {
    if year(page, at) {
        Date { next: at + 1, complete: true }
    } else {
        Date { next: without, complete: false }
    }
}

/// The year alone, in `born in 1985`.
fn birth_year(page: &Page<'_>, at: usize) -> Option<Date> {
    let said = page.is(at.wrapping_sub(1), "in") && page.plays(at.wrapping_sub(2), role::BIRTH);
    (said && year(page, at)).then_some(Date { next: at + 1, complete: false })
}

/// The token after a day of the month and its ending, as `5th`.
fn day(page: &Page<'_>, at: usize) -> Option<usize> {
    let ordinal = page.is_tight(at + 1) && ["st", "nd", "rd", "th"].contains(&page.word(at + 1));
    let dotted = page.is_tight(at + 1) && page.is_mark(at + 1, b'.');
    let day = small_number(page, at).is_some_and(|day| (1..=31).contains(&day)) && page.digit_count(at) <= 2;
    day.then_some(at + 1 + usize::from(ordinal || dotted))
}

fn year(page: &Page<'_>, at: usize) -> bool {
    page.digit_count(at) == 4 && small_number(page, at).is_some_and(is_year)
}

fn is_year(year: u16) -> bool {
    (1850..=2150).contains(&year)
}

/// The token itself, or the next one if this is one of the words.
fn past(page: &Page<'_>, at: usize, words: &[&str]) -> usize {
    at + usize::from(page.is_any(at, words))
}

/// The token itself, or the next one if this is a comma, a full stop, a hyphen or an apostrophe.
fn past_marks(page: &Page<'_>, at: usize) -> usize {
    at + usize::from(page.is_mark_of(at, b",.-'"))
}

impl Date {
    /// Whether the words around this date speak of a birth, and none that is nearer speaks of
    /// something else; `after` is the token after the date before, whose words are its own.
    pub(crate) fn is_birth(&self, page: &Page<'_>, at: usize, after: usize) -> bool {
        if !page.mentions(role::BIRTH) {
            return false;
        }
        let reach = if self.complete { CONTEXT_BYTES } else { CONTEXT_BYTES_PARTIAL };
        let own = |&token: &usize| token >= after;
        let spoken = |token: usize| page.roles(token) & (role::BIRTH | role::OTHER_DATE);
        let before = page.before(at, reach).take_while(own).map(spoken).find(|&roles| roles != 0);
        before.is_some_and(|roles| roles & role::BIRTH != 0) || self.is_called_birth(page)
    }

    /// Whether `is my birthday` or the like follows.
    fn is_called_birth(&self, page: &Page<'_>) -> bool {
        let called = (self.next..self.next + 5).take_while(|&token| {
            page.plays(token, role::FUNCTION | role::LINK | role::BIRTH) || page.is(token, "date")
        });
        self.complete
            && page.is(self.next, "is")
            && called.into_iter().any(|token| page.plays(token, role::BIRTH))
    }
}

const CONTEXT_BYTES: usize = 64;
const CONTEXT_BYTES_PARTIAL: usize = 24;
