//! What becomes of a store when its blocks are packed.

use std::path::Path;
use std::time::{Instant, SystemTime};

use activemirror::Timestamp;
use activemirror::retention::{Asked, Moves, Rule};
use anyhow::Result;

use crate::ours;

/// Packs all blocks of the store in this folder and closes it; says how long the packing took.
pub(crate) fn pack(folder: &Path) -> Result<core::time::Duration> {
    let runtime = ours::open(folder, Vec::new())?;
    // By size: what has no time that can be right has no age.
    let moves = Moves { warm: Some(Rule { after: None, over: Some(0) }), ..Moves::default() };
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_millis();
    let begun = Instant::now();
    let asked = Asked { moves, now: Timestamp::from_millis(now.try_into()?), clock_is_right: false };
    runtime.run_retention(&asked, |_| ())?;
    let took = begun.elapsed();
    runtime.close()?;
    Ok(took)
}
