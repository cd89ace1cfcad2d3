//! `DuckDB`, in a process of its own: the script beside this package does the work and takes the time.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// What `DuckDB` took.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// Rows that it loaded.
    pub(crate) rows: usize,
    /// Seconds until the load was durable.
    pub(crate) load: f64,
    /// Bytes of its file.
    pub(crate) size: f64,
    /// Seconds that the question took, shortest first.
    pub(crate) asked: Vec<f64>,
    /// Groups that it answered with.
    pub(crate) groups: usize,
}

/// Loads a Parquet file into a database, and asks it a question so many times.
pub(crate) fn load(parquet: &Path, database: &Path, question: &str, times: usize) -> Result<Loaded> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/analyst.py");
    let mut command = Command::new(python()?);
    let output =
        command.arg(script).args([parquet, database]).args([question, &times.to_string()]).output()?;
    ensure!(output.status.success(), "DuckDB failed: {}", String::from_utf8_lossy(&output.stderr));
    let said: Value = serde_json::from_slice(&output.stdout)?;
    let number = |key: &str| said[key].as_f64().with_context(|| format!("DuckDB does not say {key}: {said}"));
    let mut asked: Vec<f64> =
        said["asked"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    asked.sort_unstable_by(f64::total_cmp);
    let (rows, groups) = (number("rows")? as usize, number("groups")? as usize);
    Ok(Loaded { rows, load: number("loaded")?, size: number("size")?, asked, groups })
}

fn python() -> Result<PathBuf> {
    let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python");
    let folder = std::env::var_os("ACTIVEMIRROR_PYTHON").map_or(usual, PathBuf::from);
    let python = folder.join("bin/python");
    ensure!(python.exists(), "{} is not there: run `cargo xtask test --only tools`", python.display());
    Ok(python)
}
