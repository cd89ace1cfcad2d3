//! What looking at a store found.

use core::fmt;

use activemirror_core::log::LogId;
use activemirror_core::log::checkpoint::CheckpointError;
use activemirror_core::log::header::HeaderError;
use activemirror_core::log::reader::BlockError;

use crate::own::Parent;
use crate::tier::cold::ColdFault;

/// What [`Store::verify`](crate::Store::verify) found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// One report a log: the one that is written first, then those it goes on from, then devices'.
    pub logs: Vec<LogReport>,
}

impl Report {
    /// The first fault of all.
    #[must_use]
    pub fn fault(&self) -> Option<(&LogReport, &Fault)> {
        self.logs.iter().find_map(|log| Some((log, log.fault.as_ref()?)))
    }
}

/// What there is to say of one log.
#[derive(Clone, Debug)]
pub struct LogReport {
    /// The log.
    pub log: LogId,
    /// Whether it is this device's own.
    pub own: bool,
    /// The log that it goes on from.
    pub parent: Option<Parent>,
    /// Blocks that hold.
    pub blocks: u64,
    /// Records in them.
    pub records: u64,
    /// Records whose leaf was recomputed under their key.
    pub recomputed: u64,
    /// Records whose person was erased; their kept leaf fits the tree.
    pub erased: u64,
    /// Blocks whose payload went by retention: their headers hold.
    pub gone: u64,
    /// Blocks in the cold store that were not looked at.
    pub cold: u64,
    /// Those of them that were asked for, and did not come: why the first did not.
    pub unreached: Option<(u64, ColdFault)>,
    /// Blocks that are gone, as a repair said that they are.
    pub lost: u64,
    /// Records whose person's key is gone, as a repair said that it is.
    pub closed: u64,
    /// How many of the blocks the signed checkpoint covers.
    pub covered: u64,
    /// The first fault, after which this log was not looked at further.
    pub fault: Option<Fault>,
}

/// A fault, and the block it was found at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The block's number in its log.
    pub block: u64,
    /// What is wrong.
    pub what: Wrong,
}

/// What can be wrong with a block or a log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wrong {
    /// The block is not there, though the checkpoint or a later block needs it.
    Missing,
    /// Its header cannot be read.
    Header(HeaderError),
    /// Its header is that of another place or log.
    Misplaced,
    /// Its stored form or its records are wrong.
    Block(BlockError),
    /// It holds a person's content, that person was not erased, and their key is not there.
    KeyMissing,
    /// It shows a person as erased whom nobody erased here.
    NotErased,
    /// A row of the index that should lead to it is not there.
    Unindexed,
    /// What is noted of all its records is not so.
    Zone,
    /// There is no checkpoint.
    NoCheckpoint,
    /// The checkpoint is not the log's.
    Checkpoint(CheckpointError),
    /// The tree over the headers is not the one that was signed.
    Root,
    /// Its payload is shown as gone, and the log tells of no rule by which it went.
    NotGone,
    /// The cold store gave other bytes than what was put there.
    Cold(ColdFault),
    /// The block is not covered by the checkpoint that was signed when it was written.
    Uncovered,
    /// The log has blocks behind its end, which the log that goes on from it names.
    Closed,
    /// The log does not say which one it goes on from, or names another than the one before it.
    Parent,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "block {}: ", self.block)?;
        match &self.what {
            Wrong::Missing => f.write_str("it is missing"),
            Wrong::Header(error) => error.fmt(f),
            Wrong::Misplaced => f.write_str("its header belongs to another place or log"),
            Wrong::Block(error) => error.fmt(f),
            Wrong::KeyMissing => f.write_str("a person's key is missing, though they were not erased"),
            Wrong::NotErased => f.write_str("a person is shown as erased whom nobody erased here"),
            Wrong::Unindexed => f.write_str("the index does not lead to all of its records"),
            Wrong::Zone => f.write_str("what is noted of it, to find its records, is not so"),
            Wrong::NoCheckpoint => f.write_str("the log has no checkpoint"),
            Wrong::Checkpoint(error) => error.fmt(f),
            Wrong::Root => f.write_str("the headers up to here are not those that were signed"),
            Wrong::NotGone => {
                f.write_str("it is shown as gone, and the log tells of no rule by which it went")
            }
            Wrong::Cold(why) => write!(f, "it is in the cold store: {why}"),
            Wrong::Uncovered => f.write_str("the signed checkpoint does not cover it"),
            Wrong::Closed => f.write_str("it was written after the log was closed"),
            Wrong::Parent => f.write_str("it does not name the log that this one goes on from"),
        }
    }
}
