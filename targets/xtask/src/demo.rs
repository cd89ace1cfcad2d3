//! `cargo xtask demo`: from a clone to a conversation that is governed, sealed and proven.

use std::process::Stdio;

use anyhow::{Context as _, bail};

use crate::build;
use crate::console::Console;
use crate::workspace::Workspace;

/// Builds the binary and gives the terminal to `activemirror demo`.
pub(crate) fn play(workspace: &Workspace, console: &mut Console, arguments: &[String]) -> anyhow::Result<()> {
    build::release(workspace, console)?;
    println!();
    let mut demo = workspace.command(workspace.binary());
    demo.arg("demo").args(arguments).stdin(Stdio::inherit());
    let status = demo.status().with_context(|| format!("cannot run {}", workspace.binary()))?;
    if !status.success() {
        bail!("`activemirror demo` ended with {status}");
    }
    Ok(())
}
