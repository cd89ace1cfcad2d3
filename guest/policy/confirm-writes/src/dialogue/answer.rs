//! What a reply is to the offer before it: a yes, a missing detail, neither.

use super::Dialogue;
use crate::proposal::Ask;
use crate::reply::{Act, Reply};
use crate::talk::Marks;
use crate::term::Term;
use crate::values::{Class, Value};

/// What of an answer a reply is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// A yes to the offer.
    Agrees,
    /// What was missing from a yes already given.
    Completes,
    /// Nothing that changes what was agreed to.
    Leaves,
    /// No consent, or none any more.
    Nothing,
}

impl Dialogue {
    /// What of an answer the reply is.
    pub(super) fn answer(&self, reply: &Reply) -> Answer {
        let Ask { confirmation, detail, announced, .. } =
            if self.offer.answered { Ask::default() } else { self.offer.ask };
        let follows = announced && self.episode.set_out;
        let live = self.live_consent().is_some();
        let informs = self.informs(reply);
        match reply.act {
            Act::Hold => Answer::Nothing,
            Act::Affirm if confirmation || follows => Answer::Agrees,
            Act::Tell if self.names_other_deed(reply) => Answer::Nothing,
            Act::Tell if follows && !confirmation && informs => Answer::Agrees,
            Act::Tell if reply.amends => Answer::Nothing,
            Act::Tell if confirmation && detail && informs => Answer::Agrees,
            Act::Tell if confirmation && self.repeats(reply) => Answer::Agrees,
            _ if confirmation || !live => Answer::Nothing,
            Act::Tell if detail && !informs => Answer::Nothing,
            _ if detail => Answer::Completes,
            _ => Answer::Leaves,
        }
    }

    /// Whether the reply names the proposed action and nothing new.
    fn repeats(&self, reply: &Reply) -> bool {
        let said = reply.topics().named();
        let asked = if self.offer.asked.named().any() { self.offer.asked } else { self.offer.topics };
        said.any() && said & asked == said && self.news(reply).is_empty()
    }

    /// Whether the reply names an action, and the offer names another.
    fn names_other_deed(&self, reply: &Reply) -> bool {
        let said = reply.topics().deeds();
        said.any() && self.offer.topics.deeds().any() && !said.meet(self.offer.topics)
    }

    /// The values in the reply that nobody spoke of before.
    pub(super) fn news(&self, reply: &Reply) -> Vec<Term> {
        let new = |value: &&Value| is_solid(value.class) && !self.spoken(value.term);
        reply.values().filter(new).map(|value| value.term).collect()
    }

    /// Whether the reply says anything that an action could depend on: a value, a word of the
    /// offer, or, where that asked why, any statement.
    fn informs(&self, reply: &Reply) -> bool {
        let matters = |value: &Value| {
            value.class != Class::Word
                || value.topics.named().any()
                || self.talk.has(value.term, Marks::OFFERED)
        };
        let said = |words: &[&str]| reply.values().any(|value| words.iter().any(|word| value.term == Term::word(word)));
        let thanks = said(&["thank", "thanks", "appreciate", "welcome"]);
        let why = ["reason", "why"].iter().any(|word| self.talk.has(Term::word(word), Marks::OFFERED));
        let explains = why && !reply.denies && !thanks;
        reply.values().any(|value| explains || matters(value))
    }
}

fn is_solid(class: Class) -> bool {
    matches!(class, Class::Identifier | Class::Date | Class::Quantity | Class::Ending)
}
