//! `cargo xtask bench`: what it costs, beside what others take for the same job.

use std::process::Stdio;

use anyhow::{Context as _, bail};

use crate::build;
use crate::console::Console;
use crate::python;
use crate::workspace::Workspace;

/// Builds the plugins and the bench, and gives it the terminal.
pub(crate) fn measure(
    workspace: &Workspace,
    console: &mut Console,
    arguments: &[String],
) -> anyhow::Result<()> {
    build::components(workspace, console)?;
    console.step("python", |step| {
        python::ensure(workspace, step).map(|()| "DuckDB, to be measured beside".to_owned())
    })?;
    console.step("bench", |step| {
        step.run(workspace.cargo(&["build", "--release", "--package", "activemirror-bench"]))?;
        let overhead = ["build", "--release", "--package", "activemirror-examples", "--example", "overhead"];
        step.run(workspace.cargo(&overhead))?;
        Ok("target/release/bench".to_owned())
    })?;
    println!();
    let mut bench = workspace.command(workspace.target.join("release/bench"));
    bench.env("ACTIVEMIRROR_PLUGINS", workspace.components()).env("ACTIVEMIRROR_PYTHON", workspace.python());
    bench.args(arguments).stdin(Stdio::inherit());
    let status = bench.status().context("cannot run the bench")?;
    if !status.success() {
        bail!("the bench ended with {status}");
    }
    Ok(())
}
