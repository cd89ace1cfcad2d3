//! The compilation targets: their standard libraries, by rustup, else from Debian's source package.

mod debian;

use std::fs;

use anyhow::{Context as _, bail};
use cargo_metadata::camino::Utf8PathBuf;

use crate::console::Step;
use crate::tools;
use crate::workspace::{DEVICE, WASM, Workspace};

/// The compiler that cargo uses here.
#[derive(Debug)]
struct Toolchain {
    /// Such as `1.95.0`.
    release: String,
    sysroot: Utf8PathBuf,
}

/// Makes sure that the standard libraries of both targets are there; returns what to say.
pub(crate) fn ensure_targets(workspace: &Workspace, step: &mut Step) -> anyhow::Result<String> {
    let toolchain = Toolchain::of(workspace)?;
    let missing = |target: &&str| !toolchain.has(target);
    let wanted: Vec<&str> = [WASM, DEVICE].into_iter().filter(missing).collect();
    if wanted.is_empty() {
        return Ok(format!("{WASM} and {DEVICE} for rustc {}", toolchain.release));
    }
    let Err(refused) = by_rustup(workspace, &wanted, step) else {
        return Ok(format!("rustup added {}", wanted.join(" and ")));
    };
    if !tools::on_debian() {
        return Err(refused.context(format!("`rustup target add {}` must succeed first", wanted.join(" "))));
    }
    step.show("rustup could not; building the standard libraries from Debian's rust-src");
    debian::build_targets(workspace, &toolchain, &wanted, step).with_context(|| {
        format!("rustup did not add the targets ({refused:#}), and the way by Debian failed")
    })?;
    Ok(format!("built {} from Debian's rust-src", wanted.join(" and ")))
}

fn by_rustup(workspace: &Workspace, targets: &[&str], step: &mut Step) -> anyhow::Result<()> {
    let mut rustup = workspace.command("rustup");
    rustup.args(["target", "add"]).args(targets);
    step.run(rustup)?;
    // A rustup beside a compiler from elsewhere adds targets to its own.
    let toolchain = Toolchain::of(workspace)?;
    match targets.iter().find(|target| !toolchain.has(target)) {
        Some(target) => bail!("rustup added {target}, but not to the compiler in {}", toolchain.sysroot),
        None => Ok(()),
    }
}

impl Toolchain {
    fn of(workspace: &Workspace) -> anyhow::Result<Self> {
        let verbose = workspace.ask("rustc", &["--version", "--verbose"])?;
        let release = verbose.lines().find_map(|line| line.strip_prefix("release: "));
        let sysroot = workspace.ask("rustc", &["--print", "sysroot"])?;
        Ok(Self {
            release: release.context("rustc does not say its release")?.to_owned(),
            sysroot: sysroot.into(),
        })
    }

    /// Whether `core` of this target is installed.
    fn has(&self, target: &str) -> bool {
        let libraries = fs::read_dir(self.libraries(target)).into_iter().flatten().flatten();
        libraries.map(|entry| entry.file_name()).any(|name| name.to_string_lossy().starts_with("libcore-"))
    }

    fn libraries(&self, target: &str) -> Utf8PathBuf {
        self.sysroot.join("lib/rustlib").join(target).join("lib")
    }
}
