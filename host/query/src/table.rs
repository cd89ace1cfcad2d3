//! The tables, as SQLite's virtual tables: which constraints of a query reach the log, and rows.
//!
//! SQLite asks [`VTab::best_index`] what a scan under some constraints would cost, and hands those
//! that the answer takes to [`VTabCursor::filter`]. It checks each of them again on every row, so
//! what reaches the log may rule out too little, but never too much.

mod plan;

use core::ffi::{CStr, c_int};
use std::borrow::Cow;
use std::ffi::CString;
use std::sync::Arc;

use activemirror_core::filter::Filter;
use rusqlite::vtab::{Context, Filters, IndexInfo, Module, VTab, VTabConnection, VTabCursor};
use rusqlite::{Connection, Error as SqlError, vtab};

use self::plan::Plan;
use crate::cell::Cell;
use crate::error::QueryError;
use crate::reader::Reader;
use crate::schema::Table;
use crate::source::{Columns, Place, Rest, Row, Rows, Wanted};

/// Sequences of one log, in the number that SQLite knows a row by.
const SEQUENCE_BITS: u32 = 48;

/// Makes the tables known to a connection.
pub(crate) fn create(connection: &Connection, reader: &Arc<Reader>) -> Result<(), SqlError> {
    const MODULE: &Module<'static, LogTable> = &Module::eponymous_only_module();
    Table::ALL.into_iter().try_for_each(|table| {
        connection.create_module(table.name(), MODULE, Some((table, Arc::clone(reader))))
    })
}

/// A table.
#[repr(C)]
struct LogTable {
    base: vtab::sqlite3_vtab,
    table: Table,
    reader: Arc<Reader>,
}

// SAFETY: it is `repr(C)`, and its first field is SQLite's own.
#[allow(unsafe_code, reason = "the trait asks for a layout that the compiler cannot see")]
unsafe impl VTab<'_> for LogTable {
    type Aux = (Table, Arc<Reader>);
    type Cursor = Cursor;

    fn connect(
        _: &mut VTabConnection,
        aux: Option<&Self::Aux>,
        _: &[u8],
        _: &[u8],
        _: &[u8],
        _: &[&[u8]],
    ) -> Result<(Cow<'static, CStr>, Self), SqlError> {
        let (table, reader) = aux.ok_or_else(|| SqlError::ModuleError("a table without a log".to_owned()))?;
        let declaration = CString::new(table.declaration())?;
        let base = vtab::sqlite3_vtab::default();
        Ok((Cow::Owned(declaration), Self { base, table: *table, reader: Arc::clone(reader) }))
    }

    fn best_index(&self, info: &mut IndexInfo) -> Result<bool, SqlError> {
        Plan::make(self.table, info)?;
        Ok(true)
    }

    fn open(&mut self) -> Result<Cursor, SqlError> {
        Ok(Cursor {
            base: vtab::sqlite3_vtab_cursor::default(),
            table: self.table,
            reader: Arc::clone(&self.reader),
            rows: None,
            rest: None,
            row: None,
            number: 0,
        })
    }
}

/// A scan of a table.
#[repr(C)]
struct Cursor {
    base: vtab::sqlite3_vtab_cursor,
    table: Table,
    reader: Arc<Reader>,
    rows: Option<Rows>,
    rest: Option<Rest>,
    row: Option<Row>,
    /// How many rows came before it.
    number: u64,
}

impl Cursor {
    fn begin(&mut self, columns: c_int, plan: Option<&str>, values: &Filters<'_>) -> Result<(), QueryError> {
        let plan = Plan::read(self.table, plan.unwrap_or_default());
        let mut wanted = Wanted {
            table: self.table,
            columns: Columns(columns.cast_unsigned()),
            filter: Filter::All(plan.tests(values)),
            shape: plan.shape(),
            limit: None,
        };
        self.rest = Rest::of(&self.reader, &mut wanted);
        self.rows = Some(Rows::of(&self.reader, wanted)?);
        (self.row, self.number) = (None, 0);
        self.advance()
    }

    fn advance(&mut self) -> Result<(), QueryError> {
        self.number += u64::from(self.row.is_some());
        self.row = match &mut self.rows {
            Some(rows) => rows.next()?,
            None => None,
        };
        // Behind the row, or its absence: a scan that is late stops short.
        self.reader.check_time()
    }

    fn cell(&self, column: usize) -> Result<Cow<'_, Cell>, QueryError> {
        let Some(row) = &self.row else { return Ok(Cow::Owned(Cell::Null)) };
        if let (Some(rest), Some(rows)) = (&self.rest, &self.rows) {
            let place = Place { row, number: self.number, coming: rows.coming() };
            if let Some(cell) = rest.cell(column, place)? {
                return Ok(Cow::Owned(cell));
            }
        }
        Ok(row.cells.get(column).map_or(Cow::Owned(Cell::Null), Cow::Borrowed))
    }

    /// SQLite hands on no errors but texts; the query asks the reader for what it was.
    fn kept<T>(&self, done: Result<T, QueryError>) -> Result<T, SqlError> {
        done.map_err(|error| {
            let text = error.to_string();
            self.reader.fail(error);
            SqlError::ModuleError(text)
        })
    }
}

// SAFETY: it is `repr(C)`, and its first field is SQLite's own.
#[allow(unsafe_code, reason = "the trait asks for a layout that the compiler cannot see")]
unsafe impl VTabCursor for Cursor {
    fn filter(&mut self, columns: c_int, plan: Option<&str>, values: &Filters<'_>) -> Result<(), SqlError> {
        let done = self.begin(columns, plan, values);
        self.kept(done)
    }

    fn next(&mut self) -> Result<(), SqlError> {
        let done = self.advance();
        self.kept(done)
    }

    fn eof(&self) -> bool {
        self.row.is_none()
    }

    fn column(&self, context: &mut Context, column: c_int) -> Result<(), SqlError> {
        let cell = usize::try_from(column).map_or(Ok(Cow::Owned(Cell::Null)), |column| self.cell(column));
        context.set_result(&self.kept(cell)?.as_sql())
    }

    fn rowid(&self) -> Result<i64, SqlError> {
        let Some(row) = &self.row else { return Ok(0) };
        let log = self.reader.number_of(row.log) as u64;
        Ok((log << SEQUENCE_BITS | row.sequence & ((1 << SEQUENCE_BITS) - 1)).cast_signed())
    }
}
