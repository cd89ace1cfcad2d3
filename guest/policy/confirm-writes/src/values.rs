//! The values that a sentence states: numbers, dates, identifiers, names, and how many of what.

mod kinds;
mod wording;

use crate::calendar::{numeric_dates, times, written_date};
use crate::term::{Term, compact, digits};
use crate::text::{Kind, Sentence, Token, is_letter_or_digit};
use crate::vocabulary::{Topics, Vocabulary};
use wording::{ALLOWING, BIRTH, CURRENCIES, OWNING, TOTALS};

pub(crate) use kinds::{date_kind, family, quantity_kind, total_kind};
pub(crate) use wording::{count_of, is_stop_word};

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// A word that means something by itself.
    Word,
    /// A number.
    Number,
    /// An amount of money.
    Money,
    /// An identifier, or the digits of one.
    Identifier,
    /// A day.
    Date,
    /// A time of day.
    Time,
    /// So many of something.
    Quantity,
    /// What a label says of it, as in `cabin: economy`; or that the label says something.
    Attribute,
    /// The end of a card's or an account's number, said to be that.
    Ending,
}

/// Whether a value is what was said, and not what follows from it.
pub(crate) fn is_said(class: Class) -> bool {
    !matches!(class, Class::Quantity | Class::Ending | Class::Attribute)
}

/// One value of a sentence.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value {
    /// The value.
    pub(crate) term: Term,
    /// What it is.
    pub(crate) class: Class,
    /// The clause it stands in.
    pub(crate) clause: u8,
    /// What it has in common with the values that may take its place: other flights, other days,
    /// other totals, other numbers of the same thing.
    pub(crate) kind: Option<Term>,
    /// What the word speaks of.
    pub(crate) topics: Topics,
    /// Whether the word stands for a thing here, although it could be for an action.
    pub(crate) thing: bool,
}

impl Value {
    fn plain(term: Term, class: Class, clause: u8) -> Self {
        Self { term, class, clause, kind: None, topics: Topics::default(), thing: false }
    }

    /// An amount of money that nobody said, but that follows from those that were.
    pub(crate) fn sum(digits: &str) -> Self {
        Self::plain(Term::number(digits), Class::Money, 0)
    }
}

/// The values of a sentence, in order.
pub(crate) fn values(sentence: &Sentence<'_>, vocabulary: &Vocabulary) -> Vec<Value> {
    let mut reader = Reader { sentence, vocabulary, values: Vec::new() };
    let mut at = 0;
    while at < sentence.tokens.len() {
        at += reader.read(at);
    }
    reader.attributes();
    reader.values
}

/// What the values speak of, all together.
pub(crate) fn topics<'a>(values: impl IntoIterator<Item = &'a Value>) -> Topics {
    values.into_iter().fold(Topics::default(), |topics, value| topics | value.topics)
}

/// That a label, by one of its words, says something; what, where a value is given.
pub(crate) fn attribute(label: Term, value: Option<Term>) -> Term {
    match value {
        Some(value) => Term::row(b'p', &[label, value]),
        None => Term::row(b'p', &[label]),
    }
}

/// Whether the values of a sentence name a means of payment.
pub(crate) fn name_payment(values: &[Value]) -> bool {
    let topics = topics(values);
    values.iter().any(|value| value.class == Class::Ending)
        || topics.meet(Topics::INSTRUMENT)
        || (topics.meet(Topics::PAYMENT) && topics.meet(Topics::SAME))
}

struct Reader<'a, 'b> {
    sentence: &'a Sentence<'b>,
    vocabulary: &'a Vocabulary,
    values: Vec<Value>,
}

impl Reader<'_, '_> {
    /// Reads what begins at token `at`; how many tokens that is.
    fn read(&mut self, at: usize) -> usize {
        let token = self.sentence.tokens[at];
        if let Some((date, length)) = written_date(&self.sentence.tokens[at..]) {
            self.date(date, token.clause);
            return length;
        }
        let times = times(&self.sentence.tokens[at..]);
        for time in &times {
            self.push(*time, Class::Time, token.clause);
        }
        match token.kind {
            _ if token.text.contains(':') && !times.is_empty() => {}
            Kind::Word => self.word(at, token),
            Kind::Number => self.number(at, token),
            Kind::Mixed => self.mixed(at, token),
        }
        1
    }

    fn word(&mut self, at: usize, token: Token<'_>) {
        match count_of(token.text) {
            Some(0) if self.is_extra(at) => {}
            Some(1) if self.is_pronoun(at) => {}
            Some(count) => {
                self.push(Term::number(&count.to_string()), Class::Number, token.clause);
                self.quantities(at, count);
            }
            None => {}
        }
        self.articles(at);
        let thing = self.is_thing(at);
        for word in token.text.split('_').filter(|word| !is_stop_word(word)) {
            let term = Term::word(word);
            let topics = self.vocabulary.topics(term);
            self.values.push(Value { topics, thing, ..Value::plain(term, Class::Word, token.clause) });
        }
    }

    /// "The one from last week" counts nothing.
    fn is_pronoun(&self, at: usize) -> bool {
        let before = at.checked_sub(1).map_or("", |before| self.sentence.tokens[before].text);
        matches!(before, "the" | "this" | "that" | "which" | "last" | "first" | "second" | "third" | "other")
    }

    /// "My booking" names a thing, although the word is one for an action.
    fn is_thing(&self, at: usize) -> bool {
        let before = at.checked_sub(1).map_or("", |before| self.sentence.tokens[before].text);
        matches!(self.sentence.tokens[at].text, "booking" | "bookings") && OWNING.contains(&before)
    }

    /// "No extra bags" leaves those that there are.
    fn is_extra(&self, at: usize) -> bool {
        let next = self.sentence.tokens.get(at + 1);
        next.is_some_and(|token| matches!(token.text, "extra" | "additional" | "more" | "other" | "further"))
    }

    fn number(&mut self, at: usize, token: Token<'_>) {
        let digits = digits(token.text);
        let next = self.sentence.tokens.get(at + 1).map(|token| token.text).unwrap_or_default();
        let money = token.money || CURRENCIES.contains(&next);
        let kind = (money && self.sentence.has_any(TOTALS)).then(total_kind);
        let class = if money { Class::Money } else { Class::Number };
        self.values.push(Value { kind, ..Value::plain(Term::number(&digits), class, token.clause) });
        if !money && self.follows_ending(at) {
            self.push(Term::number(&digits), Class::Ending, token.clause);
        }
        match digits.parse() {
            Ok(count @ 1..=COUNT_MAX) if !money => self.quantities(at, count),
            _ => {}
        }
    }

    /// Whether the token tells one account from others: "ending in 7447", "certificate 7504069".
    fn follows_ending(&self, at: usize) -> bool {
        let before = &self.sentence.tokens[at.saturating_sub(3)..at];
        let ending = before.iter().any(|token| matches!(token.text, "ending" | "ends" | "four"));
        let beside = before.last().filter(|token| token.clause == self.sentence.tokens[at].clause);
        let kind = beside.map(|token| self.vocabulary.topics(Term::word(token.text)));
        let named = kind.is_some_and(|kind| kind.meet(Topics::INSTRUMENT));
        ending || (named && is_telling(self.sentence.tokens[at].text))
    }

    fn date(&mut self, date: Term, clause: u8) {
        let birth = self.sentence.has_any(BIRTH);
        let kind = (!birth).then(date_kind);
        self.values.push(Value { kind, ..Value::plain(date, Class::Date, clause) });
    }

    fn mixed(&mut self, at: usize, token: Token<'_>) {
        let dates = numeric_dates(token.text);
        for (year, month, day) in &dates {
            self.date(Term::date(*year, *month, *day), token.clause);
        }
        if dates.is_empty() {
            self.identifier(at, token);
        }
    }

    fn identifier(&mut self, at: usize, token: Token<'_>) {
        let term = Term::identifier(&compact(token.text));
        let kind = family(token.text);
        self.values.push(Value { kind, ..Value::plain(term, Class::Identifier, token.clause) });
        for part in telling_parts(token.text) {
            self.push(part, Class::Number, token.clause);
        }
        if self.follows_ending(at) {
            self.push(term, Class::Ending, token.clause);
        }
    }

    /// So many of what stands near by: of the next words, or of those before.
    fn quantities(&mut self, at: usize, count: u32) {
        let tokens = &self.sentence.tokens;
        let clause = tokens[at].clause;
        let after = if count == 0 { NOTHING_REACH } else { 5 };
        let near = at.saturating_sub(4)..tokens.len().min(at + after);
        for (index, token) in tokens.iter().enumerate().take(near.end).skip(near.start) {
            if token.kind != Kind::Word || is_stop_word(token.text) {
                continue;
            }
            let word = Term::word(token.text);
            let meaning = self.vocabulary.meaning(word);
            if meaning != word || (count > 0 && index > at && index <= at + 2) {
                self.quantity(count, meaning, clause);
            }
        }
    }

    fn quantity(&mut self, count: u32, of: Term, clause: u8) {
        let kind = (!self.sentence.has_any(ALLOWING)).then(|| quantity_kind(of));
        self.values.push(Value { kind, ..Value::plain(Term::quantity(count, of), Class::Quantity, clause) });
    }

    /// "A bag", "another bag" is one.
    fn articles(&mut self, at: usize) {
        let tokens = &self.sentence.tokens;
        if !matches!(tokens[at].text, "a" | "an" | "another") {
            return;
        }
        for token in tokens.iter().skip(at + 1).take(3).filter(|token| token.kind == Kind::Word) {
            let word = Term::word(token.text);
            let meaning = self.vocabulary.meaning(word);
            if meaning != word {
                self.quantity(1, meaning, token.clause);
            }
        }
    }

    /// What the sentence's label says, where it is short enough to be one.
    fn attributes(&mut self) {
        let (label, value) = self.sentence.tokens.split_at(self.sentence.label);
        if !(1..=3).contains(&label.len()) || !(1..=4).contains(&value.len()) {
            return;
        }
        for word in label.iter().filter(|token| token.kind == Kind::Word).map(|token| Term::word(token.text))
        {
            self.push(attribute(word, None), Class::Attribute, 0);
            for value in value.iter().flat_map(|token| token.text.split(['_', '-'])) {
                self.push(attribute(word, Some(Term::word(value))), Class::Attribute, 0);
            }
        }
    }

    fn push(&mut self, term: Term, class: Class, clause: u8) {
        self.values.push(Value::plain(term, class, clause));
    }
}

/// How many words further on "not" says that there is none: "I don't want to add insurance or bags".
const NOTHING_REACH: usize = 9;

/// The largest number that counts things rather than money.
pub(crate) const COUNT_MAX: u32 = 20;

/// The parts of an identifier that are long enough to stand for it: the number of `card_4421`, what
/// tells one token of masked data from another.
pub(crate) fn telling_parts(identifier: &str) -> impl Iterator<Item = Term> + '_ {
    let parts = identifier.split(|c: char| !is_letter_or_digit(c));
    let whole = identifier.len();
    let telling = move |part: &&str| part.len() < whole && is_telling(part);
    parts.filter(telling).map(Term::identifier)
}

fn is_telling(part: &str) -> bool {
    part.len() >= 4 && part.bytes().any(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Text;

    fn terms(text: &str) -> Vec<Term> {
        let vocabulary = Vocabulary::new(&[]).unwrap();
        let text = Text::new(text);
        text.sentences()
            .iter()
            .flat_map(|sentence| values(sentence, &vocabulary))
            .map(|value| value.term)
            .collect()
    }

    #[track_caller]
    fn states(text: &str, term: Term) {
        assert!(terms(text).contains(&term), "{text}");
    }

    #[test]
    fn a_date_is_one_term_however_it_is_written() {
        for text in ["2024-05-20", "May 20th, 2024", "20 May 2024", "on the 20th of May 2024", "5/20/2024"] {
            states(text, Term::date(2024, 5, 20));
        }
        states("leaving on May 20.", Term::date(0, 5, 20));
        assert!(!terms("you may 2").contains(&Term::date(0, 13, 2)));
    }

    #[test]
    fn a_number_is_one_term_however_it_is_written() {
        for text in ["$1,625", "1625.00 dollars", "it costs 1,625."] {
            states(text, Term::number("1625"));
        }
        states("two bags", Term::number("2"));
    }

    #[test]
    fn a_time_is_one_term_however_it_is_written() {
        for text in ["19:30", "7:30 pm", "at 7:30pm.", "19:30:00", "7:30"] {
            states(text, Term::time(19, 30));
        }
        states("7 pm", Term::time(19, 0));
        states("12 am", Term::time(0, 0));
        assert!(!terms("7:30 am").contains(&Term::time(19, 30)));
    }

    #[test]
    fn an_enumerator_states_no_number() {
        assert!(!terms("3. Bags").contains(&Term::number("3")));
        states("3 bags", Term::number("3"));
    }

    #[test]
    fn an_identifier_is_found_by_its_number_too() {
        states("certificate_7504069", Term::number("7504069"));
        states("Order #W-1009", Term::identifier("w1009"));
        assert_eq!(family("hat271"), family("hat136"));
        assert_ne!(family("hat271"), family("ord-271"));
        assert_eq!(family("2fbbah"), None);
    }

    #[test]
    fn how_many_of_what() {
        let vocabulary = Vocabulary::new(&[]).unwrap();
        let bags = vocabulary.meaning(Term::word("baggage"));
        for text in ["2 checked bags", "Total Checked Bags: 2", "two suitcases"] {
            states(text, Term::quantity(2, bags));
        }
    }
}
