//! `cargo xtask`: what it takes to get from a clone to a running and tested ActiveMirrorOS.
//!
//! This file is the command line; each command is a list of steps, told in [`demo`], [`build`]
//! and [`suite`], and each step is work on the [`workspace`] that reports to a [`console`].

mod bench;
mod browser;
mod build;
mod console;
mod demo;
mod firmware;
mod fuzz;
mod plugins;
mod python;
mod suite;
mod toolchain;
mod tools;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::console::Console;
use crate::workspace::Workspace;

/// Builds, tests and measures ActiveMirrorOS on every machine it is for.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    command: Task,
    /// Show the whole output of every step, as it comes (also where CI is set)
    #[arg(long, short, global = true)]
    verbose: bool,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Build what it needs and play one governed, sealed, proven conversation
    Demo {
        /// Passed on to `activemirror demo`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Everything on all targets: what CI runs
    Test {
        /// Only this step (repeatable)
        #[arg(long, value_name = "STEP")]
        only: Vec<String>,
        /// Name the steps and what each does
        #[arg(long)]
        list: bool,
    },
    /// What it costs, beside what others take for the same job
    Bench {
        /// Passed on to the bench: `--help` says what there is
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Hostile bytes for every parser, from libFuzzer
    Fuzz {
        /// For each target
        #[arg(long, value_name = "N", default_value_t = 60)]
        seconds: u32,
        /// Only these [default: all]
        #[arg(value_name = "TARGET")]
        targets: Vec<String>,
    },
    /// The one file that users carry: target/release/activemirror
    Build,
    /// The built-in plugins as components, in target/plugins
    Plugins,
    /// The compilation targets that the rest needs
    Targets,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    let workspace = Workspace::load()?;
    let mut console = Console::new(&workspace, arguments.verbose)?;
    match arguments.command {
        Task::Demo { arguments } => demo::play(&workspace, &mut console, &arguments),
        Task::Test { list: true, .. } => suite::list(),
        Task::Test { only, .. } => suite::run(&workspace, &mut console, &only),
        Task::Bench { arguments } => bench::measure(&workspace, &mut console, &arguments),
        Task::Fuzz { seconds, targets } => {
            fuzz::run(&workspace, &mut console, &fuzz::Fuzzing { seconds, targets })
        }
        Task::Build => build::release(&workspace, &mut console),
        Task::Plugins => build::components(&workspace, &mut console),
        Task::Targets => build::targets(&workspace, &mut console),
    }
}
