//! Why a query has no answer, and where in its text the reason lies.

use core::fmt;

use crate::limits::Limit;
use crate::spot::Spot;

/// Why a query was refused, or stopped.
#[derive(Debug)]
pub struct QueryError {
    /// What is wrong.
    pub wrong: Wrong,
    /// Where, in the text as it was typed.
    pub spot: Option<Spot>,
}

/// What is wrong with a query.
#[derive(Debug)]
#[non_exhaustive]
pub enum Wrong {
    /// It is no SQL: what was expected, or what SQLite says.
    Syntax(String),
    /// It does something else than to read, which begins with this word.
    NotRead(String),
    /// It is nothing, or several statements.
    NotOne,
    /// There is no such table.
    Table {
        /// How it was written.
        name: String,
        /// What it may have been meant to be.
        near: Vec<String>,
    },
    /// There is no such column or field.
    Column {
        /// How it was written.
        name: String,
        /// Of which table, if it was said.
        table: Option<String>,
        /// What it may have been meant to be.
        near: Vec<String>,
    },
    /// A column that is no object has no fields.
    NoFields(String),
    /// It could be of several tables.
    Ambiguous(String),
    /// Events of a trace are spoken of where that has no meaning: what to do instead.
    Events(&'static str),
    /// SQLite says so of a query that is well formed.
    Sql(String),
    /// A field is compared with what it can never be.
    Value {
        /// The field.
        field: String,
        /// What it can be compared with.
        expected: String,
    },
    /// It reached a limit.
    Limit(Limit),
    /// The runtime could not read.
    Store(activemirror::Error),
    /// Somebody who reads the answer wants no more of it.
    Output(std::io::Error),
}

impl QueryError {
    /// Whether the query is at fault, and not the store or the system.
    #[must_use]
    pub const fn is_of_the_query(&self) -> bool {
        !matches!(self.wrong, Wrong::Store(_) | Wrong::Output(_))
    }

    /// The limit that was reached.
    #[must_use]
    pub const fn limit(&self) -> Option<Limit> {
        match self.wrong {
            Wrong::Limit(limit) => Some(limit),
            _ => None,
        }
    }

    /// The place in the query, and its line with a mark below it.
    #[must_use]
    pub fn place_in(&self, text: &str) -> Option<String> {
        self.spot.map(|spot| format!("{spot}\n{}", spot.shown_in(text)))
    }
}

impl Wrong {
    /// The error, at this place.
    pub(crate) const fn at(self, spot: Option<Spot>) -> QueryError {
        QueryError { wrong: self, spot }
    }
}

impl From<Wrong> for QueryError {
    fn from(wrong: Wrong) -> Self {
        wrong.at(None)
    }
}

impl From<Limit> for QueryError {
    fn from(limit: Limit) -> Self {
        Wrong::Limit(limit).into()
    }
}

impl From<activemirror::Error> for QueryError {
    fn from(error: activemirror::Error) -> Self {
        Wrong::Store(error).into()
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.wrong.fmt(f)
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(what) | Self::Sql(what) => f.write_str(what),
            Self::NotRead(word) => {
                write!(f, "{word} is no query; this reads only, with SELECT, WITH or VALUES")
            }
            Self::NotOne => f.write_str("this is not one query; give one at a time"),
            Self::Table { name, near } => {
                write!(f, "there is no table `{name}`")?;
                write_near(f, near)
            }
            Self::Column { name, table: Some(table), near } => {
                write!(f, "`{table}` has no `{name}`")?;
                write_near(f, near)
            }
            Self::Column { name, table: None, near } => {
                write!(f, "there is no `{name}`")?;
                write_near(f, near)
            }
            Self::NoFields(column) => write!(f, "`{column}` is one value and has no fields"),
            Self::Ambiguous(name) => {
                write!(f, "`{name}` could be of several tables; say which, as in `table.{name}`")
            }
            Self::Events(instead) => f.write_str(instead),
            Self::Value { field, expected } => write!(f, "`{field}` is compared with {expected}"),
            Self::Limit(limit) => limit.fmt(f),
            Self::Store(error) => error.fmt(f),
            Self::Output(error) => write!(f, "cannot write the output: {error}"),
        }
    }
}

fn write_near(f: &mut fmt::Formatter<'_>, near: &[String]) -> fmt::Result {
    match near.split_last() {
        None => Ok(()),
        Some((only, [])) => write!(f, "; did you mean `{only}`?"),
        Some((last, before)) => write!(f, "; did you mean `{}` or `{last}`?", before.join("`, `")),
    }
}

impl core::error::Error for QueryError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match &self.wrong {
            Wrong::Store(error) => Some(error),
            Wrong::Output(error) => Some(error),
            _ => None,
        }
    }
}
