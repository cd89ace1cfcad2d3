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
    /// Whether the user knows what is charged, or credited: it was named when payment was last
    /// spoken of; or it paid before, and that was said, or money can only flow back.
    pub(super) fn is_payment_confirmed(&self, argument: &Argument) -> bool {
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
