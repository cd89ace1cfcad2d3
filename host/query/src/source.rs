//! Rows from the log, as the query's reader may see them: masked, unless originals are revealed.
//!
//! What is masked is masked before SQLite gets it, so a condition on content sees tokens, and no
//! query can find out by comparing what a mask hides. Columns that nobody asked for are left empty,
//! and where none of those that are asked for is content, nobody's content is opened.

mod scan;
mod stream;
mod traces;
mod view;

use core::ops::ControlFlow;
use std::sync::Arc;

use activemirror::LogId;
use activemirror_core::filter::{Filter, Name, Sieve};

use self::stream::Stream;
use crate::cell::Cell;
use crate::error::QueryError;
use crate::reader::Reader;
use crate::schema::Table;

/// As many rows as a look-up gives at once; what gives more comes bit by bit.
const AT_ONCE: usize = 2_048;

/// What a scan wants.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) table: Table,
    pub(crate) columns: Columns,
    /// What the query's constraints come to.
    pub(crate) filter: Filter,
    /// What they look like to people.
    pub(crate) shape: String,
    /// No more rows than these.
    pub(crate) limit: Option<u64>,
}

/// A set of a table's columns, by their places.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Columns(pub(crate) u32);

impl Columns {
    pub(crate) const fn has(self, place: usize) -> bool {
        self.0 >> place & 1 == 1
    }

    /// Whether one of these is in it.
    pub(crate) fn have(self, table: Table, names: &[&str]) -> bool {
        let columns = table.columns().iter().enumerate();
        columns.filter(|(place, _)| self.has(*place)).any(|(_, column)| names.contains(&column.name))
    }
}

/// A row of a table.
#[derive(Debug)]
pub(crate) struct Row {
    /// The log and the sequence that tell it from every other.
    pub(crate) log: LogId,
    pub(crate) sequence: u64,
    /// Its columns; those that nobody asked for are null.
    pub(crate) cells: Vec<Cell>,
}

/// The rows of a scan, one by one.
#[derive(Debug)]
pub(crate) enum Rows {
    /// All of them are there.
    Ready(std::vec::IntoIter<Row>),
    /// They come while they are read.
    Coming(Stream),
}

impl Rows {
    /// Begins a scan. One of a few traces is over at once; any other runs beside the query.
    pub(crate) fn of(reader: &Arc<Reader>, wanted: Wanted) -> Result<Self, QueryError> {
        reader.report(wanted.table, &wanted.shape, |scan| scan.runs += 1);
        if is_look_up(&wanted)
            && let Some(rows) = at_once(reader, &wanted)?
        {
            return Ok(Self::Ready(rows.into_iter()));
        }
        Ok(Self::Coming(Stream::start(reader, wanted)?))
    }

    pub(crate) fn next(&mut self) -> Result<Option<Row>, QueryError> {
        match self {
            Self::Ready(rows) => Ok(rows.next()),
            Self::Coming(stream) => stream.next(),
        }
    }
}

/// Whether a scan names the traces that it wants, as one within a loop over traces does.
fn is_look_up(wanted: &Wanted) -> bool {
    let sieve = Sieve::new(&wanted.filter);
    sieve.is_ok_and(|sieve| sieve.pinned(Name::Trace).is_some_and(|traces| traces.len() == 1))
}

/// All rows of a scan, unless they are too many.
fn at_once(reader: &Arc<Reader>, wanted: &Wanted) -> Result<Option<Vec<Row>>, QueryError> {
    let mut rows = Vec::new();
    scan::run(reader, wanted, &mut |row| {
        rows.push(row);
        if rows.len() > AT_ONCE { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    Ok((rows.len() <= AT_ONCE).then_some(rows))
}
