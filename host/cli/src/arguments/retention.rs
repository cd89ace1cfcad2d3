//! What may be typed after `activemirror retention`.

use clap::{Args, Subcommand, ValueEnum};

/// What to do about old payloads.
#[derive(Debug, Subcommand)]
pub(crate) enum RetentionCommand {
    /// Say how much lies where, by which rules it moves, and what is held.
    Show,
    /// Change the rules, which are in `retention.toml` in the data directory.
    Set(Box<SetArguments>),
    /// Move what is due: into packs, into the cold store, away.
    Run(RunArguments),
    /// Let nothing go in which there is something of a trace, a session or a person.
    Hold {
        /// What the hold is called.
        name: String,
        /// On this trace.
        #[arg(long, value_name = "ID", group = "on")]
        trace: Option<String>,
        /// On this session.
        #[arg(long, value_name = "ID", group = "on")]
        session: Option<String>,
        /// On this person, who cannot be erased meanwhile.
        #[arg(long, value_name = "NAME", group = "on")]
        subject: Option<String>,
        /// On everything.
        #[arg(long, group = "on")]
        everything: bool,
        /// Why; the log keeps it.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// End a hold.
    Release {
        /// What it is called.
        name: String,
        /// Why; the log keeps it.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

/// Rules to change; the others stay.
#[derive(Args, Debug)]
pub(crate) struct SetArguments {
    /// Pack what is older (`7d`, `36h`).
    #[arg(long, value_name = "AGE")]
    pub(crate) warm_after: Option<String>,
    /// Pack the oldest while more is hot.
    #[arg(long, value_name = "BYTES")]
    pub(crate) warm_over: Option<u64>,
    /// Move into the cold store what is older.
    #[arg(long, value_name = "AGE")]
    pub(crate) cold_after: Option<String>,
    /// Move the oldest into the cold store while more is on this machine.
    #[arg(long, value_name = "BYTES")]
    pub(crate) cold_over: Option<u64>,
    /// Delete what is older. It does not come back.
    #[arg(long, value_name = "AGE")]
    pub(crate) gone_after: Option<String>,
    /// Delete the oldest while there is more in all. It does not come back.
    #[arg(long, value_name = "BYTES")]
    pub(crate) gone_over: Option<u64>,
    /// Where the cold store is: a folder that is there, `file:///FOLDER` or `s3://BUCKET/PREFIX`.
    /// Credentials and an endpoint come from the environment (`AWS_*`).
    #[arg(long, value_name = "URL")]
    pub(crate) cold: Option<String>,
    /// Seconds that a call to the cold store may take, with its repetitions.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timeout: Option<u64>,
    /// Drop this rule. Repeatable.
    #[arg(long, value_enum, value_name = "RULE")]
    pub(crate) drop: Vec<RuleName>,
}

/// A rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RuleName {
    /// What is packed.
    Warm,
    /// What goes into the cold store.
    Cold,
    /// What is deleted.
    Gone,
}

/// How to run.
#[derive(Args, Debug)]
pub(crate) struct RunArguments {
    /// Say what would move, and move nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// The clock is right, however far ahead it seems.
    #[arg(long)]
    pub(crate) clock_is_right: bool,
}
