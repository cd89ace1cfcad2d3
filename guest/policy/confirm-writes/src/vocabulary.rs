//! Which words mean the same: `cancel` and `cancellation`, `bag` and `luggage`.
//!
//! A group of synonyms is one bit of [`Topics`]; an operator adds groups in the setting
//! `synonyms`. A few more bits stand for what matters to a payment and cannot be configured.

use core::ops::{BitAnd, BitOr, BitOrAssign};

use serde::{Deserialize, Serialize};

use crate::term::Term;

/// Groups that an operator may add to the built-in ones.
pub(crate) const ADDED_MAX: usize = 24;

/// What a stretch of text speaks of: one bit for each group of synonyms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Topics(u64);

impl Topics {
    /// Money that goes back to the user.
    pub(crate) const BACK: Self = Self(1 << 63);
    /// Money that the user is to pay.
    pub(crate) const DUE: Self = Self(1 << 62);
    /// What was used before.
    pub(crate) const SAME: Self = Self(1 << 61);
    /// What an agent does besides acting: looking up, handing over to a person.
    pub(crate) const ASIDE: Self = Self(1 << 60);
    /// Whom or what something is paid from.
    pub(crate) const PAYMENT: Self = Self(1 << 59);

    /// A means of payment by its kind: a card, a voucher.
    pub(crate) const INSTRUMENT: Self = Self(1 << 58);

    /// Whether there is any.
    pub(crate) fn any(self) -> bool {
        self.0 != 0
    }

    /// Whether one of these is among them.
    pub(crate) fn meet(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Those that name an action.
    pub(crate) fn verbs(self) -> Self {
        Self(self.0 & ((1 << VERBS) - 1))
    }

    /// Those that name an action and are hardly ever said in passing, as `return` is of flights.
    pub(crate) fn deeds(self) -> Self {
        Self(self.0 & ((1 << DEEDS) - 1))
    }

    /// Those that name a thing.
    pub(crate) fn things(self) -> Self {
        Self(self.named().0 & !self.verbs().0)
    }

    /// Those that name an action or a thing, without the built-in ones.
    pub(crate) fn named(self) -> Self {
        Self(self.0 & ((1 << GROUPS_MAX) - 1))
    }
}

impl BitOr for Topics {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for Topics {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl BitOrAssign for Topics {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// The groups of synonyms.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    /// What an operator added, sorted by word.
    added: Vec<(Term, Topics)>,
}

impl Vocabulary {
    /// The built-in groups and those of an operator, words with blanks between them. `None` where
    /// there are more than [`ADDED_MAX`].
    pub(crate) fn new(groups: &[String]) -> Option<Self> {
        if groups.len() > ADDED_MAX {
            return None;
        }
        let mut added: Vec<(Term, Topics)> = Vec::new();
        for (bit, group) in (GROUPS.len()..).zip(groups) {
            for word in group.split_whitespace() {
                enter(&mut added, Term::word(&word.to_ascii_lowercase()), Topics(1 << bit));
            }
        }
        Some(Self { added })
    }

    /// What a word speaks of.
    pub(crate) fn topics(&self, word: Term) -> Topics {
        let built_in = BuiltIn::WORDS.topics(word);
        match self.added.binary_search_by_key(&word, |entry| entry.0) {
            Ok(at) => built_in | self.added[at].1,
            Err(_) => built_in,
        }
    }

    /// The word, or one term for all words of its first group.
    pub(crate) fn meaning(&self, word: Term) -> Term {
        let topics = self.topics(word).named();
        if topics.any() {
            Term::row(b'g', &[Term::number(&topics.0.trailing_zeros().to_string())])
        } else {
            word
        }
    }
}

fn enter(words: &mut Vec<(Term, Topics)>, word: Term, topic: Topics) {
    match words.binary_search_by_key(&word, |entry| entry.0) {
        Ok(at) => words[at].1 |= topic,
        Err(at) => words.insert(at, (word, topic)),
    }
}

/// The words of the built-in groups, laid out while the plugin is built: an instance lives for one
/// call. Each lies at the slot that its bits say, or behind it where that is taken; a slot of no
/// topics is free.
struct BuiltIn([(Term, Topics); Self::SLOTS]);

impl BuiltIn {
    /// A third of them is used.
    const SLOTS: usize = 512;
    const WORDS: &Self = &Self::of_groups();

    const fn of_groups() -> Self {
        let mut words = Self([(Term::word(""), Topics(0)); Self::SLOTS]);
        let mut at = 0;
        while at < GROUPS.len() {
            words = words.with(GROUPS[at].as_bytes(), 1 << at);
            at += 1;
        }
        at = 0;
        while at < BUILT_IN.len() {
            words = words.with(BUILT_IN[at].1.as_bytes(), BUILT_IN[at].0.0);
            at += 1;
        }
        words
    }

    /// With the words of one group, which have blanks between them.
    const fn with(mut self, group: &[u8], topic: u64) -> Self {
        let (mut start, mut at) = (0, 0);
        while at <= group.len() {
            if at == group.len() || group[at] == b' ' {
                let word = Term::spelled(group.split_at(start).1.split_at(at - start).0);
                let slot = self.slot(word);
                self.0[slot] = (word, Topics(self.0[slot].1.0 | topic));
                start = at + 1;
            }
            at += 1;
        }
        self
    }

    const fn topics(&self, word: Term) -> Topics {
        self.0[self.slot(word)].1
    }

    /// The slot that holds the word, or the free one where it would be.
    const fn slot(&self, word: Term) -> usize {
        let mut slot = word.bits() as usize % Self::SLOTS;
        while self.0[slot].1.0 != 0 && self.0[slot].0.bits() != word.bits() {
            slot = (slot + 1) % Self::SLOTS;
        }
        slot
    }
}

/// Deeds first, then verbs that are also said in passing, then things. A word may stand in several.
const GROUPS: [&str; 20] = [
    "cancel cancellation void terminate",
    "book reserve rebook purchase buy",
    "update change modify modification switch upgrade downgrade edit adjust reschedule rebook alter exchange swap move postpone convert",
    "refund reimburse reimbursement repay",
    "delete erase remove",
    "transfer wire",
    "purchase buy",
    "issue send give grant offer",
    "add remove move replace correct",
    "create open register set",
    "return",
    "close deactivate disable suspend",
    "pay charge",
    "certificate voucher compensation coupon",
    "bag baggage luggage suitcase",
    "passenger traveler traveller guest person people adult party",
    "flight leg segment",
    "insurance protection",
    "address shipping delivery",
    "subscription plan membership",
];

/// How many of the groups name deeds.
const DEEDS: usize = 7;
/// How many of the groups name actions.
const VERBS: usize = 13;
const GROUPS_MAX: usize = GROUPS.len() + ADDED_MAX;
const _: () = assert!(GROUPS_MAX <= 58, "the groups and the built-in topics share 64 bits");

const BUILT_IN: [(Topics, &str); 6] = [
    (Topics::BACK, "refund reimburse downgrade save saving cheaper lower less"),
    (Topics::DUE, "additional extra charge fee upgrade due pay owe"),
    (Topics::SAME, "same original originally initial existing previous file used"),
    (
        Topics::ASIDE,
        "search find look check retrieve review locate assist help transfer connect human representative fetch explain show list describe clarify repeat summarize",
    ),
    (Topics::PAYMENT, "payment pay card account wallet iban bank funding certificate voucher"),
    (
        Topics::INSTRUMENT,
        "card wallet iban certificate voucher coupon visa mastercard amex maestro discover paypal cash cheque giro points",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_words_have_the_topics_of_all_their_groups() {
        let named = GROUPS.iter().enumerate().map(|(bit, group)| (Topics(1 << bit), *group));
        let mut words = Vec::new();
        for (topic, group) in named.chain(BUILT_IN) {
            group.split(' ').for_each(|word| enter(&mut words, Term::word(word), topic));
        }
        let vocabulary = Vocabulary::new(&[]).unwrap();
        for (word, topics) in &words {
            assert_eq!(vocabulary.topics(*word), *topics);
        }
        assert!(words.len() < BuiltIn::SLOTS / 2);
        assert!(!vocabulary.topics(Term::word("lamp")).any());
    }

    #[test]
    fn added_words_have_their_own_topics_as_well() {
        let vocabulary = Vocabulary::new(&["lamp cancel".into()]).unwrap();
        let [lamp, cancel] = ["lamp", "cancel"].map(|word| vocabulary.topics(Term::word(word)));
        assert!(lamp.any() && lamp.meet(cancel) && cancel != lamp);
    }
}
