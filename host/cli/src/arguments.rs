//! What may be typed.

mod query;
mod retention;

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

pub(crate) use self::query::QueryArguments;
pub(crate) use self::retention::{RetentionCommand, RuleName, RunArguments, SetArguments};

/// Remember, explain and govern what an AI agent does, on this machine.
///
/// Exit status: 0 done; 1 a check failed; 2 wrong usage or wrong input; 3 the store or the system
/// failed.
#[derive(Debug, Parser)]
#[command(name = "activemirror", version, max_term_width = 100)]
pub(crate) struct Arguments {
    /// Where everything lies but the device key [default: the platform's data directory].
    #[arg(long, global = true, env = "ACTIVEMIRROR_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// The device key's file [default: in the platform's configuration directory].
    #[arg(long, global = true, env = "ACTIVEMIRROR_KEY_FILE", value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// Print JSON, one object a line.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) plugins: PluginArguments,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Arguments {
    /// What was typed; wrong usage ends the program.
    pub(crate) fn typed() -> Self {
        let arguments = Self::parse();
        // clap compares flags of one level only, and these may stand before or behind the command.
        if let Some(flag) = arguments.plugins.pointless() {
            let what = format!("the argument '--no-plugins' cannot be used with '{flag}'");
            Self::command().error(ErrorKind::ArgumentConflict, what).exit();
        }
        arguments
    }
}

/// What governs this command.
#[derive(Args, Debug)]
pub(crate) struct PluginArguments {
    /// Use this plugin instead of the default ones: a component file, or a built-in name. Repeatable.
    #[arg(long = "plugin", global = true, value_name = "FILE|NAME")]
    pub(crate) plugin: Vec<String>,
    /// Settings of plugins: a TOML file with a table for each, by name. `grant-personal-data = true`
    /// lets one see what policies mask; built-in ones do.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) plugin_config: Option<PathBuf>,
    /// Record without policies; the log says so.
    #[arg(long, global = true)]
    pub(crate) no_plugins: bool,
}

impl PluginArguments {
    /// The flag that asks for plugins, where none are to be used.
    fn pointless(&self) -> Option<&'static str> {
        let flag = match self {
            Self { plugin, .. } if !plugin.is_empty() => "--plugin",
            Self { plugin_config: Some(_), .. } => "--plugin-config",
            _ => return None,
        };
        self.no_plugins.then_some(flag)
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Play a support conversation through the whole pipeline, on a fresh data directory.
    Demo,
    /// Read traces, or a device's blocks, into the log.
    Import(ImportArguments),
    /// List traces, newest first.
    Traces(TracesArguments),
    /// Show one trace as a timeline.
    Show(ShowArguments),
    /// Write traces, whole to be read again or as tables to be analysed.
    Export(ExportArguments),
    /// Ask the log in SQL, or for events by a filter.
    Query(QueryArguments),
    /// List what compliance packs found and what policies objected to.
    Findings(FindingsArguments),
    /// Recompute the log and name the first block that is not what was written.
    Verify(VerifyArguments),
    /// Save what is intact of a damaged data directory into a new one, and list what is gone. Exit status
    /// 1 says that something is.
    Repair(RepairArguments),
    /// Keep conversations across restarts.
    Session {
        #[command(subcommand)]
        command: SessionCommand,
    },
    /// People's keys: who is known, and how one is forgotten.
    Vault {
        #[command(subcommand)]
        command: VaultCommand,
    },
    /// Where payloads go when they grow old: into packs, into a cold store, away.
    Retention {
        #[command(subcommand)]
        command: RetentionCommand,
    },
    /// Devices whose logs are accepted.
    Device {
        #[command(subcommand)]
        command: DeviceCommand,
    },
    /// Look at plugins.
    Plugin {
        #[command(subcommand)]
        command: PluginCommand,
    },
    /// Print the completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// The formats that `import` reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ImportFormat {
    /// What the file looks like.
    #[default]
    Auto,
    /// MirrorDNA: one trace a line, one trace, or a list of traces.
    Mirrordna,
    /// Runs of tau-bench.
    TauBench,
    /// The byte stream of an enrolled device.
    Blocks,
}

#[derive(Args, Debug)]
pub(crate) struct ImportArguments {
    /// Files to read.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// What they are in.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ImportFormat,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct TracesArguments {
    /// Only this agent's.
    #[arg(long, value_name = "NAME")]
    pub(crate) agent: Option<String>,
    /// Only this session's.
    #[arg(long, value_name = "ID")]
    pub(crate) session: Option<String>,
    /// At most so many.
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
}

#[derive(Args, Debug)]
pub(crate) struct ShowArguments {
    /// The trace's id, or the beginning of it.
    #[arg(value_name = "TRACE")]
    pub(crate) trace: String,
    /// Show originals behind masks; the log notes it.
    #[arg(long)]
    pub(crate) reveal: bool,
}

/// The formats that `export` writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// MirrorDNA JSON Lines, one trace a line with its events, verdicts and findings: the exchange
    /// format, which `import` reads again.
    #[default]
    Mirrordna,
    /// A table as JSON Lines, one row a line: a flat object with every column.
    Jsonl,
    /// A table as Apache Parquet, packed with Zstandard; times are TIMESTAMP(MILLIS, UTC).
    Parquet,
    /// A table as CSV. Every text is in quotes, and NULL is nothing at all. A text that begins with
    /// `=`, `+`, `-`, `@`, a tab, a line break or `'` gets a `'` in front, since spreadsheets run such
    /// a text as a formula: take one `'` away from texts that begin with it to have them as they were.
    Csv,
}

/// The tables that `export` writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportTable {
    /// One row an event.
    #[default]
    Events,
    /// One row a trace.
    Traces,
    /// One row a decision of a policy; `of_sequence` says on which record of the log.
    Verdicts,
    /// One row a finding; `evidence` lists the sequences of the events that show it.
    Findings,
}

#[derive(Args, Debug)]
pub(crate) struct ExportArguments {
    /// Only these traces, by id or the beginning of it [default: all].
    #[arg(value_name = "TRACE")]
    pub(crate) traces: Vec<String>,
    /// What to write.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ExportFormat,
    /// Which table, of the formats that are tables [default: events].
    #[arg(long, value_enum)]
    pub(crate) table: Option<ExportTable>,
    /// Where to write; the file appears once it is whole [default: standard output].
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write originals behind masks; the log notes it.
    #[arg(long)]
    pub(crate) reveal: bool,
}

#[derive(Args, Debug)]
pub(crate) struct FindingsArguments {
    /// Only findings on this control, or on those that begin so (`GDPR-5`).
    #[arg(long, value_name = "ID")]
    pub(crate) control: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct VerifyArguments {
    /// Check digests, headers, trees and checkpoints only, not the sealed records.
    #[arg(long)]
    pub(crate) no_keys: bool,
}

#[derive(Args, Debug)]
pub(crate) struct RepairArguments {
    /// Where the new data directory is made; the damaged one is only read.
    #[arg(long, value_name = "DIR")]
    pub(crate) into: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SessionCommand {
    /// Begin a session and print its id.
    New {
        /// What it is about.
        #[arg(long, default_value = "Untitled Conversation")]
        title: String,
        /// Whose it is.
        #[arg(long, value_name = "NAME")]
        user: Option<String>,
    },
    /// Add a message to a session.
    Send {
        /// The session's id.
        session: String,
        /// The message; `-` reads it from standard input.
        text: String,
        /// Who speaks.
        #[arg(long, value_enum, default_value_t)]
        role: Role,
    },
    /// List sessions, newest first.
    List,
    /// Show a session's messages.
    Show {
        /// The session's id.
        session: String,
        /// Show originals behind masks; the log notes it.
        #[arg(long)]
        reveal: bool,
    },
    /// Write a session as JSON, in the spelling of one of the SDKs.
    Export {
        /// The session's id.
        session: String,
        /// Whose spelling.
        #[arg(long, value_enum, default_value_t)]
        spelling: Spelling,
        /// Where to write [default: standard output].
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Write originals behind masks; the log notes it.
        #[arg(long)]
        reveal: bool,
    },
    /// Read a session that either SDK exported.
    Import {
        /// The file.
        file: PathBuf,
    },
}

/// Who speaks in a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// The person.
    #[default]
    User,
    /// The agent.
    Assistant,
    /// The application, to the agent.
    System,
}

/// How session JSON is spelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Spelling {
    /// The Python SDK's: `created_at`.
    #[default]
    Python,
    /// The JavaScript SDK's: `createdAt`.
    Javascript,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VaultCommand {
    /// Say what the vault holds.
    Status,
    /// List whose keys are here.
    Subject,
    /// Go on from the older copy of the data that was put in place, or from a second one: begins a log
    /// of its own, which names the one that it goes on from. What was recorded since the copy was made
    /// is given up.
    Restore {
        /// Do it without asking.
        #[arg(long)]
        yes: bool,
    },
    /// Destroy a person's key: nothing of theirs can be read any more, everything else can.
    Erase {
        /// The person's name in traces, or the id of a session without a known user.
        #[arg(long, value_name = "NAME")]
        subject: String,
        /// Do it without asking.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum DeviceCommand {
    /// Enrol a device: its log is accepted from now on.
    Add {
        /// The file with the device's root key, in the form of a device key file.
        #[arg(value_name = "KEY-FILE")]
        root_key: PathBuf,
    },
    /// List enrolled devices.
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PluginCommand {
    /// List the built-in plugins.
    List,
    /// Say what a component is, what it imports and exports, and whether it would be admitted.
    Inspect {
        /// A component file, or a built-in name.
        #[arg(value_name = "FILE|NAME")]
        plugin: String,
    },
}
