//! The robot on the Cortex-M4, in QEMU.

use crate::console::Step;
use crate::workspace::{DEVICE, Workspace};

/// Builds the firmware and runs it: `.cargo/config.toml` names QEMU as the runner of its target,
/// and the firmware's exit code is QEMU's.
pub(crate) fn test(workspace: &Workspace, step: &mut Step) -> anyhow::Result<String> {
    let package = "activemirror-firmware";
    step.run(workspace.cargo(&["build", "--package", package, "--profile", "firmware", "--target", DEVICE]))?;
    let run = ["run", "--package", package, "--profile", "firmware", "--target", DEVICE];
    let said = step.capture(workspace.cargo(&run))?;
    Ok(said.lines().last().unwrap_or_default().trim().to_owned())
}
