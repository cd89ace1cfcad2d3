//! Rows as people and programs read them: a table, or JSON, one object a line.

use std::io::{self, BufWriter, Stdout, Write};

use activemirror_query::{Output, Value};
use serde::Serializer as _;
use serde_json::Value as Json;

use super::clock::Beat;
use crate::output::{harmless, print_table, table};

/// Rows that are laid out together; a long result is a row of tables, so that memory stays bounded.
const TOGETHER: usize = 1_000;

/// Characters of a value in a table. `--json` has all of it.
const SHOWN: usize = 80;

/// Prints rows.
pub(super) struct Lines {
    shape: Shape,
    beat: Beat,
}

enum Shape {
    Json { out: BufWriter<Stdout>, names: Vec<String> },
    Table { heads: Vec<String>, rows: Vec<Vec<String>>, printed: bool },
}

impl Lines {
    pub(super) fn new(json: bool, beat: Beat) -> Self {
        let shape = match json {
            true => Shape::Json { out: BufWriter::new(io::stdout()), names: Vec::new() },
            false => Shape::Table { heads: Vec::new(), rows: Vec::new(), printed: false },
        };
        Self { shape, beat }
    }

    /// Prints what is not printed yet.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.beat.tick();
        let done = self.shape.print();
        self.beat.tick();
        done
    }
}

impl Shape {
    fn print(&mut self) -> io::Result<()> {
        match self {
            Self::Json { out, .. } => out.flush(),
            Self::Table { heads, rows, printed } if heads.is_empty() || *printed && rows.is_empty() => Ok(()),
            Self::Table { heads, rows, printed } => {
                *printed = true;
                let mut table = table(heads.iter());
                table.add_rows(core::mem::take(rows));
                print_table(&table)
            }
        }
    }

    fn take(&mut self, values: &[Value<'_>]) -> io::Result<()> {
        match self {
            Self::Json { out, names } => {
                // As a map it would lose the order of the columns.
                let members = names.iter().zip(values.iter().map(json));
                serde_json::Serializer::new(&mut *out).collect_map(members)?;
                writeln!(out)
            }
            Self::Table { rows, .. } => {
                rows.push(values.iter().map(shown).collect());
                if rows.len() < TOGETHER { Ok(()) } else { self.print() }
            }
        }
    }
}

impl Output for Lines {
    fn columns(&mut self, columns: &[String]) -> io::Result<()> {
        match &mut self.shape {
            Shape::Json { names, .. } => *names = apart(columns),
            Shape::Table { heads, .. } => *heads = columns.iter().map(|name| harmless(name)).collect(),
        }
        Ok(())
    }

    fn row(&mut self, values: &[Value<'_>]) -> io::Result<()> {
        self.beat.tick();
        let done = self.shape.take(values);
        self.beat.tick();
        done
    }
}

/// Names of which none is there twice: an object has each once.
fn apart(columns: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(columns.len());
    for column in columns {
        let same = names.iter().filter(|name| name.split(':').next() == Some(column)).count();
        let mut own = if same == 0 { column.clone() } else { format!("{column}:{}", same + 1) };
        while names.contains(&own) {
            own.push('_');
        }
        names.push(own);
    }
    names
}

fn json(value: &Value<'_>) -> Json {
    match *value {
        Value::Null => Json::Null,
        Value::Whole(number) => number.into(),
        // JSON has no infinity.
        Value::Float(number) => {
            serde_json::Number::from_f64(number).map_or_else(|| number.to_string().into(), Json::Number)
        }
        Value::Text(text) => text.into(),
        Value::Bytes(bytes) => hexadecimal(bytes).into(),
    }
}

fn shown(value: &Value<'_>) -> String {
    match *value {
        Value::Null => "-".to_owned(),
        Value::Whole(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Text(text) => short(&harmless(text)),
        Value::Bytes(bytes) => short(&hexadecimal(bytes)),
    }
}

/// One line of a text, and not all of a long one.
fn short(text: &str) -> String {
    let line: String = text.chars().take(SHOWN).map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    if text.chars().nth(SHOWN).is_some() { format!("{line}…") } else { line }
}

/// As SQL writes bytes.
fn hexadecimal(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("x'{digits}'")
}
