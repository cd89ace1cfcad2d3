//! The value of one leaf, as something that people may have spoken of.
//!
//! The arguments of an action and the answers of a tool are both read here, so that a value is
//! the same term in both.

use activemirror_guest::policy::{Leaf, Value as LeafValue};

use crate::term::{Term, compact, digits};
use crate::text::Text;
use crate::values::{Class, Day, long_numbers, numeric_dates, times, values};
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
            LeafValue::Null | LeafValue::EmptyObject | LeafValue::EmptyList | LeafValue::Boolean(false) => Self::Nothing,
            LeafValue::Boolean(true) => Self::Yes,
            LeafValue::Signed(number) => Self::number(&number.to_string()),
            LeafValue::Unsigned(number) => Self::number(&number.to_string()),
            LeafValue::Float(number) => Self::number(&number.to_string()),
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
            Self::Words(words) => match words[..] {
                [] => None,
                [word] => Some(word),
                _ => Some(Term::row(b'v', words)),
            },
        }
    }

    /// The terms by which somebody may have named the value without spelling all of it.
    pub(crate) fn names(&self) -> Vec<Term> {
        match self {
            Self::Identifier(identifier) => long_numbers(identifier).map(Term::number).collect(),
            Self::Date(days) => {
                let spellings = |day: &Day| [Term::date(day.0, day.1, day.2), Term::date(0, day.1, day.2)];
                days.iter().flat_map(spellings).collect()
            }
            _ => Vec::new(),
        }
    }

    fn number(number: &str) -> Self {
        match digits(number) {
            zero if zero == "0" => Self::Nothing,
            digits => Self::Number(digits),
        }
    }

    fn text(text: &str, vocabulary: &Vocabulary) -> Self {
        let text = Text::new(text.trim());
        let lower = text.lower();
        let day = lower.split('t').next().unwrap_or(lower);
        let dates = numeric_dates(day);
        match lower {
            "" | "no" | "none" | "false" | "null" => Self::Nothing,
            "yes" | "true" => Self::Yes,
            _ if !dates.is_empty() => Self::Date(dates),
            _ if lower.contains(':') && clock(&text).is_some() => clock(&text).map_or(Self::Nothing, Self::Time),
            _ if is_number(lower) => Self::Number(digits(lower)),
            _ if is_identifier(lower) => Self::Identifier(lower.into()),
            _ => Self::Words(words(&text, vocabulary)),
        }
    }
}

/// The text as a time of day, where it is nothing else.
fn clock(text: &Text) -> Option<Term> {
    match &text.sentences()[..] {
        [sentence] if sentence.tokens.len() == 1 => times(&sentence.tokens).first().copied(),
        _ => None,
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b',')
}

fn is_identifier(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit()) && !text.contains(char::is_whitespace) && text.len() <= IDENTIFIER_MAX
}

fn words(text: &Text, vocabulary: &Vocabulary) -> Vec<Term> {
    let values = text.sentences().into_iter().flat_map(|sentence| values(&sentence, vocabulary));
    values.filter(|value| !matches!(value.class, Class::Quantity | Class::Ending | Class::Attribute)).map(|value| value.term).collect()
}

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
        if !c.is_alphanumeric() || (c.is_uppercase() && small) {
            words.push(String::new());
        }
        small = c.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
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
