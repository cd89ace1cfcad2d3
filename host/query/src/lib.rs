//! SQL and filters over the log, read-only and within limits.
//!
//! ```
//! use activemirror::{Options, Reveal, Runtime, Start, document::Event};
//! use activemirror_query::{Ask, Limits, Output, Value, run};
//!
//! #[derive(Default)]
//! struct Counted(i64);
//!
//! impl Output for Counted {
//!     fn columns(&mut self, _: &[String]) -> std::io::Result<()> {
//!         Ok(())
//!     }
//!     fn row(&mut self, values: &[Value<'_>]) -> std::io::Result<()> {
//!         if let [Value::Whole(count)] = values {
//!             self.0 = *count;
//!         }
//!         Ok(())
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn core::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let (data, key_file) = (folder.path().join("data"), folder.path().join("keys/device.key"));
//! let runtime = Runtime::open(Options { data, key_file, ..Options::default() })?;
//! let mut trace = runtime.begin(Start { agent: "support-bot".into(), ..Start::default() })?;
//! trace.record(Event::action("find_parcel").with("/parameters/order_id", "A-17"))?;
//! trace.end()?;
//!
//! let sql = "SELECT count(*) FROM traces WHERE events.parameters.order_id = 'A-17'";
//! let ask = Ask { sql, reveal: Reveal::Masked, request: "example", limits: Limits::default() };
//! let mut counted = Counted::default();
//! run(&runtime, &ask, &mut counted)?;
//! assert_eq!(counted.0, 1);
//! # Ok(())
//! # }
//! ```
//!
//! # Tables
//!
//! | table | a row is | joined by |
//! |---|---|---|
//! | `traces` | what begins a trace | `log`, `trace_id` |
//! | `events` | an event | `log`, `sequence`; `trace_id` |
//! | `verdicts` | what a policy decided: `sequence` is the event's, `record` its own | `log`, `sequence` |
//! | `findings` | what a compliance pack found; `evidence` is a list of events' sequences | `trace_id` |
//! | `sessions` | a session as it stands | `session_id` |
//!
//! `timestamp` is text, RFC 3339 in UTC with milliseconds (`2024-01-31T12:00:00.000Z`), so that texts
//! compare as times do and `timestamp > '2024-01-01'` means that day's midnight; `time_ms` is the same
//! in milliseconds since 1970. It is null outside of the years 0 to 9999. `readable` says whether a
//! record's content is `open`, `sealed` under a key that is not here, or `erased`; what cannot be read
//! is null. `parameters`, `data`, `semantics`, `metadata` and `other` (what no other column has) are
//! JSON text, for SQLite's JSON functions, and can be reached with dots: `parameters.order_id` is
//! `parameters ->> '$."order_id"'`. `semantics.intent` and `semantics.confidence` are the columns
//! `intent` and `confidence`, which is a float.
//!
//! # What a query says of the events of a trace
//!
//! Where `traces` is in FROM and `events` is not, WHERE can say `events.…`:
//!
//! | written | meant |
//! |---|---|
//! | `events.a AND events.b` | one event of the trace is both |
//! | `events.a OR events.b` | one event is this, or one is that |
//! | `NOT events.a` | no event is |
//! | `events.a AND NOT events.b` | one event is the first, and none the second |
//! | `events.a AND (events.b OR x)` | one event is the first, and that same event the second unless `x` |
//! | `x AND (events.a OR y)` | `x`, and one event is so unless `y` |
//! | `events.c <> 1`, `NOT IN`, `NOT LIKE`, `IS NULL` | one event is so: only the word NOT before a condition speaks of all |
//!
//! So an AND speaks of one event, however its terms are ordered and put in parentheses; it becomes one
//! `EXISTS`. A trace without events passes what NOT says of them and nothing else.
//!
//! # What it takes
//!
//! What a query may take is in [`Limits`]; what stops it names the [`Limit`]. No single call of a
//! function of SQLite's can be interrupted, so a hostile query may go on for a while after its time:
//! who must end it in any case does so from outside, as the command line does.
//!
//! # What it does not do
//!
//! It writes nothing but the notice that somebody saw originals. It shows what is masked to nobody
//! without that right, in no column and to no condition: SQLite never has the originals. It keeps no
//! index of its own: [`Report`] says what the log's could rule out.
#![deny(missing_docs)]

mod cell;
mod engine;
mod error;
mod filter;
mod limits;
mod near;
mod parse;
mod reader;
mod report;
mod rewrite;
mod schema;
mod source;
mod spot;
mod table;
mod text;

use std::io;
use std::sync::Arc;

use activemirror::{Reveal, Runtime};

pub use cell::Value;
pub use error::{QueryError, Wrong};
pub use filter::parse_filter;
pub use limits::{Limit, Limits};
pub use report::{Report, ScanReport};
pub use spot::Spot;

use crate::reader::Reader;
use crate::rewrite::Rewritten;
use crate::schema::Table;
use crate::source::{Columns, Rows, Wanted};

/// Who takes the result of a query, row by row.
pub trait Output {
    /// Takes the columns' names, once and first.
    fn columns(&mut self, names: &[String]) -> io::Result<()>;
    /// Takes a row.
    fn row(&mut self, values: &[Value<'_>]) -> io::Result<()>;
}

/// What is asked of a log.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The query.
    pub sql: &'a str,
    /// Whether originals are shown behind masks.
    pub reveal: Reveal,
    /// Who asks, for the log to note where originals are shown.
    pub request: &'a str,
    /// What it may take.
    pub limits: Limits,
}

/// Which events somebody looks for.
#[derive(Clone, Copy, Debug)]
pub struct Lookup<'a> {
    /// What holds of them, as [`parse_filter`] reads it.
    pub filter: &'a str,
    /// The columns of `events` that are wanted.
    pub columns: &'a [&'static str],
    /// No more than so many.
    pub limit: Option<u64>,
    /// Whether originals are shown behind masks, and compared.
    pub reveal: Reveal,
    /// Who asks, for the log to note where originals are shown.
    pub request: &'a str,
    /// What it may take.
    pub limits: Limits,
}

/// Finds events by a filter, without SQL: nothing but what it lets through, oldest first.
pub fn find(runtime: &Runtime, lookup: &Lookup<'_>, output: &mut dyn Output) -> Result<Report, QueryError> {
    let Lookup { columns, limit, reveal, request, limits, .. } = *lookup;
    let filter = parse_filter(lookup.filter)?;
    let reader = Arc::new(Reader::new(runtime, (reveal, request), &limits)?);
    let places: Vec<usize> = columns.iter().filter_map(|name| Table::Events.place(name)).collect();
    let columns = Columns(places.iter().fold(0, |set, place| set | 1 << place));
    let shape = lookup.filter.trim().to_owned();
    let wanted = Wanted { table: Table::Events, columns, filter, shape, limit };
    let mut found = Rows::of(&reader, wanted)?;
    let written = |done: io::Result<()>| done.map_err(|error| QueryError::from(Wrong::Output(error)));
    let names = places.iter().map(|place| Table::Events.columns()[*place].name.to_owned());
    written(output.columns(&names.collect::<Vec<_>>()))?;
    let mut rows = 0;
    while let Some(row) = found.next()? {
        reader.check_time()?;
        if rows == limits.rows {
            return Err(Limit::Rows(limits.rows).into());
        }
        let values: Vec<Value<'_>> = places.iter().map(|place| row.cells[*place].as_value()).collect();
        written(reader.without_time(|| output.row(&values)))?;
        rows += 1;
    }
    // A scan that is late stops short.
    reader.check_time()?;
    drop(found);
    Ok(Report { rewritten: None, rows, scans: reader.take_scans() })
}

/// The columns of `events`, in order.
pub fn event_columns() -> impl Iterator<Item = &'static str> {
    Table::Events.columns().iter().map(|column| column.name)
}

/// Runs a query.
pub fn run(runtime: &Runtime, ask: &Ask<'_>, output: &mut dyn Output) -> Result<Report, QueryError> {
    let query = Rewritten::of(ask.sql)?;
    let reader = Arc::new(Reader::new(runtime, (ask.reveal, ask.request), &ask.limits)?);
    let rows = engine::run(&reader, &query, &ask.limits, output)?;
    let rewritten = (query.sql != ask.sql).then_some(query.sql);
    Ok(Report { rewritten, rows, scans: reader.take_scans() })
}
