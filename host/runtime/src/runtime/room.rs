//! How much room the data takes, and for what.

use activemirror_store::{Bytes, StoreError, file_bytes};

use super::Runtime;
use crate::error::Error;

/// Where the bytes of the data lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// What the parts of the log take.
    pub parts: Bytes,
    /// The log's file.
    pub log_file: u64,
    /// The file of the subjects' keys.
    pub keys_file: u64,
}

impl Room {
    /// Every part by its name, with its bytes; together they are the log's file.
    #[must_use]
    pub const fn named(&self) -> [(&'static str, u64); 12] {
        let Bytes { headers, parts, frames, index, zones, rest, tree, unused, .. } = self.parts;
        [
            ("headers", headers),
            ("structure", parts.structure),
            ("content", parts.content),
            ("hashes", parts.hashes),
            ("seals", parts.seals),
            ("frames", frames),
            ("index", index),
            ("zones", zones),
            ("rest", rest),
            ("tree", tree),
            ("unused", unused),
            ("free", self.log_file.saturating_sub(self.parts.sum())),
        ]
    }
}

impl Runtime {
    /// Counts where the bytes lie; reads every block once.
    pub fn room(&self) -> Result<Room, Error> {
        let inner = self.inner();
        let parts = inner.store().bytes()?;
        let (log_file, keys_file) = file_bytes(&inner.data).map_err(StoreError::Io)?;
        Ok(Room { parts, log_file, keys_file })
    }
}
