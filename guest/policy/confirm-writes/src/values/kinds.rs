//! What values have in common that may take each other's place: other flights, other days, other
//! totals, other numbers of the same thing.

use crate::term::{Term, compact};

/// What an identifier such as `HAT271` or `credit_card_4421` has in common with its like: the
/// letters before a number that ends it.
pub(crate) fn family(identifier: &str) -> Option<Term> {
    let letters = identifier.trim_end_matches(|c: char| c.is_ascii_digit());
    let whole = compact(letters);
    let plain = !whole.is_empty() && !whole.bytes().any(|b| b.is_ascii_digit());
    (plain && letters.len() < identifier.len()).then(|| Term::row(b'f', &[Term::identifier(&whole)]))
}

/// What days have in common; those of birth, which nobody reschedules, do not.
pub(crate) fn date_kind() -> Term {
    Term::row(b'f', &[Term::word("date")])
}

/// What the totals of an offer have in common.
pub(crate) fn total_kind() -> Term {
    Term::row(b'f', &[Term::word("total")])
}

/// What numbers of the same thing have in common.
pub(crate) fn quantity_kind(of: Term) -> Term {
    Term::row(b'q', &[of])
}
