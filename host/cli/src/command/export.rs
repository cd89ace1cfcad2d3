//! `activemirror export`: traces out, one a line.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use activemirror::format::{WriteError, mirrordna};
use activemirror::{Reveal, Runtime};

use crate::arguments::{Arguments, ExportArguments, ExportFormat};
use crate::command::show::full_id;
use crate::command::{left_out, request};
use crate::failure::Failure;
use crate::output::{counting_bar, harmless};
use crate::place;
use crate::plugins::Governing;

pub(crate) fn run(arguments: &Arguments, export: &ExportArguments) -> Result<(), Failure> {
    let ExportFormat::Mirrordna = export.format;
    let runtime = place::open(arguments, Governing::Nothing)?;
    let ids = wanted(&runtime, export)?;
    let reveal = if export.reveal { Reveal::Originals } else { Reveal::Masked };
    match &export.output {
        None => write(&runtime, &ids, reveal, arguments.json, io::stdout().lock()),
        Some(path) => {
            let file = File::create(path)
                .map_err(|error| Failure::input(format_args!("cannot write {}: {error}", path.display())))?;
            write(&runtime, &ids, reveal, arguments.json, BufWriter::new(file))
        }
    }
}

/// The ids that were asked for; all of them, oldest first, where none was.
fn wanted(runtime: &Runtime, export: &ExportArguments) -> Result<Vec<String>, Failure> {
    if !export.traces.is_empty() {
        return export.traces.iter().map(|id| full_id(runtime, id)).collect();
    }
    Ok(runtime.traces()?.into_iter().rev().map(|trace| trace.id).collect())
}

fn write(
    runtime: &Runtime,
    ids: &[String],
    reveal: Reveal,
    json: bool,
    out: impl Write,
) -> Result<(), Failure> {
    let bar = counting_bar(ids.len() as u64, "exporting");
    let mut writer = mirrordna::Writer::new(out);
    let mut left_out = Vec::new();
    for id in ids {
        let trace = runtime.read(id, reveal, &request())?;
        let document = trace.document();
        match writer.write(&document.trace, &document.verdicts, &document.findings) {
            Ok(()) => {}
            Err(WriteError::Io(error)) => return Err(error.into()),
            // A device may store what no JSON can say; that must not keep everything else here.
            Err(error) => left_out.push(format!("trace {}: {error}", harmless(id))),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    writer.finish()?;
    left_out::say(runtime, json);
    if left_out.is_empty() {
        return Ok(());
    }
    Err(Failure::system(format_args!(
        "{} of {} traces cannot be written in this format; `activemirror show` shows them\n{}",
        left_out.len(),
        ids.len(),
        left_out.join("\n")
    )))
}
