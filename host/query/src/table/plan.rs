//! Which constraints of a query reach the log.

use activemirror::{Kind, LogId, Timestamp};
use activemirror_core::filter::{Compare, Filter, Kinds, Name, Test, Words};
use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use jiff::{Span, ToSpan};
use rusqlite::Error as SqlError;
use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::types::ValueRef;
use rusqlite::vtab::{Filters, IndexConstraintOp, IndexInfo};

use crate::schema::Table;
use crate::text;

/// What scanning a whole table costs, in rows.
const WHOLE: f64 = 1e6;

/// A constraint that a scan takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    column: usize,
    op: Op,
}

/// How a column is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Equal,
    /// One of several.
    In,
    Less,
    AtMost,
    More,
    AtLeast,
    /// A pattern that is the same letter by letter.
    Glob,
}

/// How to scan a table: the constraints whose values come with the scan, in their order.
#[derive(Debug)]
pub(super) struct Plan {
    table: Table,
    parts: Vec<Part>,
}

impl Op {
    const ALL: [(Self, char, &'static str); 7] = [
        (Self::Equal, '=', "="),
        (Self::In, 'i', "IN"),
        (Self::Less, '<', "<"),
        (Self::AtMost, 'l', "<="),
        (Self::More, '>', ">"),
        (Self::AtLeast, 'm', ">="),
        (Self::Glob, 'g', "GLOB"),
    ];

    fn of(op: IndexConstraintOp) -> Option<Self> {
        Some(match op {
            IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_EQ => Self::Equal,
            IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_LT => Self::Less,
            IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_LE => Self::AtMost,
            IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_GT => Self::More,
            IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_GE => Self::AtLeast,
            IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_GLOB => Self::Glob,
            _ => return None,
        })
    }

    /// How it is written down, and how people write it.
    fn spelled(self) -> (char, &'static str) {
        Self::ALL.iter().find(|(op, ..)| *op == self).map_or(('?', "?"), |(_, letter, word)| (*letter, word))
    }

    const fn compare(self) -> Option<Compare> {
        Some(match self {
            Self::Equal => Compare::Equal,
            Self::Less => Compare::Less,
            Self::AtMost => Compare::AtMost,
            Self::More => Compare::More,
            Self::AtLeast => Compare::AtLeast,
            Self::In | Self::Glob => return None,
        })
    }

    /// The share of rows that it leaves, at a guess.
    fn leaves(self, column: &str) -> f64 {
        let unique = matches!(column, "trace_id" | "session_id" | "sequence");
        match self {
            Self::Equal | Self::In if unique => 1e-4,
            Self::Equal | Self::In => 0.1,
            _ => 0.3,
        }
    }
}

/// What a constraint on a column asks the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Name(Name),
    Type,
    Log,
    Sequence,
    /// A time, as text.
    Time,
    /// A time, in milliseconds.
    Millis,
    Confidence,
}

impl Meaning {
    fn of(table: Table, column: &str) -> Option<Self> {
        Some(match (table, column) {
            // A session is what its records come to, and its title no record's.
            (Table::Sessions, _) => return None,
            (_, "trace_id") => Self::Name(Name::Trace),
            (_, "agent_id") => Self::Name(Name::Agent),
            (_, "session_id") => Self::Name(Name::Session),
            (_, "timestamp") => Self::Time,
            (_, "time_ms") => Self::Millis,
            (_, "log") => Self::Log,
            // A verdict's sequence is that of the event it is about.
            (Table::Verdicts, "record") => Self::Sequence,
            (Table::Verdicts, _) => return None,
            (_, "sequence") => Self::Sequence,
            (Table::Events, "event_id") => Self::Name(Name::Alias),
            (Table::Events, "action") => Self::Name(Name::Action),
            (Table::Events, "intent") => Self::Name(Name::Intent),
            (Table::Events, "type") => Self::Type,
            (Table::Events, "confidence") => Self::Confidence,
            _ => return None,
        })
    }

    const fn takes(self, op: Op) -> bool {
        match self {
            Self::Name(_) => true,
            Self::Type | Self::Log => matches!(op, Op::Equal | Op::In),
            Self::Sequence | Self::Time | Self::Millis | Self::Confidence => !matches!(op, Op::In | Op::Glob),
        }
    }
}

impl Plan {
    /// Chooses what the log is asked, and says so to SQLite.
    pub(super) fn make(table: Table, info: &mut IndexInfo) -> Result<(), SqlError> {
        let (mut written, mut rows, mut taken) = (String::new(), WHOLE, 0);
        for (place, column, op) in candidates(info) {
            let Some(name) = table.columns().get(column).map(|column| column.name) else { continue };
            let op = if op == Op::Equal && info.is_in_constraint(place)? { Op::In } else { op };
            // Texts in the log are compared byte by byte, and not as another collation would.
            let takes = Meaning::of(table, name).is_some_and(|meaning| meaning.takes(op));
            if !takes || info.collation(place)? != "BINARY" {
                continue;
            }
            if op == Op::In {
                info.set_in_constraint(place, true)?;
            }
            taken += 1;
            info.constraint_usage(place).set_argv_index(taken);
            written.push_str(&format!("{column}{}", op.spelled().0));
            rows *= op.leaves(name);
        }
        info.set_idx_num((info.col_used() & 0x7fff_ffff) as i32);
        info.set_idx_str(&written);
        info.set_estimated_cost(rows.max(1.0));
        info.set_estimated_rows(rows.max(1.0) as i64);
        Ok(())
    }

    /// The plan that was written down.
    pub(super) fn read(table: Table, written: &str) -> Self {
        let (mut parts, mut number) = (Vec::new(), 0);
        for letter in written.chars() {
            match (letter.to_digit(10), Op::ALL.iter().find(|(_, known, _)| *known == letter)) {
                (Some(digit), _) => number = number * 10 + digit as usize,
                (None, Some((op, ..))) => {
                    parts.push(Part { column: core::mem::take(&mut number), op: *op });
                }
                (None, None) => {}
            }
        }
        Self { table, parts }
    }

    /// What it looks like to people.
    pub(super) fn shape(&self) -> String {
        let part = |part: &Part| Some(format!("{} {}", self.column(*part)?, part.op.spelled().1));
        self.parts.iter().filter_map(part).collect::<Vec<_>>().join(", ")
    }

    /// What the log is asked. A value that a column never has, such as a number for a name, is left
    /// to SQLite, which converts and knows what that means.
    pub(super) fn tests(&self, values: &Filters<'_>) -> Vec<Filter> {
        let parts = self.parts.iter().enumerate().zip(values.iter());
        let tests = parts.filter_map(|((place, part), value)| {
            let meaning = Meaning::of(self.table, self.column(*part)?)?;
            match part.op {
                Op::In => one_of(meaning, values, place),
                Op::Glob => begins(meaning, value.as_str().ok()?),
                op => test(meaning, op.compare()?, value),
            }
        });
        tests.map(Filter::Is).collect()
    }

    fn column(&self, part: Part) -> Option<&'static str> {
        self.table.columns().get(part.column).map(|column| column.name)
    }
}

/// The constraints that SQLite could hand on: their places, columns and operators.
fn candidates(info: &IndexInfo) -> Vec<(usize, usize, Op)> {
    let usable = info.constraints().enumerate().filter(|(_, constraint)| constraint.is_usable());
    let known = usable.filter_map(|(place, constraint)| {
        Some((place, usize::try_from(constraint.column()).ok()?, Op::of(constraint.operator())?))
    });
    known.collect()
}

fn one_of(meaning: Meaning, values: &Filters<'_>, place: usize) -> Option<Test> {
    let mut texts = Vec::new();
    let mut list = values.in_values(place).ok()?;
    while let Some(value) = list.next().ok()? {
        texts.push(value.as_str().ok()?.to_owned());
    }
    match meaning {
        Meaning::Name(name) => Some(Test::Name(name, Words::OneOf(texts))),
        Meaning::Type => Some(Test::Kind(kinds(texts.iter().map(String::as_str)))),
        _ => None,
    }
}

fn kinds<'n>(names: impl Iterator<Item = &'n str>) -> Kinds {
    names.filter_map(Kind::from_event_name).fold(Kinds::default(), Kinds::with)
}

/// What a pattern of GLOB begins with.
fn begins(meaning: Meaning, pattern: &str) -> Option<Test> {
    let plain = pattern.split(['*', '?', '[']).next().unwrap_or_default();
    match meaning {
        Meaning::Name(name) if !plain.is_empty() => {
            Some(Test::Name(name, Words::StartsWith(plain.to_owned())))
        }
        _ => None,
    }
}

fn test(meaning: Meaning, compare: Compare, value: ValueRef<'_>) -> Option<Test> {
    match (meaning, value) {
        (Meaning::Name(name), ValueRef::Text(_)) => {
            Some(Test::Name(name, Words::Is(compare, value.as_str().ok()?.to_owned())))
        }
        (Meaning::Type, ValueRef::Text(_)) => Some(Test::Kind(kinds(value.as_str().into_iter()))),
        (Meaning::Log, ValueRef::Text(_)) => Some(Test::Log(LogId::parse(value.as_str().ok()?)?)),
        (Meaning::Time, ValueRef::Text(_)) => time(compare, value.as_str().ok()?),
        (Meaning::Millis, ValueRef::Integer(millis)) => {
            Some(Test::Time(compare, Timestamp::from_millis(millis)))
        }
        (Meaning::Sequence, ValueRef::Integer(number)) => {
            Some(Test::Sequence(compare, u64::try_from(number).ok()?))
        }
        (Meaning::Confidence, ValueRef::Integer(number)) => Some(Test::Confidence(compare, number as f64)),
        (Meaning::Confidence, ValueRef::Real(number)) => Some(Test::Confidence(compare, number)),
        _ => None,
    }
}

/// Times whose text, `2024-01-31T12:00:00.000Z`, may compare so with this one.
///
/// A whole time is compared exactly. What only begins like one is compared by its day, which it
/// shares with every text between: `> '2024-01-01'` is that day or later. (SQLite then compares the
/// texts.)
fn time(compare: Compare, text: &str) -> Option<Test> {
    if let Some(time) = text::whole_time(text) {
        return Some(Test::Time(compare, time));
    }
    let day: Date = text.get(..10)?.parse().ok()?;
    let midnight = |days: Span| {
        let day = day.checked_add(days).ok()?.to_datetime(Time::midnight());
        Some(Timestamp::from_millis(Offset::UTC.to_timestamp(day).ok()?.as_millisecond()))
    };
    match compare {
        Compare::More | Compare::AtLeast => Some(Test::Time(Compare::AtLeast, midnight(0.days())?)),
        Compare::Less | Compare::AtMost => Some(Test::Time(Compare::Less, midnight(1.days())?)),
        Compare::Equal | Compare::NotEqual => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(text: &str) -> Timestamp {
        Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn a_whole_time_is_exact_and_a_day_is_a_day() {
        let noon = "2024-01-31T12:00:00.000Z";
        assert_eq!(time(Compare::More, noon), Some(Test::Time(Compare::More, millis(noon))));
        let day = Some(Test::Time(Compare::AtLeast, millis("2024-01-31T00:00:00Z")));
        assert_eq!(time(Compare::More, "2024-01-31"), day);
        assert_eq!(time(Compare::More, "2024-01-31 10:00:00"), day);
        let next = Some(Test::Time(Compare::Less, millis("2024-02-01T00:00:00Z")));
        assert_eq!(time(Compare::AtMost, "2024-01-31T09:00"), next);
        assert_eq!(time(Compare::Less, "2024-01-31"), next);
    }

    #[test]
    fn what_is_no_time_is_left_to_sqlite() {
        for text in ["", "2024", "2024-13-01", "yesterday", "2024-01-3é", "99999-01-01"] {
            assert_eq!(time(Compare::More, text), None, "{text}");
        }
    }

    #[test]
    fn a_plan_is_read_as_it_was_written() {
        let plan = Plan::read(Table::Events, "0=5>12<1i4=");
        assert_eq!(plan.shape(), "trace_id =, timestamp >, confidence <, agent_id IN, type =");
    }
}
