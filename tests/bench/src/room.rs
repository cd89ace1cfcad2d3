//! Where the bytes of a closed store lie, an event.

use std::path::Path;

use activemirror::{Bytes, Room};
use anyhow::Result;

use crate::ours;
use crate::report::{Better, Row};

/// A row for each kind of part; together they are the log's file.
pub(crate) fn rows(name: &str, folder: &Path, events: usize) -> Result<Vec<Row>> {
    let room = ours::open(folder, Vec::new())?.room()?;
    let Room { parts: Bytes { headers, parts, frames, index, zones, rest, tree, unused, .. }, .. } = room;
    let free = room.log_file.saturating_sub(room.parts.sum());
    let row = |(what, bytes): (&str, u64)| {
        let what = format!("bytes of {name}: {what}");
        Row::new(what, "B/event", Better::Lower, bytes as f64 / events as f64)
    };
    let rows = [
        ("headers", headers),
        ("structure, packed", parts.structure),
        ("content, packed", parts.content),
        ("seals", parts.seals + parts.hashes),
        ("index", index),
        ("zones", zones),
        ("lengths, names of people, digests, checkpoint", frames + rest),
        ("redb: trees", tree),
        ("redb: room that values leave", unused),
        ("redb: free pages and its own tables", free),
    ];
    Ok(rows.into_iter().map(row).collect())
}
