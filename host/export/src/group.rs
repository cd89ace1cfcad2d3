//! Apache Parquet: rows become columns, in row groups that fit a small machine's memory.
//!
//! The columns are written with Parquet's own column writers; there is no Arrow in between, which
//! would double what is built for no gain here. Texts are dictionaries where they repeat, and pages
//! are packed with Zstandard. NULL is Parquet's own. Types, for whoever reads it:
//!
//! | column | Parquet |
//! |---|---|
//! | text | `BYTE_ARRAY`, `STRING` |
//! | JSON | `BYTE_ARRAY`, `JSON` |
//! | whole number | `INT64`, `INTEGER(64, unsigned)` |
//! | number | `DOUBLE` |
//! | true or false | `BOOLEAN` |
//! | time | `INT64`, `TIMESTAMP(MILLIS, UTC)` |

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type as Schema, TypePtr};

use crate::cell::{Cell, Column, Type};
use crate::error::{WriteError, output_failed};

/// Rows of a row group: half of what readers of it share out among threads at a time.
const ROWS: usize = 65_536;

/// Bytes of texts of a row group; rows of long texts make shorter ones.
const BYTES: usize = 32 << 20;

/// Bytes that a text takes beside its own.
const TEXT_BYTES: usize = size_of::<ByteArray>();

/// Writes rows in groups.
#[derive(Debug)]
pub struct Groups<W: Write + Send> {
    file: SerializedFileWriter<W>,
    columns: Vec<Filling>,
    rows: usize,
    bytes: usize,
}

/// One column of the group under way.
#[derive(Debug)]
struct Filling {
    optional: bool,
    /// One a row: 1 where there is a value.
    levels: Vec<i16>,
    values: Values,
}

#[derive(Debug)]
enum Values {
    Texts(Vec<ByteArray>),
    Wholes(Vec<i64>),
    Numbers(Vec<f64>),
    Truths(Vec<bool>),
}

impl<W: Write + Send> Groups<W> {
    /// Begins a file of these columns.
    pub fn begin(output: W, columns: &[Column]) -> Result<Self, WriteError> {
        let level = ZstdLevel::default();
        let properties = WriterProperties::builder()
            .set_created_by(concat!("activemirror ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_compression(Compression::ZSTD(level))
            .set_dictionary_enabled(true)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_max_row_group_row_count(Some(ROWS))
            .build();
        let schema = schema(columns).map_err(output_failed)?;
        let file = SerializedFileWriter::new(output, schema, Arc::new(properties)).map_err(output_failed)?;
        let columns = columns.iter().map(|column| Filling::of(*column)).collect();
        Ok(Self { file, columns, rows: 0, bytes: 0 })
    }

    /// Takes a row; writes the group where it is full.
    pub fn write(&mut self, row: &[Cell<'_>]) -> Result<(), WriteError> {
        for (column, cell) in self.columns.iter_mut().zip(row) {
            self.bytes += column.push(cell);
        }
        self.rows += 1;
        if self.rows >= ROWS || self.bytes >= BYTES {
            self.write_group().map_err(output_failed)?;
        }
        Ok(())
    }

    /// Writes the last group and the footer, flushes the output and gives it back.
    pub fn finish(mut self) -> io::Result<W> {
        if self.rows > 0 {
            self.write_group().map_err(output_failed)?;
        }
        self.file.into_inner().map_err(output_failed)
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.file.next_row_group()?;
        for filling in &mut self.columns {
            if let Some(column) = group.next_column()? {
                filling.write(column)?;
            }
        }
        group.close()?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

impl Filling {
    const fn of(column: Column) -> Self {
        let values = match column.of {
            Type::Text | Type::Json => Values::Texts(Vec::new()),
            Type::Whole | Type::Time => Values::Wholes(Vec::new()),
            Type::Number => Values::Numbers(Vec::new()),
            Type::Truth => Values::Truths(Vec::new()),
        };
        Self { optional: column.optional, levels: Vec::new(), values }
    }

    /// Takes the next row's value; returns what it takes in memory.
    fn push(&mut self, cell: &Cell<'_>) -> usize {
        self.levels.push(i16::from(*cell != Cell::Null));
        match (&mut self.values, cell) {
            (Values::Texts(texts), Cell::Text(text)) => push_text(texts, text),
            (Values::Texts(texts), Cell::Json(text)) => push_text(texts, text),
            // The type says that it is unsigned.
            (Values::Wholes(numbers), Cell::Whole(number)) => push(numbers, number.cast_signed()),
            (Values::Wholes(numbers), Cell::Time(time, _)) => push(numbers, time.as_millis()),
            (Values::Numbers(numbers), Cell::Number(number)) => push(numbers, *number),
            (Values::Truths(truths), Cell::Truth(truth)) => push(truths, *truth),
            _ => 0,
        }
    }

    fn write(&mut self, mut column: SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = self.optional.then_some(&*self.levels);
        match &self.values {
            Values::Texts(texts) => column.typed::<ByteArrayType>().write_batch(texts, levels, None)?,
            Values::Wholes(numbers) => column.typed::<Int64Type>().write_batch(numbers, levels, None)?,
            Values::Numbers(numbers) => column.typed::<DoubleType>().write_batch(numbers, levels, None)?,
            Values::Truths(truths) => column.typed::<BoolType>().write_batch(truths, levels, None)?,
        };
        self.clear();
        column.close()
    }

    fn clear(&mut self) {
        self.levels.clear();
        match &mut self.values {
            Values::Texts(texts) => texts.clear(),
            Values::Wholes(numbers) => numbers.clear(),
            Values::Numbers(numbers) => numbers.clear(),
            Values::Truths(truths) => truths.clear(),
        }
    }
}

/// A text that is the same as the one before shares its bytes.
fn push_text(texts: &mut Vec<ByteArray>, text: &str) -> usize {
    if let Some(last) = texts.last().filter(|last| last.data() == text.as_bytes()) {
        let last = last.clone();
        return push(texts, last);
    }
    texts.push(ByteArray::from(text));
    TEXT_BYTES + text.len()
}

fn push<T>(values: &mut Vec<T>, value: T) -> usize {
    values.push(value);
    size_of::<T>()
}

fn schema(columns: &[Column]) -> Result<TypePtr, ParquetError> {
    let fields = columns.iter().map(|column| {
        let (physical, logical) = match column.of {
            Type::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Type::Json => (Physical::BYTE_ARRAY, Some(LogicalType::Json)),
            Type::Whole => (Physical::INT64, Some(LogicalType::integer(64, false))),
            Type::Number => (Physical::DOUBLE, None),
            Type::Truth => (Physical::BOOLEAN, None),
            Type::Time => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
        };
        let repetition = if column.optional { Repetition::OPTIONAL } else { Repetition::REQUIRED };
        let field = Schema::primitive_type_builder(column.name, physical);
        field.with_repetition(repetition).with_logical_type(logical).build().map(Arc::new)
    });
    let fields = fields.collect::<Result<_, _>>()?;
    Ok(Arc::new(Schema::group_type_builder("activemirror").with_fields(fields).build()?))
}
