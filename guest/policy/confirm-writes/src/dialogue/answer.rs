//! What a reply is to the offer before it: a yes, a missing detail, neither.

use super::Dialogue;
use crate::proposal::Ask;
use crate::reply::{Act, Reply};
use crate::talk::Marks;
use crate::term::Term;
use crate::values::{Class, Value, topics};

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
            Act::Tell if self.names_other_deed(reply) || self.leaves_to_find(reply) => Answer::Nothing,
            Act::Tell if follows && !confirmation && informs => Answer::Agrees,
            Act::Tell if reply.amends => Answer::Nothing,
            Act::Tell if confirmation && detail && informs => Answer::Agrees,
            Act::Tell if confirmation && self.repeats(reply) => Answer::Agrees,
            _ if confirmation || !live => Answer::Nothing,
            Act::Tell if detail && !informs && !states(reply) => Answer::Nothing,
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

    /// Whether the reply says by a property what is to be acted on, and the user has not seen what
    /// has it; a property of what to pay with tells that well enough.
    fn leaves_to_find(&self, reply: &Reply) -> bool {
        reply.by_property && reply.paying.is_empty()
    }

    /// Whether the reply names an action, and the offer names another.
    fn names_other_deed(&self, reply: &Reply) -> bool {
        let said = topics(reply.values().filter(|value| !value.thing)).deeds();
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
        let offered = |term: Term| self.talk.has(term, Marks::OFFERED);
        let matters =
            |value: &Value| value.class != Class::Word || value.topics.named().any() || offered(value.term);
        let why = ["reason", "why"].iter().any(|word| offered(Term::word(word)));
        reply.values().any(matters) || (why && states(reply))
    }
}

/// Whether the reply is a plain statement, and neither a denial nor only thanks.
fn states(reply: &Reply) -> bool {
    const THANKS: [Term; 4] = Term::words(["thank", "thanks", "appreciate", "welcome"]);
    let polite = |values: &Vec<Value>| values.iter().any(|value| THANKS.contains(&value.term));
    !reply.denies && reply.sentences.iter().any(|values| !values.is_empty() && !polite(values))
}

fn is_solid(class: Class) -> bool {
    matches!(class, Class::Identifier | Class::Date | Class::Quantity | Class::Ending)
}
