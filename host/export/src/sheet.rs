//! CSV (RFC 4180): commas, a row of names first, one record a row, UTF-8.
//!
//! - **NULL and the empty text differ.** Every text stands in quotes, the empty one as `""`; NULL is
//!   nothing at all between two commas, as in PostgreSQL's and `DuckDB`'s own CSV.
//! - **A spreadsheet runs nothing.** Spreadsheets take a cell that begins with `=`, `+`, `-`, `@`, a
//!   tab or a line break for a formula, quotes or not, and what an agent was told is written by
//!   strangers. Such a text gets an apostrophe in front, which spreadsheets do not show. A text that
//!   begins with an apostrophe gets one too, so nothing is lost: whoever takes one apostrophe away
//!   from each text that begins with one has the originals.
//! - Numbers and times stand without quotes, times as RFC 3339 in UTC, JSON as text.

use core::iter::once;
use std::io::{self, Write};

use csv_core::{QuoteStyle, WriterBuilder};

use crate::cell::{Cell, Column};

/// What a spreadsheet may take for the beginning of a formula, in its full-width forms as well; and
/// what keeps it from doing so.
const GUARDED: [char; 12] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', GUARD];

/// What keeps a text a text.
const GUARD: char = '\'';

/// Writes rows of CSV.
#[derive(Debug)]
pub struct Sheet<W: Write> {
    output: W,
    /// Writes fields in quotes.
    quoted: csv_core::Writer,
    /// Writes fields as they are: a field that is nothing must differ from an empty one.
    plain: csv_core::Writer,
    row: Vec<u8>,
}

impl<W: Write> Sheet<W> {
    /// Begins with a row of names.
    pub fn begin(output: W, columns: &[Column]) -> io::Result<Self> {
        let writer = |style| WriterBuilder::new().quote_style(style).build();
        let (quoted, plain) = (writer(QuoteStyle::Always), writer(QuoteStyle::Never));
        let mut sheet = Self { output, quoted, plain, row: Vec::new() };
        let names: Vec<Field<'_>> =
            columns.iter().map(|column| Field::Plain(column.name.to_owned())).collect();
        sheet.write_fields(&names)?;
        Ok(sheet)
    }

    /// Writes a row.
    pub fn write(&mut self, row: &[Cell<'_>]) -> io::Result<()> {
        let fields: Vec<Field<'_>> = row.iter().map(Field::of).collect();
        self.write_fields(&fields)
    }

    /// Flushes the output and gives it back.
    pub fn finish(mut self) -> io::Result<W> {
        self.output.flush()?;
        Ok(self.output)
    }

    fn write_fields(&mut self, fields: &[Field<'_>]) -> io::Result<()> {
        self.row.clear();
        let ends = (1..fields.len()).map(|_| End::Field).chain(once(End::Row));
        for (field, end) in fields.iter().zip(ends) {
            self.put(field, end);
        }
        self.output.write_all(&self.row)
    }

    fn put(&mut self, field: &Field<'_>, end: End) {
        let (writer, guard, text) = match field {
            Field::Quoted(text) => (&mut self.quoted, text.starts_with(GUARDED), *text),
            Field::Plain(text) => (&mut self.plain, false, text.as_str()),
        };
        let at = self.row.len();
        // Each byte may be a quote, which takes two; then quotes around it, the guard, and an end.
        self.row.resize(at + 2 * text.len() + 8, 0);
        let mut written = at;
        if guard {
            written += writer.field(GUARD.encode_utf8(&mut [0; 4]).as_bytes(), &mut self.row[written..]).2;
        }
        written += writer.field(text.as_bytes(), &mut self.row[written..]).2;
        written += match end {
            End::Field => writer.delimiter(&mut self.row[written..]).1,
            End::Row => writer.terminator(&mut self.row[written..]).1,
        };
        self.row.truncate(written);
    }
}

/// What comes behind a field.
#[derive(Clone, Copy)]
enum End {
    Field,
    Row,
}

/// A field, and whether quotes stand around it.
enum Field<'f> {
    Quoted(&'f str),
    Plain(String),
}

impl<'f> Field<'f> {
    fn of(cell: &'f Cell<'_>) -> Self {
        match cell {
            Cell::Null => Self::Plain(String::new()),
            Cell::Text(text) => Self::Quoted(text),
            Cell::Json(text) => Self::Quoted(text),
            Cell::Whole(number) => Self::Plain(number.to_string()),
            Cell::Number(number) => Self::Plain(number.to_string()),
            Cell::Truth(truth) => Self::Plain(truth.to_string()),
            Cell::Time(_, text) => Self::Plain(text.clone()),
        }
    }
}
