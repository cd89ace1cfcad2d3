//! Records in a row in their canonical form, to be handed from whoever records them to whoever puts
//! them into blocks: no text is moved twice, and what is hashed lies in one piece.
//!
//! Before each record there is room for what its leaf begins with, so that it can be hashed where it
//! lies. How they lie in memory is no format: only the canonical form is.

use alloc::vec::Vec;

use super::{Record, Structure};
use crate::buffer::Buffer as _;
use crate::hash::{self, Digest};

/// What a leaf has before the canonical form: the byte that tells it from a node, and its salt.
const FRONT: usize = 1 + size_of::<Digest>();

/// Records in a row.
#[derive(Clone, Debug, Default)]
pub struct Canonical {
    bytes: Vec<u8>,
    lens: Vec<Lens>,
}

/// How long the two halves of a record are.
#[derive(Clone, Copy, Debug)]
struct Lens {
    structure: usize,
    body: usize,
}

/// A record's body does not suit its structure's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mismatch;

impl Canonical {
    /// No records.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: Vec::new(), lens: Vec::new() }
    }

    /// How many records there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.lens.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.lens.is_empty()
    }

    /// Bytes that they take up in memory.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes.len() + self.lens.len() * size_of::<Lens>()
    }

    /// Puts a record behind those that are there.
    pub fn push(&mut self, record: &Record<'_>) -> Result<(), Mismatch> {
        if !record.body.suits(record.structure.kind) {
            return Err(Mismatch);
        }
        self.bytes.extend_from_slice(&[0; FRONT]);
        let start = self.bytes.len();
        let structure = self.bytes.append_postcard(&record.structure);
        let middle = self.bytes.len();
        let body = self.bytes.append_postcard(&record.body);
        structure.and(body).expect("invariant: a Vec takes every byte, and derived Serialize never fails");
        self.lens.push(Lens { structure: middle - start, body: self.bytes.len() - middle });
        Ok(())
    }

    /// Forgets all records, and keeps of their room no more than so many bytes.
    pub fn clear(&mut self, kept: usize) {
        self.bytes.clear();
        self.lens.clear();
        self.bytes.shrink_to(kept);
        self.lens.shrink_to(kept / size_of::<Lens>());
    }

    /// Puts all of `others` behind those that are there, and leaves none of them there.
    pub fn append(&mut self, others: &mut Self) {
        self.bytes.append(&mut others.bytes);
        self.lens.append(&mut others.lens);
    }

    /// Each record, in order.
    pub fn records(&mut self) -> impl Iterator<Item = CanonicalRecord<'_>> {
        let mut rest = &mut *self.bytes;
        self.lens.iter().map(move |lens| {
            let len = FRONT + lens.structure + lens.body;
            let bytes = rest.split_off_mut(..len).expect("invariant: as many bytes as were pushed");
            CanonicalRecord { bytes, body: FRONT + lens.structure }
        })
    }
}

/// One record in its canonical form.
#[derive(Debug)]
pub struct CanonicalRecord<'a> {
    bytes: &'a mut [u8],
    /// Where its body begins.
    body: usize,
}

impl CanonicalRecord<'_> {
    /// Its structure.
    #[must_use]
    pub fn structure(&self) -> Structure<'_> {
        postcard::from_bytes(&self.bytes[FRONT..self.body]).expect("invariant: it was written from a record")
    }

    /// Its body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.bytes[self.body..]
    }

    /// [`Record::leaf_hash`].
    #[must_use]
    pub fn leaf_hash(&mut self, salt: &Digest) -> Digest {
        self.bytes[1..FRONT].copy_from_slice(salt);
        hash::sha256(self.bytes)
    }
}
