//! How single values compare.

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::{Compare, Words};
use crate::value::Value;

/// A number to compare with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A whole one.
    Whole(i128),
    /// Any other.
    Float(f64),
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Self::Whole(number.into())
    }
}

impl From<f64> for Number {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl Number {
    /// The number that this value is; `None` where it is none.
    #[must_use]
    pub fn of(value: &Value<'_>) -> Option<Self> {
        match *value {
            Value::Signed(number) => Some(Self::Whole(number.into())),
            Value::Unsigned(number) => Some(Self::Whole(number.into())),
            Value::Float(number) => Some(Self::Float(number)),
            Value::Decimal(text) => text.parse().ok().map(Self::Float),
            _ => None,
        }
    }

    pub(super) const fn is_number(self) -> bool {
        !matches!(self, Self::Float(number) if number.is_nan())
    }

    /// Exactly, whatever a float cannot hold.
    pub(super) fn order(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(one), Self::Whole(other)) => Some(one.cmp(&other)),
            (Self::Float(one), Self::Float(other)) => one.partial_cmp(&other),
            (Self::Whole(whole), Self::Float(float)) => whole_and_float(whole, float),
            (Self::Float(float), Self::Whole(whole)) => whole_and_float(whole, float).map(Ordering::reverse),
        }
    }
}

fn whole_and_float(whole: i128, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    // A float beyond what this holds becomes its end, and no leaf's number is as large.
    let cut = float as i128;
    let rest = float - cut as f64;
    Some(whole.cmp(&cut).then_with(|| 0.0.partial_cmp(&rest).unwrap_or(Ordering::Equal)))
}

impl Compare {
    /// Whether a value that stands so to the one it is compared with is meant.
    pub(crate) fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::More => order.is_gt(),
            Self::AtLeast => order.is_ge(),
        }
    }
}

/// [`Words`], ready to be looked for.
#[derive(Clone, Debug)]
pub(crate) enum Sought {
    Is(Compare, String),
    /// In order.
    OneOf(Vec<String>),
    StartsWith(String),
    /// Folded.
    Contains(String),
}

impl Sought {
    pub(super) fn new(words: &Words) -> Self {
        match words {
            Words::Is(compare, text) => Self::Is(*compare, text.clone()),
            Words::OneOf(texts) => {
                let mut texts = texts.clone();
                texts.sort_unstable();
                Self::OneOf(texts)
            }
            Words::StartsWith(text) => Self::StartsWith(text.clone()),
            Words::Contains(text) => Self::Contains(folded(text)),
        }
    }

    pub(super) fn holds(&self, text: &str) -> bool {
        match self {
            Self::Is(compare, other) => compare.holds(text.cmp(other)),
            Self::OneOf(texts) => texts.binary_search_by(|known| (**known).cmp(text)).is_ok(),
            Self::StartsWith(start) => text.starts_with(&**start),
            Self::Contains(part) => folded(text).contains(&**part),
        }
    }
}

/// Without the difference between large and small letters. Small letters of large ones, since some
/// small ones have one large letter in common (`σ` and `ς`), and some large ones are two (`ß`).
fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}
