//! A table on its way out, in one of the formats.

use std::io::{self, Write};

use activemirror::Met;

use crate::cell::Cell;
use crate::error::WriteError;
use crate::group::Groups;
use crate::lines::Lines;
use crate::sheet::Sheet;
use crate::table::Table;

/// A format that tables are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Apache Parquet.
    Parquet,
    /// Comma-separated values.
    Csv,
    /// One JSON object a row.
    JsonLines,
}

/// Writes a table.
#[derive(Debug)]
pub struct Writer<W: Write + Send> {
    table: Table,
    form: Form<W>,
    rows: u64,
}

#[derive(Debug)]
enum Form<W: Write + Send> {
    Parquet(Groups<W>),
    Csv(Box<Sheet<W>>),
    JsonLines(Lines<W>),
}

impl<W: Write + Send> Writer<W> {
    /// Begins to write `table` to `output`, which should have a buffer of its own.
    pub fn begin(table: Table, format: Format, output: W) -> Result<Self, WriteError> {
        let columns = table.columns();
        let form = match format {
            Format::Parquet => Form::Parquet(Groups::begin(output, columns)?),
            Format::Csv => Form::Csv(Box::new(Sheet::begin(output, columns)?)),
            Format::JsonLines => Form::JsonLines(Lines::begin(output, columns)),
        };
        Ok(Self { table, form, rows: 0 })
    }

    /// Writes the row that a record is in this table; nothing where it belongs to another.
    pub fn write(&mut self, met: &Met) -> Result<(), WriteError> {
        let Some(row) = self.table.row(met)? else { return Ok(()) };
        self.form.write(&row)?;
        self.rows += 1;
        Ok(())
    }

    /// How many rows it has written.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// Writes what is left, flushes the output and gives it back.
    pub fn finish(self) -> io::Result<W> {
        match self.form {
            Form::Parquet(groups) => groups.finish(),
            Form::Csv(sheet) => sheet.finish(),
            Form::JsonLines(lines) => lines.finish(),
        }
    }
}

impl<W: Write + Send> Form<W> {
    fn write(&mut self, row: &[Cell<'_>]) -> Result<(), WriteError> {
        match self {
            Self::Parquet(groups) => groups.write(row),
            Self::Csv(sheet) => Ok(sheet.write(row)?),
            Self::JsonLines(lines) => lines.write(row),
        }
    }
}
