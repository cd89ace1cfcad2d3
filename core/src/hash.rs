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

    /// More of the leaf's data: the postcard form of `value`, without a buffer in between.
    pub fn update_postcard<T: Serialize>(&mut self, value: &T) {
        postcard::serialize_with_flavor::<T, _, ()>(value, Hashing(&mut self.0))
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

/// postcard's view of a hasher.
struct Hashing<'h>(&'h mut Sha256);

impl postcard::ser_flavors::Flavor for Hashing<'_> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.try_extend(&[byte])
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.update(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}
