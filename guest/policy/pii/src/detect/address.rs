//! Postal addresses. The street line is recognised by the words of streets in some twenty
//! languages or, in any language, by its form beside a word that announces a place or a tail
//! that only addresses have (unit, country, postal code).

mod street;
mod tail;

use crate::category::Category;
use crate::page::Page;
use crate::scan::Finding;
use crate::words::role;
use tail::Weight;

/// The search for addresses on one page.
#[derive(Default)]
pub(crate) struct Addresses {
    /// The token after the last one that was looked at.
    next: usize,
}

impl Addresses {
    /// Finds the addresses that start at this row of digits or a little before it: every address
    /// has a number, soon.
    pub(crate) fn read_to(&mut self, page: &Page<'_>, number: usize, found: &mut Vec<Finding>) {
        let mut at = self.next.max(number.saturating_sub(NUMBER_TOKENS));
        while at <= number {
            at = match read(page, at) {
                Some(next) => {
                    let (start, end) = (page.start(at), page.end(next - 1));
                    found.push(Finding { start, end, category: Category::StreetAddress });
                    next
                }
                None => at + 1,
            };
        }
        self.next = at;
    }
}

/// How many tokens before its first number an address may start.
const NUMBER_TOKENS: usize = 10;

/// The token after the address that starts at this token.
fn read(page: &Page<'_>, at: usize) -> Option<usize> {
    let street = street::read(page, at)?;
    let tail = tail::read(page, street.next);
    let believed = match street.evidence {
        street::Evidence::Words => true,
        street::Evidence::Frame => tail.weight >= Weight::Speaks || is_announced(page, at),
        street::Evidence::Form => tail.weight == Weight::Proof || is_announced(page, at),
    };
    believed.then_some(tail.next)
}

/// Whether the last word before this token that is not a small one says that a place follows:
/// `lives on the`, `address is now`.
fn is_announced(page: &Page<'_>, at: usize) -> bool {
    let small = |&token: &usize| {
        let role = page.plays(token, role::FUNCTION | role::LINK | role::PARTICLE);
        role && !page.plays(token, role::PLACE) || page.is_mark_of(token, b",:\"'*")
    };
    let word = page.before(at, ANNOUNCED_BYTES).find(|token| !small(token));
    page.mentions(role::PLACE) && word.is_some_and(|word| page.plays(word, role::PLACE))
}

const ANNOUNCED_BYTES: usize = 40;
