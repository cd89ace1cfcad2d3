//! What npm's tools do: install themselves, make JavaScript of components, compile TypeScript.

use std::fs;
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context as _, ensure};
use cargo_metadata::camino::Utf8Path;

use crate::Places;

/// Installs what the lock file says, where that was not done yet.
pub(crate) fn install(places: &Places) -> anyhow::Result<()> {
    let installed = changed(&places.browser.join("node_modules/.package-lock.json"));
    if installed.is_some() && installed >= changed(&places.browser.join("package-lock.json")) {
        return Ok(());
    }
    run(places, &["ci", "--no-audit", "--no-fund"])
}

/// Makes an ECMAScript module of every policy that browsers run.
pub(crate) fn transpile(places: &Places) -> anyhow::Result<()> {
    let pii = places.components.join("pii.wasm");
    ensure!(pii.exists(), "{pii} is not there; `cargo xtask plugins` builds it");
    run(places, &["run", "--silent", "transpile", "--", pii.as_str()])
}

/// Compiles the TypeScript half.
pub(crate) fn compile(places: &Places) -> anyhow::Result<()> {
    run(places, &["run", "--silent", "compile"])
}

fn run(places: &Places, arguments: &[&str]) -> anyhow::Result<()> {
    let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    let status = npm.args(arguments).current_dir(&places.browser).status();
    let status = status.context("cannot run npm; the browser package needs Node 20 or newer")?;
    ensure!(status.success(), "`npm {}` in {} ended with {status}", arguments.join(" "), places.browser);
    Ok(())
}

fn changed(path: &Utf8Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|file| file.modified()).ok()
}
