//! Whether a message gives the parts of one thing different values: "the outbound flight in
//! business, the return in economy". A call that has one value for the whole does not carry that
//! out.

use crate::memory::{Memory, joined};
use crate::phrase::{Phrase, phrases};
use crate::term::Term;
use crate::text::{Sentence, Token};
use crate::values::{Value, is_said};

/// How a sentence speaks of the values it names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sharing {
    manner: Manner,
    /// The word after "from", which may be the value that there was.
    former: Option<Term>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// As of the whole, as far as it says.
    Plain,
    /// As of alternatives, of what was before, or of what cannot be.
    Weighs,
    /// As what some of it keeps.
    Keeps,
    /// As of some of it only.
    Singles,
    /// As of parts.
    Parts,
    /// After a label.
    Labels,
}

impl Sharing {
    /// Reads a sentence.
    pub(crate) fn new(sentence: &Sentence<'_>) -> Self {
        let from = sentence.tokens.iter().position(|token| token.text == "from");
        let former = from.and_then(|at| sentence.tokens.get(at + 1));
        Self { manner: Manner::of(sentence), former: former.map(|token| Term::word(token.text)) }
    }

    /// Where the value stands in these words that there was before, and how many words it is.
    fn former(&self, words: &[Term], memory: &Memory) -> Option<(usize, usize)> {
        let at = words.iter().position(|word| Some(*word) == self.former)?;
        let is_choice = |length: &usize| {
            let value = words.get(at..at + length).map(joined);
            value.is_some_and(|value| memory.choices.sets(value).next().is_some())
        };
        (1..=FORMER_WORDS).rev().find(is_choice).map(|length| (at, length))
    }

    /// The choices that the values of the sentence name, and their sets, but not what there was.
    pub(crate) fn choices(&self, values: &[Value], memory: &Memory) -> Vec<(Term, Term)> {
        let mut words = said(values);
        if let Some((at, length)) = self.former(&words, memory) {
            words.drain(at..at + length);
        }
        memory.choices.named(&words)
    }
}

fn said(values: &[Value]) -> Vec<Term> {
    values.iter().filter(|value| is_said(value.class)).map(|value| value.term).collect()
}

impl Manner {
    fn of(sentence: &Sentence<'_>) -> Self {
        let tokens = &sentence.tokens;
        let part = |token: &Token<'_>| PARTS.contains(&token.text);
        let near = |at: usize| tokens[at.saturating_sub(NEAR)..tokens.len().min(at + NEAR)].iter();
        let only =
            |(at, token): (usize, &Token<'_>)| matches!(token.text, "only" | "just") && near(at).any(part);
        let (label, value) = tokens.split_at(sentence.label);
        if tokens.iter().filter(|token| token.money).count() > 1 || sentence.has_any(WEIGHING) {
            Self::Weighs
        } else if tokens.iter().enumerate().any(only) {
            Self::Singles
        } else if sentence.has_any(KEEPING) {
            Self::Keeps
        } else if (1..=3).contains(&label.len()) && (1..=4).contains(&value.len()) {
            Self::Labels
        } else if tokens.iter().any(part) {
            Self::Parts
        } else {
            Self::Plain
        }
    }

    /// Whether a value named in this manner is for a part, where others of its set are named in the
    /// same sentence, or before in one of these manners.
    fn shares(self, beside: bool, before: &[Self]) -> bool {
        let against = |manners: &[Self]| before.iter().any(|manner| manners.contains(manner));
        match self {
            Self::Weighs => false,
            Self::Singles => true,
            Self::Plain => against(&[Self::Keeps]),
            Self::Keeps => beside || against(&[Self::Plain, Self::Parts, Self::Labels]),
            Self::Parts => beside || against(&[Self::Keeps, Self::Parts]),
            Self::Labels => against(&[Self::Labels, Self::Keeps]),
        }
    }
}

/// The sets of choices that a message names values of, and whether it shares these out among parts
/// of one thing; a message about several things says what becomes of each. What is kept alone says
/// neither.
pub(crate) fn shares(sentences: &[Vec<Value>], sharing: &[Sharing], memory: &Memory) -> Vec<(Term, bool)> {
    let about = |id: Term| sentences.iter().flatten().any(|value| value.term == id);
    let several = memory.owners().iter().filter(|owner| about(owner.id)).count() > 1;
    let mut named: Vec<(Term, Term, Manner)> = Vec::new();
    let mut sets: Vec<(Term, bool)> = Vec::new();
    for (values, sharing) in sentences.iter().zip(sharing) {
        let changes = sharing.former(&said(values), memory).is_some();
        let manner = if changes { Manner::Weighs } else { sharing.manner };
        let choices = sharing.choices(values, memory);
        for (value, set) in &choices {
            let beside = choices.iter().any(|other| other.1 == *set && other.0 != *value);
            let before = named.iter().filter(|other| other.1 == *set && other.0 != *value);
            let before: Vec<Manner> = before.map(|other| other.2).collect();
            let shares = !several && manner.shares(beside, &before);
            if manner == Manner::Keeps && !shares {
                continue;
            }
            match sets.iter_mut().find(|entry| entry.0 == *set) {
                Some(entry) => entry.1 |= shares,
                None => sets.push((*set, shares)),
            }
        }
        named.extend(choices.into_iter().map(|(value, set)| (value, set, manner)));
    }
    sets
}

/// That the values of a set were shared out.
pub(crate) fn shared(set: Term) -> Term {
    Term::row(b'h', &[set])
}

const WEIGHING: &[Phrase] = &phrases([
    "or",
    "instead of",
    "than",
    "versus",
    "between",
    "current",
    "currently",
    "original",
    "previous",
    "old",
    "option",
    "options",
    "cannot",
    "can't",
    "unable",
    "not possible",
    "must",
]);

const KEEPING: &[Phrase] = &phrases([
    "remain",
    "remains",
    "remaining",
    "keep",
    "keeping",
    "leave",
    "leaving",
    "stay",
    "stays",
    "staying",
]);

/// Words for parts of a thing.
const PARTS: [&str; 9] =
    ["outbound", "outgoing", "departing", "inbound", "return", "returning", "first", "second", "other"];

/// How far from "only" the part stands that it is about.
const NEAR: usize = 5;

/// Words of the longest value that something is changed from.
const FORMER_WORDS: usize = 2;
