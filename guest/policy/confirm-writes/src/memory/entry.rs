//! One leaf of a tool's answer: what it lies in, what it is called by, whom it names.

use activemirror_guest::policy::{Leaf, Value as LeafValue};

use super::keys::{is_code, is_id};
use crate::datum::{Datum, name_words, split};
use crate::term::Term;
use crate::vocabulary::{Topics, Vocabulary};

/// One leaf of an answer.
pub(super) struct Entry<'a> {
    /// The path of the object or list element that the answer, or this part of it, is.
    pub(super) root: &'a str,
    /// The path of the object that it lies in.
    pub(super) object: &'a str,
    /// The last key of its path.
    pub(super) key: &'a str,
    leaf: &'a Leaf,
    vocabulary: &'a Vocabulary,
}

impl<'a> Entry<'a> {
    pub(super) fn new(leaf: &'a Leaf, vocabulary: &'a Vocabulary) -> Self {
        let (object, key) = split(leaf);
        let end = leaf.path.bytes().enumerate().filter(|(_, byte)| *byte == b'/').nth(1);
        let root = end.and_then(|(at, _)| leaf.path.get(..at)).unwrap_or(&leaf.path);
        Self { root, object, key, leaf, vocabulary }
    }

    /// Its value, which is read only where it is kept: search results run to thousands of leaves.
    pub(super) fn datum(&self) -> Datum {
        let datum = Datum::new(&self.leaf.value, self.vocabulary);
        if is_id(self.key) { datum.identifying() } else { datum }
    }

    /// The identifier of the object that the leaf lies in: the leaf itself, or the key that the
    /// object stands under.
    pub(super) fn identified(&self) -> Option<Datum> {
        if self.object == self.root {
            return None;
        }
        if is_id(self.key) {
            return Some(self.datum()).filter(|datum| matches!(datum, Datum::Identifier(_)));
        }
        let (_, parent) = self.object.rsplit_once('/')?;
        let keyed = parent.len() >= 4 && parent.bytes().any(|b| b.is_ascii_digit()) && !parent.contains('[');
        keyed.then(|| Datum::Identifier(parent.to_ascii_lowercase()))
    }

    /// Whether the word is about paying and names nothing to pay with.
    pub(super) fn is_about_payment(&self, word: Term) -> bool {
        let topics = self.vocabulary.topics(word);
        topics.meet(Topics::PAYMENT) && !topics.meet(Topics::INSTRUMENT)
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self.leaf.value, LeafValue::Signed(_) | LeafValue::Unsigned(_) | LeafValue::Float(_))
    }

    pub(super) fn is_code(&self) -> bool {
        is_code(&self.leaf.value)
    }

    /// Whether it is the name of one of several people, of whom the user has to say which.
    pub(super) fn names_somebody_listed(&self) -> bool {
        let words = name_words(self.key);
        let named = words.iter().any(|word| word == "name") && !words.iter().any(|word| word == "last");
        named && self.object.ends_with(']')
    }

    /// The number of the person that the leaf names, and the first word of the name.
    pub(super) fn member(&self, datum: &Datum) -> Option<(u8, Term)> {
        let (_, index) = self.object.strip_suffix(']')?.rsplit_once('[')?;
        let words = name_words(self.key);
        let first = words.iter().any(|word| word == "name") && !words.iter().any(|word| word == "last");
        let index = index.parse().ok().filter(|index| *index < MEMBERS_MAX)?;
        match datum {
            Datum::Words(names) if first => Some((index, *names.first()?)),
            _ => None,
        }
    }
}

/// People of one thing that are remembered.
const MEMBERS_MAX: u8 = 16;
