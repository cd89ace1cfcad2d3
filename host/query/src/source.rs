//! Rows from the log, as the query's reader may see them: masked, unless originals are revealed.
//!
//! What is masked is masked before SQLite gets it, so a condition on content sees tokens, and no
//! query can find out by comparing what a mask hides. Columns that nobody asked for are left empty,
//! and where none of those that are asked for is content, nobody's content is opened.

mod look_up;
mod recent;
mod rest;
mod scan;
mod stream;
mod view;

use std::sync::Arc;

use activemirror::LogId;
use activemirror_core::filter::Filter;

use self::look_up::LookUp;
use self::stream::Stream;
use crate::cell::Cell;
use crate::error::QueryError;
use crate::reader::Reader;
use crate::schema::Table;

pub(crate) use self::look_up::Rows as LookedUp;
pub(crate) use self::rest::{Known, Place, Rest};

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

impl Wanted {
    /// What tells it from scans that come to other rows.
    fn key(&self) -> String {
        format!("{:?} {} {:?} {:?}", self.table, self.columns.0, self.limit, self.filter)
    }
}

/// A set of a table's columns, by their places.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Columns(pub(crate) u32);

impl Columns {
    pub(crate) const fn has(self, place: usize) -> bool {
        self.0 >> place & 1 == 1
    }

    /// With this one.
    const fn with(self, place: usize) -> Self {
        Self(self.0 | 1 << place)
    }

    /// Whether one of these is in it.
    pub(crate) fn have(self, table: Table, names: &[&str]) -> bool {
        let columns = table.columns().iter().enumerate();
        columns.filter(|(place, _)| self.has(*place)).any(|(_, column)| names.contains(&column.name))
    }
}

/// A row of a table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The log and the sequence that tell it from every other.
    pub(crate) log: LogId,
    pub(crate) sequence: u64,
    /// Its columns; those that nobody asked for are null, and those that [`Rest`] has.
    pub(crate) cells: Vec<Cell>,
}

impl Row {
    /// Bytes that it takes in memory, about.
    fn bytes(&self) -> usize {
        size_of::<Self>() + self.cells.iter().map(Cell::bytes).sum::<usize>()
    }
}

/// The rows of a scan, one by one.
#[derive(Debug)]
pub(crate) enum Rows {
    /// They are those of one trace.
    LookedUp(Box<LookUp>),
    /// They come while they are read.
    Coming(Stream),
}

impl Rows {
    /// Begins a scan: a look-up by itself, any other beside the query.
    pub(crate) fn of(reader: &Arc<Reader>, wanted: Wanted) -> Result<Self, QueryError> {
        reader.report(wanted.table, &wanted.shape, |scan| scan.runs += 1);
        match LookUp::of(reader, &wanted)? {
            Some(rows) => Ok(Self::LookedUp(Box::new(rows))),
            None => Ok(Self::Coming(Stream::start(reader, wanted)?)),
        }
    }

    pub(crate) fn next(&mut self) -> Result<Option<Row>, QueryError> {
        match self {
            Self::LookedUp(rows) => rows.next(),
            Self::Coming(stream) => stream.next(),
        }
    }

    /// Rows that come next, as far as they are here.
    pub(crate) fn coming(&self) -> &[Row] {
        match self {
            Self::LookedUp(rows) => rows.coming(),
            Self::Coming(stream) => stream.coming(),
        }
    }
}
