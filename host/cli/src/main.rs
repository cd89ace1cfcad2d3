//! The command `activemirror`: see `activemirror --help`.
//!
//! `arguments` says what may be typed, `command` has a file for each thing to do, `output` prints
//! for people and programs, and every failure becomes an exit status in `failure`.

mod arguments;
mod cold;
mod command;
mod demo;
mod failure;
mod output;
mod place;
mod plugins;

use std::process::ExitCode;

use mimalloc::MiMalloc;

use crate::arguments::Arguments;

/// Recorders allocate what the log's threads free: glibc takes a lock for that, and this one not.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    // The worker that compiles plugins is this same program, started by the gate.
    if std::env::args_os().nth(1).is_some_and(|first| first == plugins::COMPILE_WORKER) {
        return activemirror_engine::compile_worker_main();
    }
    let arguments = Arguments::typed();
    match command::run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(arguments.json),
    }
}
