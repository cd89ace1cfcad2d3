//! Postal addresses. The street line is recognised by the words of streets in some twenty
//! languages or, in any language, by its form beside a word that announces a place or a tail
//! that only addresses have (unit, country, postal code).

mod street;
mod tail;

use crate::category::Category;
use crate::page::Page;
use crate::scan::Finding;
use crate::words::role;

/// Finds every address on the page.
pub(crate) fn find(page: &Page<'_>, found: &mut Vec<Finding>) {
    let (mut at, mut number) = (0, 0);
    while at < page.len() {
        number = number_from(page, number.max(at));
        at = at.max(number.saturating_sub(NUMBER_TOKENS));
        at = match read(page, at) {
            Some(next) => {
                found.push(Finding {
                    start: page.start(at),
                    end: page.end(next - 1),
                    category: Category::StreetAddress,
                });
                next
            }
            None => at + 1,
        };
    }
}

/// The first row of digits from this token on. Every address has one, soon.
fn number_from(page: &Page<'_>, from: usize) -> usize {
    (from..page.len()).find(|&at| page.is_digits(at)).unwrap_or(usize::MAX)
}

/// How many tokens before its first number an address may start.
const NUMBER_TOKENS: usize = 10;

/// The token after the address that starts at this token.
fn read(page: &Page<'_>, at: usize) -> Option<usize> {
    let street = street::read(page, at)?;
    let tail = tail::read(page, street.next);
    let believed = match street.evidence {
        street::Evidence::Words => true,
        street::Evidence::Form => tail.proves || is_announced(page, at),
    };
    believed.then_some(tail.next)
}

/// Whether a word before this token says that a place follows.
fn is_announced(page: &Page<'_>, at: usize) -> bool {
    page.nearest(at, ANNOUNCED_BYTES, role::PLACE) != 0
}

const ANNOUNCED_BYTES: usize = 32;
