//! `cargo xtask test`: every check on every target, in the order in which mistakes are cheapest.
//!
//! The first step that fails ends it. Nothing is skipped silently: a package that the house should
//! have and has not fails the whole, and tests that lack their data are named at the end.

mod checks;

use core::time::Duration;
use std::time::Instant;

use anyhow::bail;

use crate::console::{Console, Report, Step, seconds};
use crate::workspace::{BROWSER, BROWSER_TESTS, DEVICE_VECTORS, FIRMWARE, Workspace};
use crate::{browser, firmware, plugins, toolchain, tools};

/// One step.
#[derive(Debug)]
struct Check {
    name: &'static str,
    about: &'static str,
    /// The package it is about, where it is about one.
    package: Option<&'static str>,
    work: fn(&Workspace, &mut Step) -> anyhow::Result<String>,
}

/// What became of the steps so far.
#[derive(Debug, Default)]
struct Outcome {
    done: Vec<(&'static str, Report)>,
    failed: Option<&'static str>,
}

/// Packages without which a step would pass for want of anything to check.
const HOUSE: [&str; 13] = [
    "activemirror-core",
    "activemirror-guest",
    "activemirror",
    "activemirror-cli",
    BROWSER,
    FIRMWARE,
    "activemirror-api-tests",
    "activemirror-device-tests",
    DEVICE_VECTORS,
    BROWSER_TESTS,
    "activemirror-vectors",
    "activemirror-fuzz",
    "activemirror-tidy",
];

const CHECKS: [Check; 12] = [
    Check {
        name: "tools",
        about: "Chromium, QEMU, Node, Python and what is driven from PyPI, installed where need be",
        package: None,
        work: tools::ensure,
    },
    Check {
        name: "targets",
        about: "standard libraries for WebAssembly and the device",
        package: None,
        work: toolchain::ensure_targets,
    },
    Check { name: "format", about: "rustfmt", package: None, work: checks::format },
    Check { name: "tidy", about: "arrows, walls and style", package: None, work: checks::tidy },
    Check {
        name: "plugins",
        about: "the built-in plugins as components",
        package: None,
        work: plugins::build,
    },
    Check {
        name: "lint",
        about: "clippy on the host, warnings denied",
        package: None,
        work: checks::lint_host,
    },
    Check {
        name: "lint-bare",
        about: "clippy on WebAssembly and the device, core without std",
        package: None,
        work: checks::lint_bare,
    },
    Check { name: "docs", about: "rustdoc, warnings denied", package: None, work: checks::docs },
    Check { name: "firmware", about: "the robot in QEMU", package: Some(FIRMWARE), work: firmware::test },
    Check { name: "tests", about: "unit and API tests", package: None, work: checks::tests },
    Check {
        name: "doctests",
        about: "the examples in the documentation",
        package: None,
        work: checks::doctests,
    },
    Check {
        name: "browser",
        about: "the npm package in headless Chromium",
        package: Some(BROWSER),
        work: browser::test,
    },
];

/// Names the steps.
pub(crate) fn list() -> anyhow::Result<()> {
    for check in &CHECKS {
        println!("{:<12}{}", check.name, check.about);
    }
    Ok(())
}

/// Runs the steps, or only those named.
pub(crate) fn run(workspace: &Workspace, console: &mut Console, only: &[String]) -> anyhow::Result<()> {
    if let Some(unknown) = only.iter().find(|name| CHECKS.iter().all(|check| check.name != **name)) {
        bail!("there is no step `{unknown}`; `cargo xtask test --list` names them");
    }
    let started = Instant::now();
    let chosen: Vec<&Check> =
        CHECKS.iter().filter(|check| only.is_empty() || only.iter().any(|name| name == check.name)).collect();
    let needed: Vec<&str> = match only {
        [] => HOUSE.to_vec(),
        _ => chosen.iter().filter_map(|check| check.package).collect(),
    };
    let outcome = run_all(workspace, console, &chosen);
    let absent: Vec<&str> = needed.into_iter().filter(|name| workspace.package(name).is_none()).collect();
    conclude(&outcome, &absent, started.elapsed())
}

fn run_all(workspace: &Workspace, console: &mut Console, checks: &[&Check]) -> Outcome {
    let mut outcome = Outcome::default();
    let present = |name: &str| workspace.package(name).is_some();
    for check in checks.iter().filter(|check| check.package.is_none_or(present)) {
        match console.step(check.name, |step| (check.work)(workspace, step)) {
            Ok(report) => outcome.done.push((check.name, report)),
            Err(error) => {
                eprintln!("\n{error:#}");
                outcome.failed = Some(check.name);
                break;
            }
        }
    }
    outcome
}

/// The table at the end, and the last line.
fn conclude(outcome: &Outcome, absent: &[&str], took: Duration) -> anyhow::Result<()> {
    println!("\nstep            time  result");
    for (name, report) in &outcome.done {
        println!("{name:<12}{:>8}  ok: {}", seconds(report.took), report.summary);
    }
    let notes = || outcome.done.iter().flat_map(|(_, report)| &report.not_run);
    notes().for_each(|line| println!("note: {line}"));
    if let Some(name) = outcome.failed {
        println!("{name:<12}{:>8}  FAILED", "");
        bail!("step `{name}` failed after {}, {} before it passed", seconds(took), outcome.done.len());
    }
    absent.iter().for_each(|name| println!("ABSENT: package {name}, and with it what tests it"));
    if !absent.is_empty() {
        bail!("{} steps passed in {}, but the house is not whole", outcome.done.len(), seconds(took));
    }
    let end = if notes().next().is_none() { "" } else { "; the notes above say what did not run" };
    println!("passed: {} steps in {}{end}", outcome.done.len(), seconds(took));
    Ok(())
}
