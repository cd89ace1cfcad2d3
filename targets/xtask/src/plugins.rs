//! From the core modules that cargo builds to the components that the gate admits.

use std::fs;

use anyhow::Context as _;
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use wit_component::ComponentEncoder;

use crate::console::Step;
use crate::workspace::{Package, WASM, Workspace};

/// Cargo settings of plugins and of nothing else (a stack of 16 KiB).
const SETTINGS: &str = ".cargo/guest.toml";

/// Builds every plugin into a component; returns what to say about it.
pub(crate) fn build(workspace: &Workspace, step: &mut Step) -> anyhow::Result<String> {
    let plugins: Vec<&Package> = workspace.plugins().collect();
    build_modules(workspace, &plugins, step)?;
    let folder = workspace.components();
    fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {folder}"))?;
    let mut said = Vec::new();
    for plugin in plugins {
        said.push(
            encode(workspace, plugin, &folder).with_context(|| format!("{} as a component", plugin.name))?,
        );
    }
    Ok(said.join(", "))
}

fn build_modules(workspace: &Workspace, plugins: &[&Package], step: &mut Step) -> anyhow::Result<()> {
    let paths = short_paths(workspace)?;
    let settings = ["--config", SETTINGS, "--config", &paths];
    let mut cargo = workspace.cargo(&["build", "--profile", "guest", "--target", WASM, "--lib"]);
    cargo.args(settings);
    for plugin in plugins {
        cargo.args(["--package", &plugin.name]);
    }
    step.run(cargo)
}

/// The setting by which a crate's sources are named without the folder of this machine that they lie
/// in: a plugin names where it panics, and is known by its digest.
fn short_paths(workspace: &Workspace) -> anyhow::Result<String> {
    let registries = workspace.registries()?;
    let flags: Vec<_> =
        registries.iter().map(|folder| format!("--remap-path-prefix={folder}=crates")).collect();
    Ok(format!("target.{WASM}.rustflags={flags:?}"))
}

fn encode(workspace: &Workspace, plugin: &Package, folder: &Utf8Path) -> anyhow::Result<String> {
    let path = module(workspace, plugin);
    let module = fs::read(&path).with_context(|| format!("cannot read {path}"))?;
    let component = ComponentEncoder::default().validate(true).module(&module)?.encode()?;
    let name = plugin.folder.file_name().context("a plugin's folder has a name")?;
    let changed = replace(&folder.join(name).with_extension("wasm"), &component)?;
    let size = component.len().div_ceil(1024);
    Ok(format!("{name} {size} KiB{}", if changed { " (new)" } else { "" }))
}

/// The core module as cargo names it.
fn module(workspace: &Workspace, plugin: &Package) -> Utf8PathBuf {
    let file = format!("{}.wasm", plugin.name.replace('-', "_"));
    workspace.target.join(WASM).join("guest").join(file)
}

/// Writes only what differs: a newer time on the same bytes would rebuild the binary around them.
fn replace(path: &Utf8Path, bytes: &[u8]) -> anyhow::Result<bool> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(false);
    }
    fs::write(path, bytes).with_context(|| format!("cannot write {path}"))?;
    Ok(true)
}
