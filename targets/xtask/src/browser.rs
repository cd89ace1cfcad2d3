//! The npm package, and its tests in headless Chromium. How the package comes to be is told in
//! `targets/browser/build`; here it is only run.

use std::process::Command;

use anyhow::Context as _;

use crate::console::Step;
use crate::workspace::{BROWSER, Workspace};
use crate::{plugins, tools};

/// Builds the package with what its tests load, and tests it.
pub(crate) fn test(workspace: &Workspace, step: &mut Step) -> anyhow::Result<String> {
    plugins::build(workspace, step)?;
    let build = ["run", "--release", "--package", "activemirror-browser-build", "--", "--tests"];
    step.run(workspace.cargo(&build))?;
    let output = step.capture(npm_test(workspace)?)?;
    Ok(result(&output))
}

fn npm_test(workspace: &Workspace) -> anyhow::Result<Command> {
    let package = workspace.package(BROWSER).context("the workspace has no browser package")?;
    let chromium = tools::chromium().context("there is no Chromium: `cargo xtask test --only tools`")?;
    let mut npm = workspace.command("npm");
    npm.arg("test").current_dir(workspace.root.join(&package.folder));
    npm.env("CHROMIUM", chromium).env("ACTIVEMIRROR_PLUGINS", workspace.components());
    Ok(npm)
}

/// `12 tests passed`, from the summary of Node's test runner.
fn result(output: &str) -> String {
    let count =
        output.lines().find_map(|line| line.split_once("pass ").filter(|(before, _)| before.len() <= 4));
    count.map_or_else(|| "tests passed".to_owned(), |(_, count)| format!("{} tests passed", count.trim()))
}

#[cfg(test)]
mod tests {
    use super::result;

    #[test]
    fn the_runner_says_how_many_tests_passed() {
        assert_eq!(result("ok 1 - pass through\n# tests 3\n# pass 3\n# fail 0\n"), "3 tests passed");
        assert_eq!(result("ℹ tests 3\nℹ pass 3\nℹ fail 0\n"), "3 tests passed");
    }
}
