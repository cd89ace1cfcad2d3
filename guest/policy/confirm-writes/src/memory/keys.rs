//! What a key, an identifier or a code says by its form.

use activemirror_guest::policy::Value as LeafValue;

use crate::datum::name_words;
use crate::term::Term;

/// Whether a key names what it stands beside: `id`, `order_id`, `orderIds`, but not `paid`.
pub(crate) fn is_id(key: &str) -> bool {
    match key.strip_suffix('s').unwrap_or(key).as_bytes() {
        [.., before, b'i' | b'I', b'd' | b'D'] if !before.is_ascii_alphanumeric() => true,
        [.., before, b'I', b'd' | b'D'] => before.is_ascii_lowercase(),
        [b'i' | b'I', b'd' | b'D'] => true,
        _ => false,
    }
}

/// Whether a value is a short code, such as `JFK`.
pub(crate) fn is_code(value: &LeafValue) -> bool {
    matches!(value, LeafValue::Text(text) if matches!(text.len(), 2..=4) && text.bytes().all(|b| b.is_ascii_uppercase()))
}

/// A key as a term, one for `item_id` and `item_ids`.
pub(crate) fn key_term(key: &str) -> Term {
    Term::identifier(key.strip_suffix('s').unwrap_or(key))
}

/// Whether a key names the user, or the user's account.
pub(crate) fn is_identity(key: &str) -> bool {
    let who = ["user", "customer", "client", "member", "profile", "guest", "patient"];
    is_id(key) && name_words(key).iter().any(|word| who.contains(&word.as_str()))
}

/// The words of an identifier that are no number: what kind of thing it is.
pub(crate) fn kind_words(identifier: &str) -> Vec<Term> {
    let words = name_words(identifier);
    words
        .iter()
        .filter(|word| !word.bytes().any(|b| b.is_ascii_digit()))
        .map(|word| Term::word(word))
        .collect()
}
