//! The npm package, and its tests in headless Chromium.

use anyhow::Context as _;

use crate::console::Step;
use crate::tools;
use crate::workspace::{WASM, Workspace};

const PACKAGE: &str = "activemirror-browser";

pub(crate) fn test(workspace: &Workspace, step: &mut Step) -> anyhow::Result<String> {
    step.run(workspace.cargo(&["build", "--package", PACKAGE, "--profile", "browser", "--target", WASM]))?;
    let folder = workspace.root.join("targets/browser");
    let chromium =
        tools::chromium(workspace).context("there is no Chromium: `cargo xtask test --only tools`")?;
    let mut npm = workspace.command("npm");
    npm.arg("test").current_dir(&folder).env("CHROMIUM", chromium);
    step.capture(npm).map(|output| output.lines().last().unwrap_or_default().to_owned())
}
