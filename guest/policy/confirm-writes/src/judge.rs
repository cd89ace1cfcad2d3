//! Whether the user agreed to this very call.
//!
//! Three questions, in this order: did the user agree to something; was it this action on this
//! thing, and is the agreement not used up; was each argument spoken of, or does it follow from
//! what was. An argument that asks for nothing, or changes nothing, needs no word.

use core::fmt;

use crate::call::{Argument, Call, Role};
use crate::datum::{Datum, name_words};
use crate::dialogue::{Consent, Dialogue};
use crate::term::Term;
use crate::values::COUNT_MAX;
use crate::vocabulary::{Topics, Vocabulary};

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
            Self::Part => f.write_str("the user agreed for some of the people concerned, the call concerns all"),
            Self::Used => f.write_str("the user's consent was for one call, which has been made"),
            Self::Change => f.write_str("the user changed the terms, and the call does not follow"),
            Self::Arguments(names) => write!(f, "the user has not confirmed: {}", names.join(", ")),
        }
    }
}

/// What is missing from the user's consent to the call, if anything.
pub(crate) fn missing(dialogue: &Dialogue, call: &Call, vocabulary: &Vocabulary) -> Option<Missing> {
    let Some(consent) = &dialogue.consent else { return Some(Missing::Consent) };
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
            (self.exceeds_part(), Missing::Part),
            (self.ignores_change(), Missing::Change),
        ]
        .into_iter()
        .find_map(|(found, missing)| found.then_some(missing))
    }

    /// Whether the exchange was about this action: by its verb, or by what it is done to.
    fn names_action(&self) -> bool {
        let agreed = match self.consent.topics.verbs().any() {
            true => self.consent.topics,
            false => self.dialogue.topics(),
        };
        let known = self.call.verb.any() || self.call.nouns.any();
        agreed.meet(self.call.verb | self.call.nouns)
            || (!known || !self.call.verb.any()) && self.call.words.iter().any(|word| self.dialogue.spoken(*word))
    }

    fn is_excluded(&self) -> bool {
        let excluded = &self.dialogue.episode.excluded;
        self.call.with_role(Role::Object).any(|object| names(object).any(|name| excluded.contains(name)))
    }

    /// Whether the question or the reply named other things of the same kind, and not this one.
    fn is_other_object(&self) -> bool {
        self.call.with_role(Role::Object).any(|object| {
            let others = self.dialogue.memory.owners().iter();
            let mut others = others.filter(|owner| owner.key == object.key && Some(owner.id) != object.datum.term());
            let named = names(object).any(|name| self.consent.core.contains(name));
            !named && others.any(|other| self.consent.core.contains(other.id))
        })
    }

    fn is_used(&self) -> bool {
        let writes = &self.dialogue.writes;
        self.call.marks().iter().all(|mark| writes.done.contains(*mark))
    }

    fn exceeds_part(&self) -> bool {
        let says_whom = |argument: &Argument| argument.role == Role::Person || matches!(argument.datum, Datum::Number(_));
        let parts = &self.dialogue.episode.parts;
        let concerned = |owner: Term| self.call.objects().any(|object| object == owner);
        !self.call.arguments.iter().any(says_whom)
            && parts.iter().any(|part| concerned(part.owner) && part.topics.meet(self.call.verb))
    }

    fn ignores_change(&self) -> bool {
        let demands = &self.consent.demands;
        !demands.is_empty() && !demands.iter().any(|demand| self.call.arguments.iter().any(|argument| self.answers(argument, demand)))
    }

    /// Whether the argument is what the user spoke of by this term.
    fn answers(&self, argument: &Argument, term: Term) -> bool {
        let called = argument.datum.term().is_some_and(|id| self.dialogue.memory.called(id, term));
        called || names(argument).chain(self.counts(argument)).any(|name| name == term)
    }

    fn unconfirmed(&self) -> Option<Missing> {
        let open = self.call.arguments.iter().filter(|argument| !self.is_confirmed(argument));
        let mut open: Vec<String> = open.map(|argument| argument.name.clone()).collect();
        open.dedup();
        if self.call.unread {
            open.push("further arguments".into());
        }
        (!open.is_empty()).then_some(Missing::Arguments(open))
    }

    fn is_confirmed(&self, argument: &Argument) -> bool {
        if matches!(argument.datum, Datum::Nothing) || self.is_unchanged(argument) && argument.role != Role::Payment {
            return true;
        }
        argument.masked
            || match (&argument.datum, argument.role) {
                (_, Role::Payment) => self.is_payment_confirmed(argument),
                (Datum::Yes, _) => self.is_wanted(argument),
                (Datum::Number(digits), _) => self.is_number_confirmed(argument, digits),
                (Datum::Words(words), _) => self.are_words_confirmed(argument, words),
                (Datum::Identifier(_) | Datum::Date(_), _) => self.is_value_confirmed(argument),
                (Datum::Nothing, _) => true,
            }
    }

    /// Whether the thing has this value already.
    fn is_unchanged(&self, argument: &Argument) -> bool {
        let Some(value) = argument.datum.term() else { return false };
        self.call.objects().any(|object| self.dialogue.memory.has(object, argument.key, value))
    }

    fn is_spoken(&self, argument: &Argument) -> bool {
        names(argument).any(|name| self.dialogue.spoken(name))
    }

    /// Whether somebody called it by another name that a tool told: a card by its last digits.
    fn is_called(&self, argument: &Argument) -> bool {
        let Some(id) = argument.datum.term() else { return false };
        let episode = &self.dialogue.episode;
        let past = self.dialogue.past.iter().filter(|_| self.consent.past);
        episode.agent.iter().chain(episode.user.iter()).chain(past).any(|name| self.dialogue.memory.called(id, name))
    }

    fn is_value_confirmed(&self, argument: &Argument) -> bool {
        if self.is_superseded(argument) {
            return false;
        }
        self.is_spoken(argument)
            || match argument.role {
                Role::Identity | Role::Person => self.is_known(argument),
                Role::Object => self.is_called(argument) || self.is_in_focus(argument) || self.was_spoken(argument),
                _ => self.is_called(argument),
            }
    }

    /// Whether the last offer named others of its family, and none that the call names.
    fn is_superseded(&self, argument: &Argument) -> bool {
        let Some(family) = argument.family.filter(|family| self.consent.families.contains(*family)) else { return false };
        let kin = self.call.arguments.iter().filter(|other| other.family == Some(family));
        !kin.filter_map(|other| other.datum.term()).any(|id| self.consent.identifiers.contains(id))
    }

    /// Whether a tool's answer held the value: of the user's profile, or of another thing.
    fn is_known(&self, argument: &Argument) -> bool {
        let Some(value) = argument.datum.term() else { return false };
        let memory = &self.dialogue.memory;
        memory.knows(value) || memory.anything_has(argument.key, value) || self.was_spoken(argument)
    }

    fn was_spoken(&self, argument: &Argument) -> bool {
        names(argument).any(|name| self.dialogue.past.contains(name))
    }

    /// Whether it is the one thing of its kind that a tool told about, or the last.
    fn is_in_focus(&self, argument: &Argument) -> bool {
        let alike = self.dialogue.memory.owners().iter().filter(|owner| owner.key == argument.key);
        alike.last().is_some_and(|owner| Some(owner.id) == argument.datum.term())
    }

    fn is_wanted(&self, argument: &Argument) -> bool {
        argument.topics.named().meet(self.dialogue.topics()) || argument.words.iter().any(|word| self.dialogue.spoken(*word))
    }

    fn are_words_confirmed(&self, argument: &Argument, words: &[Term]) -> bool {
        let spoken = words.iter().filter(|word| self.dialogue.spoken(**word)).count();
        let enough = if words.len() >= PROSE_MIN { words.len().div_ceil(2) } else { words.len() };
        spoken >= enough || self.is_known(argument)
    }

    fn is_number_confirmed(&self, argument: &Argument, digits: &str) -> bool {
        let spoken = self.dialogue.spoken(Term::number(digits));
        match digits.parse() {
            Ok(count @ 1..=COUNT_MAX) if !argument.words.is_empty() => self.is_count_confirmed(argument, count),
            _ => spoken || self.is_total_confirmed(argument),
        }
    }

    /// Whether somebody said so many of this; or the user spoke of it without a number.
    fn is_count_confirmed(&self, argument: &Argument, count: u32) -> bool {
        let said = |count: u32| self.quantities(argument, count).any(|quantity| self.dialogue.spoken(quantity));
        let silent = !(0..=COUNT_MAX).any(said);
        let wished = argument.topics.named().meet(self.dialogue.episode.user_topics);
        said(count) || (silent && wished) || self.is_sum(argument, count) || self.is_part_of_confirmed(argument, count)
    }

    fn quantities<'b>(&'b self, argument: &'b Argument, count: u32) -> impl Iterator<Item = Term> + 'b {
        argument.words.iter().map(move |word| Term::quantity(count, self.vocabulary.meaning(*word)))
    }

    fn counts<'b>(&'b self, argument: &'b Argument) -> impl Iterator<Item = Term> + 'b {
        let count = match &argument.datum {
            Datum::Number(digits) => digits.parse().ok(),
            _ => None,
        };
        count.into_iter().flat_map(|count| self.quantities(argument, count))
    }

    /// Whether the count is what the thing has and so many more that somebody said.
    fn is_sum(&self, argument: &Argument, count: u32) -> bool {
        (1..count).any(|more| {
            let had = Term::number(&(count - more).to_string());
            let has = self.call.objects().any(|object| self.dialogue.memory.has(object, argument.key, had));
            has && self.quantities(argument, more).any(|quantity| self.dialogue.spoken(quantity))
        })
    }

    /// Whether it counts a part of what another argument counts: of three bags, one to be paid.
    fn is_part_of_confirmed(&self, argument: &Argument, count: u32) -> bool {
        let wider = self.call.arguments.iter().filter(|other| other.key != argument.key && other.topics.named().meet(argument.topics.named()));
        let mut wider = wider.filter_map(|other| match &other.datum {
            Datum::Number(digits) => Some((other, digits.parse::<u32>().ok()?)),
            _ => None,
        });
        wider.any(|(other, all)| all >= count && other.name > argument.name && self.is_count_confirmed(other, all))
    }

    /// Whether the amounts under this key add up to what somebody said, for all or for each.
    fn is_total_confirmed(&self, argument: &Argument) -> bool {
        let amounts = self.call.arguments.iter().filter(|other| other.key == argument.key);
        let amount = |other: &Argument| match &other.datum {
            Datum::Number(digits) => digits.parse::<f64>().ok(),
            _ => Some(0.0),
        };
        let Some(total) = amounts.map(amount).sum::<Option<f64>>() else { return false };
        let people = self.call.with_role(Role::Person).map(|person| person.key);
        let people = self.most_frequent(people);
        [1, people].iter().any(|share| self.dialogue.spoken(Term::number(&plain(total / f64::from(*share)))))
    }

    fn most_frequent(&self, keys: impl Iterator<Item = Term>) -> u32 {
        let keys: Vec<Term> = keys.collect();
        let count = |key: &Term| keys.iter().filter(|other| *other == key).count();
        keys.iter().map(count).max().and_then(|count| u32::try_from(count).ok()).unwrap_or(1)
    }

    fn is_payment_confirmed(&self, argument: &Argument) -> bool {
        let topics = self.dialogue.topics();
        let same = topics.meet(Topics::SAME) && self.is_unchanged(argument);
        let back = self.is_unchanged(argument) && topics.meet(Topics::BACK) && !self.consent.topics.meet(Topics::DUE);
        if self.is_spoken(argument) || same || back {
            return true;
        }
        match &argument.datum {
            Datum::Words(words) => words.iter().all(|word| self.dialogue.spoken(*word)),
            Datum::Identifier(identifier) => {
                self.endings_fit() && (self.is_called(argument) || self.is_kind_spoken(argument, identifier))
            }
            _ => self.is_called(argument),
        }
    }

    /// Whether an account that was named by the end of its number is one that the call names.
    fn endings_fit(&self) -> bool {
        let endings = &self.dialogue.episode.endings;
        let fits = |ending: Term| self.call.with_role(Role::Payment).any(|payment| self.answers(payment, ending));
        endings.is_empty() || endings.iter().any(fits)
    }

    /// Whether somebody spoke of the kind ("the gift card") and it can mean no other.
    fn is_kind_spoken(&self, argument: &Argument, identifier: &str) -> bool {
        let words = name_words(identifier);
        let words = words.iter().filter(|word| !word.bytes().any(|b| b.is_ascii_digit())).map(|word| Term::word(word));
        let words: Vec<Term> = words.collect();
        let spoken = !words.is_empty() && words.iter().all(|word| self.dialogue.spoken(*word));
        spoken && self.is_only_one(argument)
    }

    /// Whether no other account of its family is known that the call leaves out.
    fn is_only_one(&self, argument: &Argument) -> bool {
        let accounts = self.dialogue.memory.accounts().iter();
        let mut kin = accounts.filter(|account| Some(account.family) == argument.family);
        let named = |id: Term| self.call.with_role(Role::Payment).any(|payment| payment.datum.term() == Some(id));
        self.is_unchanged(argument) || kin.all(|account| named(account.id))
    }
}

/// The terms by which the argument's value may have been named.
fn names(argument: &Argument) -> impl Iterator<Item = Term> {
    argument.datum.term().into_iter().chain(argument.datum.names())
}

fn plain(amount: f64) -> String {
    crate::term::digits(&format!("{amount:.2}"))
}

/// Words from which a value is prose, half of whose words will do.
const PROSE_MIN: usize = 6;
