//! Whether an argument's value was spoken of, by any of its names, or asks for nothing new.

use super::{Case, names};
use crate::calendar::next_day;
use crate::call::{Argument, Role};
use crate::datum::Datum;
use crate::memory::{chosen, joined};
use crate::talk::Marks;
use crate::term::Term;
use crate::values::attribute;

impl Case<'_> {
    pub(super) fn is_confirmed(&self, argument: &Argument) -> bool {
        let changes = matches!(argument.role, Role::Payment | Role::Object)
            || !self.is_unchanged(argument)
            || argument.datum.term().is_some_and(|value| self.is_agreed_otherwise(value));
        !changes
            || match (&argument.datum, argument.role) {
                (_, Role::Payment) => self.is_payment_confirmed(argument),
                (Datum::Yes, _) => self.is_wanted(argument),
                (Datum::Number(digits), _) => self.is_number_confirmed(argument, digits),
                (Datum::Words(words), _) => self.are_words_confirmed(argument, words),
                (Datum::Identifier(_) | Datum::Date(_) | Datum::Time(_), _) => {
                    self.is_value_confirmed(argument)
                }
                (Datum::Nothing, _) => true,
            }
    }

    /// Whether the thing has this value already.
    pub(super) fn is_unchanged(&self, argument: &Argument) -> bool {
        let Some(value) = argument.datum.term() else { return false };
        self.call.objects().any(|object| self.dialogue.memory.has(object, argument.key, value))
    }

    pub(super) fn is_spoken(&self, argument: &Argument) -> bool {
        self.has(argument, self.dialogue.present())
    }

    /// Whether somebody called it by another name that a tool told: a card by its last digits.
    pub(super) fn is_called(&self, argument: &Argument, marks: Marks) -> bool {
        let Some(id) = argument.datum.term() else { return false };
        self.dialogue.talk.with(marks).any(|name| self.dialogue.memory.called(id, name))
    }

    /// Whether somebody said its name, as a tool told it: the desk lamp.
    fn is_named(&self, argument: &Argument) -> bool {
        let Some(id) = argument.datum.term() else { return false };
        self.dialogue.memory.named(id, self.dialogue.talk.with(self.dialogue.present()))
    }

    fn is_value_confirmed(&self, argument: &Argument) -> bool {
        if argument.role != Role::Object && self.is_superseded(argument) {
            return false;
        }
        self.is_spoken(argument)
            || self.is_called(argument, self.dialogue.present())
            || self.is_named(argument)
            || match argument.role {
                Role::Identity | Role::Person => self.is_known(argument),
                Role::Object => {
                    self.is_in_focus(argument)
                        || self.has(argument, Marks::PAST)
                        || self.is_one_of_all(argument)
                        || self.holds_a_named(argument)
                }
                Role::Term => self.has(argument, Marks::PAST) || self.is_next_day(argument),
                Role::Payment => false,
            }
    }

    /// Whether others of its kind were spoken of later, and this not again; or the user chose one
    /// that the call does not name. Of days it is enough that the call names one of the later ones:
    /// an offer may leave out those that stay.
    fn is_superseded(&self, argument: &Argument) -> bool {
        let Some(kind) = argument.kind else { return false };
        let mut kin = self.call.arguments.iter().filter(|other| other.kind == Some(kind));
        if matches!(argument.datum, Datum::Date(_)) {
            return !kin.any(|other| self.is_current(other, kind));
        }
        let chosen =
            !self.dialogue.talk.has(kind, Marks::CHOSEN) || kin.any(|other| self.has(other, Marks::CHOSEN));
        !chosen || !self.is_current(argument, kind)
    }

    /// Whether the argument was spoken of no earlier than any other of its kind.
    fn is_current(&self, argument: &Argument, kind: Term) -> bool {
        names(argument).any(|name| self.dialogue.talk.is_current(name, kind))
    }

    /// Whether it is the day after one that was spoken of, where that was said: of a second flight
    /// after midnight.
    fn is_next_day(&self, argument: &Argument) -> bool {
        let Datum::Date(days) = &argument.datum else { return false };
        let said = ["next", "day"].iter().all(|word| self.dialogue.spoken(Term::word(word)));
        let before = |other: &&Argument| match &other.datum {
            Datum::Date(others) => others.iter().any(|day| days.contains(&next_day(*day))),
            _ => false,
        };
        let mut earlier = self.call.arguments.iter().take_while(|other| other.object != argument.object);
        said && earlier.any(|other| other.key == argument.key && before(&other) && self.is_spoken(other))
    }

    /// Whether a tool's answer held the value: of the user's profile, or of another thing.
    fn is_known(&self, argument: &Argument) -> bool {
        let Some(value) = argument.datum.term() else { return false };
        let memory = &self.dialogue.memory;
        memory.knows(value) || memory.anything_has(argument.key, value) || self.has(argument, Marks::PAST)
    }

    /// Whether it is the one thing of its kind that a tool told about, or the last, where nobody
    /// named another of them.
    fn is_in_focus(&self, argument: &Argument) -> bool {
        let owners = self.dialogue.memory.owners().iter();
        let mut alike = owners.filter(|owner| owner.key == argument.key);
        let named = alike.clone().any(|owner| self.dialogue.spoken(owner.id));
        !named && alike.next_back().is_some_and(|owner| Some(owner.id) == argument.datum.term())
    }

    /// Whether the user said all of them, and a tool told that it is one.
    fn is_one_of_all(&self, argument: &Argument) -> bool {
        let talk = &self.dialogue.talk;
        let all = ["all", "both", "every", "each"].iter().any(|word| talk.has(Term::word(word), Marks::USER));
        let kind = argument.words.iter().any(|word| talk.has(*word, Marks::USER));
        let mut owners = self.dialogue.memory.owners().iter();
        all && kind
            && owners.any(|owner| owner.key == argument.key && Some(owner.id) == argument.datum.term())
    }

    /// Whether a tool told that it holds another thing that the call names and somebody spoke of.
    fn holds_a_named(&self, argument: &Argument) -> bool {
        let Some(owner) = argument.datum.term() else { return false };
        let held = |part: &&Argument| {
            let id = part.datum.term().filter(|id| *id != owner);
            id.is_some_and(|id| self.dialogue.memory.has(owner, part.key, id))
        };
        let mut parts = self.call.with_role(Role::Object).filter(held);
        parts.any(|part| self.is_spoken(part) || self.is_named(part))
    }

    /// Whether somebody spoke of what the argument asks for, and nobody said no to it; what was
    /// agreed to last counts first.
    fn is_wanted(&self, argument: &Argument) -> bool {
        let talk = &self.dialogue.talk;
        let agreed = argument.words.iter().any(|word| talk.has(*word, Marks::AGREED));
        let marks = if agreed { Marks::AGREED } else { self.dialogue.present() };
        let spoken = argument.topics.named().meet(self.dialogue.topics());
        let spoken = spoken || argument.words.iter().any(|word| self.dialogue.spoken(*word));
        spoken && !self.quantities(argument, 0).any(|none| talk.has(none, marks))
    }

    fn are_words_confirmed(&self, argument: &Argument, words: &[Term]) -> bool {
        let spoken = words.iter().filter(|word| self.dialogue.known(**word)).count();
        let enough = if words.len() >= PROSE_MIN { words.len().div_ceil(2) } else { words.len() };
        let sought =
            argument.code && argument.datum.term().is_some_and(|code| self.dialogue.memory.sought(code));
        let personal = matches!(argument.role, Role::Identity | Role::Person);
        sought
            || ((personal || argument.code) && self.is_known(argument))
            || ((spoken >= enough || self.is_plain(words))
                && !self.is_labelled_otherwise(argument, words)
                && !self.is_chosen_otherwise(joined(words)))
    }

    /// Whether others that the value is a choice among were named in the exchange, and this was
    /// not; or later, if it was named in an earlier episode only.
    fn is_chosen_otherwise(&self, value: Term) -> bool {
        let talk = &self.dialogue.talk;
        let past = !talk.has(chosen(value), self.dialogue.present());
        let mut sets = self.dialogue.memory.choices.sets(value);
        self.is_agreed_otherwise(value) || sets.any(|set| past && !talk.is_current(chosen(value), set))
    }

    /// Whether what is made anew is of the plainest sort by these words, such as `one_way`.
    fn is_plain(&self, words: &[Term]) -> bool {
        let first = words.first().filter(|_| words.len() < PROSE_MIN);
        self.call.objects().next().is_none() && first.is_some_and(|first| PLAIN.contains(first))
    }

    fn is_agreed_otherwise(&self, value: Term) -> bool {
        let talk = &self.dialogue.talk;
        let mut sets = self.dialogue.memory.choices.sets(value);
        !talk.has(chosen(value), Marks::AGREED) && sets.any(|set| talk.has(set, Marks::AGREED))
    }

    /// Whether the exchange gave another value under a label such as `Cabin:`.
    fn is_labelled_otherwise(&self, argument: &Argument, words: &[Term]) -> bool {
        let agreed = |value| self.dialogue.talk.has(attribute(argument.label, value), Marks::AGREED);
        let labelled =
            argument.role == Role::Term && !argument.code && words.len() < PROSE_MIN && agreed(None);
        labelled && !words.iter().all(|word| agreed(Some(*word)))
    }
}

/// Words for what one gets who asks for nothing else.
const PLAIN: [Term; 5] = Term::words(["one", "single", "standard", "regular", "default"]);

/// Words from which a value is prose, half of whose words will do.
const PROSE_MIN: usize = 6;
