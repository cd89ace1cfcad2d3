//! Headers without records: they are what was written where a tree over them has the root that
//! something signed says it has. Of one that is not, one wrong bit is put right.

use std::collections::BTreeMap;

use activemirror_core::hash::{Digest, leaf, node};
use activemirror_core::log::LogId;
use activemirror_core::log::header::Header;
use activemirror_core::log::tree::Frontier;

/// The headers of the logs, as they are chosen.
pub(super) type Headers = BTreeMap<(LogId, u64), Header>;

/// Over how many headers from the first on the tree has a root that is known; 0 where it has none.
pub(super) fn proven(log: LogId, roots: &BTreeMap<u64, Digest>, headers: &Headers) -> u64 {
    let (mut tree, mut proven) = (Frontier::new(), 0);
    for block in 0..roots.last_key_value().map_or(0, |(size, _)| *size) {
        tree.push(leaf_of(headers, (log, block)));
        if roots.get(&tree.size()) == Some(&tree.root()) {
            proven = tree.size();
        }
    }
    proven
}

/// A lost header counts as the leaf of no bytes, as repairs say it.
fn leaf_of(headers: &Headers, at: (LogId, u64)) -> Digest {
    headers.get(&at).map_or_else(|| leaf(&[]), Header::leaf_hash)
}

/// A tree over so many headers that does not have the root that it should.
pub(super) struct Wrong {
    log: LogId,
    root: Digest,
    /// The leaves, and the nodes over them, level by level up to below the root.
    levels: Vec<Vec<Digest>>,
}

impl Wrong {
    pub(super) fn over(log: LogId, size: u64, root: Digest, headers: &Headers) -> Self {
        let mut level: Vec<Digest> = (0..size).map(|block| leaf_of(headers, (log, block))).collect();
        let mut levels = Vec::new();
        while level.len() > 1 {
            let above = level.chunks(2).map(|pair| match pair {
                [left, right] => node(left, right),
                // What has no neighbour goes up as it is.
                [single] => *single,
                _ => leaf(&[]),
            });
            let above = above.collect();
            levels.push(core::mem::replace(&mut level, above));
        }
        Self { log, root, levels }
    }

    /// The header in this place with which the tree is right: one of these, or one that differs from one of
    /// them in a bit.
    pub(super) fn mend(&self, block: u64, candidates: &[Vec<u8>]) -> Option<Header> {
        let fits = |bytes: &[u8]| {
            let header = Header::from_bytes(bytes).ok()?;
            let is_it = (header.log, header.block) == (self.log, block)
                && self.root_with(block, header.leaf_hash()) == self.root;
            is_it.then_some(header)
        };
        let whole = candidates.iter().find_map(|bytes| fits(bytes));
        whole.or_else(|| candidates.iter().find_map(|bytes| one_bit_off(bytes).find_map(|it| fits(&it))))
    }

    /// The root, were this the leaf in this place.
    fn root_with(&self, block: u64, leaf: Digest) -> Digest {
        let (mut hash, mut place) = (leaf, block as usize);
        for level in &self.levels {
            if let Some(sibling) = level.get(place ^ 1) {
                hash = if place.is_multiple_of(2) { node(&hash, sibling) } else { node(sibling, &hash) };
            }
            place /= 2;
        }
        hash
    }
}

/// Everything that differs from these bytes in one bit.
pub(in crate::repair) fn one_bit_off(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    (0..bytes.len() * 8).map(|bit| {
        let mut flipped = bytes.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        flipped
    })
}
