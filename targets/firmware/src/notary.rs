//! Who vouches for the log: the device's own signature, or nobody.

use activemirror_core::hash::Digest;
use activemirror_core::log::LogId;
use activemirror_core::log::checkpoint::{Checkpoint, NOTE_BYTES};
use activemirror_core::log::header::Header;
use activemirror_core::log::tree::Frontier;
use activemirror_core::vault::{Key, KeyTree};

use crate::enrolment::{PUBLIC_KEY, ROOT};

/// A signed checkpoint, as text.
pub type Note = heapless::String<NOTE_BYTES>;

/// Depth of the log's tree: 16 million blocks, at one a second half a year; 32 bytes a level.
pub const DEPTH: usize = 24;

/// Keeps the log's tree and signs its head.
pub trait Notary {
    /// A block was written.
    fn enter(&mut self, header: &Header);
    /// The head of the log, signed; `None` where nobody signs.
    fn note(&self, log: LogId) -> Option<Note>;
    /// What of the tree has to outlive a restart.
    fn subtrees(&self) -> &[Digest];
}

/// Nobody signs and no tree is kept: the host computes it from the headers.
#[derive(Clone, Copy, Debug)]
pub struct Unsigned;

impl Notary for Unsigned {
    fn enter(&mut self, _: &Header) {}

    fn note(&self, _: LogId) -> Option<Note> {
        None
    }

    fn subtrees(&self) -> &[Digest] {
        &[]
    }
}

/// The device signs with its own key.
#[derive(Debug)]
pub struct Signing {
    keys: KeyTree,
    tree: Frontier<DEPTH>,
}

impl Signing {
    /// Goes on with a tree of `size` blocks; `None` where the enrolment's parts do not belong
    /// together, or the tree's hashes are not those of that size.
    #[must_use]
    pub fn resume(size: u64, subtrees: &[Digest]) -> Option<Self> {
        let keys = KeyTree::new(&Key::new(ROOT));
        let tree = Frontier::resume(size, subtrees)?;
        (keys.public_key() == PUBLIC_KEY).then_some(Self { keys, tree })
    }
}

impl Notary for Signing {
    fn enter(&mut self, header: &Header) {
        self.tree.push(header.leaf_hash());
    }

    fn note(&self, log: LogId) -> Option<Note> {
        let head = Checkpoint { log, size: self.tree.size(), root: self.tree.root() };
        Some(head.sign(self.keys.signing()))
    }

    fn subtrees(&self) -> &[Digest] {
        self.tree.subtrees()
    }
}
