//! Tables: one record a row, met block by block, so that a long trace takes no more memory than a
//! short one.

use std::io::Write;
use std::path::Path;

use activemirror::{Ask, Met, Readable, Runtime};
use activemirror_export::{Format, Table, WriteError, Writer};
use serde_json::json;

use super::{LeftOut, destination, reveal};
use crate::arguments::{ExportArguments, ExportTable};
use crate::command::request;
use crate::command::show::full_id;
use crate::failure::Failure;
use crate::output::{counting_bar, harmless, print_json};

pub(super) fn run(
    runtime: &Runtime,
    export: &ExportArguments,
    format: Format,
    json: bool,
) -> Result<(), Failure> {
    let traces = export.traces.iter().map(|id| full_id(runtime, id)).collect::<Result<Vec<_>, _>>()?;
    let (table, request) = (table(export.table.unwrap_or_default()), request());
    let ask = Ask { kinds: table.kinds(), traces: &traces, reveal: reveal(export), request: &request };
    let tally = destination::write(export.output.as_deref(), |out| write(runtime, &ask, table, format, out))?;
    if let Some(path) = &export.output {
        tally.print(path, json)?;
    }
    tally.end()
}

/// What became of the rows.
#[derive(Debug, Default)]
struct Tally {
    rows: u64,
    sealed: u64,
    erased: u64,
    left_out: LeftOut,
}

fn write(
    runtime: &Runtime,
    ask: &Ask<'_>,
    table: Table,
    format: Format,
    out: &mut (dyn Write + Send),
) -> Result<Tally, Failure> {
    let bar = counting_bar(0, "exporting");
    let mut writer = Writer::begin(table, format, out)?;
    let mut tally = Tally::default();
    let progress = |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    };
    runtime.pass(ask, |met| tally.take(&mut writer, &met), progress)?;
    writer.finish()?;
    bar.finish_and_clear();
    Ok(tally)
}

impl Tally {
    fn take(&mut self, writer: &mut Writer<&mut (dyn Write + Send)>, met: &Met) -> Result<(), Failure> {
        let before = writer.rows();
        match writer.write(met) {
            Ok(()) => {}
            Err(WriteError::Row(what)) => {
                let trace = met.trace.as_deref().map(|id| format!(" of trace {}", harmless(id)));
                let place = format!("{}/{}{}", met.log, met.sequence, trace.unwrap_or_default());
                self.left_out.note(format!("{place}: {what}"));
            }
            Err(error) => return Err(error.into()),
        }
        let written = writer.rows() - before;
        self.rows += written;
        match met.readable {
            Readable::Open => {}
            Readable::Sealed => self.sealed += written,
            Readable::Erased => self.erased += written,
        }
        Ok(())
    }

    fn print(&self, path: &Path, json: bool) -> Result<(), Failure> {
        let Self { rows, sealed, erased, .. } = self;
        if json {
            let file = path.to_string_lossy();
            return Ok(print_json(
                &json!({ "file": file, "rows": rows, "sealed": sealed, "erased": erased }),
            )?);
        }
        anstream::println!("{}: {rows} rows", path.display());
        Ok(())
    }

    /// Says which rows have nothing in them; a failure where rows are missing.
    fn end(self) -> Result<(), Failure> {
        for (count, why) in [(self.erased, "their person was erased"), (self.sealed, "their key is not here")]
        {
            if count > 0 {
                anstream::eprintln!("{count} of {} rows have no content: {why}", self.rows);
            }
        }
        self.left_out.failure(|rows| {
            format!("{rows} rows cannot be written in this format; `activemirror show` shows them")
        })
    }
}

const fn table(wanted: ExportTable) -> Table {
    match wanted {
        ExportTable::Events => Table::Events,
        ExportTable::Traces => Table::Traces,
        ExportTable::Verdicts => Table::Verdicts,
        ExportTable::Findings => Table::Findings,
    }
}
