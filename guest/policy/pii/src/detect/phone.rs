//! Telephone and fax numbers. Their digits prove nothing, so a number needs a form that hardly
//! anything else has, or words that speak of a telephone.

use crate::detect::run::{Cut, Run};
use crate::page::{Gap, Page};
use crate::words::role;

/// The token after the telephone number, extension included, that starts this run at this token.
pub(crate) fn read(page: &Page<'_>, at: usize, run: &Run) -> Option<usize> {
    let possible = run.cuts().any(|cut| has_form(&cut, run.plus) || is_grouped(&cut));
    if !possible {
        return None;
    }
    let context = Context::of(page, at);
    if context == Context::Thing && !run.plus {
        return None;
    }
    let formed = run.cuts().find(|cut| has_form(cut, run.plus) && !is_dumped(page, at, cut));
    let number = formed.or_else(|| run.cuts().find(|cut| context.supports(page, cut)))?;
    Some(past_extension(page, number.next()))
}

/// Whether a number is written as telephone numbers are and other numbers are not.
fn has_form(cut: &Cut<'_>, plus: bool) -> bool {
    let &Cut { digits, groups } = cut;
    let short = groups[0].length <= 5;
    let enclosed = groups[0].enclosed && (2..=5).contains(&groups[0].length);
    match digits.len() {
        8..=16 if plus => digits[0] != 0,
        _ if groups[0].length < 2 => is_north_american(cut),
        10..=17 if digits.starts_with(&[0, 0]) => groups.len() >= 2 && short && digits[2] != 0,
        8..=12 if enclosed => groups.len() >= 2,
        9..=11 if digits[0] == 0 && digits[1] != 0 => groups.len() >= 2 && short && !is_postal(cut),
        _ => is_north_american(cut),
    }
}

/// `2000-2001`.
fn is_years(cut: &Cut<'_>) -> bool {
    cut.has_lengths(&[4, 4]) && cut.digits.chunks(4).all(|year| matches!(year, [1, 9, ..] | [2, 0, ..]))
}

/// `02110-1301`: a postal code of the United States.
fn is_postal(cut: &Cut<'_>) -> bool {
    cut.has_lengths(&[5, 4]) && cut.groups[1].separator == b'-'
}

/// Whether pairs of digits go on to either side: bytes in a dump.
fn is_dumped(page: &Page<'_>, at: usize, cut: &Cut<'_>) -> bool {
    let pairs = cut.groups.iter().all(|group| group.length == 2);
    let after = page.is_digits(cut.next()) && page.gap(cut.next()) == Gap::Space;
    let before = page.is_digits(at.wrapping_sub(1)) && page.gap(at) == Gap::Space;
    pairs && (after || before)
}

/// `555-123-4567`, `1 (555) 123-4567`: area and exchange codes never begin with 0 or 1.
fn is_north_american(cut: &Cut<'_>) -> bool {
    let national = match cut.digits {
        [1, national @ ..] if cut.has_lengths(&[1, 3, 3, 4]) => national,
        national if cut.has_lengths(&[3, 3, 4]) => national,
        _ => return false,
    };
    let last_two = &cut.groups[cut.groups.len() - 2..];
    let alike = last_two[0].separator == last_two[1].separator || last_two[0].enclosed;
    let alike = alike || cut.groups.len() == 3 && cut.groups[0].enclosed;
    national[0] > 1 && national[3] > 1 && alike && cut.groups.iter().all(|group| group.separator != b'/')
}

/// Whether a number is as long as telephone numbers are, in one group or in groups of some length.
fn is_grouped(cut: &Cut<'_>) -> bool {
    let single = cut.groups.len() == 1;
    !is_years(cut)
        && (7..=15).contains(&cut.digits.len())
        && (single || cut.groups.iter().all(|group| group.length >= 2))
}

/// What the words around a number say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Context {
    /// It is a telephone's.
    Phone,
    /// Somebody can be reached by it: `call me at`.
    Direct,
    /// Somebody may be reached by it.
    Reach,
    /// It is a thing's.
    Thing,
    /// Nothing.
    Silent,
}

impl Context {
    fn of(page: &Page<'_>, at: usize) -> Self {
        let decisive = role::PHONE | role::THING | role::CARD | role::ROUTING;
        let nearest = page.nearest(at, CONTEXT_BYTES, decisive);
        let line = page.is_mark(at.wrapping_sub(1), b':') && page.plays(at.wrapping_sub(2), role::LINE);
        match nearest {
            _ if line => Self::Phone,
            0 if is_directed(page, at) => Self::Direct,
            0 if page.nearest(at, CONTEXT_BYTES, role::REACH) != 0 => Self::Reach,
            0 => Self::Silent,
            roles if roles & role::PHONE != 0 => Self::Phone,
            _ => Self::Thing,
        }
    }

    /// Whether a number of any form is a telephone number here.
    fn supports(self, page: &Page<'_>, cut: &Cut<'_>) -> bool {
        is_grouped(cut)
            && match self {
                Self::Phone | Self::Direct => true,
                Self::Reach => cut.groups.len() > 1 || is_line(page, cut.next()),
                Self::Silent => is_line(page, cut.next()),
                Self::Thing => false,
            }
    }
}

const CONTEXT_BYTES: usize = 44;

/// Whether nothing but small words stand between this token and one that speaks of reaching
/// somebody, as in `call me back on`.
fn is_directed(page: &Page<'_>, at: usize) -> bool {
    let small = |&token: &usize| page.plays(token, role::FUNCTION | role::LINK) || page.word(token) == "back";
    let first = page.before(at, CONTEXT_BYTES).find(|token| !small(token));
    first.is_some_and(|token| page.plays(token, role::REACH))
}

/// Whether the token says which telephone the number before it belongs to, as in `555 1234 office`
/// or `555 1234-Fax`.
fn is_line(page: &Page<'_>, next: usize) -> bool {
    let hyphen = page.is_mark_of(next, b"-/(") && page.gap(next) != Gap::Line;
    let word = next + usize::from(hyphen);
    page.plays(word, role::LINE) && page.gap(word) != Gap::Line
}

/// The token after `x123` or `ext. 123`, if that is at hand.
fn past_extension(page: &Page<'_>, next: usize) -> usize {
    let comma = usize::from(page.is_mark(next, b','));
    let word = next + comma;
    let named = page.is_any(word, &["x", "ext", "extension"]);
    let dot = usize::from(page.is_mark(word + 1, b'.'));
    let digits = word + 1 + dot;
    if named && (1..=6).contains(&page.digit_count(digits)) { digits + 1 } else { next }
}
