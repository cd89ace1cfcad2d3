//! `activemirror import`: files in, traces in the log.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use activemirror::format::{Format, Reader};
use activemirror::{Recorded, Runtime, StreamWrong, Streamed};
use indicatif::ProgressBar;
use serde_json::json;

use crate::arguments::{Arguments, ImportArguments, ImportFormat};
use crate::failure::Failure;
use crate::output::{byte_bar, print_json};
use crate::place;
use crate::plugins::Governing;

pub(crate) fn run(arguments: &Arguments, import: &ImportArguments) -> Result<(), Failure> {
    let runtime = place::open(arguments, Governing::Plugins)?;
    for path in &import.files {
        let file = match import.format {
            ImportFormat::Blocks => read_stream(&runtime, path),
            ImportFormat::Auto if begins_as_stream(path) => read_stream(&runtime, path),
            format => read_traces(&runtime, path, format),
        };
        file.map_err(|failure| failure.about(path.display()))?.print(path, arguments.json)?;
    }
    Ok(runtime.close()?)
}

/// What a file brought.
enum Brought {
    Traces(Counts),
    Blocks(Streamed),
}

/// What a file of traces brought.
#[derive(Default)]
struct Counts {
    new: u64,
    known: u64,
    events: u64,
    findings: u64,
}

fn open(path: &Path) -> Result<(BufReader<impl Read + Send + 'static + use<>>, ProgressBar), Failure> {
    let unreadable = |error: std::io::Error| Failure::input(format_args!("cannot read it: {error}"));
    let file = File::open(path).map_err(unreadable)?;
    let length = file.metadata().map_err(unreadable)?.len();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let bar = byte_bar(length, &format!("importing {name}"));
    Ok((BufReader::new(bar.wrap_read(file)), bar))
}

/// A stream's first frame is a hello, whose first byte is the zero that COBS writes as this; no JSON
/// begins so.
fn begins_as_stream(path: &Path) -> bool {
    let mut first = [0];
    File::open(path).and_then(|mut file| file.read_exact(&mut first)).is_ok() && first == [0x01]
}

fn read_traces(runtime: &Runtime, path: &Path, format: ImportFormat) -> Result<Brought, Failure> {
    let format = match format {
        ImportFormat::Mirrordna => Some(Format::MirrorDna),
        ImportFormat::TauBench => Some(Format::TauBench),
        _ => None,
    };
    let (source, bar) = open(path)?;
    let mut counts = Counts::default();
    let traces = Reader::new(source, format).ahead();
    for trace in
        traces.map_err(|error| Failure::system(format_args!("the system gives no thread: {error}")))?
    {
        let trace = match trace {
            Ok(trace) => trace,
            Err(error) => {
                runtime.flush()?;
                let before = counts.stored_before();
                return Err(Failure::input(format_args!("{error}\n{before} and nothing after the fault is")));
            }
        };
        match runtime.record_trace(trace)? {
            Recorded::Known => counts.known += 1,
            Recorded::New { events, findings } => {
                counts.new += 1;
                counts.events += events as u64;
                counts.findings += findings as u64;
            }
        }
    }
    // What is counted here is there to stay.
    runtime.flush()?;
    bar.finish_and_clear();
    Ok(Brought::Traces(counts))
}

fn read_stream(runtime: &Runtime, path: &Path) -> Result<Brought, Failure> {
    let (source, bar) = open(path)?;
    let streamed = runtime.read_stream(source)?;
    bar.finish_and_clear();
    if let Some(fault) = &streamed.refused
        && !matches!(fault.what, StreamWrong::Cut(_))
    {
        let kept = streamed.blocks;
        return Err(Failure::input(format_args!("{fault}\n{kept} new blocks before it are stored")));
    }
    if streamed.log.is_none() {
        return Err(Failure::input("this is no block stream: nothing in it says whose log it is"));
    }
    Ok(Brought::Blocks(streamed))
}

impl Counts {
    fn stored_before(&self) -> String {
        match self.new + self.known {
            0 => "no trace came before it: nothing is stored,".to_owned(),
            1 => "the 1 trace before it is stored,".to_owned(),
            count => format!("the {count} traces before it are stored,"),
        }
    }
}

impl Brought {
    fn print(&self, path: &Path, json: bool) -> Result<(), Failure> {
        match (self, json) {
            (Self::Traces(counts), true) => print_json(&json!({
                "file": path.to_string_lossy(),
                "traces": counts.new,
                "known": counts.known,
                "events": counts.events,
                "findings": counts.findings,
            }))?,
            (Self::Traces(counts), false) => counts.print(path),
            (Self::Blocks(streamed), true) => print_json(&json!({
                "file": path.to_string_lossy(),
                "log": streamed.log.map(|log| log.to_string()),
                "blocks": streamed.blocks,
                "records": streamed.records,
                "known": streamed.known,
                "covered": streamed.covered,
                "unmarked": streamed.unmarked,
                "cut": streamed.refused.is_some(),
            }))?,
            (Self::Blocks(streamed), false) => print_blocks(streamed, path),
        }
        Ok(())
    }
}

impl Counts {
    fn print(&self, path: &Path) {
        let Self { new, known, events, findings } = self;
        anstream::println!("{}: {new} new traces with {events} events, {findings} findings", path.display());
        if *known > 0 {
            anstream::println!("  {known} traces were here already; nothing was added for them");
        }
    }
}

fn print_blocks(streamed: &Streamed, path: &Path) {
    let log = streamed.log.map_or_else(|| "no log".to_owned(), |log| format!("log {log}"));
    anstream::println!(
        "{}: {log}: {} new blocks with {} records, {} known; the device's checkpoint covers {}",
        path.display(),
        streamed.blocks,
        streamed.records,
        streamed.known,
        streamed.covered
    );
    if streamed.unmarked > 0 {
        anstream::println!(
            "  {} places hold personal data that the device did not mark: see `activemirror findings`",
            streamed.unmarked
        );
    }
    if let Some(fault) = &streamed.refused {
        anstream::println!("  {fault}; every whole block before it is stored");
    }
}
