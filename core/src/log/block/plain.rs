//! Building a block and sealing it apart: one thread takes records, which come in canonical form,
//! and another seals the block that they made.

use alloc::vec::Vec;

use super::sealing::{Parts, Sealer};
use super::{BlockBuilder, Position, PushError, RowPlace, Share};
use crate::buffer::Buffer;
use crate::hash::Digest;
use crate::limits::BLOCK_RECORDS_MAX;
use crate::log::header::Header;
use crate::trace::{CanonicalRecord, Structure};
use crate::vault::{KeyRing, Salt};

/// Bytes of a buffer that is worth keeping.
const ROOM_KEPT: usize = 1 << 20;

/// A block that takes no more records, and is not sealed yet.
#[derive(Debug)]
pub struct PlainBlock {
    header: Header,
    names: (u32, Vec<u8>),
    rows: Vec<u8>,
    shares: Vec<Share<Vec<u8>>>,
}

impl PlainBlock {
    /// Its header, which sealing does not change.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Bytes of plaintext.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let bodies: usize = self.shares.iter().map(|share| share.bodies.len()).sum();
        self.names.1.len() + self.rows.len() + bodies
    }

    /// Gives its room to blocks to come, where it is of an ordinary size.
    pub fn recycle(self, spare: &mut Vec<Vec<u8>>) {
        let bodies = self.shares.into_iter().map(|share| share.bodies);
        spare.extend(bodies.chain([self.rows]).filter(|room| room.capacity() <= ROOM_KEPT));
    }

    /// Appends the stored form to `out`, or nothing. `salts` gives a salt that was never used before
    /// under any of the keys.
    pub fn seal(
        &self,
        sealer: &mut Sealer,
        keys: &impl KeyRing,
        mut salts: impl FnMut() -> Salt,
        out: &mut impl Buffer,
    ) -> Result<(), PushError> {
        let names = (self.names.0, &*self.names.1);
        let parts = Parts { header: &self.header, names, rows: &self.rows, shares: &self.shares };
        parts.seal(sealer, keys, &mut salts, out)
    }
}

impl<const SUBJECTS: usize> BlockBuilder<Vec<u8>, SUBJECTS> {
    /// The place of the last record that was pushed.
    #[must_use]
    pub const fn last_place(&self) -> RowPlace {
        self.last
    }

    /// [`BlockBuilder::push`] of a record that is in its canonical form already. Its structure is
    /// read once: `taken` gets it, with the record's sequence and its place, where it is in the block.
    pub fn push_canonical(
        &mut self,
        record: &mut CanonicalRecord<'_>,
        keys: &impl KeyRing,
        taken: impl FnOnce(u64, &Structure<'_>, RowPlace),
    ) -> Result<Digest, PushError> {
        if self.len() == BLOCK_RECORDS_MAX {
            return Err(PushError::Full);
        }
        let structure = record.structure();
        let key = keys.subject(structure.subject).ok_or(PushError::NoKey)?;
        let sequence = self.next_sequence();
        self.write(&structure, |bodies| Buffer::append(bodies, record.body()))?;
        taken(sequence, &structure, self.last);
        let time = structure.time;
        let leaf = record.leaf_hash(&key.leaf_salt(self.position.log, sequence));
        self.note(time, leaf);
        Ok(leaf)
    }

    /// The block, once nothing more is to be pushed, and the next one begins, empty, in the room of
    /// `spare` ones. `None` while it is empty.
    pub fn take(&mut self, spare: &mut Vec<Vec<u8>>) -> Result<Option<PlainBlock>, PushError> {
        let Some(header) = self.header() else { return Ok(None) };
        let next = header.block.checked_add(1).ok_or(PushError::Full)?;
        let mut room = || {
            let mut room = spare.pop().unwrap_or_default();
            room.clear();
            room
        };
        let mut shares = Vec::with_capacity(self.shares.len());
        for share in &mut self.shares {
            shares.push(Share { bodies: core::mem::replace(&mut share.bodies, room()), ..*share });
        }
        let names = (self.names.count(), self.names.bytes().to_vec());
        let rows = core::mem::replace(&mut self.rows, room());
        self.begin(Position { block: next, first: header.end(), ..self.position });
        Ok(Some(PlainBlock { header, names, rows, shares }))
    }
}
