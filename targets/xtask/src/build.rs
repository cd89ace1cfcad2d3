//! The builds that commands share, each a step of its own.

use crate::console::{Console, Step};
use crate::workspace::Workspace;
use crate::{plugins, toolchain};

/// `cargo xtask targets`.
pub(crate) fn targets(workspace: &Workspace, console: &mut Console) -> anyhow::Result<()> {
    console.step("targets", |step| toolchain::ensure_targets(workspace, step)).map(drop)
}

/// `cargo xtask plugins`: the components, and the targets they need.
pub(crate) fn components(workspace: &Workspace, console: &mut Console) -> anyhow::Result<()> {
    targets(workspace, console)?;
    console.step("plugins", |step| plugins::build(workspace, step)).map(drop)
}

/// `cargo xtask build`: the binary with the components in it.
pub(crate) fn release(workspace: &Workspace, console: &mut Console) -> anyhow::Result<()> {
    components(workspace, console)?;
    console.step("host", |step| host(workspace, step)).map(drop)
}

/// Builds the binary; the components must be there.
fn host(workspace: &Workspace, step: &mut Step) -> anyhow::Result<String> {
    step.run(
        workspace.cargo(&[&["build", "--release", "--bin", "activemirror"], &workspace.house()[..]].concat()),
    )?;
    let binary = workspace.binary();
    let mebibytes = std::fs::metadata(&binary)?.len() as f64 / f64::from(1 << 20);
    let shown = binary.strip_prefix(&workspace.root).unwrap_or(&binary);
    Ok(format!("{shown} {mebibytes:.1} MiB"))
}
