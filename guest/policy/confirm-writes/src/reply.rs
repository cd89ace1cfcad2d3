//! What a user's message says to what the agent asked. English only.

mod wording;

use crate::phrase::Phrase;
use crate::shares::Sharing;
use crate::text::{Sentence, Text, Token};
use crate::values::{Value, name_payment, topics, values};
use crate::vocabulary::{Topics, Vocabulary};
use wording::{
    ACKNOWLEDGEMENTS, ADDITIONS, AGREEMENTS, AMENDMENTS, BY_THE_WAY, COMPLAINTS, DENIALS, ENQUIRIES,
    HESITATIONS, NEGATIONS, NOT_YET, OF_FACTS, POLITE, PROPERTIES, QUANTIFIERS, QUESTION_WORDS, REFUSALS,
    REQUESTS, SHORT_YES, UNDOING, YES, YES_BUT,
};

/// What a message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Yes.
    Affirm,
    /// No, or not yet, or nothing but a question.
    Hold,
    /// Something else: an answer, a choice, a wish.
    Tell,
}

/// A message, read.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    /// What it says.
    pub(crate) act: Act,
    /// Whether it changes what was proposed: "but", "instead".
    pub(crate) amends: bool,
    /// The values of each sentence.
    pub(crate) sentences: Vec<Vec<Value>>,
    /// How each of them speaks of its values.
    pub(crate) sharing: Vec<Sharing>,
    /// Whether it says by a property which things it means, and leaves it to others to find them.
    pub(crate) by_property: bool,
    /// Whether it denies anything.
    pub(crate) denies: bool,
    /// What the sentences state that name a means of payment.
    pub(crate) paying: Vec<Value>,
    /// Whether that is for what another means leaves open.
    pub(crate) adds_payment: bool,
}

/// Reads a message.
pub(crate) fn read(content: &str, vocabulary: &Vocabulary) -> Reply {
    let text = Text::new(content);
    let sentences = text.sentences();
    let values: Vec<Vec<Value>> = sentences.iter().map(|sentence| values(sentence, vocabulary)).collect();
    Reply {
        act: if text.unread() { Act::Hold } else { act(&sentences) },
        amends: sentences.iter().any(|sentence| sentence.has_any(AMENDMENTS)),
        by_property: sentences.iter().any(|sentence| names_by_property(sentence)),
        denies: sentences.iter().any(|sentence| NEGATIONS.iter().any(|word| sentence.has_word(word))),
        adds_payment: sentences.iter().any(|sentence| sentence.has_any(ADDITIONS)),
        paying: values.iter().filter(|values| name_payment(values)).flatten().copied().collect(),
        sharing: sentences.iter().map(Sharing::new).collect(),
        sentences: values,
    }
}

impl Reply {
    /// The values of all of it.
    pub(crate) fn values(&self) -> impl Iterator<Item = &Value> {
        self.sentences.iter().flatten()
    }

    /// What it speaks of.
    pub(crate) fn topics(&self) -> Topics {
        topics(self.values())
    }
}

fn act(sentences: &[Sentence<'_>]) -> Act {
    let agrees: Vec<bool> = sentences.iter().map(agrees).collect();
    let asks =
        |sentence: &Sentence<'_>| sentence.question && !requests(sentence) && !sentence.starts(BY_THE_WAY);
    let asks = sentences.iter().any(asks);
    let acknowledges = !asks && sentences.iter().any(acknowledges);
    let affirms = acknowledges || agrees.contains(&true);
    if refuses(sentences, affirms) || hesitates(sentences, &agrees) || asks_first(sentences) {
        Act::Hold
    } else if affirms {
        Act::Affirm
    } else if asks {
        Act::Hold
    } else {
        Act::Tell
    }
}

fn agrees(sentence: &Sentence<'_>) -> bool {
    let opens = says_shortly(sentence) || sentence.starts(YES) && !sentence.starts(YES_BUT);
    let says =
        AGREEMENTS.iter().any(|phrase| says(sentence, phrase)) && (!sentence.question || requests(sentence));
    (opens || says) && !sentence.has_any(NOT_YET)
}

/// "I do", with nothing else in its clause.
fn says_shortly(sentence: &Sentence<'_>) -> bool {
    let clause = |at: usize| sentence.tokens.get(at).map(|token| token.clause);
    let whole =
        |phrase: &Phrase| sentence.find(phrase) == Some(phrase.words()) && clause(phrase.words()) != Some(0);
    SHORT_YES.iter().any(whole)
}

fn acknowledges(sentence: &Sentence<'_>) -> bool {
    sentence.starts(ACKNOWLEDGEMENTS) && !sentence.starts(YES_BUT) && !sentence.has_any(NOT_YET)
}

/// Whether the phrase occurs without a negation or a condition before it in its clause.
fn says(sentence: &Sentence<'_>, phrase: &Phrase) -> bool {
    let Some(after) = sentence.find(phrase) else { return false };
    let (before, from) = sentence.tokens.split_at(after - phrase.words());
    let polite = if sentence.starts(POLITE) { 2 } else { 0 };
    let clause = from.first().map(|first| first.clause);
    let undone = |token: &Token<'_>| Some(token.clause) == clause && UNDOING.contains(&token.text);
    !before.iter().skip(polite).any(undone)
}

/// "Could you go ahead?" is a question by its form alone.
fn requests(sentence: &Sentence<'_>) -> bool {
    sentence.has_any(REQUESTS) && !sentence.has_any(ENQUIRIES) && !QUESTION_WORDS.contains(&sentence.first())
}

fn refuses(sentences: &[Sentence<'_>], affirms: bool) -> bool {
    let denies = |first: &Sentence<'_>| DENIALS.contains(&first.first()) && !first.starts(POLITE);
    sentences.iter().any(|sentence| sentence.has_any(REFUSALS) || sentence.has_any(NOT_YET))
        || (sentences.first().is_some_and(denies) && !affirms)
}

/// Whether it says why there is no yes, and no yes follows or stands in another sentence.
fn hesitates(sentences: &[Sentence<'_>], agrees: &[bool]) -> bool {
    let doubts: Vec<Option<usize>> = sentences.iter().map(doubts).collect();
    let sure = |(at, sentence): (usize, &Sentence<'_>)| match doubts[at] {
        None => agrees[at],
        Some(doubt) => {
            AGREEMENTS.iter().any(|phrase| sentence.find(phrase) > Some(doubt) && says(sentence, phrase))
        }
    };
    let doubtful = doubts.iter().any(Option::is_some) && !sentences.iter().enumerate().any(sure);
    let complains = sentences.iter().any(|sentence| sentence.has_any(COMPLAINTS));
    doubtful || (complains && !agrees.contains(&true))
}

/// Where a doubt ends that is about the matter, and not about a fact: "not sure what its number is".
fn doubts(sentence: &Sentence<'_>) -> Option<usize> {
    let ends = HESITATIONS.iter().filter_map(|phrase| sentence.find(phrase));
    ends.filter(|end| sentence.tokens.get(*end).is_none_or(|next| !OF_FACTS.contains(&next.text))).max()
}

/// "All orders that have one owner", but not "all of these with express delivery".
fn names_by_property(sentence: &Sentence<'_>) -> bool {
    let tokens = &sentence.tokens;
    let open = |at: &usize| {
        let next = tokens.get(at + 1).map(|token| token.text);
        QUANTIFIERS.contains(&tokens[*at].text) && next != Some("of")
    };
    let quantified = (0..tokens.len()).find(open);
    let after = quantified.and_then(|at| tokens.get(at + 1..)).unwrap_or_default();
    let named = quantified.is_some_and(|at| matches!(tokens[at].text, "those" | "ones" | "whichever"));
    let begins = after.iter().position(|token| PROPERTIES.contains(&token.text));
    begins.is_some_and(|at| at < PROPERTY_NEAR && (named || at > 0))
}

/// "Yes, but how much is it?"
fn asks_first(sentences: &[Sentence<'_>]) -> bool {
    let first = |sentence: &Sentence<'_>| {
        sentence.question && (sentence.has_word("but") || sentence.has_word("before"))
    };
    sentences.iter().any(first)
}

/// How far after a quantifier the property begins.
const PROPERTY_NEAR: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn says(text: &str, act: Act) {
        assert_eq!(read(text, &Vocabulary::new(&[]).unwrap()).act, act, "{text}");
    }

    #[test]
    fn a_yes() {
        for text in [
            "Yes, please proceed.",
            "Go ahead!",
            "That looks good to me. Thanks",
            "I confirm.",
            "Could you please go ahead with that?",
            "Yes. How long will it take?",
            "No problem, go ahead.",
        ] {
            says(text, Act::Affirm);
        }
    }

    #[test]
    fn a_no() {
        for text in [
            "No, thank you.",
            "Please don't proceed.",
            "Hold on, I'm not sure.",
            "Sounds good, but how much is it?",
            "Never mind",
        ] {
            says(text, Act::Hold);
        }
    }

    #[test]
    fn neither() {
        says("How much would I pay if I proceed?", Act::Hold);
        says("The blue one.", Act::Tell);
        says("I'd like a refund for order 1009.", Act::Tell);
    }
}
