//! Whether the user agreed to this very call.
//!
//! Three questions, in this order: did the user agree to something; was it this action on this
//! thing, and is the agreement not used up; was each argument spoken of, or does it follow from
//! what was. An argument that asks for nothing, or changes nothing, needs no word.

mod amount;
mod argument;
mod list;
mod payment;

use core::{fmt, iter};

use crate::call::{Argument, Call, Role};
use crate::datum::Datum;
use crate::dialogue::{Consent, Dialogue};
use crate::memory::chosen;
use crate::shares::shared;
use crate::talk::Marks;
use crate::term::Term;
use crate::vocabulary::Vocabulary;

/// What is missing from the user's consent to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// The user agreed to nothing, or took it back.
    Consent,
    /// The user agreed to something else.
    Action,
    /// The user agreed, but to the same action on something else.
    Object,
    /// The user wants this left alone.
    Excluded,
    /// The consent was for a part of what the call changes.
    Part,
    /// The consent has been used already.
    Used,
    /// The call leaves out some of what the thing has, which nobody said.
    Rest,
    /// The reply changed the terms, and the call does not follow it.
    Change,
    /// Arguments that nobody spoke of, by name.
    Arguments(Vec<String>),
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Consent => f.write_str("the user has not agreed to a proposal of this action"),
            Self::Action => f.write_str("what the user agreed to is another action"),
            Self::Object => f.write_str("the user agreed to this action for something else"),
            Self::Excluded => f.write_str("the user asked to leave this alone"),
            Self::Part => f.write_str("the user agreed for a part, and the call is for the whole"),
            Self::Rest => f.write_str("the call leaves some of the whole out, and nobody said so"),
            Self::Used => f.write_str("the user's consent was for one call, which has been made"),
            Self::Change => f.write_str("the user changed the terms, and the call does not follow"),
            Self::Arguments(names) => {
                f.write_str("the user has not confirmed")?;
                let mut signs = [": "].into_iter().chain(iter::repeat(", "));
                names.iter().try_for_each(|name| write!(f, "{}{name}", signs.next().unwrap_or_default()))
            }
        }
    }
}

/// What is missing from the user's consent to the call, if anything.
pub(crate) fn missing(dialogue: &Dialogue, call: &Call, vocabulary: &Vocabulary) -> Option<Missing> {
    let Some(consent) = dialogue.standing_consent() else { return Some(Missing::Consent) };
    let case = Case { dialogue, consent, call, vocabulary };
    case.wrong_action().or_else(|| case.unconfirmed())
}

struct Case<'a> {
    dialogue: &'a Dialogue,
    consent: &'a Consent,
    call: &'a Call,
    vocabulary: &'a Vocabulary,
}

impl Case<'_> {
    fn wrong_action(&self) -> Option<Missing> {
        [
            (!self.names_action(), Missing::Action),
            (self.is_excluded(), Missing::Excluded),
            (self.is_other_object(), Missing::Object),
            (self.is_used(), Missing::Used),
            (self.exceeds_part() || self.levels_shares(), Missing::Part),
            (self.cuts_a_list(), Missing::Rest),
            (self.ignores_change(), Missing::Change),
        ]
        .into_iter()
        .find_map(|(found, missing)| found.then_some(missing))
    }

    /// Whether the exchange was about this action, by its verb or by what it is done to; where the
    /// question named no action, whether the episode was. An action whose verb says little, such
    /// as `create_order`, is also named by its other words.
    fn names_action(&self) -> bool {
        let action = self.call.verb | self.call.nouns;
        let spoken = || self.call.words.iter().any(|word| self.dialogue.spoken(*word));
        match self.consent.asked.deeds().any() {
            true => self.consent.topics.meet(action) || !self.call.verb.any() && spoken(),
            false => self.dialogue.topics().meet(action) || !self.call.verb.deeds().any() && spoken(),
        }
    }

    fn is_excluded(&self) -> bool {
        self.call.with_role(Role::Object).any(|object| self.has(object, Marks::EXCLUDED))
    }

    /// Whether the exchange named other things of the same kind and not this one, or its question
    /// did, or the reply.
    fn is_other_object(&self) -> bool {
        self.call.with_role(Role::Object).any(|object| {
            let others = || {
                let owners = self.dialogue.memory.owners().iter();
                owners.filter(|owner| owner.key == object.key && Some(owner.id) != object.datum.term())
            };
            let names_others = |marks: Marks| others().any(|other| self.dialogue.talk.has(other.id, marks));
            [Marks::AGREED, Marks::AFFIRMED]
                .into_iter()
                .any(|marks| !self.has(object, marks) && names_others(marks))
        })
    }

    fn is_used(&self) -> bool {
        self.dialogue.writes.done.contains(self.call.mark())
    }

    /// Whether the agreement was to a part of a thing, by name, and the call says no part.
    fn exceeds_part(&self) -> bool {
        let parts = &self.dialogue.episode.parts;
        let mut parts = parts.iter().filter(|part| part.topics.meet(self.call.verb));
        parts.any(|part| {
            let whole = |argument: &Argument| argument.datum.term() == Some(part.owner);
            let says_part = |argument: &Argument| match argument.role {
                Role::Person => true,
                Role::Object => !whole(argument),
                _ => matches!(argument.datum, Datum::Number(_)),
            };
            self.call.objects().any(|object| object == part.owner)
                && !self.call.arguments.iter().any(says_part)
        })
    }

    /// Whether parts of the thing were to have different values, and the call has one for all. A value
    /// that there is already, and beside which no other was agreed on, is no part's.
    fn levels_shares(&self) -> bool {
        let (talk, choices) = (&self.dialogue.talk, &self.dialogue.memory.choices);
        self.call.arguments.iter().any(|argument| {
            let Some(value) = argument.datum.term() else { return false };
            let differs = |other: &Argument| other.key == argument.key && other.datum.term() != Some(value);
            let agreed = |other: Term| talk.has(chosen(other), Marks::AGREED);
            choices.sets(value).any(|set| self.dialogue.spoken(shared(set)))
                && !self.call.arguments.iter().any(differs)
                && (!self.is_unchanged(argument) || choices.others(value).any(agreed))
        })
    }

    fn ignores_change(&self) -> bool {
        let mut demands = self.dialogue.talk.with(Marks::DEMANDED).peekable();
        let heeded = |demand: Term| self.call.arguments.iter().any(|argument| self.answers(argument, demand));
        demands.peek().is_some() && !demands.any(heeded)
    }

    /// Whether somebody named the argument's value, with one of these marks.
    fn has(&self, argument: &Argument, marks: Marks) -> bool {
        names(argument).any(|name| self.dialogue.talk.has(name, marks))
    }

    /// Whether the argument is what the user spoke of by this term.
    fn answers(&self, argument: &Argument, term: Term) -> bool {
        let called = argument.datum.term().is_some_and(|id| self.dialogue.memory.called(id, term));
        called || names(argument).chain(self.counts(argument)).any(|name| name == term)
    }

    fn unconfirmed(&self) -> Option<Missing> {
        let mut open: Vec<String> = Vec::new();
        for argument in self.call.arguments.iter().filter(|argument| !self.is_confirmed(argument)) {
            if open.len() < NAMED_MAX && !open.contains(&argument.name) {
                open.push(argument.name.clone());
            }
        }
        if self.call.unread {
            open.push("further arguments".into());
        }
        (!open.is_empty()).then_some(Missing::Arguments(open))
    }
}

/// The terms by which the argument's value may have been named.
fn names(argument: &Argument) -> impl Iterator<Item = Term> {
    argument.datum.term().into_iter().chain(argument.datum.names())
}

/// Arguments that a reason names.
const NAMED_MAX: usize = 8;
