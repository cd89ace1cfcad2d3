//! The npm package: core and store for browsers, and its tests in headless Chromium.
//!
//! Cargo builds the module, wasm-bindgen (as a library, in the version that the module was built
//! against) writes its JavaScript and TypeScript types, and the rest is npm's: `npm ci` and
//! `npm test` in `targets/browser`, which find in their environment
//!
//! | variable | what |
//! |---|---|
//! | `ACTIVEMIRROR_BROWSER` | the folder of `activemirror.js`, `activemirror.d.ts` and the module |
//! | `ACTIVEMIRROR_PLUGINS` | the folder of the plugins' components |
//! | `CHROMIUM`, `CHROMEDRIVER` | the programs |

use std::process::Command;

use anyhow::{Context as _, anyhow};
use cargo_metadata::camino::Utf8PathBuf;
use wasm_bindgen_cli_support::Bindgen;

use crate::console::Step;
use crate::tools;
use crate::workspace::{BROWSER, WASM, Workspace};

/// Builds the package and tests it.
pub(crate) fn test(workspace: &Workspace, step: &mut Step) -> anyhow::Result<String> {
    let built = build(workspace, step)?;
    step.run(npm(workspace, &built, &["ci"])?)?;
    let output = step.capture(npm(workspace, &built, &["test"])?)?;
    Ok(output.lines().last().unwrap_or_default().trim().to_owned())
}

/// Builds the module and its bindings; returns their folder.
fn build(workspace: &Workspace, step: &mut Step) -> anyhow::Result<Utf8PathBuf> {
    step.run(workspace.cargo(&["build", "--package", BROWSER, "--profile", "browser", "--target", WASM]))?;
    let module = workspace.target.join(WASM).join("browser/activemirror_browser.wasm");
    let folder = workspace.target.join("browser-package");
    bind(&module, &folder).map_err(|error| anyhow!("wasm-bindgen cannot bind {module}: {error:#}"))?;
    Ok(folder)
}

/// An ECMAScript module that any page and any Worker can import, and its types.
fn bind(module: &Utf8PathBuf, folder: &Utf8PathBuf) -> anyhow::Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(module).out_name("activemirror").typescript(true).web(true)?;
    bindgen.generate(folder)
}

fn npm(workspace: &Workspace, built: &Utf8PathBuf, arguments: &[&str]) -> anyhow::Result<Command> {
    let folder = &workspace.package(BROWSER).context("the workspace has no browser package")?.folder;
    let lacking = "`cargo xtask test --only tools` installs it";
    let chromium = tools::chromium().with_context(|| format!("there is no Chromium; {lacking}"))?;
    let driver = tools::chromedriver().with_context(|| format!("there is no chromedriver; {lacking}"))?;
    let mut npm = workspace.command("npm");
    npm.args(arguments).current_dir(workspace.root.join(folder));
    npm.env("ACTIVEMIRROR_BROWSER", built).env("ACTIVEMIRROR_PLUGINS", workspace.components());
    npm.env("CHROMIUM", chromium).env("CHROMEDRIVER", driver);
    Ok(npm)
}
