//! Whether a message gives the parts of one thing different values: "the outbound flight in
//! business, the return in economy". A call that has one value for the whole does not carry that
//! out.

use crate::memory::Memory;
use crate::phrase::{Phrase, phrases};
use crate::term::Term;
use crate::text::Sentence;
use crate::values::{Value, is_said};

/// How a sentence speaks of the values it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sharing {
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

/// How a sentence speaks of the values it names.
pub(crate) fn sharing(sentence: &Sentence<'_>) -> Sharing {
    let prices = sentence.tokens.iter().filter(|token| token.money).count();
    let (label, value) = sentence.tokens.split_at(sentence.label);
    let single = |only: &Phrase| {
        let next = sentence.find(only).and_then(|at| sentence.tokens.get(at..));
        next.is_some_and(|next| next.iter().take(NEAR).any(|token| PARTS.contains(&token.text)))
    };
    if prices > 1 || sentence.has_any(WEIGHING) {
        Sharing::Weighs
    } else if ONLY.iter().any(single) {
        Sharing::Singles
    } else if sentence.has_any(KEEPING) {
        Sharing::Keeps
    } else if (1..=3).contains(&label.len()) && (1..=4).contains(&value.len()) {
        Sharing::Labels
    } else if sentence.tokens.iter().any(|token| PARTS.contains(&token.text)) {
        Sharing::Parts
    } else {
        Sharing::Plain
    }
}

/// The sets of choices that a message names values of, and whether it shares these out among parts
/// of one thing; a message about several things says what becomes of each.
pub(crate) fn shares(sentences: &[Vec<Value>], sharing: &[Sharing], memory: &Memory) -> Vec<(Term, bool)> {
    let about = |id: Term| sentences.iter().flatten().any(|value| value.term == id);
    let several = memory.owners().iter().filter(|owner| about(owner.id)).count() > 1;
    let mut named: Vec<(Term, Term, Sharing)> = Vec::new();
    let mut shared: Vec<(Term, bool)> = Vec::new();
    for (values, sharing) in sentences.iter().zip(sharing) {
        let words = values.iter().filter(|value| is_said(value.class)).map(|value| value.term);
        let choices = memory.choices.named(&words.collect::<Vec<Term>>());
        for (value, set) in &choices {
            let others = choices.iter().filter(|other| other.1 == *set && other.0 != *value).count();
            let before = named.iter().filter(|other| other.1 == *set && other.0 != *value);
            let against = |seen: &[Sharing]| before.clone().any(|other| seen.contains(&other.2));
            let shares = match sharing {
                Sharing::Weighs => false,
                Sharing::Plain => against(&[Sharing::Keeps]),
                Sharing::Singles => true,
                Sharing::Keeps => others > 0 || against(&[Sharing::Plain, Sharing::Parts, Sharing::Labels]),
                Sharing::Parts => others > 0 || against(&[Sharing::Keeps, Sharing::Parts]),
                Sharing::Labels => against(&[Sharing::Labels, Sharing::Keeps]),
            };
            match shared.iter_mut().find(|entry| entry.0 == *set) {
                Some(entry) => entry.1 |= shares && !several,
                None => shared.push((*set, shares && !several)),
            }
        }
        named.extend(choices.into_iter().map(|(value, set)| (value, set, *sharing)));
    }
    shared
}

/// That the values of a set were shared out.
pub(crate) fn shared(set: Term) -> Term {
    Term::row(b'h', &[set])
}

const WEIGHING: &[Phrase] = &phrases([
    "or",
    "from",
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
    "must be",
    "must",
]);

const KEEPING: &[Phrase] =
    &phrases(["remain", "remains", "remaining", "keep", "keeping", "leave", "leaving", "stay", "stays"]);

const ONLY: &[Phrase] = &phrases(["only", "just"]);

/// Words for parts of a thing.
const PARTS: [&str; 9] =
    ["outbound", "outgoing", "departing", "inbound", "return", "first", "second", "one", "other"];

/// How far after "only" the part stands that it is about.
const NEAR: usize = 4;
