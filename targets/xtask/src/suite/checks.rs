//! The work of each step of the suite that is cargo's.

use crate::console::Step;
use crate::workspace::{BROWSER, BROWSER_TESTS, DEVICE, DEVICE_VECTORS, FIRMWARE, WASM, Workspace};

/// rustfmt has nothing to change; where it has, it names the files.
pub(super) fn format(workspace: &Workspace, step: &mut Step) -> anyhow::Result<String> {
    step.run(workspace.cargo(&["fmt", "--all", "--", "--check", "--files-with-diff"]))?;
    Ok("rustfmt has nothing to change".to_owned())
}

/// The rules of the house, and the tools' own tests, before anything big is compiled.
pub(super) fn tidy(workspace: &Workspace, step: &mut Step) -> anyhow::Result<String> {
    run_tests(workspace, step, &workspace.tools())
}

/// Clippy over everything that builds here.
pub(super) fn lint_host(workspace: &Workspace, step: &mut Step) -> anyhow::Result<String> {
    for what in [workspace.tools(), workspace.house()] {
        let mut clippy = workspace.cargo(&["clippy", "--release", "--all-targets"]);
        clippy.args(what).args(["--", "--deny", "warnings"]);
        step.run(clippy)?;
    }
    Ok("no warning".to_owned())
}

/// Core on both bare targets, with and without its heap, and what runs only on one of them.
pub(super) fn lint_bare(workspace: &Workspace, step: &mut Step) -> anyhow::Result<String> {
    let core: &[&str] = &["--package", "activemirror-core", "--no-default-features"];
    for target in [WASM, DEVICE] {
        lint_on(workspace, step, target, core)?;
        lint_on(workspace, step, target, &[core, &["--features", "alloc"]].concat())?;
    }
    let plugins = workspace.plugins().map(|plugin| plugin.name.as_str());
    lint_packages(workspace, step, WASM, plugins.chain(["activemirror-bare", BROWSER, BROWSER_TESTS]))?;
    lint_packages(workspace, step, DEVICE, [FIRMWARE, DEVICE_VECTORS].into_iter())?;
    Ok(format!("no warning on {WASM} and {DEVICE}"))
}

/// Those of the packages that the workspace has; the step of each says where it has not.
fn lint_packages<'a>(
    workspace: &Workspace,
    step: &mut Step,
    target: &str,
    packages: impl Iterator<Item = &'a str>,
) -> anyhow::Result<()> {
    let arguments: Vec<&str> = workspace.present(packages).flat_map(|name| ["--package", name]).collect();
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
pub(super) fn docs(workspace: &Workspace, step: &mut Step) -> anyhow::Result<String> {
    let mut doc = workspace.cargo(&["doc", "--release", "--no-deps", "--lib"]);
    doc.args(workspace.house()).env("RUSTDOCFLAGS", "-Dwarnings");
    step.run(doc)?;
    Ok("no warning".to_owned())
}

/// All tests that run here, but those that `tidy` ran.
pub(super) fn tests(workspace: &Workspace, step: &mut Step) -> anyhow::Result<String> {
    run_tests(workspace, step, &workspace.house())
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
        cargo.args(["--no-fail-fast", "--success-output", "immediate", "--failure-output", "final"]);
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

/// The examples in the documentation; nextest does not run them.
pub(super) fn doctests(workspace: &Workspace, step: &mut Step) -> anyhow::Result<String> {
    let mut cargo = workspace.cargo(&["test", "--release", "--doc"]);
    cargo.args(workspace.house());
    step.capture(cargo).map(|output| cargo_result(&output))
}

#[cfg(test)]
mod tests_of_results {
    use super::{cargo_result, nextest_result};

    #[test]
    fn both_runners_say_how_many_tests_passed() {
        let nextest = "     Summary [   0.003s] 57 tests run: 57 passed, 0 skipped\n";
        assert_eq!(nextest_result(nextest), "57 tests run: 57 passed, 0 skipped");
        let cargo = "test result: ok. 3 passed; 0 failed\n\ntest result: ok. 4 passed; 0 failed\n";
        assert_eq!(cargo_result(cargo), "7 tests passed");
    }
}
