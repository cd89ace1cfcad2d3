//! What each command does: one file each.

mod device;
mod export;
mod findings;
mod import;
pub(crate) mod left_out;
mod plugin;
mod query;
mod repair;
mod retention;
mod session;
mod show;
mod traces;
mod vault;
pub(crate) mod verify;

pub(crate) use show::print as print_timeline;

use std::io::Write;

use clap::CommandFactory;

use crate::arguments::{Arguments, Command};
use crate::demo;
use crate::failure::Failure;

/// Does what was asked.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::Demo => demo::run(arguments),
        Command::Import(import) => import::run(arguments, import),
        Command::Traces(traces) => traces::run(arguments, traces),
        Command::Show(show) => show::run(arguments, show),
        Command::Export(export) => export::run(arguments, export),
        Command::Query(query) => query::run(arguments, query),
        Command::Findings(findings) => findings::run(arguments, findings),
        Command::Verify(verify) => verify::run(arguments, verify),
        Command::Repair(repair) => repair::run(arguments, repair),
        Command::Session { command } => session::run(arguments, command),
        Command::Vault { command } => vault::run(arguments, command),
        Command::Retention { command } => retention::run(arguments, command),
        Command::Device { command } => device::run(arguments, command),
        Command::Plugin { command } => plugin::run(arguments, command),
        Command::Completions { shell } => {
            let mut command = Arguments::command();
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut command, "activemirror", &mut script);
            Ok(std::io::stdout().write_all(&script)?)
        }
    }
}

/// The command line as the log notes it, for whoever asks who looked at originals.
pub(crate) fn request() -> String {
    let words: Vec<String> =
        std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    format!("activemirror {}", words.join(" "))
}
