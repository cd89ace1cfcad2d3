//! Core modules: built by cargo, bound by wasm-bindgen, and bounded in memory where they are a
//! plugin's.

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use anyhow::{Context as _, anyhow, ensure};
use cargo_metadata::camino::Utf8Path;
use walrus::Module;
use wasm_bindgen_cli_support::Bindgen;

use crate::Places;

const WASM: &str = "wasm32-unknown-unknown";

/// Pages of 64 KiB that a plugin's memory may grow to: 64 MiB, as on hosts.
const PLUGIN_PAGES_MAX: u64 = 1024;

/// Builds a package for browsers and writes its bindings, called `name`, into `folder`.
pub(crate) fn build(places: &Places, package: &str, name: &str, folder: &Utf8Path) -> anyhow::Result<()> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--package", package, "--profile", "browser", "--target", WASM]);
    cargo.args(["--config", &settings()?]);
    let status = cargo.current_dir(&places.root).status().context("cannot run cargo")?;
    ensure!(status.success(), "cargo did not build {package}; `cargo xtask targets` adds {WASM}");
    let file = format!("{}.wasm", package.replace('-', "_"));
    let module = places.target.join(WASM).join("browser").join(file);
    bind(&module, name, folder).map_err(|error| anyhow!("wasm-bindgen cannot bind {module}: {error:#}"))
}

/// SHA-2 with its rounds in a loop: 6 KB less to download. And no folder of this machine in what is
/// downloaded.
fn settings() -> anyhow::Result<String> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(env::home_dir()?.join(".cargo"))).context("cargo has no home")?;
    let remap = format!("--remap-path-prefix={}=cargo", home.display());
    let flags = ["--cfg=sha2_backend=\"soft\"", "--cfg=sha2_backend_soft=\"compact\"", &remap];
    Ok(format!("target.{WASM}.rustflags={flags:?}"))
}

/// An ECMAScript module that any page and any Worker can import, and its types.
fn bind(module: &Utf8Path, name: &str, folder: &Utf8Path) -> anyhow::Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(module).out_name(name).web(true)?;
    // The module lies beside its bindings, which find it by themselves.
    bindgen.typescript(true).omit_default_module_path(false);
    bindgen.remove_name_section(true).remove_producers_section(true);
    bindgen.generate(folder)
}

/// Gives the memory of every module in `folder` an upper bound.
pub(crate) fn bound_memories(folder: &Utf8Path) -> anyhow::Result<()> {
    for entry in folder.read_dir_utf8().with_context(|| format!("cannot read {folder}"))? {
        let path = entry?.into_path();
        if path.extension() == Some("wasm") {
            bound_memory(&path).with_context(|| format!("cannot bound the memory of {path}"))?;
        }
    }
    Ok(())
}

fn bound_memory(path: &Utf8Path) -> anyhow::Result<()> {
    let mut module = Module::from_buffer(&fs::read(path)?)?;
    for memory in module.memories.iter_mut().filter(|memory| memory.import.is_none()) {
        ensure!(memory.initial <= PLUGIN_PAGES_MAX, "it begins with {} pages", memory.initial);
        memory.maximum = Some(memory.maximum.unwrap_or(PLUGIN_PAGES_MAX).min(PLUGIN_PAGES_MAX));
    }
    Ok(fs::write(path, module.emit_wasm())?)
}
