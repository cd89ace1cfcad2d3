//! JSON Lines: one row a line, an object with every column by its name. NULL is `null`, times are
//! RFC 3339 in UTC, and what is the text of a JSON value elsewhere is that value here, its numbers as
//! they were written.

use std::io::{self, Write};

use struson::reader::{JsonReader as _, JsonStreamReader, ReaderSettings};
use struson::writer::{JsonStreamWriter, JsonWriter};

use crate::cell::{Cell, Column};
use crate::error::{Unwritable, WriteError};

/// Writes rows as lines of JSON.
#[derive(Debug)]
pub struct Lines<W: Write> {
    output: W,
    columns: &'static [Column],
    line: Vec<u8>,
}

impl<W: Write> Lines<W> {
    /// Lines of these columns.
    pub const fn begin(output: W, columns: &'static [Column]) -> Self {
        Self { output, columns, line: Vec::new() }
    }

    /// Writes a row.
    pub fn write(&mut self, row: &[Cell<'_>]) -> Result<(), WriteError> {
        self.line.clear();
        let mut json = JsonStreamWriter::new(&mut self.line);
        json.begin_object()?;
        for (column, cell) in self.columns.iter().zip(row) {
            json.name(column.name)?;
            write_cell(&mut json, cell)?;
        }
        json.end_object()?;
        json.finish_document()?;
        self.line.push(b'\n');
        Ok(self.output.write_all(&self.line)?)
    }

    /// Flushes the output and gives it back.
    pub fn finish(mut self) -> io::Result<W> {
        self.output.flush()?;
        Ok(self.output)
    }
}

fn write_cell(json: &mut impl JsonWriter, cell: &Cell<'_>) -> Result<(), WriteError> {
    match cell {
        Cell::Null => json.null_value()?,
        Cell::Text(text) => json.string_value(text)?,
        Cell::Time(_, text) => json.string_value(text)?,
        Cell::Json(text) => copy(text, json)?,
        Cell::Whole(number) => json.number_value(*number)?,
        Cell::Number(number) if !number.is_finite() => return Err(Unwritable::Number(*number).into()),
        Cell::Number(number) => json
            .number_value_from_string(zmij::Buffer::new().format(*number))
            .map_err(|_| Unwritable::Number(*number))?,
        Cell::Truth(truth) => json.bool_value(*truth)?,
    }
    Ok(())
}

/// Copies a value that this package has written itself.
fn copy(text: &str, json: &mut impl JsonWriter) -> io::Result<()> {
    // What was stored has been bounded before.
    let settings = ReaderSettings {
        restrict_number_values: false,
        max_nesting_depth: None,
        ..ReaderSettings::default()
    };
    let mut reader = JsonStreamReader::new_custom(text.as_bytes(), settings);
    reader.transfer_to(json).map_err(io::Error::other)
}
