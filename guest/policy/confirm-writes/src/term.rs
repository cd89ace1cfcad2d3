//! Terms: a value, whichever way it is spelt, as a hash of 24 bits.
//!
//! A conversation's terms fit a small state this way, and no state holds a person's name. Two
//! terms meet by chance once in sixteen million pairs; what a meeting does is to count one
//! argument of one action as spoken of.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text::is_letter_or_digit;

/// The hash of one normalised value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(into = "[u8; 3]", from = "[u8; 3]")]
pub(crate) struct Term(u32);

impl Term {
    /// A word, by its stem.
    pub(crate) const fn word(word: &str) -> Self {
        Self::spelled(word.as_bytes())
    }

    /// Several words, each by its stem.
    pub(crate) const fn words<const N: usize>(words: [&str; N]) -> [Self; N] {
        let mut terms = [Self(0); N];
        let mut at = 0;
        while at < N {
            terms[at] = Self::word(words[at]);
            at += 1;
        }
        terms
    }

    /// The same of a word's bytes, in lower case.
    pub(crate) const fn spelled(word: &[u8]) -> Self {
        Self::end(Self::begin(b'w', stem(word)))
    }

    /// A number, as [`digits`] writes it.
    pub(crate) fn number(digits: &str) -> Self {
        Self::hash(b'n', &[digits.as_bytes()])
    }

    /// An identifier, as [`compact`] writes it; one of digits only is the number.
    pub(crate) fn identifier(compact: &str) -> Self {
        let purpose = if compact.bytes().all(|b| b.is_ascii_digit()) { b'n' } else { b'i' };
        Self::hash(purpose, &[compact.as_bytes()])
    }

    /// A day; year 0 where nobody said which.
    pub(crate) fn date(year: u16, month: u8, day: u8) -> Self {
        Self::hash(b'd', &[&year.to_le_bytes(), &[month, day]])
    }

    /// A time of day.
    pub(crate) fn time(hour: u8, minute: u8) -> Self {
        Self::hash(b't', &[&[hour, minute]])
    }

    /// So many of something.
    pub(crate) fn quantity(count: u32, of: Self) -> Self {
        Self::hash(b'q', &[&count.to_le_bytes(), &of.bytes()])
    }

    /// Several terms as one: their order counts, and so does what the row is for.
    pub(crate) fn row(purpose: u8, terms: &[Self]) -> Self {
        terms
            .iter()
            .fold(Self::hash(purpose, &[]), |row, term| Self::hash(purpose, &[&row.bytes(), &term.bytes()]))
    }

    /// Where a set of so many words has the term's bit.
    pub(crate) fn place(self, words: usize) -> (usize, u64) {
        let [word, bit, _] = self.bytes();
        (usize::from(word) % words, 1 << (bit % 64))
    }

    /// FNV-1a with the finisher of MurmurHash3, cut to 24 bits. It guards nothing: whoever could
    /// gain by a collision can say the value itself.
    fn hash(purpose: u8, parts: &[&[u8]]) -> Self {
        let begun = Self::begin(purpose, &[]);
        Self::end(parts.iter().fold(begun, |hash, part| Self::go_on(hash, part)))
    }

    const fn begin(purpose: u8, bytes: &[u8]) -> u32 {
        Self::go_on(Self::go_on(0x811c_9dc5, &[purpose]), bytes)
    }

    const fn go_on(mut hash: u32, bytes: &[u8]) -> u32 {
        let mut at = 0;
        while at < bytes.len() {
            hash = (hash ^ bytes[at] as u32).wrapping_mul(0x0100_0193);
            at += 1;
        }
        hash
    }

    const fn end(mut hash: u32) -> Self {
        hash = (hash ^ hash >> 16).wrapping_mul(0x85eb_ca6b);
        hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
        Self((hash ^ hash >> 16) & 0x00ff_ffff)
    }

    /// The term of these bytes.
    pub(crate) const fn from_bytes([a, b, c]: [u8; 3]) -> Self {
        Self(u32::from_le_bytes([a, b, c, 0]))
    }

    /// Its 24 bits.
    pub(crate) const fn bits(self) -> u32 {
        self.0
    }

    pub(crate) const fn bytes(self) -> [u8; 3] {
        let [a, b, c, _] = self.0.to_le_bytes();
        [a, b, c]
    }
}

impl From<Term> for [u8; 3] {
    fn from(term: Term) -> Self {
        term.bytes()
    }
}

impl From<[u8; 3]> for Term {
    fn from(bytes: [u8; 3]) -> Self {
        Self::from_bytes(bytes)
    }
}

/// Different terms; the oldest makes room for the newest.
///
/// A forgotten term can only make an action look less spoken of, never more.
///
/// They are kept as they stand in the state, three bytes each in a row, so that a call that does not
/// ask for them copies them and no more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Terms(Vec<[u8; 3]>);

impl Serialize for Terms {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0.as_flattened())
    }
}

impl<'de> Deserialize<'de> for Terms {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        rows(deserializer).map(Self)
    }
}

/// Reads a row of items that take so many bytes each.
pub(crate) fn rows<'de, D: Deserializer<'de>, const N: usize>(
    deserializer: D,
) -> Result<Vec<[u8; N]>, D::Error> {
    match <&[u8]>::deserialize(deserializer)?.as_chunks() {
        (rows, []) => Ok(rows.to_vec()),
        (_, rest) => Err(D::Error::invalid_length(rest.len(), &"whole items")),
    }
}

impl Terms {
    /// Whether there are at most so many, as in one read from a state there may not be.
    pub(crate) fn bounded(&self, max: usize) -> bool {
        self.0.len() <= max
    }

    /// Puts a term in, among at most so many.
    pub(crate) fn insert(&mut self, term: Term, max: usize) {
        if self.contains(term) {
            return;
        }
        if self.0.len() >= max {
            self.0.remove(0);
        }
        self.0.push(term.bytes());
    }

    /// Takes a term out.
    pub(crate) fn remove(&mut self, term: Term) {
        self.0.retain(|known| *known != term.bytes());
    }

    /// Whether it is in.
    pub(crate) fn contains(&self, term: Term) -> bool {
        self.0.contains(&term.bytes())
    }

    /// Forgets all of them.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Takes all of them out, oldest first.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = Term> + use<> {
        core::mem::take(&mut self.0).into_iter().map(Term::from)
    }
}

/// The digits of a number without thousands separators and without a fraction of zeros.
pub(crate) fn digits(number: &str) -> String {
    let plain = number.replace(',', "");
    match plain.split_once('.') {
        Some((whole, fraction)) => {
            let fraction = fraction.trim_end_matches('0');
            if fraction.is_empty() { whole.into() } else { format!("{whole}.{fraction}") }
        }
        None => plain,
    }
}

/// The letters and digits of an identifier: people leave out what stands between them.
pub(crate) fn compact(identifier: &str) -> String {
    identifier.chars().filter(|c| is_letter_or_digit(*c)).collect()
}

/// A word without the ending that grammar gave it, so that `cancel`, `cancelled` and
/// `cancelling` meet. Rough on purpose: both sides of every comparison go through it. It works on
/// bytes, and so while the plugin is built.
const fn stem(word: &[u8]) -> &[u8] {
    let word = match word {
        [root @ .., b'\'', b's'] => root,
        _ => word,
    };
    let root = match word {
        [root @ .., b'i', b'e', b's'] if is_root(root) => root,
        [root @ .., b'i', b'n', b'g'] if is_root(root) => root,
        [root @ .., b'i', b'e', b'd'] if is_root(root) => root,
        [root @ .., b'e', b'd'] if is_root(root) => root,
        [root @ .., b's'] if is_root(root) => root,
        _ => word,
    };
    let root = match root {
        [root @ .., b'e' | b'y'] if root.len() >= 3 => root,
        _ => root,
    };
    match root {
        [once @ .., twice] if doubles(once, *twice) => once,
        _ => root,
    }
}

/// Whether what is left without an ending can be a word.
const fn is_root(root: &[u8]) -> bool {
    root.len() >= 3 && !matches!(root, [.., b's'])
}

const fn doubles(once: &[u8], twice: u8) -> bool {
    matches!(once, [.., last] if *last == twice && twice.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_meets_its_other_forms() {
        for forms in [
            ["cancel", "cancelled", "cancelling"],
            ["upgrade", "upgrading", "upgraded"],
            ["modify", "modified", "modifies"],
            ["bag", "bags", "bag's"],
            ["class", "classes", "class"],
        ] {
            let stems = forms.map(|form| stem(form.as_bytes()));
            assert!(stems.iter().all(|stem| *stem == stems[0]), "{forms:?}");
        }
        assert_ne!(Term::word("book"), Term::word("cook"));
    }

    #[test]
    fn numbers_are_read_through_their_spelling() {
        for (number, plain) in [("1,625.00", "1625"), ("12.50", "12.5"), ("007", "007"), ("5.", "5")] {
            assert_eq!(digits(number), plain);
        }
    }

    #[test]
    fn a_full_set_forgets_its_oldest_term() {
        let mut set = Terms::default();
        for number in ["1", "2", "3"] {
            set.insert(Term::number(number), 2);
        }
        assert!(!set.contains(Term::number("1")) && set.contains(Term::number("3")));
    }
}
