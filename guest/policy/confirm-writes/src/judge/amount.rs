//! Whether a number was said, or follows from numbers that were: so many more, so many for each,
//! a price in parts.

use super::Case;
use crate::call::{Argument, Role};
use crate::datum::Datum;
use crate::talk::Marks;
use crate::term::{Term, digits};
use crate::values::{COUNT_MAX, quantity_kind, total_kind};
use crate::vocabulary::Topics;

impl Case<'_> {
    pub(super) fn is_number_confirmed(&self, argument: &Argument, digits: &str) -> bool {
        match digits.parse() {
            Ok(count @ 1..=COUNT_MAX) if !argument.words.is_empty() && !argument.amount => {
                self.is_count_confirmed(argument, count) || self.is_part_of_confirmed(argument, count)
            }
            _ if self.payment_beside(argument).is_some() => self.is_total_confirmed(argument),
            _ => self.is_amount_agreed(Term::number(digits)),
        }
    }

    /// Whether somebody said the number, and the exchange did not name other amounts only.
    fn is_amount_agreed(&self, number: Term) -> bool {
        let talk = &self.dialogue.talk;
        if self.names_money() { talk.has(number, Marks::AGREED) } else { self.dialogue.spoken(number) }
    }

    /// Whether the exchange named an amount of money.
    pub(super) fn names_money(&self) -> bool {
        let talk = &self.dialogue.talk;
        talk.with(Marks::AGREED).any(|term| talk.has(term, Marks::MONEY))
    }

    /// Whether somebody said so many of this, in all or for each, or so many more. Where nobody
    /// said how many, it is enough that the user wished for some and they cost nothing.
    fn is_count_confirmed(&self, argument: &Argument, count: u32) -> bool {
        let kinds = || argument.words.iter().map(|word| quantity_kind(self.vocabulary.meaning(*word)));
        let silent = !kinds().any(|kind| self.dialogue.spoken(kind));
        let charged = self.charged_beside(argument);
        let free = charged.is_none_or(|charged| matches!(charged.datum, Datum::Nothing));
        let wished = argument.topics.named().meet(self.dialogue.episode.user);
        (silent && wished && free)
            || self.is_said(argument, count)
            || self.is_sum(argument, count)
            || self.is_for_each(argument, count)
    }

    /// Whether somebody said so many of this, and not another number since. What the agent says
    /// in answer is often about a part: "two of them are free".
    fn is_said(&self, argument: &Argument, count: u32) -> bool {
        argument.words.iter().any(|word| {
            let of = self.vocabulary.meaning(*word);
            let quantity = Term::quantity(count, of);
            self.dialogue.known(quantity) && self.dialogue.talk.is_recent(quantity, quantity_kind(of))
        })
    }

    /// The argument that counts what is to be paid for of what this one counts.
    fn charged_beside(&self, argument: &Argument) -> Option<&Argument> {
        let same = |other: &&Argument| other.topics.named().meet(argument.topics.named());
        self.call.arguments.iter().filter(|other| other.charged && other.key != argument.key).find(same)
    }

    pub(super) fn quantities<'b>(
        &'b self,
        argument: &'b Argument,
        count: u32,
    ) -> impl Iterator<Item = Term> + 'b {
        argument.words.iter().map(move |word| Term::quantity(count, self.vocabulary.meaning(*word)))
    }

    pub(super) fn counts<'b>(&'b self, argument: &'b Argument) -> impl Iterator<Item = Term> + 'b {
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
            has && self.is_said(argument, more)
        })
    }

    /// Whether somebody said so many for each of the people concerned.
    fn is_for_each(&self, argument: &Argument, count: u32) -> bool {
        let people = self.people();
        people > 1 && count.is_multiple_of(people) && self.is_said(argument, count / people)
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

    /// Whether it counts a part of what another argument counts: of three bags, one to be paid,
    /// where something was said to cost.
    fn is_part_of_confirmed(&self, argument: &Argument, count: u32) -> bool {
        if argument.charged && !self.consent.topics.meet(Topics::DUE) && !self.names_money() {
            return false;
        }
        let wider =
            self.call.arguments.iter().filter(|other| {
                other.key != argument.key && other.topics.named().meet(argument.topics.named())
            });
        let mut wider = wider.filter_map(|other| match &other.datum {
            Datum::Number(digits) => Some((other, digits.parse::<u32>().ok()?)),
            _ => None,
        });
        wider.any(|(other, all)| all >= count && self.is_count_confirmed(other, all))
    }

    /// Whether the amount follows from what was said: the amounts under its key add up to the last
    /// price that was stated, for all or for each; or no total was, and it is the one that is left
    /// when the others are known.
    fn is_total_confirmed(&self, argument: &Argument) -> bool {
        let amounts: Vec<&Argument> =
            self.call.arguments.iter().filter(|other| other.key == argument.key).collect();
        let total = amounts.iter().try_fold(0_u64, |total, amount| total.checked_add(cents(amount)?));
        let priced = total.is_some_and(|total| self.is_price(total) || self.is_price_for_each(total));
        let stated = self.dialogue.spoken(total_kind()) || self.names_money();
        let shares = amounts.len() > 1 && self.payment_beside(argument).is_some();
        let open =
            amounts.iter().filter(|amount| !self.is_balance(amount) && !self.is_spoken(amount)).count();
        let left = amounts.len() == 1 && self.leaves_as_stated(argument);
        priced || left || (shares && open <= 1 && !stated)
    }

    /// Whether it is the amount after which the account beside it holds what was said to be left.
    fn leaves_as_stated(&self, amount: &Argument) -> bool {
        let account = self.payment_beside(amount).and_then(|payment| payment.datum.term());
        let Some((account, cents)) = account.zip(cents(amount)) else { return false };
        let stated = |left: Term| {
            [Marks::AGREED, Marks::MONEY].into_iter().all(|marks| self.dialogue.talk.has(left, marks))
        };
        let number = |cents: u64| Term::number(&digits(&format!("{}.{:02}", cents / 100, cents % 100)));
        (1..=LEFT_MAX).map(|left| left * 100).any(|left| {
            stated(number(left)) && self.dialogue.memory.called(account, number(cents.saturating_add(left)))
        })
    }

    fn is_price(&self, cents: u64) -> bool {
        let price = Term::number(&digits(&format!("{}.{:02}", cents / 100, cents % 100)));
        self.dialogue.known(price) && self.dialogue.talk.is_current(price, total_kind())
    }

    fn is_price_for_each(&self, cents: u64) -> bool {
        let people = u64::from(self.people());
        people > 1 && cents.is_multiple_of(people) && self.is_price(cents / people)
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
}

/// What an account may hold after a call, for its amount to follow from that.
const LEFT_MAX: u64 = 2_000;

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
