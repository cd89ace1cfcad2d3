//! What an output of the agent asks of the user, if anything.
//!
//! Only what an output says counts: a user or a tool that writes "shall I proceed?" asks nothing
//! on the agent's behalf.

use crate::text::{Sentence, Text};
use crate::values::{Class, Value, values};
use crate::vocabulary::{Topics, Vocabulary};

/// What an output asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ask {
    /// For a yes to an action.
    pub(crate) confirmation: bool,
    /// For something that is still missing, or for a choice.
    pub(crate) detail: bool,
    /// For nothing more: it says that the action follows.
    pub(crate) announced: bool,
}

/// An output, read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proposal {
    /// What it asks.
    pub(crate) ask: Ask,
    /// The values of all of it.
    pub(crate) values: Vec<Value>,
    /// The values of the sentences that ask or announce.
    pub(crate) core: Vec<Value>,
    /// Whether it sets out terms, rather than asking for them: an amount, or several values.
    pub(crate) terms: bool,
}

/// Reads an output.
pub(crate) fn read(content: &str, vocabulary: &Vocabulary) -> Proposal {
    let text = Text::new(content);
    let mut proposal = Proposal::default();
    for sentence in text.sentences() {
        let values = values(&sentence, vocabulary);
        let asks = ask(&sentence, topics(&values));
        if asks.confirmation || asks.announced {
            proposal.core.extend_from_slice(&values);
        }
        proposal.ask.confirmation |= asks.confirmation;
        proposal.ask.detail |= asks.detail;
        proposal.ask.announced |= asks.announced;
        proposal.terms |= sentence.tokens.iter().any(|token| token.money);
        proposal.values.extend(values);
    }
    let solid = |value: &&Value| matches!(value.class, Class::Identifier | Class::Date | Class::Quantity);
    proposal.terms |= proposal.values.iter().filter(solid).count() >= 2;
    proposal
}

/// What the values speak of, all together.
pub(crate) fn topics(values: &[Value]) -> Topics {
    values.iter().fold(Topics::default(), |topics, value| topics | value.topics)
}

fn ask(sentence: &Sentence<'_>, topics: Topics) -> Ask {
    let aside = is_aside(sentence, topics);
    let detail = asks_detail(sentence);
    Ask {
        confirmation: !aside && asks_confirmation(sentence, topics),
        detail,
        announced: !aside && announces(sentence, topics),
    }
}

/// Whether the sentence is about looking up, handing over or helping, and about no action.
fn is_aside(sentence: &Sentence<'_>, topics: Topics) -> bool {
    let closes = sentence.has_any(&["anything else", "any other", "any changes", "something else"]);
    let aside = topics.meet(Topics::ASIDE);
    let proceeds = sentence.has_any(PROCEED);
    (closes && !proceeds) || (aside && !proceeds && !acts(topics)) || sentence.has_any(&["human agent", "a human"])
}

fn acts(topics: Topics) -> bool {
    topics.named().any()
}

fn asks_confirmation(sentence: &Sentence<'_>, topics: Topics) -> bool {
    confirms(sentence) || sentence.has_any(CONFIRMATION) || offers(sentence, topics)
}

/// "Please confirm", but not "please confirm which one" and not "confirm your name".
fn confirms(sentence: &Sentence<'_>) -> bool {
    let mut tokens = sentence.tokens.iter().enumerate();
    tokens.any(|(at, token)| {
        let after = &sentence.tokens[at + 1..sentence.tokens.len().min(at + 4)];
        matches!(token.text, "confirm" | "confirmation") && !after.iter().any(|next| DETAILS.contains(&next.text))
    })
}

/// "Would you like me to cancel it?", "let me know if you'd like to book it", "shall I?".
fn offers(sentence: &Sentence<'_>, topics: Topics) -> bool {
    let polite = sentence.has_any(OFFERS) && (sentence.question || sentence.has_any(&["let me know", "tell me"]));
    polite && (sentence.has_any(PROCEED) || acts(topics))
}

fn asks_detail(sentence: &Sentence<'_>) -> bool {
    let open = sentence.starts(&["which", "what", "how", "who", "when", "where"]) && sentence.question;
    let confirms = sentence.has("confirm") && !confirms(sentence);
    open || confirms || sentence.has_any(DETAIL)
}

fn announces(sentence: &Sentence<'_>, topics: Topics) -> bool {
    let acting = acts(topics) || sentence.has_any(PROCEED);
    let will = sentence.has_any(&["i will", "i'll", "we will", "we'll", "i am going to", "i'm going to", "let's", "i can then"]);
    let once = sentence.starts(&["once", "as soon as"]) || sentence.has_any(&["once you", "once i have", "and i'll", "and i will"]);
    (will || once) && acting && !sentence.question || (sentence.starts(TO_FINISH) && acts(topics))
}

const PROCEED: &[&str] = &["proceed", "proceeding", "go ahead", "going ahead", "continue", "finalize", "complete", "process"];

const CONFIRMATION: &[&str] = &[
    "is that correct", "is this correct", "is that right", "is this right", "is that ok", "is that okay",
    "is this ok", "is this okay", "is that fine", "is everything correct", "is everything right", "are you sure",
    "are you ok with", "are you okay with", "are you happy with", "do you agree", "do you approve", "do you accept",
    "does that look", "does this look", "does that sound", "does this sound", "does that work", "does this work",
    "does everything look", "ok to proceed", "okay to proceed", "ready to proceed", "a yes", "say yes", "reply yes",
    "yes to proceed", "yes or no", "your approval", "your consent", "your permission", "your go ahead",
];

const OFFERS: &[&str] = &[
    "would you like", "do you want", "you would like", "you'd like", "you want", "shall i", "should i", "may i",
    "can i", "shall we", "should we", "do you wish", "you wish",
];

const DETAIL: &[&str] = &[
    "could you provide", "could you please provide", "please provide", "can you provide", "please specify",
    "could you specify", "could you please specify", "let me know which", "let me know what", "let me know the",
    "let me know how", "let me know your", "let me know whether", "let me know when", "let me know if you have",
    "know which", "know the", "tell me", "i'll need", "i need", "i will need", "need the following", "please choose",
    "please select", "which one", "do you have a preference", "and provide", "what would", "how would you",
];

const DETAILS: &[&str] = &[
    "which", "what", "how", "who", "when", "where", "whether", "payment", "method", "id", "name", "email", "phone",
    "address", "number", "birth", "reason", "your",
];

const TO_FINISH: &[&str] = &[
    "to complete", "to finish", "to finalize", "to finalise", "before i proceed", "before i can", "before proceeding",
    "to proceed with",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> (bool, bool, bool) {
        let ask = read(text, &Vocabulary::new(&[]).unwrap()).ask;
        (ask.confirmation, ask.detail, ask.announced)
    }

    #[test]
    fn a_request_for_a_yes() {
        for text in [
            "Please confirm if I may refund $30 for order 1009.",
            "Shall I go ahead with the refund?",
            "Would you like me to cancel it?",
            "Let me know if you'd like to proceed.",
            "The refund would be $30. Is that okay?",
        ] {
            assert!(asked(text).0, "{text}");
        }
    }

    #[test]
    fn a_request_for_something_else() {
        for text in [
            "Which order is it?",
            "Could you please confirm which card you mean?",
            "Would you like me to transfer you to a human agent?",
            "Is there anything else I can do?",
            "Your order was refunded.",
        ] {
            assert!(!asked(text).0, "{text}");
        }
        assert!(asked("Please confirm your order number.").1);
    }

    #[test]
    fn an_announcement() {
        assert!(asked("Tell me which of these orders to cancel, and I'll proceed.").2);
        assert!(!asked("I will look up your order.").2);
    }
}
