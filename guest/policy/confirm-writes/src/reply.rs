//! What a user's message says to what the agent asked. English only.

use crate::phrase::{Phrase, phrases};
use crate::text::{Sentence, Text, Token};
use crate::values::{Value, name_payment, topics, values};
use crate::vocabulary::{Topics, Vocabulary};

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
    /// What the sentences state that name a means of payment.
    pub(crate) paying: Vec<Value>,
}

/// Reads a message.
pub(crate) fn read(content: &str, vocabulary: &Vocabulary) -> Reply {
    let text = Text::new(content);
    let sentences = text.sentences();
    let values: Vec<Vec<Value>> = sentences.iter().map(|sentence| values(sentence, vocabulary)).collect();
    Reply {
        act: if text.unread() { Act::Hold } else { act(&sentences) },
        amends: sentences.iter().any(amends),
        paying: values.iter().filter(|values| name_payment(values)).flatten().copied().collect(),
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
    let affirms = sentences.iter().any(affirms);
    let asks = sentences.iter().any(|sentence| sentence.question && !requests(sentence));
    let refuses = sentences.iter().any(refuses) || (sentences.first().is_some_and(denies) && !affirms);
    let first = sentences
        .iter()
        .any(|sentence| sentence.question && (sentence.has_word("but") || sentence.has_word("before")));
    match (refuses || first && asks, affirms) {
        (true, _) => Act::Hold,
        (_, true) => Act::Affirm,
        _ if asks => Act::Hold,
        _ => Act::Tell,
    }
}

fn affirms(sentence: &Sentence<'_>) -> bool {
    let opens = sentence.starts(YES) && !sentence.starts(YES_BUT);
    let says =
        PHRASES.iter().any(|phrase| says(sentence, phrase)) && (!sentence.question || requests(sentence));
    (opens || says) && !sentence.has_any(NOT_YET)
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
    sentence.has_any(REQUESTS) && !sentence.has_any(ENQUIRIES)
}

fn refuses(sentence: &Sentence<'_>) -> bool {
    sentence.has_any(REFUSAL) || sentence.has_any(NOT_YET)
}

fn denies(sentence: &Sentence<'_>) -> bool {
    DENIALS.contains(&sentence.first()) && !sentence.starts(POLITE)
}

fn amends(sentence: &Sentence<'_>) -> bool {
    sentence.has_any(AMENDMENTS)
}

const YES_BUT: &[Phrase] = &phrases(["ok but", "sure but", "right but"]);

const REQUESTS: &[Phrase] = &phrases(["could you", "can you", "would you", "will you", "please"]);

const ENQUIRIES: &[Phrase] =
    &phrases(["tell me", "how", "what", "why", "check", "look", "find", "search", "show", "explain"]);

const DENIALS: &[&str] = &["no", "nope", "nah", "not", "wait", "stop", "hold"];

const AMENDMENTS: &[Phrase] =
    &phrases(["but", "instead", "actually", "except", "rather", "make it", "change it", "however"]);

const YES: &[Phrase] = &phrases([
    "yes",
    "yeah",
    "yep",
    "yup",
    "yea",
    "sure",
    "ok",
    "okay",
    "absolutely",
    "definitely",
    "certainly",
    "correct",
    "confirmed",
    "agreed",
    "affirmative",
    "perfect",
    "great",
    "alright",
    "right",
    "fine",
    "exactly",
    "of course",
    "that's right",
    "that's correct",
    "that's fine",
]);

const PHRASES: &[Phrase] = &phrases([
    "yes",
    "go ahead",
    "proceed",
    "going ahead",
    "please do",
    "do it",
    "do so",
    "do that",
    "i confirm",
    "confirmed",
    "i agree",
    "i approve",
    "i accept",
    "looks good",
    "looks great",
    "looks correct",
    "looks right",
    "looks perfect",
    "looks fine",
    "look good",
    "sounds good",
    "sounds great",
    "sounds fine",
    "sounds right",
    "that works",
    "works for me",
    "that's fine",
    "that's correct",
    "that's right",
    "that's okay",
    "that's ok",
    "that is correct",
    "that is fine",
    "that is right",
    "is correct",
    "is fine",
    "go for it",
    "i'm happy with",
    "i'm okay with",
    "i'm fine with",
    "i am happy with",
    "all good",
    "let's do",
    "let's go",
    "i'd like that",
    "carry on",
    "you may",
    "you have my",
    "by all means",
    "i'll take it",
    "i'll take that",
    "go with that",
    "go with it",
    "go with this",
]);

const UNDOING: &[&str] = &[
    "before", "if", "unless", "until", "whether", "when", "not", "don't", "can't", "cannot", "won't",
    "never", "didn't", "doesn't", "isn't", "no", "neither", "none", "nothing",
];

const REFUSAL: &[Phrase] = &phrases([
    "don't proceed",
    "do not proceed",
    "don't go ahead",
    "do not go ahead",
    "don't want to proceed",
    "never mind",
    "nevermind",
    "changed my mind",
    "hold on",
    "hold off",
    "not yet",
    "rather not",
    "no thanks",
    "no thank you",
    "forget it",
    "don't do",
    "do not do",
    "don't cancel",
    "don't book",
    "let me think",
    "i'm not sure",
    "not sure",
    "i disagree",
    "i decline",
    "i refuse",
    "wait a",
]);

const POLITE: &[Phrase] = &phrases(["no problem", "no worries"]);

const NOT_YET: &[Phrase] =
    &phrases(["not yet", "but not yet", "but first", "before you do", "before i confirm", "before i decide"]);

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
