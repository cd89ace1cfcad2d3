//! Words of which one is chosen: `economy` or `business`, `small` or `large`.
//!
//! Tools tell which these are: values under the same key of several things, or the keys of numbers
//! that stand together, as in `"prices": {"economy": 120, "business": 410}`. Two words side by
//! side may be one choice, so that "basic economy" is not "economy".

use serde::{Deserialize, Serialize};

use crate::term::Term;

/// One choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Choice {
    /// What it is a choice of, by the key.
    set: Term,
    value: Term,
}

/// The choices that tools told of, the newest last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Choices(Vec<Choice>);

impl Choices {
    /// Whether there are not too many, as in one read from a state there may be.
    pub(crate) fn bounded(&self) -> bool {
        self.0.len() <= CHOICES_MAX
    }

    /// A tool tells of a choice.
    pub(crate) fn learn(&mut self, set: Term, value: Term) {
        let choice = Choice { set, value };
        self.0.retain(|known| *known != choice);
        if self.0.len() >= CHOICES_MAX {
            self.0.remove(0);
        }
        self.0.push(choice);
    }

    /// What the value is a choice of.
    pub(crate) fn sets(&self, value: Term) -> impl Iterator<Item = Term> + '_ {
        self.0.iter().filter(move |choice| choice.value == value).map(|choice| kind(choice.set))
    }

    /// What the other choices are where the value is one.
    pub(crate) fn others(&self, value: Term) -> impl Iterator<Item = Term> + '_ {
        let beside = move |choice: &&Choice| {
            choice.value != value && self.sets(value).any(|set| set == kind(choice.set))
        };
        self.0.iter().filter(beside).map(|choice| choice.value)
    }

    /// The choices that the words name, each as a term of its own, and its sets.
    pub(crate) fn named(&self, words: &[Term]) -> Vec<(Term, Term)> {
        let mut named = Vec::new();
        if self.0.is_empty() {
            return named;
        }
        let mut at = 0;
        while at < words.len() {
            let found = (1..=WORDS_MAX).rev().find_map(|length| {
                let value = joined(words.get(at..at + length)?);
                self.sets(value).next().map(|_| (value, length))
            });
            if let Some((value, _)) = found {
                named.extend(self.sets(value).map(|set| (chosen(value), set)));
            }
            at += found.map_or(1, |(_, length)| length);
        }
        named
    }
}

/// The value as one that was named among choices, rather than as words that occurred.
pub(crate) fn chosen(value: Term) -> Term {
    Term::row(b'o', &[value])
}

/// Several words as the term that [`Datum::term`](crate::datum::Datum::term) makes of them.
pub(crate) fn joined(words: &[Term]) -> Term {
    match words {
        [word] => *word,
        _ => Term::row(b'v', words),
    }
}

fn kind(set: Term) -> Term {
    Term::row(b's', &[set])
}

/// Words of the longest choice.
const WORDS_MAX: usize = 3;

/// Choices remembered, the newest.
const CHOICES_MAX: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_choice_is_the_one_that_is_named() {
        let words = ["in", "basic", "economy", "or", "business"].map(Term::word);
        let (basic_economy, cabin) = (joined(&words[1..3]), Term::word("cabin"));
        let mut choices = Choices::default();
        for value in [words[2], basic_economy, words[4]] {
            choices.learn(cabin, value);
        }
        let named: Vec<Term> = choices.named(&words).into_iter().map(|(value, _)| value).collect();
        assert_eq!(named, [chosen(basic_economy), chosen(words[4])]);
    }
}
