//! SQLite, locked in: it reads our tables and nothing else, within limits.
//!
//! Every statement was already seen to read only ([`crate::parse`]); here SQLite is told the same,
//! in its own way and before it sees the query:
//!
//! | what | how |
//! |---|---|
//! | no file of any kind | a read-only database in memory; ATTACH refused by limit and authorizer; what is sorted stays in memory, since in a temporary file it would lie unsealed |
//! | no writing | the authorizer allows SELECT, our tables, `json_each` and `json_tree`; `query_only` |
//! | no extensions | loading them is off and refused; so are functions that are not for queries |
//! | no end | a clock that SQLite looks at while it runs, and every scan for every row |
//! | no flood | the heap, each value, each statement have limits |

mod complaint;
mod heap;

use std::sync::Arc;

use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit as SqlLimit;
use rusqlite::{Connection, Error as SqlError, OpenFlags};

use self::heap::Room;
use crate::error::QueryError;
use crate::limits::{
    COLUMNS_MAX, COMPOUND_MAX, Limits, NESTING_MAX, OPERATORS_MAX, PATTERN_BYTES_MAX, STEPS_BETWEEN_LOOKS,
    STEPS_MAX, TEXT_BYTES_MAX, VALUE_BYTES_MAX,
};
use crate::reader::Reader;
use crate::rewrite::Rewritten;
use crate::schema::Table;
use crate::{Output, Value, Wrong, table};

/// Table-valued functions that only look at their arguments.
const PURE_TABLES: [&str; 2] = ["json_each", "json_tree"];

/// Functions that are not for queries.
const FUNCTIONS_REFUSED: [&str; 3] = ["load_extension", "fts3_tokenizer", "sqlite_log"];

/// Runs a query, and gives its rows one by one. Returns how many there were.
pub(crate) fn run(
    reader: &Arc<Reader>,
    query: &Rewritten,
    limits: &Limits,
    output: &mut dyn Output,
) -> Result<u64, QueryError> {
    let room = Room::take(limits.memory_bytes);
    let connection = open(reader).map_err(|error| Wrong::Sql(error.to_string()))?;
    let run = rows(&connection, (reader, query), limits, output);
    let run = run.map_err(|stopped| match stopped {
        Stopped::Query(error) => error,
        Stopped::Sql(error) => complaint::understood(error, reader, query, limits),
    });
    drop(connection);
    drop(room);
    run
}

/// Why it did not come to the end.
enum Stopped {
    Query(QueryError),
    Sql(SqlError),
}

impl From<SqlError> for Stopped {
    fn from(error: SqlError) -> Self {
        Self::Sql(error)
    }
}

fn rows(
    connection: &Connection,
    (reader, query): (&Reader, &Rewritten),
    limits: &Limits,
    output: &mut dyn Output,
) -> Result<u64, Stopped> {
    let mut statement = connection.prepare(&query.sql)?;
    if !statement.readonly() {
        return Err(Stopped::Query(Wrong::NotRead("this".to_owned()).into()));
    }
    let written =
        |done: std::io::Result<()>| done.map_err(|error| Stopped::Query(Wrong::Output(error).into()));
    let names: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
    written(output.columns(&names))?;
    let mut rows = statement.raw_query();
    let mut count = 0;
    while let Some(row) = rows.next()? {
        if count == limits.rows {
            return Err(Stopped::Query(crate::Limit::Rows(limits.rows).into()));
        }
        let values: Result<Vec<Value<'_>>, SqlError> =
            (0..names.len()).map(|place| Ok(Value::of(row.get_ref(place)?))).collect();
        let values = values?;
        written(reader.without_time(|| output.row(&values)))?;
        count += 1;
    }
    Ok(count)
}

fn open(reader: &Arc<Reader>) -> Result<Connection, SqlError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_in_memory_with_flags(flags)?;
    for (config, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
    ] {
        connection.set_db_config(config, on)?;
    }
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "query_only", true)?;
    table::create(&connection, reader)?;
    set_limits(&connection)?;
    let clock = Arc::clone(reader);
    connection.progress_handler(STEPS_BETWEEN_LOOKS, Some(move || clock.is_late()))?;
    connection.authorizer(Some(|context: AuthContext<'_>| authorize(&context.action)))?;
    Ok(connection)
}

fn set_limits(connection: &Connection) -> Result<(), SqlError> {
    // A rewritten query is longer and nests deeper than it was typed.
    let depth = (OPERATORS_MAX + 2 * NESTING_MAX) as i32;
    let limits = [
        (SqlLimit::SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX),
        (SqlLimit::SQLITE_LIMIT_SQL_LENGTH, 16 * TEXT_BYTES_MAX as i32),
        (SqlLimit::SQLITE_LIMIT_COLUMN, COLUMNS_MAX),
        (SqlLimit::SQLITE_LIMIT_EXPR_DEPTH, depth),
        (SqlLimit::SQLITE_LIMIT_COMPOUND_SELECT, COMPOUND_MAX),
        (SqlLimit::SQLITE_LIMIT_VDBE_OP, STEPS_MAX),
        (SqlLimit::SQLITE_LIMIT_FUNCTION_ARG, 100),
        (SqlLimit::SQLITE_LIMIT_ATTACHED, 0),
        (SqlLimit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, PATTERN_BYTES_MAX),
        (SqlLimit::SQLITE_LIMIT_VARIABLE_NUMBER, 0),
        (SqlLimit::SQLITE_LIMIT_TRIGGER_DEPTH, 0),
        (SqlLimit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ];
    limits.into_iter().try_for_each(|(limit, value)| connection.set_limit(limit, value).map(drop))
}

fn authorize(action: &AuthAction<'_>) -> Authorization {
    let allowed = match action {
        AuthAction::Select | AuthAction::Recursive => true,
        // Without a column it is about how many rows there are: of a query of the author's own, too.
        AuthAction::Read { column_name: "", .. } => true,
        AuthAction::Read { table_name, .. } => {
            Table::named(table_name).is_some()
                || PURE_TABLES.iter().any(|table| table.eq_ignore_ascii_case(table_name))
        }
        AuthAction::Function { function_name } => {
            !FUNCTIONS_REFUSED.iter().any(|refused| refused.eq_ignore_ascii_case(function_name))
        }
        _ => false,
    };
    if allowed { Authorization::Allow } else { Authorization::Deny }
}
