//! What an output of the agent asks of the user, if anything.
//!
//! Only what an output says counts: a user or a tool that writes "shall I proceed?" asks nothing
//! on the agent's behalf.

mod wording;

use core::ops::BitOr;

use serde::{Deserialize, Serialize};

use crate::shares::Sharing;
use crate::term::{Term, digits};
use crate::text::{Sentence, Text};
use crate::values::{Class, Value, name_payment, topics, values};
use crate::vocabulary::{Topics, Vocabulary};
use wording::{
    ALSO, APPROVING, CLOSINGS, COMMITTING, CONFIRMATION, DETAIL, DETAILS, ENQUIRING, FOR_DETAILS, FREE,
    HANDING_OVER, IMPOSSIBLE, INVITATIONS, LEADING, LOOKING_UP, NEEDS, PAST, PROCEED, QUESTION_WORDS,
    REFERENCES, SPEAKERS, TO_FINISH, USING, WILL, WISHES,
};

/// What an output asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ask {
    /// For a yes to an action.
    pub(crate) confirmation: bool,
    /// For something that is still missing, or for a choice.
    pub(crate) detail: bool,
    /// Whether the user would like something, which is a request for a yes unless it comes among
    /// requests for details.
    pub(crate) offered: bool,
    /// For nothing more: it says that the action follows.
    pub(crate) announced: bool,
}

impl BitOr for Ask {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self {
            confirmation: self.confirmation | other.confirmation,
            detail: self.detail | other.detail,
            offered: self.offered | other.offered,
            announced: self.announced | other.announced,
        }
    }
}

/// An output, read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proposal {
    /// What it asks.
    pub(crate) ask: Ask,
    /// The values of each sentence.
    pub(crate) sentences: Vec<Vec<Value>>,
    /// How each of them speaks of its values.
    pub(crate) sharing: Vec<Sharing>,
    /// The values of the sentences that ask for a yes, or else of those that announce.
    pub(crate) core: Vec<Value>,
    /// The values of the sentences that name a means of payment.
    pub(crate) paying: Vec<Value>,
    /// Whether it names an amount of money.
    pub(crate) priced: bool,
    /// Identifiers of what it says cannot be done.
    pub(crate) ruled_out: Vec<Term>,
    /// What it speaks of, but not to say that it cannot be done.
    pub(crate) topics: Topics,
    /// Whether it says that nothing is to be paid.
    pub(crate) free: bool,
}

/// Reads an output.
pub(crate) fn read(content: &str, vocabulary: &Vocabulary) -> Proposal {
    let text = Text::new(content);
    let mut proposal = Proposal::default();
    let (mut core, mut announced) = (Vec::new(), Vec::new());
    let mut aside = false;
    let sentences = text.sentences();
    for sentence in &sentences {
        let values = values(sentence, vocabulary);
        let asks = ask(sentence, topics(&values), aside);
        aside = is_aside(sentence, topics(&values));
        if asks.confirmation {
            let before = proposal.sentences.last().filter(|_| sentence.continues && refers(sentence));
            core.extend(before.into_iter().flatten().chain(&values));
        } else if asks.announced {
            announced.extend_from_slice(&values);
        }
        if name_payment(&values) {
            proposal.paying.extend_from_slice(&values);
        }
        proposal.ask = proposal.ask | asks;
        if !sentence.has_any(IMPOSSIBLE) {
            proposal.topics |= topics(&values);
        }
        proposal.free |= sentence.has_any(FREE);
        proposal.priced |= sentence.tokens.iter().any(|token| token.money);
        proposal.sharing.push(Sharing::new(sentence));
        proposal.sentences.push(values);
    }
    proposal.ruled_out = ruled_out(&sentences, &proposal.sentences);
    proposal.sentences.push(sums(&sentences));
    proposal.ask.confirmation |= proposal.ask.offered && !proposal.ask.detail;
    proposal.core = if proposal.ask.confirmation { core } else { announced };
    proposal
}

impl Proposal {
    /// The values of all of it.
    pub(crate) fn values(&self) -> impl Iterator<Item = &Value> {
        self.sentences.iter().flatten()
    }
}

/// What is named for the last time where the agent says that it cannot be done, be it in a list
/// below.
fn ruled_out(sentences: &[Sentence<'_>], values: &[Vec<Value>]) -> Vec<Term> {
    let mut ruled_out: Vec<Term> = Vec::new();
    let mut heads_list = false;
    for (sentence, values) in sentences.iter().zip(values) {
        let declines = sentence.has_any(IMPOSSIBLE);
        heads_list = declines && sentence.label == sentence.tokens.len() || heads_list && sentence.listed;
        for value in values.iter().filter(|value| value.class == Class::Identifier) {
            ruled_out.retain(|term| *term != value.term);
            if declines || heads_list {
                ruled_out.push(value.term);
            }
        }
    }
    ruled_out
}

/// What prices that stand one after the other come to: those of the legs of a trip. An amount that
/// comes twice is more likely said twice.
fn sums(sentences: &[Sentence<'_>]) -> Vec<Value> {
    let money = sentences.iter().flat_map(|sentence| &sentence.tokens).filter(|token| token.money);
    let prices: Vec<u32> =
        money.filter_map(|token| digits(token.text).parse().ok()).take(PRICES_MAX).collect();
    let repeats = |run: &[u32]| run.windows(2).any(|pair| pair[0] == pair[1]);
    let runs = (2..=PRICES_ADDED).flat_map(|length| prices.windows(length)).filter(|run| !repeats(run));
    let sums = runs.filter_map(|run| run.iter().try_fold(0_u32, |sum, price| sum.checked_add(*price)));
    sums.map(|sum| Value::sum(&sum.to_string())).collect()
}

/// What a sentence asks; `after_aside` is whether the one before was an aside.
fn ask(sentence: &Sentence<'_>, topics: Topics, after_aside: bool) -> Ask {
    let detail = asks_detail(sentence);
    let confirms = confirms(sentence) || sentence.has_any(CONFIRMATION);
    if (is_aside(sentence, topics) && !confirms) || (after_aside && refers(sentence)) {
        return Ask { detail, ..Ask::default() };
    }
    let question = sentence.question || sentence.has_any(INVITATIONS);
    let question = question && !QUESTION_WORDS.contains(&sentence.first());
    let acts = sentence.has_any(PROCEED) || topics.named().any();
    let wished = question && topics.named().any() && sentence.has_any(WISHES);
    let pays = topics.meet(Topics::INSTRUMENT) && sentence.has_any(USING);
    Ask {
        confirmation: confirms || (question && (commits(sentence) || consents(sentence))),
        detail: detail || (wished && pays),
        offered: wished && !pays,
        announced: acts && (announces(sentence, topics) || is_choice(sentence)),
    }
}

/// "Let me know which of them you would like to book."
fn is_choice(sentence: &Sentence<'_>) -> bool {
    sentence.has_word("which") && asks_detail(sentence) && !sentence.has_any(NEEDS)
}

/// Whether the sentence says nothing of its own: "Shall I do that?"
fn refers(sentence: &Sentence<'_>) -> bool {
    sentence.has_any(REFERENCES) || (sentence.tokens.len() <= 3 && sentence.has_any(COMMITTING))
}

/// Whether the sentence is about looking up, handing over or helping, and about no action.
fn is_aside(sentence: &Sentence<'_>, topics: Topics) -> bool {
    let aside = topics.meet(Topics::ASIDE);
    let proceeds = sentence.has_any(PROCEED);
    let closes = sentence.has_any(CLOSINGS) && !proceeds;
    closes
        || (aside && !proceeds && !topics.named().any())
        || sentence.has_any(HANDING_OVER)
        || looks_up(sentence)
}

/// "I'll proceed with searching", "would you like to see the options?"
fn looks_up(sentence: &Sentence<'_>) -> bool {
    LEADING.iter().any(|phrase| {
        let next = sentence.find(phrase).and_then(|at| sentence.tokens.get(at));
        next.is_some_and(|next| LOOKING_UP.iter().any(|verb| next.text.starts_with(verb)))
    })
}

/// "Please confirm", but not "please confirm which one", "confirm your name" or "confirm if it was
/// made today"; nor "I need to confirm".
fn confirms(sentence: &Sentence<'_>) -> bool {
    if sentence.has_any(ENQUIRING) {
        return false;
    }
    let mut tokens = sentence.tokens.iter().enumerate();
    tokens.any(|(at, token)| {
        let after = &sentence.tokens[at + 1..sentence.tokens.len().min(at + 4)];
        let asked = matches!(token.text, "confirm" | "confirmation");
        let of_fact = after.iter().any(|next| matches!(next.text, "if" | "whether" | "that"))
            && sentence.tokens.iter().any(|token| PAST.contains(&token.text));
        asked && !of_fact && !after.iter().any(|next| DETAILS.contains(&next.text))
    })
}

/// "Shall I cancel it?", but not "may I have your name?".
fn commits(sentence: &Sentence<'_>) -> bool {
    COMMITTING.iter().any(|phrase| {
        let next = sentence.find(phrase).map(|at| sentence.tokens.get(at).map_or("", |token| token.text));
        next.is_some_and(|next| !FOR_DETAILS.contains(&next))
    })
}

/// "Would you like to proceed?", "am I allowed to proceed?", "is all of this correct?"
fn consents(sentence: &Sentence<'_>) -> bool {
    let wished = sentence.has_any(WISHES) && (sentence.has_any(PROCEED) || sentence.has_any(REFERENCES));
    let has_one_of = |words: &[&str]| words.iter().any(|word| sentence.has_word(word));
    let allowed = sentence.has_any(PROCEED) && has_one_of(SPEAKERS) && !has_one_of(QUESTION_WORDS);
    let approved = sentence.tokens.len() <= APPROVAL_MAX && has_one_of(APPROVING);
    wished || allowed || approved
}

fn asks_detail(sentence: &Sentence<'_>) -> bool {
    let open = QUESTION_WORDS.contains(&sentence.first()) && sentence.question;
    let confirms = sentence.has_word("confirm") && !confirms(sentence);
    let also = sentence.has_any(ALSO);
    open || confirms || also || sentence.has_any(DETAIL)
}

/// "I'll proceed with the refund", "once I have your card, I can book it".
fn announces(sentence: &Sentence<'_>, topics: Topics) -> bool {
    let will = sentence.has_any(WILL) && !sentence.has_any(NEEDS);
    let finish = sentence.starts(TO_FINISH) && topics.named().any();
    will && !sentence.question || finish
}

/// Words of the longest question that asks for nothing but approval.
const APPROVAL_MAX: usize = 12;

/// Prices of one output that are added up.
const PRICES_MAX: usize = 12;

/// How many of them at most make one sum.
const PRICES_ADDED: usize = 3;

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
