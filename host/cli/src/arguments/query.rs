//! What may be typed behind `query`.

use std::path::PathBuf;

use clap::Args;

/// What its help ends with.
const EXAMPLES: &str = "\
Tables: traces, events, sessions, findings, verdicts. What is in `parameters`, `data`, `semantics` and
`metadata` can be reached with dots. In WHERE, `events.…` speaks of the events of a trace: what is
joined by AND is about one of them, each side of OR about one of its own, and NOT says that none is so.
Times are texts, such as 2024-01-31T12:00:00.000Z, and `time_ms` is the same as a number.

Examples:
  activemirror query 'SELECT agent_id, count(*) FROM traces GROUP BY agent_id'
  activemirror query \"SELECT * FROM traces WHERE agent_id = 'support-bot' AND timestamp > '2024-01-01'
      AND events.semantics.intent = 'refund' AND events.semantics.confidence < 0.7\"
  activemirror query \"SELECT action, parameters.order_id FROM events WHERE type = 'action'\"
  activemirror query 'SELECT e.action, v.outcome, v.reason FROM events e JOIN verdicts v USING (log, sequence)'
  activemirror query --filter 'semantics.confidence < 0.7 and type = decision' --limit 20
  activemirror query --explain --file slow.sql";

#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES, after_help = "More, with examples: `activemirror query --help`.")]
pub(crate) struct QueryArguments {
    /// The query: one SELECT, WITH or VALUES; `-` reads it from standard input.
    #[arg(value_name = "SQL", required_unless_present_any = ["file", "filter"])]
    pub(crate) sql: Option<String>,
    /// Read the query from this file.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["sql", "filter"])]
    pub(crate) file: Option<PathBuf>,
    /// Find events without SQL, as in `type = decision and confidence < 0.7`.
    #[arg(long, value_name = "CONDITIONS", conflicts_with = "sql")]
    pub(crate) filter: Option<String>,
    /// With --filter: at most so many events.
    #[arg(long, value_name = "N", requires = "filter")]
    pub(crate) limit: Option<u64>,
    /// Say which blocks were ruled out, opened and unsealed, and why.
    #[arg(long)]
    pub(crate) explain: bool,
    /// Show originals behind masks; the log notes it.
    #[arg(long)]
    pub(crate) reveal: bool,
    /// Stop after so many rows.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    pub(crate) max_rows: u64,
    /// Stop after so many seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) timeout: u64,
    /// Stop when sorting or grouping takes so many MiB of memory.
    #[arg(long, value_name = "MIB", default_value_t = 256, value_parser = clap::value_parser!(u64).range(1..=1_048_576))]
    pub(crate) max_memory: u64,
}
