//! What tests and benches drive from PyPI: a virtual environment with what
//! `tests/python/requirements.txt` pins.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, bail};
use cargo_metadata::camino::Utf8PathBuf;

use crate::console::Step;
use crate::workspace::Workspace;

const REQUIREMENTS: &str = "tests/python/requirements.txt";
/// In the environment, the requirements that it was made of.
const MADE_OF: &str = "requirements.txt";

/// Makes the environment, unless it is there and of these very requirements.
pub(crate) fn ensure(workspace: &Workspace, step: &mut Step) -> anyhow::Result<()> {
    let wanted = fs::read_to_string(workspace.root.join(REQUIREMENTS)).context(REQUIREMENTS)?;
    let folder = workspace.python();
    let made_of = folder.join(MADE_OF);
    if fs::read_to_string(&made_of).is_ok_and(|known| known == wanted) && works(workspace) {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {folder}"))?;
    }
    let mut venv = workspace.command("python3");
    venv.args(["-m", "venv", folder.as_str()]);
    step.run(venv).context("Python's own `venv` could not make a virtual environment")?;
    let mut pip = python(workspace);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]);
    pip.args(["--requirement", REQUIREMENTS]);
    step.run(pip)?;
    if !works(workspace) {
        bail!("pip installed {REQUIREMENTS}, yet it cannot be used: see the log");
    }
    // Written last: an environment that was cut short is made anew.
    fs::write(&made_of, wanted).with_context(|| format!("cannot write {made_of}"))
}

/// The environment's interpreter.
fn python(workspace: &Workspace) -> Command {
    workspace.command(interpreter(workspace))
}

fn interpreter(workspace: &Workspace) -> Utf8PathBuf {
    let folder = workspace.python();
    if cfg!(windows) { folder.join("Scripts/python.exe") } else { folder.join("bin/python") }
}

fn works(workspace: &Workspace) -> bool {
    workspace.ask(interpreter(workspace).as_str(), &["-c", "import duckdb, moto"]).is_ok()
}
