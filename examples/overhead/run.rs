//! One run of the agent, in a process that does nothing else.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use activemirror::{Config, Grant, Options, PluginFile, Runtime, Start};
use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use crate::agent::{Agent, Work};

/// What is beside the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// Nothing.
    Bare,
    /// A recorder.
    Recorded,
    /// A recorder, and the built-in policies and compliance pack.
    Governed,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Bare, Self::Recorded, Self::Governed];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Recorded => "recorded",
            Self::Governed => "governed",
        }
    }
}

/// What a process is asked to do.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) kind: Kind,
    pub(crate) place: PathBuf,
    pub(crate) work: Work,
}

/// What a process has measured of itself.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Measured {
    /// How long each step took, in nanoseconds.
    pub(crate) steps: Vec<u64>,
    /// How long it took to open the runtime and to make everything durable at the end.
    pub(crate) around: u64,
    /// Processor time of all threads during the steps, in nanoseconds; where the system says.
    pub(crate) processor: Option<u64>,
    /// Most memory at any time, and memory after the last step, in bytes; where the system says.
    pub(crate) peak: Option<u64>,
    pub(crate) resident: Option<u64>,
}

/// Runs here.
pub(crate) fn here(run: &Run) -> Result<Measured> {
    let begun = Instant::now();
    let runtime = match run.kind {
        Kind::Bare => None,
        kind => Some(open(kind, &run.place)?),
    };
    let start = Start { agent: "librarian".into(), user: Some("visitor".into()), ..Start::default() };
    let mut recorder = runtime.as_ref().map(|runtime| runtime.begin(start)).transpose()?;
    let opened = begun.elapsed();
    let mut agent = Agent::new(run.work.documents);
    let mut steps = Vec::with_capacity(run.work.steps);
    let before = processor();
    for _ in 0..run.work.steps {
        let begun = Instant::now();
        agent.step(&run.work, &mut recorder)?;
        steps.push(begun.elapsed().as_nanos() as u64);
    }
    let processor = processor().zip(before).map(|(after, before)| after - before);
    let resident = memory("VmRSS");
    let ending = Instant::now();
    recorder.map(|recorder| recorder.end()).transpose()?;
    runtime.map(Runtime::close).transpose()?;
    let around = (opened + ending.elapsed()).as_nanos() as u64;
    Ok(Measured { steps, around, processor, peak: memory("VmHWM"), resident })
}

/// Makes what runs of a kind begin with: a store, and plugins compiled once, as on any machine that
/// runs the agent a second time.
pub(crate) fn prepare(kind: Kind, place: &Path) -> Result<()> {
    fs::create_dir_all(place)?;
    match kind {
        Kind::Bare => Ok(()),
        kind => Ok(open(kind, place)?.close()?),
    }
}

/// Copies a folder.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn open(kind: Kind, place: &Path) -> Result<Runtime> {
    let plugins = if kind == Kind::Governed { built_in()? } else { Vec::new() };
    let (data, key_file) = (place.join("data"), place.join("keys/device.key"));
    Ok(Runtime::open(Options { data, key_file, plugins, ..Options::default() })?)
}

/// The built-in policies and the compliance pack, as `cargo xtask build` has built them.
fn built_in() -> Result<Vec<PluginFile>> {
    let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/plugins");
    let folder = std::env::var_os("ACTIVEMIRROR_PLUGINS").map_or(usual, PathBuf::from);
    let plugin = |name: &&str| {
        let path = folder.join(name).with_extension("wasm");
        let component =
            fs::read(&path).with_context(|| format!("{}: run `cargo xtask build`", path.display()))?;
        let (config, grant) = (Config::default(), Grant::PersonalData);
        Ok(PluginFile { name: (*name).to_owned(), component, config, grant })
    };
    ["pii", "confirm-writes", "gdpr"].iter().map(plugin).collect()
}

/// How long Linux has let the threads of this process run, in nanoseconds.
fn processor() -> Option<u64> {
    let threads = fs::read_dir("/proc/self/task").ok()?;
    let ran = |thread: std::io::Result<fs::DirEntry>| -> Option<u64> {
        let schedule = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        schedule.split_whitespace().next()?.parse().ok()
    };
    threads.map(ran).sum()
}

/// What Linux says of this process, in bytes.
fn memory(field: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? << 10)
}
