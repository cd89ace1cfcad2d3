//! What SQLite complains of, as the author of the query can understand it: which limit, which name,
//! and where in the query as it was typed.

use rusqlite::{Error as SqlError, ErrorCode};

use crate::error::{QueryError, Wrong};
use crate::limits::{Limit, Limits};
use crate::near::near;
use crate::reader::Reader;
use crate::rewrite::Rewritten;
use crate::schema::Table;

/// Beginnings of what SQLite says of limits that have no code of their own.
const LIMITS: [(&str, Limit); 8] = [
    ("Expression tree is too large", Limit::Nesting),
    ("parser stack overflow", Limit::Nesting),
    ("Recursion limit", Limit::Nesting),
    ("LIKE or GLOB pattern too complex", Limit::Pattern),
    ("string or blob too big", Limit::Value),
    ("too many ", Limit::Size),
    ("at most ", Limit::Size),
    ("statement too long", Limit::Size),
];

/// The error that this stands for.
pub(super) fn understood(error: SqlError, reader: &Reader, query: &Rewritten, limits: &Limits) -> QueryError {
    if let Some(failure) = reader.take_failure() {
        return failure;
    }
    let (code, message, byte) = match error {
        SqlError::SqliteFailure(error, message) => (Some(error.code), message.unwrap_or_default(), None),
        SqlError::SqlInputError { error, msg, offset, .. } => {
            (Some(error.code), msg, usize::try_from(offset).ok())
        }
        other => (None, other.to_string(), None),
    };
    let spot = byte.and_then(|byte| query.spot(byte));
    match code {
        Some(ErrorCode::OperationInterrupted) => Limit::Time(limits.time).into(),
        Some(ErrorCode::OutOfMemory) => Limit::Memory(limits.memory_bytes).into(),
        Some(ErrorCode::TooBig) => Limit::Value.into(),
        Some(ErrorCode::AuthorizationForStatementDenied) => {
            Wrong::Sql(format!("this is not for queries: {message}")).at(spot)
        }
        _ => limit(&message).map_or_else(|| named(&message), Wrong::Limit).at(spot),
    }
}

fn limit(message: &str) -> Option<Limit> {
    LIMITS.iter().find(|(beginning, _)| message.starts_with(beginning)).map(|(_, limit)| *limit)
}

/// What is not known, with what is.
fn named(message: &str) -> Wrong {
    if let Some(name) = message.strip_prefix("no such column: ") {
        let name = name.rsplit('.').next().unwrap_or(name);
        let columns = Table::ALL.into_iter().flat_map(Table::columns).map(|column| column.name);
        return Wrong::Column { name: name.to_owned(), table: None, near: near(name, columns) };
    }
    if let Some(name) = message.strip_prefix("no such table: ") {
        let name = name.rsplit('.').next().unwrap_or(name);
        return Wrong::Table { name: name.to_owned(), near: near(name, Table::ALL.map(Table::name)) };
    }
    Wrong::Sql(message.to_owned())
}
