//! `cargo xtask test`: every check on every target, in the order in which mistakes are cheapest.
//!
//! The first step that fails ends it. Nothing is skipped silently: a step whose package is not in
//! the workspace fails the whole, and tests that lack their data are named at the end.

use core::time::Duration;
use std::time::Instant;

use anyhow::bail;

use crate::console::{Console, Report, Step, seconds};
use crate::workspace::{DEVICE, WASM, Workspace};
use crate::{browser, firmware, plugins, toolchain, tools};

const BROWSER: &str = "activemirror-browser";
const FIRMWARE: &str = "activemirror-firmware";
/// Packages that exist only on their own target.
const FOREIGN: [&str; 2] = [BROWSER, FIRMWARE];

/// One step.
#[derive(Debug)]
struct Check {
    name: &'static str,
    about: &'static str,
    /// The package it is about, where it is about one.
    package: Option<&'static str>,
    work: fn(&Workspace, &mut Step) -> anyhow::Result<String>,
}

const CHECKS: [Check; 12] = [
    Check {
        name: "tools",
        about: "Chromium, QEMU, Node and npm, installed where need be",
        package: None,
        work: tools::ensure,
    },
    Check {
        name: "targets",
        about: "standard libraries for WebAssembly and the device",
        package: None,
        work: toolchain::ensure_targets,
    },
    Check { name: "format", about: "rustfmt", package: None, work: format },
    Check { name: "tidy", about: "arrows, walls and style", package: Some("activemirror-tidy"), work: tidy },
    Check {
        name: "plugins",
        about: "the built-in plugins as components",
        package: None,
        work: plugins::build,
    },
    Check { name: "lint", about: "clippy on the host, warnings denied", package: None, work: lint_host },
    Check {
        name: "lint-bare",
        about: "clippy on WebAssembly and the device, core without std",
        package: None,
        work: lint_bare,
    },
    Check { name: "docs", about: "rustdoc, warnings denied", package: None, work: docs },
    Check {
        name: "tests",
        about: "unit and API tests",
        package: Some("activemirror-api-tests"),
        work: tests,
    },
    Check { name: "doctests", about: "the examples in the documentation", package: None, work: doctests },
    Check {
        name: "browser",
        about: "the npm package in headless Chromium",
        package: Some(BROWSER),
        work: browser::test,
    },
    Check { name: "firmware", about: "the robot in QEMU", package: Some(FIRMWARE), work: firmware::test },
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
    let mut done: Vec<(&Check, Report)> = Vec::new();
    let mut absent: Vec<&Check> = Vec::new();
    for check in CHECKS.iter().filter(|check| only.is_empty() || only.iter().any(|name| name == check.name)) {
        if check.package.is_some_and(|package| workspace.package(package).is_none()) {
            absent.push(check);
            continue;
        }
        done.push((check, console.step(check.name, |step| (check.work)(workspace, step))?));
    }
    conclude(&done, &absent, started.elapsed())
}

/// The table at the end, and the last line.
fn conclude(done: &[(&Check, Report)], absent: &[&Check], took: Duration) -> anyhow::Result<()> {
    println!("\nstep            time  result");
    for (check, report) in done {
        println!("{:<12}{:>8}  ok: {}", check.name, seconds(report.took), report.summary);
    }
    for check in absent {
        println!("{:<12}{:>8}  ABSENT: no package {}", check.name, "-", check.package.unwrap_or_default());
    }
    let not_run: Vec<&str> =
        done.iter().flat_map(|(_, report)| &report.not_run).map(String::as_str).collect();
    for line in &not_run {
        println!("note: {line}");
    }
    if !absent.is_empty() {
        bail!("{} steps passed, {} lack their package", done.len(), absent.len());
    }
    let without = if not_run.is_empty() {
        String::new()
    } else {
        format!(", {} notes above on what did not run", not_run.len())
    };
    println!("passed: {} steps in {}{without}", done.len(), seconds(took));
    Ok(())
}

fn format(workspace: &Workspace, step: &mut Step) -> anyhow::Result<String> {
    step.run(workspace.cargo(&["fmt", "--all", "--check"]))?;
    Ok("rustfmt has nothing to change".to_owned())
}

fn tidy(workspace: &Workspace, step: &mut Step) -> anyhow::Result<String> {
    run_tests(workspace, step, &["--package", "activemirror-tidy"])
}

fn lint_host(workspace: &Workspace, step: &mut Step) -> anyhow::Result<String> {
    let mut clippy = workspace.cargo(&["clippy", "--release", "--workspace", "--all-targets"]);
    clippy.args(without_foreign(workspace)).args(["--", "--deny", "warnings"]);
    step.run(clippy)?;
    Ok("no warning".to_owned())
}

/// Core on both bare targets, with and without its heap, and what runs only on one of them.
fn lint_bare(workspace: &Workspace, step: &mut Step) -> anyhow::Result<String> {
    let core: &[&str] = &["--package", "activemirror-core", "--no-default-features"];
    for target in [WASM, DEVICE] {
        lint_on(workspace, step, target, core)?;
        lint_on(workspace, step, target, &[core, &["--features", "alloc"]].concat())?;
    }
    let plugins = workspace.plugins().map(|plugin| plugin.name.as_str());
    lint_packages(workspace, step, WASM, plugins.chain(["activemirror-bare", BROWSER]))?;
    lint_packages(workspace, step, DEVICE, [FIRMWARE].into_iter())?;
    Ok(format!("no warning on {WASM} and {DEVICE}"))
}

/// Those of the packages that the workspace has; the step of each says where it has not.
fn lint_packages<'a>(
    workspace: &Workspace,
    step: &mut Step,
    target: &str,
    packages: impl Iterator<Item = &'a str>,
) -> anyhow::Result<()> {
    let present = packages.filter(|name| workspace.package(name).is_some());
    let arguments: Vec<&str> = present.flat_map(|name| ["--package", name]).collect();
    if arguments.is_empty() {
        return Ok(());
    }
    lint_on(workspace, step, target, &arguments)
}

fn lint_on(workspace: &Workspace, step: &mut Step, target: &str, what: &[&str]) -> anyhow::Result<()> {
    let mut clippy = workspace.cargo(&["clippy", "--release", "--target", target]);
    clippy.args(what).args(["--", "--deny", "warnings"]);
    step.run(clippy)
}

/// Libraries only: the binary and the crate that embedders use share the name `activemirror`.
fn docs(workspace: &Workspace, step: &mut Step) -> anyhow::Result<String> {
    let mut doc = workspace.cargo(&["doc", "--release", "--no-deps", "--workspace", "--lib"]);
    doc.args(without_foreign(workspace)).env("RUSTDOCFLAGS", "-Dwarnings");
    step.run(doc)?;
    Ok("no warning".to_owned())
}

fn tests(workspace: &Workspace, step: &mut Step) -> anyhow::Result<String> {
    let foreign = without_foreign(workspace);
    let mut what = vec!["--workspace", "--exclude", "activemirror-tidy"];
    what.extend(foreign);
    run_tests(workspace, step, &what)
}

/// With nextest where it is installed, else with cargo's own runner: the same tests, only slower.
fn run_tests(workspace: &Workspace, step: &mut Step, what: &[&str]) -> anyhow::Result<String> {
    let nextest =
        workspace.cargo(&["nextest", "--version"]).output().is_ok_and(|output| output.status.success());
    let mut cargo =
        workspace.cargo(if nextest { &["nextest", "run", "--release"] } else { &["test", "--release"] });
    cargo.args(what);
    if nextest {
        // Passing tests say there what data they lacked.
        cargo.args(["--success-output", "immediate", "--no-fail-fast"]);
    } else {
        cargo.args(["--lib", "--bins", "--tests", "--no-fail-fast", "--", "--show-output"]);
    }
    let output = step.capture(cargo)?;
    Ok(if nextest { nextest_result(&output) } else { cargo_result(&output) })
}

/// `57 tests run: 57 passed, 0 skipped`, from nextest's summary.
fn nextest_result(output: &str) -> String {
    let summary = output.lines().rev().find(|line| line.contains(" run: "));
    summary.and_then(|line| line.rsplit(']').next()).unwrap_or("tests passed").trim().to_owned()
}

/// The same from the `test result:` lines of cargo, one for each binary.
fn cargo_result(output: &str) -> String {
    let passed =
        |line: &str| line.strip_prefix("test result: ok. ")?.split(' ').next()?.parse::<usize>().ok();
    let sum: usize = output.lines().filter_map(passed).sum();
    format!("{sum} tests passed")
}

fn doctests(workspace: &Workspace, step: &mut Step) -> anyhow::Result<String> {
    let mut cargo = workspace.cargo(&["test", "--release", "--doc", "--workspace"]);
    cargo.args(without_foreign(workspace));
    step.capture(cargo).map(|output| cargo_result(&output))
}

/// Arguments that leave out the packages which do not build here.
fn without_foreign(workspace: &Workspace) -> Vec<&'static str> {
    let present = FOREIGN.into_iter().filter(|name| workspace.package(name).is_some());
    present.flat_map(|name| ["--exclude", name]).collect()
}

#[cfg(test)]
mod tests_of_summaries {
    use super::{cargo_result, nextest_result};

    #[test]
    fn both_runners_say_how_many_tests_passed() {
        let nextest = "     Summary [   0.003s] 57 tests run: 57 passed, 0 skipped\n";
        assert_eq!(nextest_result(nextest), "57 tests run: 57 passed, 0 skipped");
        let cargo = "test result: ok. 3 passed; 0 failed\n\ntest result: ok. 4 passed; 0 failed\n";
        assert_eq!(cargo_result(cargo), "7 tests passed");
    }
}
