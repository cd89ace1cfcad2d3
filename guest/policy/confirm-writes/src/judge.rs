//! Whether the user agreed to this very call.
//!
//! Three questions, in this order: did the user agree to something; was it this action on this
//! thing, and is the agreement not used up; was each argument spoken of, or does it follow from
//! what was. An argument that asks for nothing, or changes nothing, needs no word.

use core::{fmt, iter};

use crate::call::{Argument, Call, Role};
use crate::datum::Datum;
use crate::dialogue::{Consent, Dialogue};
use crate::memory::{Account, kind_words};
use crate::talk::Marks;
use crate::term::{Term, digits};
use crate::values::{COUNT_MAX, attribute};
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
            Self::Part => f.write_str("the user agreed for a part, and the call is for the whole"),
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
            (self.exceeds_part(), Missing::Part),
            (self.ignores_change(), Missing::Change),
        ]
        .into_iter()
        .find_map(|(found, missing)| found.then_some(missing))
    }

    /// Whether the exchange was about this action, by its verb or by what it is done to; where the
    /// question named no action, whether the episode was.
    fn names_action(&self) -> bool {
        let action = self.call.verb | self.call.nouns;
        let spoken = || self.call.words.iter().any(|word| self.dialogue.spoken(*word));
        match self.consent.asked.deeds().any() {
            true => self.consent.topics.meet(action) || !self.call.verb.any() && spoken(),
            false => self.dialogue.topics().meet(action) || spoken(),
        }
    }

    fn is_excluded(&self) -> bool {
        self.call.with_role(Role::Object).any(|object| self.has(object, Marks::EXCLUDED))
    }

    /// Whether the question or the reply named other things of the same kind, and not this one.
    fn is_other_object(&self) -> bool {
        self.call.with_role(Role::Object).any(|object| {
            let others = self.dialogue.memory.owners().iter();
            let mut others =
                others.filter(|owner| owner.key == object.key && Some(owner.id) != object.datum.term());
            let affirmed = |id: Term| self.dialogue.talk.has(id, Marks::AFFIRMED);
            !self.has(object, Marks::AFFIRMED) && others.any(|other| affirmed(other.id))
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

    fn is_confirmed(&self, argument: &Argument) -> bool {
        let changes = matches!(argument.role, Role::Payment | Role::Object) || !self.is_unchanged(argument);
        argument.masked
            || !changes
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
    fn is_unchanged(&self, argument: &Argument) -> bool {
        let Some(value) = argument.datum.term() else { return false };
        self.call.objects().any(|object| self.dialogue.memory.has(object, argument.key, value))
    }

    fn is_spoken(&self, argument: &Argument) -> bool {
        self.has(argument, self.dialogue.present())
    }

    /// Whether somebody called it by another name that a tool told: a card by its last digits.
    fn is_called(&self, argument: &Argument, marks: Marks) -> bool {
        let Some(id) = argument.datum.term() else { return false };
        self.dialogue.talk.with(marks).any(|name| self.dialogue.memory.called(id, name))
    }

    /// Whether somebody said its name, as a tool told it: the desk lamp.
    fn is_named(&self, argument: &Argument) -> bool {
        let Some(id) = argument.datum.term() else { return false };
        self.dialogue.memory.named(id, self.dialogue.talk.with(self.dialogue.present()))
    }

    fn is_value_confirmed(&self, argument: &Argument) -> bool {
        if self.is_superseded(argument) {
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
                _ => false,
            }
    }

    /// Whether the last offer named others of its family, and none that the call names.
    fn is_superseded(&self, argument: &Argument) -> bool {
        let Some(family) = argument.family.filter(|family| self.dialogue.talk.has(*family, Marks::AGREED))
        else {
            return false;
        };
        let mut kin = self.call.arguments.iter().filter(|other| other.family == Some(family));
        !kin.any(|other| self.has(other, Marks::AGREED))
    }

    /// Whether a tool's answer held the value: of the user's profile, or of another thing.
    fn is_known(&self, argument: &Argument) -> bool {
        let Some(value) = argument.datum.term() else { return false };
        let memory = &self.dialogue.memory;
        memory.knows(value) || memory.anything_has(argument.key, value) || self.has(argument, Marks::PAST)
    }

    /// Whether it is the one thing of its kind that a tool told about, or the last.
    fn is_in_focus(&self, argument: &Argument) -> bool {
        let mut alike = self.dialogue.memory.owners().iter().filter(|owner| owner.key == argument.key);
        alike.next_back().is_some_and(|owner| Some(owner.id) == argument.datum.term())
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
        let spoken = words.iter().filter(|word| self.dialogue.spoken(**word)).count();
        let enough = if words.len() >= PROSE_MIN { words.len().div_ceil(2) } else { words.len() };
        let sought =
            argument.code && argument.datum.term().is_some_and(|code| self.dialogue.memory.sought(code));
        sought
            || self.is_known(argument)
            || (spoken >= enough && !self.is_labelled_otherwise(argument, words))
    }

    /// Whether the exchange gave another value under a label such as `Cabin:`.
    fn is_labelled_otherwise(&self, argument: &Argument, words: &[Term]) -> bool {
        let agreed = |value| self.dialogue.talk.has(attribute(argument.label, value), Marks::AGREED);
        let labelled =
            argument.role == Role::Term && !argument.code && words.len() < PROSE_MIN && agreed(None);
        labelled && !words.iter().all(|word| agreed(Some(*word)))
    }

    fn is_number_confirmed(&self, argument: &Argument, digits: &str) -> bool {
        let spoken = self.dialogue.spoken(Term::number(digits));
        match digits.parse() {
            Ok(count @ 1..=COUNT_MAX) if !argument.words.is_empty() && !argument.amount => {
                self.is_count_confirmed(argument, count)
            }
            _ => spoken || (argument.amount && self.is_total_confirmed(argument)),
        }
    }

    /// Whether somebody said so many of this; or the user spoke of it without a number.
    fn is_count_confirmed(&self, argument: &Argument, count: u32) -> bool {
        let said =
            |count: u32| self.quantities(argument, count).any(|quantity| self.dialogue.spoken(quantity));
        let silent = !(0..=COUNT_MAX).any(said);
        let wished = argument.topics.named().meet(self.dialogue.episode.user);
        said(count)
            || (silent && wished)
            || self.is_sum(argument, count)
            || self.is_for_each(argument, count)
            || self.is_part_of_confirmed(argument, count)
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

    /// Whether somebody said so many for each of the people concerned.
    fn is_for_each(&self, argument: &Argument, count: u32) -> bool {
        let people = self.people();
        people > 1
            && count.is_multiple_of(people)
            && self.quantities(argument, count / people).any(|quantity| self.dialogue.spoken(quantity))
    }

    /// How many people the call, or the thing it is about, is for.
    fn people(&self) -> u32 {
        let keys: Vec<Term> = self.call.with_role(Role::Person).map(|person| person.key).collect();
        let named = keys.iter().map(|key| keys.iter().filter(|other| *other == key).count()).max();
        let owners = self.dialogue.memory.owners().iter();
        let members = owners
            .filter(|owner| self.call.objects().any(|object| object == owner.id))
            .map(|owner| owner.members);
        let named = named.and_then(|named| u32::try_from(named).ok());
        named.or_else(|| members.map(u32::from).next()).unwrap_or(1)
    }

    /// Whether it counts a part of what another argument counts: of three bags, one to be paid.
    fn is_part_of_confirmed(&self, argument: &Argument, count: u32) -> bool {
        let wider =
            self.call.arguments.iter().filter(|other| {
                other.key != argument.key && other.topics.named().meet(argument.topics.named())
            });
        let mut wider = wider.filter_map(|other| match &other.datum {
            Datum::Number(digits) => Some((other, digits.parse::<u32>().ok()?)),
            _ => None,
        });
        wider.any(|(other, all)| {
            all >= count && other.name > argument.name && self.is_count_confirmed(other, all)
        })
    }

    /// Whether the amount follows from what was said: the amounts under its key add up to a price,
    /// for all or for each; or it is the one that is left when the others are known.
    fn is_total_confirmed(&self, argument: &Argument) -> bool {
        let amounts: Vec<&Argument> =
            self.call.arguments.iter().filter(|other| other.key == argument.key).collect();
        let total = amounts.iter().try_fold(0_u64, |total, amount| total.checked_add(cents(amount)?));
        let priced = total.is_some_and(|total| self.is_price(total) || self.is_price_for_each(total));
        let pays = |amount: &Argument| self.payment_beside(amount).is_some();
        let open =
            amounts.iter().filter(|amount| !self.is_balance(amount) && !self.is_spoken(amount)).count();
        let talk = &self.dialogue.talk;
        let agreed = talk.with(Marks::AGREED).any(|term| talk.has(term, Marks::MONEY));
        priced || (pays(argument) && open <= 1 && !agreed)
    }

    fn is_price(&self, cents: u64) -> bool {
        self.dialogue.spoken(Term::number(&digits(&format!("{}.{:02}", cents / 100, cents % 100))))
    }

    fn is_price_for_each(&self, cents: u64) -> bool {
        let people = u64::from(self.people());
        cents.is_multiple_of(people) && self.is_price(cents / people)
    }

    /// Whether the amount is what the account beside it holds.
    fn is_balance(&self, amount: &Argument) -> bool {
        let account = self.payment_beside(amount).and_then(|payment| payment.datum.term());
        let value = amount.datum.term();
        account.zip(value).is_some_and(|(account, value)| self.dialogue.memory.called(account, value))
    }

    fn payment_beside(&self, amount: &Argument) -> Option<&Argument> {
        self.call.with_role(Role::Payment).find(|payment| payment.object == amount.object)
    }

    /// Whether the user knows what is charged, or credited: it was named when payment was last
    /// spoken of; or it paid before, and that was said, or money can only flow back.
    fn is_payment_confirmed(&self, argument: &Argument) -> bool {
        let topics = self.dialogue.topics();
        let back = topics.meet(Topics::BACK) && !self.consent.topics.meet(Topics::DUE);
        if self.is_unchanged(argument) && (self.consent.topics.meet(Topics::SAME) || back) {
            return true;
        }
        let literal = if self.dialogue.talk.any(Marks::PAYING) { Marks::PAYING } else { Marks::AGREED };
        self.has(argument, literal)
            || match &argument.datum {
                Datum::Words(words) => words.iter().all(|word| self.dialogue.talk.has(*word, Marks::PAYING)),
                Datum::Identifier(identifier) => {
                    let paying =
                        self.is_called(argument, Marks::PAYING) || self.is_kind_paying(argument, identifier);
                    paying && self.endings_fit()
                }
                _ => self.is_called(argument, Marks::PAYING),
            }
    }

    /// Whether an account that was named by the end of its number is one that the call names.
    fn endings_fit(&self) -> bool {
        let talk = &self.dialogue.talk;
        let mut endings = talk.with(Marks::PAYING).filter(|term| talk.has(*term, Marks::ENDING)).peekable();
        let fits =
            |ending: Term| self.call.with_role(Role::Payment).any(|payment| self.answers(payment, ending));
        endings.peek().is_none() || endings.any(fits)
    }

    /// Whether its kind was named ("the gift card", "my card") and can mean no other.
    fn is_kind_paying(&self, argument: &Argument, identifier: &str) -> bool {
        let words = kind_words(identifier);
        let named = |word: &Term| self.dialogue.talk.has(*word, Marks::PAYING);
        if !words.is_empty() && words.iter().all(named) {
            return self.is_only(argument, |account| Some(account.family) == argument.family);
        }
        words
            .last()
            .is_some_and(|head| named(head) && self.is_only(argument, |account| account.head == *head))
    }

    /// Whether it is the account that the thing was paid with, or no other account that is alike
    /// is known and left out.
    fn is_only(&self, argument: &Argument, alike: impl Fn(&Account) -> bool) -> bool {
        let mut others = self.dialogue.memory.accounts().iter().filter(|account| alike(account));
        let named =
            |id: Term| self.call.with_role(Role::Payment).any(|payment| payment.datum.term() == Some(id));
        self.is_unchanged(argument) || others.all(|account| named(account.id))
    }
}

/// The terms by which the argument's value may have been named.
fn names(argument: &Argument) -> impl Iterator<Item = Term> {
    argument.datum.term().into_iter().chain(argument.datum.names())
}

/// The amount in hundredths, where it is one.
fn cents(argument: &Argument) -> Option<u64> {
    let Datum::Number(digits) = &argument.datum else { return Some(0) };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let tens = match part.len() {
        1 => 10,
        2 => 1,
        _ => return None,
    };
    let part = part.parse::<u64>().ok()?.checked_mul(tens)?;
    whole.parse::<u64>().ok()?.checked_mul(100)?.checked_add(part)
}

/// Arguments that a reason names.
const NAMED_MAX: usize = 8;

/// Words from which a value is prose, half of whose words will do.
const PROSE_MIN: usize = 6;
