//! The detectors. Each reads tokens of one page and says what it found; where readings compete,
//! [`crate::scan`] decides. None looks farther than [`REACH_BYTES_MAX`] from where a finding
//! starts, so a long text can be read in pages.

pub(crate) mod address;
pub(crate) mod card;
pub(crate) mod date;
pub(crate) mod email;
pub(crate) mod iban;
pub(crate) mod labelled;
pub(crate) mod national;
pub(crate) mod network;
pub(crate) mod number;
pub(crate) mod person;
pub(crate) mod phone;
pub(crate) mod run;

use crate::detect::address::Addresses;
use crate::detect::labelled::Fields;
use crate::detect::number::Numbers;
use crate::page::{Kind, Page};
use crate::scan::Finding;
use crate::words::role;

/// The farthest that any detector looks to either side.
pub(crate) const REACH_BYTES_MAX: usize = 768;

/// Everything that all detectors find on a page, in no order. One walk over the page asks each
/// detector only where something stands that it may begin with: most tokens are words that
/// concern none.
pub(crate) fn find(page: &Page<'_>, found: &mut Vec<Finding>) {
    let mut numbers = Numbers::new(page);
    let mut addresses = Addresses::default();
    let mut fields = Fields::default();
    for (at, (kind, mark, roles)) in page.tokens().enumerate() {
        match (kind, mark) {
            (Kind::Digits, _) => {
                numbers.read(at);
                addresses.read_to(page, at, found);
            }
            (Kind::Mark, b'+' | b'(') => numbers.read(at),
            (Kind::Mark, b'@') => found.extend(email::read(page, at)),
            (Kind::Mark, b':') => {
                found.extend(network::read(page, at));
                fields.read(page, at);
            }
            (Kind::Mark, b'=' | b'>' | b'{' | b'}') => fields.read(page, at),
            (Kind::Lower | Kind::Title | Kind::Upper, _) if roles & role::MONTH != 0 => {
                numbers.read_month(at)
            }
            (Kind::Lower | Kind::Title | Kind::Upper, _) if roles & person::ANNOUNCES != 0 => {
                found.extend(person::read(page, at));
            }
            _ => {}
        }
    }
    found.append(&mut numbers.into_found());
    fields.report(page, found);
}

/// The nearest token before this one that can be its label: `passport` in `passport number is:`.
/// Marks and words that only link are passed over.
pub(crate) fn label(page: &Page<'_>, at: usize) -> Option<usize> {
    let links = |&token: &usize| match page.kind(token) {
        Some(Kind::Mark) => !page.is_mark_of(token, b".?!;}])`"),
        _ => page.plays(token, role::LINK),
    };
    page.before(at, LABEL_BYTES_MAX).take(LABEL_TOKENS_MAX).find(|token| !links(token))
}

const LABEL_BYTES_MAX: usize = 40;
const LABEL_TOKENS_MAX: usize = 8;

/// The token as a number; `None` where it is not one of at most four digits.
pub(crate) fn small_number(page: &Page<'_>, at: usize) -> Option<u16> {
    let digits = page.word(at);
    (1..=4).contains(&page.digit_count(at)).then(|| {
        digits
            .chars()
            .filter_map(crate::character::digit_value)
            .fold(0, |sum, digit| sum * 10 + u16::from(digit))
    })
}
