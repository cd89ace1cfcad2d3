//! Who vouches for the log: the device's own signature, or nobody.

use activemirror_core::hash::Digest;
use activemirror_core::log::LogId;
use activemirror_core::log::checkpoint::{Checkpoint, NOTE_BYTES};
use activemirror_core::log::header::Header;
use activemirror_core::log::tree::Frontier;
use activemirror_core::vault::{Key, KeyTree};

use static_cell::StaticCell;

use crate::enrolment::{PUBLIC_KEY, ROOT};
use crate::journal::Journal;

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
    /// The device's own notary, in its static place; its stack is free again afterwards.
    ///
    /// `None` where the enrolment's parts do not belong together, or the journal's hashes are not
    /// those of a tree of its size.
    #[inline(never)]
    #[must_use]
    pub fn resume(place: &'static StaticCell<Self>, journal: &Journal) -> Option<&'static mut Self> {
        let notary =
            place.init_with(|| Self { keys: KeyTree::new(&Key::new(ROOT)), tree: Frontier::shallow() });
        notary.tree = Frontier::resume(journal.next.block, journal.subtrees)?;
        (notary.keys.public_key() == PUBLIC_KEY).then_some(notary)
    }
}

impl Notary for &mut Signing {
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
