//! `activemirror export`: traces out, whole or as tables.
//!
//! [`traces`] writes the exchange format, one trace a line, [`table`] one record a row, and
//! [`destination`] sees to it that a file appears whole or not at all.

mod destination;
mod table;
mod traces;

use std::io::{self, IsTerminal};

use activemirror::Reveal;
use activemirror_export::Format;

use crate::arguments::{Arguments, ExportArguments, ExportFormat};
use crate::command::left_out;
use crate::failure::Failure;
use crate::place;
use crate::plugins::Governing;

/// How many things that were left out are named; more are counted.
const NAMED: usize = 20;

pub(crate) fn run(arguments: &Arguments, export: &ExportArguments) -> Result<(), Failure> {
    let format = match export.format {
        ExportFormat::Mirrordna => None,
        ExportFormat::Jsonl => Some(Format::JsonLines),
        ExportFormat::Parquet => Some(Format::Parquet),
        ExportFormat::Csv => Some(Format::Csv),
    };
    if format.is_none() && export.table.is_some() {
        return Err(Failure::input("--table goes with --format jsonl, parquet or csv"));
    }
    if format == Some(Format::Parquet) && export.output.is_none() && io::stdout().is_terminal() {
        return Err(Failure::input("Parquet is nothing for a terminal; say where with --output FILE"));
    }
    let runtime = place::open(arguments, Governing::Nothing)?;
    let exported = match format {
        None => traces::run(&runtime, export),
        Some(format) => table::run(&runtime, export, format, arguments.json),
    };
    left_out::say(&runtime, arguments.json);
    exported
}

fn reveal(export: &ExportArguments) -> Reveal {
    if export.reveal { Reveal::Originals } else { Reveal::Masked }
}

/// What was left out of an export.
#[derive(Debug, Default)]
struct LeftOut {
    count: u64,
    /// The first few.
    named: Vec<String>,
}

impl LeftOut {
    fn note(&mut self, what: String) {
        self.count += 1;
        if self.named.len() < NAMED {
            self.named.push(what);
        }
    }

    /// A failure where anything was left out; `said` is its first line.
    fn failure(self, said: impl FnOnce(u64) -> String) -> Result<(), Failure> {
        if self.count == 0 {
            return Ok(());
        }
        let more = self.count - self.named.len() as u64;
        let more = if more == 0 { String::new() } else { format!("\nand {more} more") };
        Err(Failure::system(format_args!("{}\n{}{more}", said(self.count), self.named.join("\n"))))
    }
}
