//! The value of one leaf, as something that people may have spoken of.
//!
//! The arguments of an action and the answers of a tool are both read here, so that a value is
//! the same term in both.

use activemirror_guest::policy::{Leaf, Value as LeafValue};

use crate::calendar::{Day, numeric_dates, times};
use crate::memory::joined;
use crate::term::{Term, compact, digits};
use crate::text::{Text, is_letter_or_digit};
use crate::values::{is_said, is_stop_word, telling_parts, values};
use crate::vocabulary::Vocabulary;

/// The value of one leaf.
#[derive(Clone, Debug)]
pub(crate) enum Datum {
    /// Null, false, no, nothing: it asks for nothing.
    Nothing,
    /// True or yes.
    Yes,
    /// A number.
    Number(String),
    /// A day; more than one where day and month may be either way round.
    Date(Vec<Day>),
    /// A time of day.
    Time(Term),
    /// An identifier, in lower case.
    Identifier(String),
    /// Words, by their terms.
    Words(Vec<Term>),
}

impl Datum {
    /// Reads the value of a leaf.
    pub(crate) fn new(value: &LeafValue, vocabulary: &Vocabulary) -> Self {
        match value {
            LeafValue::Null | LeafValue::EmptyObject | LeafValue::EmptyList | LeafValue::Boolean(false) => {
                Self::Nothing
            }
            LeafValue::Boolean(true) => Self::Yes,
            LeafValue::Signed(number) => Self::number(&number.to_string()),
            LeafValue::Unsigned(number) => Self::number(&number.to_string()),
            LeafValue::Float(number) => Self::float(*number),
            LeafValue::Decimal(number) => Self::number(number),
            LeafValue::Text(text) => Self::text(text, vocabulary),
        }
    }

    /// The same value under a key that says it is an identifier.
    pub(crate) fn identifying(self) -> Self {
        match self {
            Self::Number(digits) => Self::Identifier(digits),
            other => other,
        }
    }

    /// The one term that the whole value is.
    pub(crate) fn term(&self) -> Option<Term> {
        match self {
            Self::Nothing | Self::Yes => None,
            Self::Number(digits) => Some(Term::number(digits)),
            Self::Time(time) => Some(*time),
            Self::Date(days) => days.first().map(|(year, month, day)| Term::date(*year, *month, *day)),
            Self::Identifier(identifier) => Some(Term::identifier(&compact(identifier))),
            Self::Words(words) => (!words.is_empty()).then(|| joined(words)),
        }
    }

    /// The terms by which somebody may have named the value without spelling all of it.
    pub(crate) fn names(&self) -> Vec<Term> {
        match self {
            Self::Identifier(identifier) => telling_parts(identifier).collect(),
            Self::Date(days) => {
                let spellings = |day: &Day| [Term::date(day.0, day.1, day.2), Term::date(0, day.1, day.2)];
                days.iter().flat_map(spellings).collect()
            }
            _ => Vec::new(),
        }
    }

    fn number(number: &str) -> Self {
        match digits(number) {
            zero if zero == "0" || zero == "-0" => Self::Nothing,
            digits => Self::Number(digits),
        }
    }

    /// A number to six places. What needs more, or is none, is like nothing that people say.
    fn float(number: f64) -> Self {
        let millionths = (number * 1e6).round();
        if millionths.abs() >= 1e15 || millionths / 1e6 != number {
            return Self::Identifier(format!("float-{:x}", number.to_bits()));
        }
        let (sign, millionths) = (if number < 0.0 { "-" } else { "" }, millionths.abs() as u64);
        Self::number(&format!("{sign}{}.{:06}", millionths / 1_000_000, millionths % 1_000_000))
    }

    fn text(text: &str, vocabulary: &Vocabulary) -> Self {
        let lower = text.trim().to_ascii_lowercase();
        match lower.as_str() {
            "" | "no" | "none" | "false" | "null" => Self::Nothing,
            "yes" | "true" => Self::Yes,
            word if is_word(word) => Self::Words(vec![Term::word(word)]),
            _ => Self::sign(&lower).unwrap_or_else(|| Self::Words(words(&Text::new(&lower), vocabulary))),
        }
    }

    /// A date, a time, a number or an identifier.
    fn sign(lower: &str) -> Option<Self> {
        let dates = numeric_dates(lower.split('t').next().unwrap_or(lower));
        if !dates.is_empty() {
            return Some(Self::Date(dates));
        }
        if let Some(time) = clock(lower) {
            return Some(Self::Time(time));
        }
        match lower {
            _ if is_number(lower) => Some(Self::Number(digits(lower))),
            _ if is_identifier(lower) => Some(Self::Identifier(lower.into())),
            _ => None,
        }
    }
}

fn is_word(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphabetic()) && !is_stop_word(text)
}

/// The text as a time of day, where it is nothing else.
fn clock(lower: &str) -> Option<Term> {
    if !lower.contains(':') || lower.len() > CLOCK_MAX {
        return None;
    }
    let text = Text::new(lower);
    match &text.sentences()[..] {
        [sentence] if sentence.tokens.len() == 1 => times(&sentence.tokens).first().copied(),
        _ => None,
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b',')
}

fn is_identifier(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit()) && !text.contains(' ') && text.len() <= IDENTIFIER_MAX
}

fn words(text: &Text, vocabulary: &Vocabulary) -> Vec<Term> {
    let values = text.sentences().into_iter().flat_map(|sentence| values(&sentence, vocabulary));
    values.filter(|value| is_said(value.class)).map(|value| value.term).collect()
}

/// Bytes of the longest time of day.
const CLOCK_MAX: usize = 16;

/// Bytes of the longest text without a blank that is an identifier.
const IDENTIFIER_MAX: usize = 128;

/// The last key of a leaf's path, and the path of the object that holds it.
pub(crate) fn split(leaf: &Leaf) -> (&str, &str) {
    let (object, key) = leaf.path.rsplit_once('/').unwrap_or(("", &leaf.path));
    (object, key.split('[').next().unwrap_or(key))
}

/// The words of a name such as `payment_id`, `paymentId` or `payment-id`, in lower case.
pub(crate) fn name_words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small = false;
    for c in name.chars() {
        if !is_letter_or_digit(c) || (c.is_ascii_uppercase() && small) {
            words.push(String::new());
        }
        small = c.is_ascii_lowercase();
        if let Some(word) = words.last_mut().filter(|_| is_letter_or_digit(c)) {
            word.push(c.to_ascii_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_into_words() {
        for name in ["payment_id", "paymentId", "payment-id", "PaymentId"] {
            assert_eq!(name_words(name), ["payment", "id"]);
        }
    }

    #[test]
    fn a_float_is_the_number_that_people_say() {
        let vocabulary = Vocabulary::new(&[]).unwrap();
        let term = |number| Datum::new(&LeafValue::Float(number), &vocabulary).term();
        for (number, said) in
            [(12.5, "12.5"), (0.1, "0.1"), (19.99, "19.99"), (300.0, "300"), (-2.25, "-2.25")]
        {
            assert_eq!(term(number), Some(Term::number(said)));
        }
        assert_eq!(term(0.0), None);
        assert_ne!(term(1e300), term(1e301));
        assert!(term(f64::NAN).is_some());
    }

    #[test]
    fn a_value_is_read_by_its_form() {
        let vocabulary = Vocabulary::new(&[]).unwrap();
        let datum = |text: &str| Datum::new(&LeafValue::Text(text.into()), &vocabulary);
        assert!(matches!(datum("no"), Datum::Nothing));
        assert!(matches!(datum("2024-05-20T08:00:00"), Datum::Date(_)));
        assert!(matches!(datum("HAT271"), Datum::Identifier(_)));
        assert!(matches!(datum("12.50"), Datum::Number(_)));
        assert!(matches!(datum("basic_economy"), Datum::Words(words) if words.len() == 2));
    }
}
