//! Whether the user knows what is charged: the strictest of the terms, and the one with the most
//! names.

use super::Case;
use crate::call::{Argument, Role};
use crate::datum::Datum;
use crate::memory::{Account, kind_words};
use crate::talk::Marks;
use crate::term::Term;
use crate::vocabulary::Topics;

impl Case<'_> {
    /// Whether the user knows what is charged, or credited. It was named when payment was last
    /// spoken of; or it paid before, and that was said, or money can only flow back, or none is due.
    pub(super) fn is_payment_confirmed(&self, argument: &Argument) -> bool {
        let paid = self.is_unchanged(argument);
        let free = self.consent.free && !self.names_money();
        if paid && (free || self.charges_nothing()) {
            return true;
        }
        let back = self.flows_back() && !self.names_instrument();
        self.fits_best(argument)
            && self.endings_fit(argument)
            && !self.leaves_out_a_means()
            && (self.is_paying(argument) || (paid && (back || self.pays_as_before(argument))))
    }

    /// Whether the exchange spoke of money for the user and not of money from the user.
    fn flows_back(&self) -> bool {
        self.consent.topics.meet(Topics::BACK) && !self.consent.topics.meet(Topics::DUE)
    }

    /// Whether some means of payment was named when payment was last spoken of.
    fn names_instrument(&self) -> bool {
        let mut paying = self.dialogue.talk.with(Marks::PAYING);
        paying.any(|word| self.vocabulary.topics(word).meet(Topics::INSTRUMENT))
    }

    /// Whether it was named as what to pay with, by itself or by its kind.
    fn is_paying(&self, argument: &Argument) -> bool {
        let literal = if self.dialogue.talk.any(Marks::PAYING) { Marks::PAYING } else { Marks::AGREED };
        self.has(argument, literal)
            || self.is_called(argument, Marks::PAYING)
            || match &argument.datum {
                Datum::Words(words) => words.iter().all(|word| self.dialogue.talk.has(*word, Marks::PAYING)),
                Datum::Identifier(_) => self.is_kind_paying(argument),
                _ => false,
            }
    }

    /// "The same card", "the original payment method"; but not "the credit card on file" of a gift
    /// card.
    fn pays_as_before(&self, argument: &Argument) -> bool {
        let sort = sort(argument);
        let other = |word: &str| !sort.contains(&Term::word(word)) && self.are_paying(&[Term::word(word)]);
        let mut paying = self.dialogue.talk.with(Marks::PAYING);
        paying.any(|word| self.vocabulary.topics(word).meet(Topics::SAME))
            && (self.are_paying(&sort) || !QUALIFIERS.iter().any(|word| other(word)))
    }

    /// Whether the call itself says that nothing is to be paid: none of what it counts is charged,
    /// and it names no amount.
    fn charges_nothing(&self) -> bool {
        let mut charged = self.call.arguments.iter().filter(|argument| argument.charged).peekable();
        charged.peek().is_some()
            && charged.all(|argument| matches!(argument.datum, Datum::Nothing))
            && !self.call.arguments.iter().any(|argument| argument.amount && !argument.charged)
    }

    /// Whether what was said of the payment is as true of this as of any account that the call
    /// leaves out: another card may have been the one "ending in 4242".
    fn fits_best(&self, argument: &Argument) -> bool {
        let said = |id: Term| {
            let paying = self.dialogue.talk.with(Marks::PAYING);
            paying.filter(|name| *name == id || self.dialogue.memory.called(id, *name)).count()
        };
        let Some(id) = argument.datum.term() else { return true };
        let head = head(argument);
        let named = self.are_paying(&sort(argument));
        let alike = |account: &&Account| {
            if named { Some(account.family) == argument.kind } else { Some(account.head) == head }
        };
        let fit = said(id) + usize::from(names_itself(self, argument));
        let accounts = self.dialogue.memory.accounts().iter().filter(alike);
        let mut left_out = accounts.filter(|account| !self.charges(account.id));
        left_out.all(|account| said(account.id) <= fit)
    }

    fn charges(&self, account: Term) -> bool {
        self.call.with_role(Role::Payment).any(|payment| payment.datum.term() == Some(account))
    }

    /// Whether an account that was named by the end of its number is one that the call names, or
    /// is known and of another sort than this.
    fn endings_fit(&self, argument: &Argument) -> bool {
        let (talk, memory) = (&self.dialogue.talk, &self.dialogue.memory);
        let head = head(argument);
        let other_sort = |ending: Term| {
            let mut accounts = memory.accounts().iter();
            accounts.any(|account| Some(account.head) != head && memory.called(account.id, ending))
        };
        let fits =
            |ending: Term| self.call.with_role(Role::Payment).any(|payment| self.answers(payment, ending));
        let endings = talk.with(Marks::PAYING).filter(|term| talk.has(*term, Marks::ENDING));
        let mut endings = endings.filter(|ending| !other_sort(*ending)).peekable();
        endings.peek().is_none() || endings.any(fits)
    }

    /// Whether several means were to pay together, and the call leaves one out.
    fn leaves_out_a_means(&self) -> bool {
        let memory = &self.dialogue.memory;
        let talk = &self.dialogue.talk;
        let amounts = talk.with(Marks::PAYING).filter(|term| talk.has(*term, Marks::MONEY)).count();
        let together = amounts > 1 || TOGETHER.iter().any(|word| self.are_paying(&[Term::word(word)]));
        let charged =
            |family: Term| self.call.with_role(Role::Payment).any(|payment| payment.kind == Some(family));
        let named = |account: &&Account| self.are_paying(&[account.sort, account.head]);
        together && memory.accounts().iter().filter(named).any(|account| !charged(account.family))
    }

    /// Whether its kind was named ("the gift card", "my card") and can mean no other.
    fn is_kind_paying(&self, argument: &Argument) -> bool {
        if self.are_paying(&sort(argument)) {
            return self.is_only(argument, |account| Some(account.family) == argument.kind);
        }
        let Some(head) = head(argument) else { return false };
        let qualified = QUALIFIERS.iter().any(|word| self.are_paying(&[Term::word(word)]));
        self.are_paying(&[head]) && !qualified && self.is_only(argument, |account| account.head == head)
    }

    fn are_paying(&self, words: &[Term]) -> bool {
        !words.is_empty() && words.iter().all(|word| self.dialogue.talk.has(*word, Marks::PAYING))
    }

    /// Whether it is an account that something was paid with, or no other account that is alike
    /// is known and left out; and no call took another for it since the user last spoke, who knows
    /// of one reading only.
    fn is_only(&self, argument: &Argument, alike: impl Fn(&Account) -> bool) -> bool {
        let memory = &self.dialogue.memory;
        let paid = argument.datum.term().is_some_and(|id| memory.anything_has(argument.key, id));
        let others = || memory.accounts().iter().filter(|account| alike(account));
        let charged = &self.dialogue.writes.charged;
        let mut read = others().filter(|account| charged.contains(account.id)).peekable();
        let fits = read.peek().is_none() || read.any(|account| self.charges(account.id));
        fits && (paid || others().all(|account| self.charges(account.id)))
    }
}

/// Words by which several means pay one price.
const TOGETHER: [&str; 7] = ["rest", "remaining", "remainder", "combination", "both", "split", "first"];

/// What tells one sort of card from another.
const QUALIFIERS: [&str; 4] = ["credit", "debit", "gift", "prepaid"];

/// Whether a part of the identifier itself was said of the payment.
fn names_itself(case: &Case<'_>, argument: &Argument) -> bool {
    argument.datum.names().into_iter().any(|name| case.dialogue.talk.has(name, Marks::PAYING))
}

/// What sort of account it is: the `gift` and `card` of `gift_card_12`.
fn sort(argument: &Argument) -> Vec<Term> {
    match &argument.datum {
        Datum::Identifier(identifier) => kind_words(identifier),
        _ => Vec::new(),
    }
}

fn head(argument: &Argument) -> Option<Term> {
    sort(argument).pop()
}
