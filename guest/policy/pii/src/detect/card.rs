//! Payment card numbers and the security codes beside them.

use crate::check_digits::{self, value};
use crate::detect::run::{Cut, Run};
use crate::detect::{label, small_number};
use crate::page::{Gap, Page};
use crate::words::role;

/// The token after the card number that starts this run at this token.
pub(crate) fn read(page: &Page<'_>, at: usize, run: &Run) -> Option<usize> {
    if run.plus || run.length() < 12 {
        return None;
    }
    let context = page.nearest(at, CONTEXT_BYTES, role::CARD | role::THING);
    let card = run.cuts().find(|cut| is_card(cut, context)).or_else(|| mistyped(page, at, run));
    card.map(|cut| cut.next())
}

/// Whether these digits close and an issuer hands out such numbers. A length that issuers hardly
/// use needs a word that speaks of a card; behind a word that speaks of a thing it is the
/// thing's number.
fn is_card(cut: &Cut<'_>, context: u32) -> bool {
    let Some(issue) = issue(cut.digits) else { return false };
    let believed = match issue {
        Issue::Usual => context & role::CARD != 0 || context & role::THING == 0,
        Issue::Rare => context & role::CARD != 0,
    };
    believed && cut.is_uniform() && check_digits::luhn(cut.digits)
}

/// A number that is called a card's, though its digits do not close: mistyped, and as personal.
fn mistyped<'r>(page: &Page<'_>, at: usize, run: &'r Run) -> Option<Cut<'r>> {
    let whole = run.cuts().next()?;
    let labelled = || label(page, at).is_some_and(|label| page.plays(label, role::CARD));
    (issue(whole.digits) == Some(Issue::Usual) && whole.is_uniform() && labelled()).then_some(whole)
}

/// How a number's length fits its issuer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Issue {
    Usual,
    Rare,
}

/// Whether a large issuer begins its numbers so, and how long they are (ISO/IEC 7812 ranges).
/// Shops and fleets issue cards of other ranges.
fn issue(digits: &[u8]) -> Option<Issue> {
    if !(12..=19).contains(&digits.len()) {
        return None;
    }
    let prefix = |length: usize| value(&digits[..length.min(digits.len())]);
    let usual = match (prefix(1), prefix(2), prefix(3), prefix(4)) {
        (4, ..) => 16,
        (_, 34 | 37, ..) | (.., 1800 | 2131) => 15,
        (_, 36 | 38 | 39, ..) | (_, _, 300..=305, _) => 14,
        (_, 51..=55 | 62 | 65 | 81, ..) | (_, _, 644..=649, _) => 16,
        (.., 2200..=2204 | 2221..=2720 | 3528..=3589 | 6011 | 9792) => 16,
        (0, ..) => return None,
        _ => 0,
    };
    Some(if digits.len() == usual { Issue::Usual } else { Issue::Rare })
}

const CONTEXT_BYTES: usize = 48;

/// Where the security code starts and ends that follows a card number, if one does: behind
/// nothing but the card's expiry and words about it.
pub(crate) fn code_after(page: &Page<'_>, next: usize) -> Option<(usize, usize)> {
    let (at, expiry) = past_expiry(page, next);
    let alone =
        page.is_mark_of(at + 1, b",;|)\"}]") || page.gap(at + 1) == Gap::Line || page.is_mark(at + 1, b'.');
    (is_code(page, at) && (expiry || alone) && !page.plays(at + 1, role::AMOUNT | role::MONTH))
        .then(|| (page.start(at), page.end(at)))
}

/// The token behind marks, words about expiry and a month with a year; and whether there was one.
fn past_expiry(page: &Page<'_>, next: usize) -> (usize, bool) {
    let (mut at, mut expiry) = (next, false);
    while at < next + EXPIRY_TOKENS_MAX {
        let month = small_number(page, at).is_some_and(|month| matches!(month, 1..=12));
        let year = page.is_mark_of(at + 1, b"/-") && matches!(page.digit_count(at + 2), 2 | 4);
        let about =
            page.is_any(at, &["exp", "expiry", "expires", "expiration", "valid", "thru", "date", "and"]);
        if !expiry && month && year {
            (at, expiry) = (at + 3, true);
        } else if about || page.is_mark_of(at, b",;|/:.(-") {
            at += 1;
        } else {
            break;
        }
    }
    (at, expiry)
}

const EXPIRY_TOKENS_MAX: usize = 8;

/// Whether the token is a row of three or four digits that stands alone.
fn is_code(page: &Page<'_>, at: usize) -> bool {
    let joined =
        |token: usize| page.is_tight(token) && (page.is_word(token) || page.is_mark_of(token, b"_%$"));
    let decimal = page.is_mark_of(at + 1, b".,-/:")
        && page.is_tight(at + 1)
        && page.is_tight(at + 2)
        && page.is_digits(at + 2);
    matches!(page.digit_count(at), 3 | 4) && !joined(at + 1) && !decimal
}

/// Whether the token is a security code because its label says so.
pub(crate) fn is_labelled_code(page: &Page<'_>, at: usize) -> bool {
    page.mentions(role::SECURITY_CODE)
        && is_code(page, at)
        && label(page, at).is_some_and(|label| names_code(page, label))
}

/// Whether the label at this token is `CVV`, `CVC2`, `security code` or the like.
fn names_code(page: &Page<'_>, label: usize) -> bool {
    let version = page.digit_count(label) == 1 && page.is_tight(label);
    let name = if version { label.wrapping_sub(1) } else { label };
    let spelled = !page.is(name, "security") || page.is(name + 1, "code");
    spelled && page.plays(name, role::SECURITY_CODE)
}
