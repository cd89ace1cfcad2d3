//! The exchange format: MirrorDNA, one trace a line with all that belongs to it.

use std::io::Write;

use activemirror::format::{WriteError, mirrordna};
use activemirror::{LogId, Runtime};

use super::{LeftOut, destination, reveal};
use crate::arguments::ExportArguments;
use crate::command::request;
use crate::command::show::full_id;
use crate::failure::Failure;
use crate::output::{counting_bar, harmless};

pub(super) fn run(runtime: &Runtime, export: &ExportArguments) -> Result<(), Failure> {
    let wanted = wanted(runtime, export)?;
    let left_out = destination::write(export.output.as_deref(), |out| {
        let (count, mut left_out) = (wanted.len(), LeftOut::default());
        write(runtime, &wanted, export, out, &mut left_out)?;
        Ok((left_out, count))
    })?;
    let (left_out, count) = left_out;
    left_out.failure(|left_out| {
        format!(
            "{left_out} of {count} traces cannot be written in this format; `activemirror show` shows them"
        )
    })
}

/// The traces that were asked for; all of them, oldest first, where none was. Two logs may share an
/// id, and then each has a trace of it.
fn wanted(runtime: &Runtime, export: &ExportArguments) -> Result<Vec<(LogId, String)>, Failure> {
    let ids: Vec<String> = export.traces.iter().map(|id| full_id(runtime, id)).collect::<Result<_, _>>()?;
    let all = runtime.traces()?.into_iter().rev().map(|trace| (trace.log, trace.id));
    if ids.is_empty() {
        return Ok(all.collect());
    }
    let all: Vec<_> = all.collect();
    let of = |id: &String| all.iter().filter(move |(_, known)| known == id).cloned().collect::<Vec<_>>();
    Ok(ids.iter().flat_map(of).collect())
}

fn write(
    runtime: &Runtime,
    wanted: &[(LogId, String)],
    export: &ExportArguments,
    out: &mut (dyn Write + Send),
    left_out: &mut LeftOut,
) -> Result<(), Failure> {
    let bar = counting_bar(wanted.len() as u64, "exporting");
    let mut writer = mirrordna::Writer::new(out);
    for (log, id) in wanted {
        let document = runtime.read_in(*log, id, reveal(export), &request())?.document();
        match writer.write(&document.trace, &document.verdicts, &document.findings) {
            Ok(()) => {}
            Err(WriteError::Io(error)) => return Err(error.into()),
            // A device may store what no JSON can say; that must not keep everything else here.
            Err(error) => left_out.note(format!("trace {}: {error}", harmless(id))),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    writer.finish()?;
    Ok(())
}
