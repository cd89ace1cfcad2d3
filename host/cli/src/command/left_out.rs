//! Saying what could not be read: what went by retention, and what the cold store does not give.

use activemirror::Runtime;
use activemirror::retention::BlockRef;
use serde_json::json;

use crate::output::{DIM, harmless};

/// Says on standard error what was left out so far; nothing where nothing was.
pub(crate) fn say(runtime: &Runtime, as_json: bool) {
    let left_out = runtime.left_out();
    if left_out.is_empty() {
        return;
    }
    let gone = ranges(left_out.gone.keys());
    let cold = ranges(left_out.cold.keys());
    let why = left_out.cold.values().next().map(ToString::to_string);
    if as_json {
        let line = json!({ "left_out": { "gone": gone, "cold": cold, "why": why } });
        anstream::eprintln!("{line}");
        return;
    }
    if !gone.is_empty() {
        anstream::eprintln!("{DIM}left out, since it went by retention: {}{DIM:#}", gone.join(", "));
    }
    if let Some(why) = why {
        anstream::eprintln!("left out, since it does not come from the cold store: {}", cold.join(", "));
        anstream::eprintln!("  {}", harmless(&why));
    }
}

/// Blocks in a row, as people write them.
fn ranges<'b>(blocks: impl Iterator<Item = &'b BlockRef>) -> Vec<String> {
    let mut ranges: Vec<(BlockRef, u64)> = Vec::new();
    for at in blocks {
        match ranges.last_mut() {
            Some((first, last)) if first.log == at.log && *last + 1 == at.block => *last = at.block,
            _ => ranges.push((*at, at.block)),
        }
    }
    let of_log =
        |at: &BlockRef| if at.log == 0 { String::new() } else { format!(" of log number {}", at.log) };
    let written = |(first, last): &(BlockRef, u64)| match first.block == *last {
        true => format!("block {last}{}", of_log(first)),
        false => format!("blocks {} to {last}{}", first.block, of_log(first)),
    };
    ranges.iter().map(written).collect()
}
