//! `DuckDB`, as another implementation of what `export` writes; and what Python knows of a process.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The rows of its answer.
#[track_caller]
pub(crate) fn ask(question: &str) -> Vec<Value> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/export.py");
    let output = Command::new(python()).args([script, question]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{question}:\n{said}\n(`cargo xtask test --only tools` installs DuckDB)"
    );
    let out = String::from_utf8(output.stdout).unwrap();
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Its answer where that is one value.
#[track_caller]
pub(crate) fn one(question: &str) -> Value {
    ask(question)[0][0].clone()
}

/// The most memory that a command had, in bytes.
#[cfg(target_os = "linux")]
#[track_caller]
pub(crate) fn peak(command: &Command) -> usize {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/peak.py");
    let words = core::iter::once(command.get_program()).chain(command.get_args());
    let output = Command::new(python()).arg(script).args(words).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

/// The table in a file, as `DuckDB` calls it in a question.
pub(crate) fn table(file: &Path) -> String {
    let name = file.display();
    match file.extension().and_then(|ending| ending.to_str()) {
        Some("parquet") => format!("read_parquet('{name}')"),
        Some("csv") => format!("read_csv('{name}', header = true, allow_quoted_nulls = false)"),
        // Left to itself it makes one type of all objects, which says of each that it has all keys.
        _ => format!("read_json('{name}', format = 'newline_delimited', columns = {{ {} }})", columns()),
    }
}

/// The columns of events.
fn columns() -> String {
    let text =
        ["log", "trace_id", "agent_id", "session_id", "user_id", "event_id", "type", "content", "action"];
    let text = text.into_iter().chain(["intent", "readable", "verdict"]).map(|name| (name, "VARCHAR"));
    let json = ["parameters", "data", "semantics", "metadata", "other", "marked"].map(|name| (name, "JSON"));
    let rest = [("sequence", "UBIGINT"), ("timestamp", "TIMESTAMPTZ"), ("confidence", "DOUBLE")];
    let columns = text.chain(json).chain(rest).map(|(name, kind)| format!("{name}: '{kind}'"));
    columns.collect::<Vec<_>>().join(", ")
}

fn python() -> PathBuf {
    let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python");
    let folder = std::env::var_os("ACTIVEMIRROR_PYTHON").map_or(usual, PathBuf::from);
    let python = folder.join("bin/python");
    assert!(python.exists(), "{} is not there: `cargo xtask test --only tools` makes it", python.display());
    python
}
