//! One condition on one field.

use activemirror::{Kind, LogId, Timestamp};
use activemirror_core::filter::{
    self as core_filter, Compare, Filter, Kinds, LeafTest, Name, Number, Test, Words,
};
use jiff::civil::DateTime;
use jiff::tz::Offset;
use sqlparser::ast::{BinaryOperator, Expr, InTarget, UnaryOperator, Value};

use super::field::Field;
use super::wrong;
use crate::error::{QueryError, Wrong};
use crate::parse::spot_of;

/// The condition that an expression is.
pub(super) fn condition(expression: &Expr) -> Result<Filter, QueryError> {
    match expression {
        Expr::BinaryOp { left, op: BinaryOperator::Glob, right } => begins(left, right),
        Expr::BinaryOp { left, op, right } => match compare(op) {
            Some(compare) => compared(left, compare, right),
            None => Err(wrong(expression, format!("`{op}` is no comparison that a filter has"))),
        },
        Expr::In { expr, target: InTarget::List(values), negated, .. } => {
            let one_of = values.iter().map(|value| compared(expr, Compare::Equal, value));
            Ok(negate_if(*negated, Filter::Any(one_of.collect::<Result<_, _>>()?)))
        }
        Expr::Between { expr, negated, low, high } => {
            let (low, high) =
                (compared(expr, Compare::AtLeast, low)?, compared(expr, Compare::AtMost, high)?);
            Ok(negate_if(*negated, low.and(high)))
        }
        Expr::Like { expr, pattern, negated, escape_char: None, .. } => {
            Ok(negate_if(*negated, contains(expr, pattern)?))
        }
        Expr::IsNull(field) => missing(field),
        Expr::IsNotNull(field) => there(field),
        other => Err(wrong(other, "expected a condition, such as `confidence < 0.7`")),
    }
}

fn negate_if(negated: bool, filter: Filter) -> Filter {
    if negated { !filter } else { filter }
}

const fn compare(op: &BinaryOperator) -> Option<Compare> {
    Some(match op {
        BinaryOperator::Eq => Compare::Equal,
        BinaryOperator::NotEq => Compare::NotEqual,
        BinaryOperator::Lt => Compare::Less,
        BinaryOperator::LtEq => Compare::AtMost,
        BinaryOperator::Gt => Compare::More,
        BinaryOperator::GtEq => Compare::AtLeast,
        _ => return None,
    })
}

/// A value on the right of a comparison.
#[derive(Debug)]
enum Right {
    Text(String),
    Whole(i64),
    Float(f64),
    Truth(bool),
}

impl Right {
    fn of(expression: &Expr) -> Result<Self, QueryError> {
        match expression {
            Expr::Nested(inner) => Self::of(inner),
            Expr::Identifier(word) => Ok(Self::Text(word.value.clone())),
            Expr::Value(value) => match &value.value {
                Value::SingleQuotedString(text) => Ok(Self::Text(text.clone())),
                Value::Boolean(truth) => Ok(Self::Truth(*truth)),
                Value::Number(text, _) => Self::number(text, expression),
                Value::Null => {
                    Err(wrong(expression, "nothing is equal to null; say `IS NULL` or `IS NOT NULL`"))
                }
                _ => Err(wrong(expression, "expected a number, a word, or a text in single quotes")),
            },
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match Self::of(expr)? {
                Self::Whole(number) => Ok(Self::Whole(-number)),
                Self::Float(number) => Ok(Self::Float(-number)),
                _ => Err(wrong(expression, "expected a number")),
            },
            // support-bot, 2024-01-01, a.b: what people write without thinking of operators.
            other => Err(wrong(
                other,
                format!("a value with other characters than letters stands in quotes: '{}'", compact(other)),
            )),
        }
    }

    fn number(text: &str, at: &Expr) -> Result<Self, QueryError> {
        if let Ok(number) = text.parse() {
            return Ok(Self::Whole(number));
        }
        let number: f64 = text.parse().map_err(|_| wrong(at, "expected a number"))?;
        Ok(Self::Float(number))
    }
}

/// What was typed, as far as it can be told from the tree.
fn compact(expression: &Expr) -> String {
    expression.to_string().replace(" - ", "-").replace(" / ", "/").replace(" + ", "+")
}

fn compared(left: &Expr, compare: Compare, right: &Expr) -> Result<Filter, QueryError> {
    let (field, value) = (Field::of(left)?, Right::of(right)?);
    let expected = |expected: &str| {
        Wrong::Value { field: left.to_string(), expected: expected.to_owned() }.at(spot_of(right))
    };
    let test = match (field, value) {
        (Field::Name(name), Right::Text(text)) => Test::Name(name, Words::Is(compare, text)),
        // A session may well be called 17.
        (Field::Name(name), Right::Whole(number)) => Test::Name(name, Words::Is(compare, number.to_string())),
        (Field::Type, Right::Text(text)) => {
            return kind(compare, &text).ok_or_else(|| expected(&kinds_expected()));
        }
        (Field::Time, Right::Text(text)) => Test::Time(
            compare,
            time(&text).ok_or_else(|| expected("a time, such as '2024-01-31T12:00:00Z'"))?,
        ),
        (Field::Millis, Right::Whole(millis)) => Test::Time(compare, Timestamp::from_millis(millis)),
        (Field::Log, Right::Text(text)) => {
            let log = LogId::parse(&text).ok_or_else(|| expected("a log's 64 hexadecimal digits"))?;
            return equality(compare, Test::Log(log)).ok_or_else(|| expected("`=` or `<>` and a log's id"));
        }
        (Field::Sequence, Right::Whole(number)) => {
            Test::Sequence(compare, u64::try_from(number).map_err(|_| expected("a whole number from 0"))?)
        }
        (Field::Confidence, Right::Whole(number)) => Test::Confidence(compare, number as f64),
        (Field::Confidence, Right::Float(number)) => Test::Confidence(compare, number),
        (Field::Text, Right::Text(text)) => Test::Text(Words::Is(compare, text)),
        (Field::Leaf(path), value) => {
            let test = leaf(compare, value).ok_or_else(|| expected("`=` or `<>` and a truth"))?;
            return Ok(negate_if(test.1, Test::Leaf(path, test.0).into()));
        }
        (Field::Time, _) => {
            return Err(expected("a time in quotes, such as '2024-01-31'; `time_ms` is a number"));
        }
        (Field::Name(_) | Field::Type | Field::Log | Field::Text, _) => return Err(expected("a text")),
        (Field::Millis | Field::Sequence, _) => return Err(expected("a whole number")),
        (Field::Confidence, _) => return Err(expected("a number")),
    };
    Ok(test.into())
}

/// The test of a leaf, and whether it is to be turned round.
fn leaf(compare: Compare, value: Right) -> Option<(LeafTest, bool)> {
    Some(match value {
        Right::Text(text) => (LeafTest::Text(Words::Is(compare, text)), false),
        Right::Whole(number) => (LeafTest::Number(compare, Number::from(number)), false),
        Right::Float(number) => (LeafTest::Number(compare, Number::from(number)), false),
        Right::Truth(truth) => match compare {
            Compare::Equal => (LeafTest::Truth(truth), false),
            Compare::NotEqual => (LeafTest::Truth(truth), true),
            _ => return None,
        },
    })
}

fn equality(compare: Compare, test: Test) -> Option<Filter> {
    match compare {
        Compare::Equal => Some(test.into()),
        Compare::NotEqual => Some(!Filter::from(test)),
        _ => None,
    }
}

fn kind(compare: Compare, name: &str) -> Option<Filter> {
    equality(compare, Test::Kind(Kinds::from(Kind::from_event_name(name)?)))
}

fn kinds_expected() -> String {
    let names = Kind::EVENTS.map(|(name, _)| name).join(", ");
    format!("`=` or `<>` and one of {names}")
}

/// A time, in any spelling of RFC 3339; a day is its midnight, and where no zone is said it is UTC.
fn time(text: &str) -> Option<Timestamp> {
    let zoned = text.parse::<jiff::Timestamp>().ok();
    let instant = zoned.or_else(|| Offset::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok())?;
    Some(Timestamp::from_millis(instant.as_millisecond()))
}

/// `field GLOB 'beginning*'`.
fn begins(left: &Expr, right: &Expr) -> Result<Filter, QueryError> {
    let pattern = text(right)?;
    match pattern.strip_suffix('*') {
        Some(plain) if !plain.contains(['*', '?', '[']) => words(left, Words::StartsWith(plain.to_owned())),
        _ => Err(wrong(right, "GLOB takes a beginning here: 'beginning*'")),
    }
}

/// `field LIKE '%part%'`, in large letters or small ones.
fn contains(left: &Expr, pattern: &Expr) -> Result<Filter, QueryError> {
    let text = text(pattern)?;
    let part = text.strip_prefix('%').and_then(|rest| rest.strip_suffix('%'));
    match part {
        Some(part) if !part.contains(['%', '_']) => words(left, Words::Contains(part.to_owned())),
        _ => Err(wrong(pattern, "LIKE takes a part here: '%part%'; for a beginning, say GLOB 'beginning*'")),
    }
}

fn text(expression: &Expr) -> Result<String, QueryError> {
    match Right::of(expression)? {
        Right::Text(text) => Ok(text),
        _ => Err(wrong(expression, "expected a text in single quotes")),
    }
}

fn words(left: &Expr, words: Words) -> Result<Filter, QueryError> {
    Ok(match Field::of(left)? {
        Field::Name(name) => Test::Name(name, words).into(),
        Field::Text => Test::Text(words).into(),
        Field::Leaf(path) => Test::Leaf(path, LeafTest::Text(words)).into(),
        _ => return Err(wrong(left, format!("`{left}` is no text"))),
    })
}

/// A field is there. One that is null in JSON is.
fn there(field: &Expr) -> Result<Filter, QueryError> {
    Ok(match Field::of(field)? {
        Field::Name(name) => has(name),
        Field::Confidence => Test::Has(core_filter::Field::Confidence).into(),
        Field::Text => Test::Has(core_filter::Field::Text).into(),
        Field::Leaf(path) => Test::Leaf(path, LeafTest::Exists).into(),
        // These are there always.
        Field::Type | Field::Time | Field::Millis | Field::Log | Field::Sequence => Filter::EVERYTHING,
    })
}

fn missing(field: &Expr) -> Result<Filter, QueryError> {
    let missing = !there(field)?;
    Ok(match Field::of(field)? {
        Field::Leaf(path) => missing.or(Test::Leaf(path, LeafTest::Null).into()),
        _ => missing,
    })
}

fn has(name: Name) -> Filter {
    Test::Has(core_filter::Field::Name(name)).into()
}
