//! `activemirror demo`: the main job, end to end, on a fresh data directory.
//!
//! The customer and the model are scripted, so it needs no network; everything between them is
//! the real pipeline. [`script`] holds what is said, [`support`] plays it, this file reports.

mod script;
mod support;

use std::path::PathBuf;

use activemirror::{Reveal, Runtime, Scope, StoredTrace};
use serde_json::json;

use crate::arguments::Arguments;
use crate::command::{print_timeline, verify};
use crate::failure::Failure;
use crate::output::{BOLD, DIM, bytes, harmless, print_json};
use crate::place::{self, Place};
use crate::plugins::Governing;

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let place = fresh_place(arguments)?;
    let runtime = place::open_at(&place, arguments, Governing::Plugins)?;
    let id = support::play(&runtime)?;
    let trace = runtime.read(&id, Reveal::Masked, "activemirror demo")?;
    let report = verify::recompute(&runtime, Scope::Everything)?;
    if !arguments.json {
        print_timeline(&trace)?;
        print_masks(&trace);
        anstream::println!("\n{BOLD}verify{BOLD:#}");
        report.logs.iter().for_each(|log| verify::print(log, Scope::Everything));
    }
    let size = Size::of(runtime, &place)?;
    if arguments.json {
        let holds = report.fault().is_none();
        print_json(&json!({
            "trace_id": id,
            "data": place.data.to_string_lossy(),
            "key_file": place.key_file.to_string_lossy(),
            "holds": holds,
            "findings": trace.findings.len(),
            "sealed_bytes": size.sealed,
            "file_bytes": size.file,
        }))?;
    } else {
        size.print();
        print_next(&place, &id);
    }
    match report.fault() {
        None => Ok(()),
        Some((_, fault)) => Err(Failure::check(fault)),
    }
}

/// A place where nothing lies yet: the one that was asked for, or a new folder at the usual one.
fn fresh_place(arguments: &Arguments) -> Result<Place, Failure> {
    let run = jiff::Timestamp::now().as_millisecond().to_string();
    let place = Place::apart("demo", &run, arguments)?;
    if place.data.read_dir().is_ok_and(|mut files| files.next().is_some()) {
        return Err(Failure::input(format_args!(
            "{} is not empty, and the demo wants a fresh data directory; name another with --data",
            place.data.display()
        )));
    }
    Ok(place)
}

/// What is masked, and under whose key the originals lie.
fn print_masks(trace: &StoredTrace) {
    anstream::println!("\n{BOLD}masked{BOLD:#}");
    for event in &trace.events {
        let categories: Vec<String> = event.marks.iter().map(|it| harmless(&it.mark.category)).collect();
        if !categories.is_empty() {
            anstream::println!("  #{:<4} {}", event.sequence, categories.join(", "));
        }
    }
    let whose = trace.start.user.as_deref().unwrap_or("the session");
    anstream::println!(
        "  {DIM}the originals lie sealed under the key of {whose}, and under nobody else's{DIM:#}"
    );
}

/// What the conversation takes up.
struct Size {
    sealed: u64,
    file: u64,
    folder: PathBuf,
}

impl Size {
    /// Closes the runtime first, since closing gives room back.
    fn of(runtime: Runtime, place: &Place) -> Result<Self, Failure> {
        let sealed = runtime.stored_bytes()?;
        runtime.close()?;
        let file = std::fs::metadata(place.data.join("log.redb")).map(|file| file.len());
        let file = file.map_err(|error| Failure::system(format_args!("cannot measure the log: {error}")))?;
        Ok(Self { sealed, file, folder: place.data.clone() })
    }

    fn print(&self) {
        anstream::println!("\n{BOLD}stored{BOLD:#}");
        anstream::println!("  {} sealed, in a file of {}", bytes(self.sealed), bytes(self.file));
        anstream::println!("  in {}", self.folder.display());
    }
}

fn print_next(place: &Place, id: &str) {
    let here = format!("--data {} --key-file {}", place.data.display(), place.key_file.display());
    anstream::println!("\n{BOLD}try next{BOLD:#}");
    anstream::println!("  activemirror {here} show {id} --reveal");
    anstream::println!("  activemirror {here} findings");
    anstream::println!("  activemirror {here} vault erase --subject {}", script::CUSTOMER);
    anstream::println!("  activemirror {here} verify");
    anstream::println!("  activemirror import YOUR-TRACES.jsonl");
}
