//! What can go wrong, one variant per reaction: building the engine, admitting a plugin, calling it.
//!
//! Texts that come from a plugin are cleaned before they get here, so every message can go to a
//! terminal or a log as it is.

use core::{fmt, time::Duration};
use std::path::PathBuf;

use crate::{admission::World, bindings::shared::types::PluginError, text};

/// The engine could not be set up on this machine.
#[derive(Debug)]
#[non_exhaustive]
pub enum EngineError {
    /// These limits cannot be had together; the text says which.
    Limits(String),
    /// The system refused what the engine needs, for instance address space.
    System(String),
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limits(what) => write!(f, "the plugin limits cannot be met: {what}"),
            Self::System(what) => write!(f, "the plugin engine cannot start on this system: {what}"),
        }
    }
}

impl core::error::Error for EngineError {}

/// A plugin was not admitted.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoadError {
    /// The file is not WebAssembly at all.
    NotWasm,
    /// The file is a core module: it was never turned into a component.
    CoreModule,
    /// The file is larger than the limit.
    TooLarge {
        /// Its size in bytes.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The file is WebAssembly, but broken, or uses features plugins do not have.
    Invalid {
        /// What is wrong.
        what: String,
        /// Where, in bytes from the start of the file.
        offset: usize,
    },
    /// The component is larger inside than the limits: functions, one body, modules.
    TooComplex {
        /// What there is too much of, and how much would be allowed.
        what: String,
    },
    /// It imports something that plugins are not given.
    UngrantedImport {
        /// The import's name.
        name: String,
    },
    /// It lacks an export of its world.
    MissingExport {
        /// The world.
        world: World,
        /// The export.
        name: String,
    },
    /// An import or export has another type than the contract gives it.
    WrongType {
        /// The world.
        world: World,
        /// The import or export.
        name: String,
    },
    /// It is a plugin, but of another kind than asked for.
    WrongWorld {
        /// The kind asked for.
        expected: World,
        /// The kind it is.
        found: World,
    },
    /// It exports nothing that any world of the contract asks for.
    NoWorld,
    /// Compiling took longer than allowed; the worker was stopped.
    CompileTimeout {
        /// The deadline.
        limit: Duration,
    },
    /// Compiling took more memory than allowed.
    CompileOutOfMemory {
        /// The address space the worker had, in bytes.
        limit: u64,
    },
    /// The compiler crashed or refused the component.
    CompileFailed {
        /// What it said, or how it ended.
        what: String,
    },
    /// The compile worker could not be started.
    NoCompiler {
        /// The program that was to be started.
        program: PathBuf,
        /// Why it was not.
        what: String,
    },
    /// The compiled component does not fit this engine's limits: memories, tables, instances.
    DoesNotFit {
        /// What does not fit.
        what: String,
    },
    /// `describe` failed.
    DescribeFailed(CallError),
    /// `describe` answered something a host cannot use.
    BadDescription {
        /// What is wrong with it.
        what: String,
    },
}

impl LoadError {
    pub(crate) fn does_not_fit(what: impl fmt::Display) -> Self {
        Self::DoesNotFit { what: text::sentence(format!("{what:#}")) }
    }

    pub(crate) fn not_compiled(what: impl fmt::Display) -> Self {
        Self::CompileFailed { what: text::sentence(format!("{what:#}")) }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotWasm => f.write_str("this is no WebAssembly file; a plugin is a component (.wasm)"),
            Self::CoreModule => f.write_str(
                "this is a core WebAssembly module, not a component; turn it into one with \
                 `wasm-tools component new`",
            ),
            Self::TooLarge { bytes, limit } => {
                write!(f, "the plugin has {bytes} bytes, more than the {limit} allowed")
            }
            Self::Invalid { what, offset } => {
                write!(f, "the plugin is no valid component: {what} (at byte {offset})")
            }
            Self::TooComplex { what } => write!(f, "the plugin is too large to compile safely: {what}"),
            Self::UngrantedImport { name } => write!(
                f,
                "the plugin imports `{name}`, which plugins are not given; build it without (for Rust: \
                 for the target wasm32-unknown-unknown)"
            ),
            Self::MissingExport { world, name } => {
                write!(f, "the plugin lacks the export `{name}`, which every {} must have", world.noun())
            }
            Self::WrongType { world, name } => write!(
                f,
                "the plugin's `{name}` does not have the type that world `{world}` gives it; build it \
                 against activemirror:plugin@1.0.0"
            ),
            Self::WrongWorld { expected, found } => {
                write!(f, "the plugin is a {}, where a {} was expected", found.noun(), expected.noun())
            }
            Self::NoWorld => f.write_str(
                "the component exports nothing that makes it a persona, policy or compliance pack",
            ),
            Self::CompileTimeout { limit } => {
                write!(f, "compiling the plugin took longer than {} ms and was stopped", limit.as_millis())
            }
            Self::CompileOutOfMemory { limit } => {
                write!(
                    f,
                    "compiling the plugin took more than {limit} bytes of address space and was stopped"
                )
            }
            Self::CompileFailed { what } => write!(f, "the plugin cannot be compiled: {what}"),
            Self::NoCompiler { program, what } => {
                write!(f, "the compile worker `{}` could not be started: {what}", program.display())
            }
            Self::DoesNotFit { what } => write!(f, "the plugin does not fit the engine's limits: {what}"),
            Self::DescribeFailed(error) => write!(f, "the plugin failed to describe itself: {error}"),
            Self::BadDescription { what } => write!(f, "the plugin describes itself wrongly: {what}"),
        }
    }
}

impl core::error::Error for LoadError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::DescribeFailed(error) => Some(error),
            _ => None,
        }
    }
}

/// A call of a plugin failed. Its instance is gone; the next call is not affected.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum CallError {
    /// It used up its fuel: it loops, or has too much to do.
    OutOfFuel {
        /// The fuel it had.
        limit: u64,
    },
    /// It asked for more memory than all its memories and tables may have together.
    OutOfMemory {
        /// The limit in bytes.
        limit: usize,
    },
    /// It called itself too deeply.
    StackOverflow,
    /// It stopped itself or did what WebAssembly forbids.
    Trap {
        /// Which trap.
        name: String,
    },
    /// It handed the host more than allowed, in its answer or in host calls.
    OutputTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// It answered something that breaks the contract.
    BadOutput {
        /// What is wrong with it.
        what: String,
    },
    /// Its next state is larger than the host keeps.
    StateTooLarge {
        /// The state's size in bytes.
        bytes: usize,
    },
    /// It called the host too often.
    TooManyHostCalls {
        /// The limit.
        limit: u32,
    },
    /// It said itself that it could not do its work.
    Plugin(PluginError),
    /// The host could not make an instance; the plugin is not to blame.
    System {
        /// What the system refused.
        what: String,
    },
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfFuel { limit } => write!(f, "it used up its {limit} units of fuel"),
            Self::OutOfMemory { limit } => write!(f, "it asked for more than its {limit} bytes of memory"),
            Self::StackOverflow => f.write_str("it called itself too deeply"),
            Self::Trap { name } => write!(f, "it stopped: {name}"),
            Self::OutputTooLarge { limit } => write!(f, "it exchanged more than {limit} bytes with the host"),
            Self::BadOutput { what } => write!(f, "it answered wrongly: {what}"),
            Self::StateTooLarge { bytes } => {
                write!(f, "its state has {bytes} bytes, more than the {} allowed", crate::STATE_BYTES_MAX)
            }
            Self::TooManyHostCalls { limit } => write!(f, "it called the host more than {limit} times"),
            Self::Plugin(PluginError::UnreadableState) => f.write_str("it cannot read its state"),
            Self::Plugin(PluginError::BadConfig(name)) => {
                write!(f, "its setting `{name}` is missing or wrong")
            }
            Self::Plugin(PluginError::StateTooLarge) => f.write_str("its state would be too large"),
            Self::System { what } => write!(f, "the system could not run it: {what}"),
        }
    }
}

impl core::error::Error for CallError {}

/// Errors travel in results on hot paths.
const _: () = assert!(size_of::<CallError>() <= 40 && size_of::<LoadError>() <= 64);
