//! What was measured, as a table and as JSON.

use std::fs::File;
use std::path::Path;

use anyhow::Result;
use comfy_table::{Table, presets};
use serde_json::json;

/// Which end of a scale is the good one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Better {
    Higher,
    Lower,
}

/// One measurement, and what others took for the same.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) unit: &'static str,
    pub(crate) better: Better,
    pub(crate) ours: f64,
    pub(crate) goal: Option<f64>,
    pub(crate) peers: Vec<(&'static str, f64)>,
}

impl Row {
    /// A measurement without peers and goal.
    pub(crate) fn new(what: impl Into<String>, unit: &'static str, better: Better, ours: f64) -> Self {
        Self { what: what.into(), unit, better, ours, goal: None, peers: Vec::new() }
    }

    /// The same with a goal.
    pub(crate) fn goal(self, goal: f64) -> Self {
        Self { goal: Some(goal), ..self }
    }

    /// The same beside a peer.
    pub(crate) fn beside(mut self, peer: &'static str, value: f64) -> Self {
        self.peers.push((peer, value));
        self
    }

    /// How many times better than a peer this project is.
    fn ratio(&self, peer: f64) -> f64 {
        match self.better {
            Better::Higher => self.ours / peer,
            Better::Lower => peer / self.ours,
        }
    }

    fn reached(&self) -> Option<bool> {
        self.goal.map(|goal| match self.better {
            Better::Higher => self.ours >= goal,
            Better::Lower => self.ours <= goal,
        })
    }
}

/// Prints all rows; peers stand with how many times better this project is.
pub(crate) fn print(rows: &[Row]) {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["measured", "this project", "goal", "peers (times better than they)"]);
    for row in rows {
        let reached = row.reached().map_or("", |reached| if reached { " ✓" } else { " ✗" });
        let peer =
            |(name, value): &(&str, f64)| format!("{name} {} (× {:.2})", number(*value), row.ratio(*value));
        table.add_row([
            row.what.clone(),
            format!("{} {}", number(row.ours), row.unit),
            row.goal.map_or_else(String::new, |goal| format!("{}{reached}", number(goal))),
            row.peers.iter().map(peer).collect::<Vec<_>>().join("\n"),
        ]);
    }
    println!("{table}");
    println!("Everything here is sealed and proven; the peers neither seal nor prove.");
}

/// Writes the same as JSON.
pub(crate) fn write(rows: &[Row], path: &Path) -> Result<()> {
    let row = |row: &Row| {
        let peers: serde_json::Map<_, _> = row
            .peers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!({ "value": value, "ratio": row.ratio(*value) })))
            .collect();
        json!({
            "measured": row.what, "unit": row.unit, "value": row.ours,
            "goal": row.goal, "reached": row.reached(), "peers": peers,
        })
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    Ok(serde_json::to_writer_pretty(File::create(path)?, &rows)?)
}

/// Three digits that count, and thousands apart.
fn number(value: f64) -> String {
    if value < 100.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{value:.0}");
    let first = digits.len() % 3;
    let groups = digits.as_bytes().chunk_by(|_, _| true).flat_map(|all| {
        let (head, rest) = all.split_at(first);
        core::iter::once(head).chain(rest.chunks(3))
    });
    let groups: Vec<_> = groups.filter(|group| !group.is_empty()).map(String::from_utf8_lossy).collect();
    groups.join(" ")
}
