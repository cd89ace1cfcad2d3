//! What recording costs an agent: the example `overhead`, which starts a fresh process for each run.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::report::{Better, Row};

/// The figures of a step, in percent of the bare agent's; what is promised of each kind.
const FIGURES: [(&str, f64); 4] =
    [("step, p50", 2.0), ("step, p99", 2.0), ("step, mean", 2.0), ("memory, peak", 5.0)];

/// Runs the example, and makes a row of each figure.
pub(crate) fn rows() -> Result<Vec<Row>> {
    let example = std::env::current_exe()?.with_file_name("examples").join("overhead");
    let output = Command::new(&example).arg("--json").output().with_context(|| {
        format!(
            "{}: `cargo build --release -p activemirror-examples --example overhead` makes it",
            example.display()
        )
    })?;
    ensure!(output.status.success(), "overhead failed: {}", String::from_utf8_lossy(&output.stderr));
    let said: Value = serde_json::from_slice(&output.stdout)?;
    let kinds = ["recorded", "governed"];
    let all = kinds.iter().flat_map(|kind| FIGURES.map(|(figure, goal)| (*kind, figure, goal)));
    let row = |(kind, figure, goal): (&str, &str, f64)| {
        let [bare, median, from, to] =
            ["bare", "median", "from", "to"].map(|key| said["kinds"][kind][figure][key].as_f64());
        let (bare, median) = (bare?, median?);
        let percent = |part: Option<f64>| part.unwrap_or(f64::NAN) / bare * 100.0;
        let what = if figure.starts_with("memory") {
            format!("of a bare agent's {:.1} MiB", bare / f64::from(1 << 20))
        } else {
            format!("of a bare step's {:.2} ms", bare * 1e3)
        };
        let range = format!("{:.2} to {:.2}", percent(from), percent(to));
        let what = format!("{kind} agent: {figure}, more, {what} (95 %: {range})");
        Some(Row::new(what, "%", Better::Lower, median / bare * 100.0).goal(goal))
    };
    Ok(all.filter_map(row).collect())
}
