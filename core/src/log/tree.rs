//! The Merkle tree of RFC 6962 and RFC 9162 §2.1: roots, and proofs that need only hashes.

use crate::hash::{Digest, node};

/// The right edge of a growing tree: one hash for each complete subtree, largest first.
///
/// It appends and gives the root. `DEPTH` hashes hold a tree of up to 2^`DEPTH` leaves: the 64 of
/// the default hold any, and a device that carries one takes fewer.
#[derive(Clone, Debug, Default)]
pub struct Frontier<const DEPTH: usize = 64> {
    size: u64,
    subtrees: heapless::Vec<Digest, DEPTH>,
}

impl Frontier {
    /// The tree without leaves.
    #[must_use]
    pub const fn new() -> Self {
        Self::shallow()
    }

    /// The tree over these leaf hashes.
    pub fn over<'l>(leaves: impl IntoIterator<Item = &'l Digest>) -> Self {
        let mut tree = Self::new();
        leaves.into_iter().for_each(|leaf| tree.push(*leaf));
        tree
    }
}

impl<const DEPTH: usize> Frontier<DEPTH> {
    /// The tree without leaves, of this depth.
    #[must_use]
    pub const fn shallow() -> Self {
        Self { size: 0, subtrees: heapless::Vec::new() }
    }

    /// The tree of `size` leaves whose complete subtrees have these hashes, largest first, as
    /// [`Frontier::subtrees`] gave them; `None` where that cannot be.
    #[must_use]
    pub fn resume(size: u64, subtrees: &[Digest]) -> Option<Self> {
        let subtrees = heapless::Vec::from_slice(subtrees).ok()?;
        (size.count_ones() as usize == subtrees.len()).then_some(Self { size, subtrees })
    }

    /// The hash of each complete subtree, largest first: all that has to outlive a restart.
    #[must_use]
    pub fn subtrees(&self) -> &[Digest] {
        &self.subtrees
    }

    /// How many leaves it has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf, by its hash.
    ///
    /// # Panics
    ///
    /// Where a tree of less than the default depth has no room for it.
    pub fn push(&mut self, leaf: Digest) {
        let mut subtree = leaf;
        for _ in 0..self.size.trailing_ones() {
            let left = self.subtrees.pop().expect("invariant: one subtree for each bit of the size");
            subtree = node(&left, &subtree);
        }
        self.subtrees.push(subtree).expect("invariant: a size has no more bits than the tree has depth");
        self.size += 1;
    }

    /// The root; of no leaves, SHA-256 of nothing.
    #[must_use]
    pub fn root(&self) -> Digest {
        let join = |right: Digest, left: &Digest| node(left, &right);
        match self.subtrees.split_last() {
            None => crate::hash::sha256(&[]),
            Some((last, larger)) => larger.iter().rev().fold(*last, join),
        }
    }
}

/// Whether `proof` leads from `leaf`, the one at `index`, to the root of a tree of `size` leaves
/// (RFC 9162 §2.1.3.2).
#[must_use]
pub fn inclusion_holds(leaf: &Digest, index: u64, size: u64, proof: &[Digest], root: &Digest) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node(sibling, &hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(&hash, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether `proof` shows that the tree of `new_size` leaves extends the one of `old_size` leaves
/// (RFC 9162 §2.1.4.2).
#[must_use]
pub fn consistency_holds(
    (old_size, old_root): (u64, &Digest),
    (new_size, new_root): (u64, &Digest),
    proof: &[Digest],
) -> bool {
    if old_size == new_size {
        return proof.is_empty() && old_root == new_root;
    }
    if old_size == 0 || old_size > new_size {
        return false;
    }
    let whole = old_size.is_power_of_two();
    let Some((first, rest)) = (if whole { Some((old_root, proof)) } else { proof.split_first() }) else {
        return false;
    };
    let shift = (old_size - 1).trailing_ones();
    let (mut at, mut last) = ((old_size - 1) >> shift, (new_size - 1) >> shift);
    let (mut old, mut new) = (*first, *first);
    for hash in rest {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            old = node(hash, &old);
            new = node(hash, &new);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            new = node(&new, hash);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && old == *old_root && new == *new_root
}

#[cfg(feature = "alloc")]
pub use proofs::{consistency, inclusion};

#[cfg(feature = "alloc")]
mod proofs {
    //! Making proofs needs all leaf hashes at once; checking them needs none.

    use alloc::vec::Vec;

    use super::{Digest, Frontier};

    /// The proof that the leaf at `index` is in the tree over `leaves`; `None` beyond its end.
    #[must_use]
    pub fn inclusion(leaves: &[Digest], index: usize) -> Option<Vec<Digest>> {
        let (mut rest, mut at, mut proof) = (leaves, index, Vec::new());
        rest.get(index)?;
        while rest.len() > 1 {
            let (left, right) = rest.split_at(split(rest.len()));
            let (towards, away) = if at < left.len() { (left, right) } else { (right, left) };
            proof.push(root(away));
            at -= if at < left.len() { 0 } else { left.len() };
            rest = towards;
        }
        proof.reverse();
        Some(proof)
    }

    /// The proof that the tree over `leaves` extends the one over its first `old` leaves; `None`
    /// where there is nothing to prove from (`old` is 0 or beyond the end).
    #[must_use]
    pub fn consistency(leaves: &[Digest], old: usize) -> Option<Vec<Digest>> {
        if old == 0 || old > leaves.len() {
            return None;
        }
        let (mut rest, mut known, mut whole, mut proof) = (leaves, old, true, Vec::new());
        while known < rest.len() {
            let (left, right) = rest.split_at(split(rest.len()));
            if known <= left.len() {
                proof.push(root(right));
                rest = left;
            } else {
                proof.push(root(left));
                known -= left.len();
                (rest, whole) = (right, false);
            }
        }
        if !whole {
            proof.push(root(rest));
        }
        proof.reverse();
        Some(proof)
    }

    fn root(leaves: &[Digest]) -> Digest {
        Frontier::over(leaves).root()
    }

    /// The largest power of two below `len`, for `len` of 2 and more.
    const fn split(len: usize) -> usize {
        1 << (len - 1).ilog2()
    }
}
