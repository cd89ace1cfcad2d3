//! A runtime that all built-in plugins govern.

use std::path::PathBuf;

use activemirror::{Config, Error, Grant, Limits, Options, PluginFile, Recorder, Runtime, Start};
use tempfile::TempDir;

/// The runtime, and the folder that it lies in.
pub(crate) struct Place {
    pub(crate) runtime: Runtime,
    pub(crate) folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self::with(Limits::default())
    }

    pub(crate) fn with(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { runtime: open(&folder, limits), folder }
    }

    /// Closes the runtime and opens it again.
    pub(crate) fn reopened(self) -> Self {
        self.runtime.close().unwrap();
        Self { runtime: open(&self.folder, Limits::default()), folder: self.folder }
    }

    /// Drops the runtime and opens it again.
    pub(crate) fn dropped(self) -> Self {
        drop(self.runtime);
        Self { runtime: open(&self.folder, Limits::default()), folder: self.folder }
    }

    pub(crate) fn recorder(&self) -> Recorder {
        self.begin().unwrap()
    }

    pub(crate) fn begin(&self) -> Result<Recorder, Error> {
        let start = Start { agent: "a".to_owned(), user: Some("ada".to_owned()), ..Start::default() };
        self.runtime.begin(start)
    }
}

fn open(folder: &TempDir, limits: Limits) -> Runtime {
    let (data, key_file) = (folder.path().join("data"), folder.path().join("keys/device.key"));
    let plugins = ["pii", "confirm-writes", "gdpr"].map(built_in).into();
    Runtime::open(Options { data, key_file, plugins, limits, ..Options::default() }).unwrap()
}

fn built_in(name: &str) -> PluginFile {
    let folder = std::env::var_os("ACTIVEMIRROR_PLUGINS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/plugins"),
        PathBuf::from,
    );
    let path = folder.join(name).with_extension("wasm");
    let component = std::fs::read(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; `cargo xtask plugins` builds it", path.display()));
    PluginFile { name: name.to_owned(), component, config: Config::default(), grant: Grant::PersonalData }
}
