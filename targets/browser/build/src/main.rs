//! `cargo run --release --package activemirror-browser-build`: the npm package, in
//! `targets/browser/pkg`.
//!
//! 1. cargo builds core and store for WebAssembly; wasm-bindgen, as a library, writes their
//!    JavaScript and types.
//! 2. `npm ci`, where the lock file is newer than what is installed.
//! 3. jco makes JavaScript of the plugins' components (`cargo xtask plugins` builds those); their
//!    memories get an upper bound, which a host would hold them to and a browser does not.
//! 4. tsc compiles `ts/` against the types of 1.
//!
//! With `--tests`, the golden vectors become a module for the page that tests them, too.

mod modules;
mod npm;

use anyhow::Context as _;
use cargo_metadata::MetadataCommand;
use cargo_metadata::camino::Utf8PathBuf;
use clap::Parser;

/// Builds the npm package activemirror.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Also build what only the tests load
    #[arg(long)]
    tests: bool,
}

/// Where things are.
#[derive(Debug)]
struct Places {
    root: Utf8PathBuf,
    target: Utf8PathBuf,
    browser: Utf8PathBuf,
    components: Utf8PathBuf,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let places = Places::find()?;
    places.clear()?;
    modules::build(&places, "activemirror-browser", "store", &places.browser.join("pkg/wasm"))?;
    if arguments.tests {
        let tests = places.root.join("tests/browser/pkg");
        modules::build(&places, "activemirror-browser-tests", "vectors", &tests)?;
    }
    npm::install(&places)?;
    npm::transpile(&places)?;
    modules::bound_memories(&places.browser.join("pkg/plugins"))?;
    npm::compile(&places)?;
    println!("{}", places.browser.join("pkg"));
    Ok(())
}

impl Places {
    /// Removes what an earlier build left: nothing stale is packed.
    fn clear(&self) -> anyhow::Result<()> {
        let folder = self.browser.join("pkg");
        if folder.exists() {
            std::fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {folder}"))?;
        }
        Ok(())
    }

    fn find() -> anyhow::Result<Self> {
        let metadata = MetadataCommand::new().no_deps().exec().context("cargo cannot read the workspace")?;
        let target = metadata.target_directory;
        let components = std::env::var("ACTIVEMIRROR_PLUGINS");
        Ok(Self {
            browser: metadata.workspace_root.join("targets/browser"),
            root: metadata.workspace_root,
            components: components.map_or_else(|_| target.join("plugins"), Utf8PathBuf::from),
            target,
        })
    }
}
