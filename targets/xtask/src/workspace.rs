//! Where things are: packages, folders, and cargo itself with the environment every build gets.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::process::Command;

use anyhow::{Context as _, bail};
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use cargo_metadata::{Metadata, MetadataCommand};

/// For browsers and for plugins.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";
/// For the Cortex-M4 of the robot.
pub(crate) const DEVICE: &str = "thumbv7em-none-eabihf";

/// The package for browsers.
pub(crate) const BROWSER: &str = "activemirror-browser";
/// What only the tests in browsers load.
pub(crate) const BROWSER_TESTS: &str = "activemirror-browser-tests";
/// The package for the device.
pub(crate) const FIRMWARE: &str = "activemirror-firmware";
/// The golden vectors, computed on the device.
pub(crate) const DEVICE_VECTORS: &str = "activemirror-device-vectors";

/// What builds and judges the rest, and is no part of it.
const TOOLS: [&str; 4] =
    ["activemirror-xtask", "activemirror-tidy", "activemirror-bare", "activemirror-browser-build"];
/// What exists only on its own target.
const FOREIGN: [&str; 4] = [BROWSER, BROWSER_TESTS, FIRMWARE, DEVICE_VECTORS];

/// The checkout this runs in.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: Utf8PathBuf,
    pub(crate) target: Utf8PathBuf,
    packages: Vec<Package>,
}

/// A member of the workspace.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// Relative to the root of the workspace.
    pub(crate) folder: Utf8PathBuf,
}

impl Workspace {
    /// Asks cargo about the workspace of the current directory.
    pub(crate) fn load() -> anyhow::Result<Self> {
        let metadata = MetadataCommand::new().no_deps().exec().context("cargo cannot read the workspace")?;
        let packages = packages(&metadata)?;
        Ok(Self { root: metadata.workspace_root, target: metadata.target_directory, packages })
    }

    /// The member of this name, if the workspace has it.
    pub(crate) fn package(&self, name: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.name == name)
    }

    /// The built-in plugins: all of `guest/` but the SDK.
    pub(crate) fn plugins(&self) -> impl Iterator<Item = &Package> {
        let sdk = Utf8Path::new("guest/sdk");
        self.packages
            .iter()
            .filter(move |package| package.folder.starts_with("guest") && package.folder != sdk)
    }

    /// Arguments that select what this machine runs, in every build of it: cargo unites features
    /// over what is selected, so tests meet the very code that ships. What dev-dependencies add
    /// still differs, hence the first test after a first demo compiles wasmtime again.
    pub(crate) fn house(&self) -> Vec<&'static str> {
        let others = self.present(TOOLS.into_iter().chain(FOREIGN));
        ["--workspace"].into_iter().chain(others.flat_map(|name| ["--exclude", name])).collect()
    }

    /// Arguments that select what builds and judges the rest.
    pub(crate) fn tools(&self) -> Vec<&'static str> {
        self.present(TOOLS.into_iter()).flat_map(|name| ["--package", name]).collect()
    }

    /// Those of the packages that there are.
    pub(crate) fn present<'n>(&self, names: impl Iterator<Item = &'n str>) -> impl Iterator<Item = &'n str> {
        names.filter(|name| self.package(name).is_some())
    }

    /// The folders of this machine that hold the sources of crates from registries.
    pub(crate) fn registries(&self) -> anyhow::Result<BTreeSet<Utf8PathBuf>> {
        let platform = ["--filter-platform".to_owned(), WASM.to_owned()];
        let mut command = MetadataCommand::new();
        let metadata = command.current_dir(&self.root).other_options(platform).exec();
        let packages = metadata.context("cargo cannot say where crates are")?.packages;
        let foreign = packages.iter().filter(|package| package.source.is_some());
        let folders = foreign.filter_map(|package| package.manifest_path.parent()?.parent());
        Ok(folders.map(Utf8Path::to_owned).collect())
    }

    /// Where the components of the built-in plugins lie, and `host/cli` finds them to embed.
    pub(crate) fn components(&self) -> Utf8PathBuf {
        self.target.join("plugins")
    }

    /// The virtual environment with what tests and benches drive from PyPI.
    pub(crate) fn python(&self) -> Utf8PathBuf {
        self.target.join("python")
    }

    /// The binary that users carry.
    pub(crate) fn binary(&self) -> Utf8PathBuf {
        self.target.join("release").join(format!("activemirror{}", std::env::consts::EXE_SUFFIX))
    }

    /// Cargo, in this workspace, with the environment that every build here has: one that differed
    /// between calls would make cargo build twice.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = self.command(cargo);
        command.args(arguments);
        command.env("ACTIVEMIRROR_PLUGINS", self.components()).env("ACTIVEMIRROR_PYTHON", self.python());
        command
    }

    /// Any other program, in this workspace.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }

    /// What a program prints on standard output.
    pub(crate) fn ask(&self, program: &str, arguments: &[&str]) -> anyhow::Result<String> {
        let output = self
            .command(program)
            .args(arguments)
            .output()
            .with_context(|| format!("cannot run {program}"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!("`{program} {}` ended with {}: {}", arguments.join(" "), output.status, said.trim());
        }
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }
}

fn packages(metadata: &Metadata) -> anyhow::Result<Vec<Package>> {
    let package = |package: &&cargo_metadata::Package| {
        let folder = package.manifest_path.parent().context("a manifest lies in a folder")?;
        Ok(Package {
            name: package.name.to_string(),
            folder: folder.strip_prefix(&metadata.workspace_root)?.to_owned(),
        })
    };
    metadata.workspace_packages().iter().map(package).collect()
}
