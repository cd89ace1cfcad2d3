//! SHA-256 as RFC 6962 uses it: leaves and nodes that cannot be taken for each other.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// A SHA-256 hash.
pub type Digest = [u8; 32];

/// SHA-256 of `bytes`.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Digest {
    Sha256::digest(bytes).into()
}

/// RFC 6962 §2.1: the hash of a leaf, `SHA-256(00 ‖ data)`, fed piece by piece.
#[derive(Clone, Debug)]
pub struct LeafHasher(Sha256);

impl LeafHasher {
    /// Begins a leaf.
    #[must_use]
    pub fn new() -> Self {
        Self(Sha256::new_with_prefix([0x00]))
    }

    /// More of the leaf's data.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// More of the leaf's data: the postcard form of `value`, without a buffer for all of it.
    pub fn update_postcard<T: Serialize>(&mut self, value: &T) {
        let hashing = Hashing { hasher: &mut self.0, run: [0; RUN], len: 0 };
        postcard::serialize_with_flavor::<T, _, ()>(value, hashing)
            .expect("invariant: a hasher takes every byte, and derived Serialize never fails");
    }

    /// The leaf's hash.
    #[must_use]
    pub fn finish(self) -> Digest {
        self.0.finalize().into()
    }
}

impl Default for LeafHasher {
    fn default() -> Self {
        Self::new()
    }
}

/// RFC 6962 §2.1: the hash of a leaf.
#[must_use]
pub fn leaf(data: &[u8]) -> Digest {
    let mut hasher = LeafHasher::new();
    hasher.update(data);
    hasher.finish()
}

/// RFC 6962 §2.1: the hash of an inner node, `SHA-256(01 ‖ left ‖ right)`.
#[must_use]
pub fn node(left: &Digest, right: &Digest) -> Digest {
    Sha256::new_with_prefix([0x01]).chain_update(left).chain_update(right).finalize().into()
}

/// Bytes that are gathered before they are hashed: postcard writes many one by one.
const RUN: usize = 64;

/// postcard's view of a hasher.
struct Hashing<'h> {
    hasher: &'h mut Sha256,
    run: [u8; RUN],
    len: usize,
}

impl Hashing<'_> {
    fn end_run(&mut self) {
        self.hasher.update(&self.run[..self.len]);
        self.len = 0;
    }
}

impl postcard::ser_flavors::Flavor for Hashing<'_> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        if self.len == RUN {
            self.end_run();
        }
        self.run[self.len] = byte;
        self.len += 1;
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.end_run();
        self.hasher.update(bytes);
        Ok(())
    }

    fn finalize(mut self) -> postcard::Result<()> {
        self.end_run();
        Ok(())
    }
}
