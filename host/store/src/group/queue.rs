//! Loads that wait to be put into blocks: in pieces that stay in a processor's cache while they go
//! from one thread to the other, and whose room is used again.

use std::collections::VecDeque;

use activemirror_core::trace::Canonical;

/// Bytes of a piece, about.
const PIECE: usize = 128 << 10;
/// Pieces whose room is kept.
const SPARE: usize = 4;

/// Loads in a row.
#[derive(Debug, Default)]
pub(super) struct Loads {
    /// The records of all of them.
    pub(super) records: Canonical,
    /// Of each load, how many records it has and how many bytes.
    pub(super) sizes: Vec<(u64, usize)>,
}

impl Loads {
    /// Forgets all of them, and keeps the room of a piece.
    pub(super) fn clear(&mut self) {
        self.records.clear(2 * PIECE);
        self.sizes.clear();
    }
}

/// Loads in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// None of them is empty.
    pieces: VecDeque<Loads>,
    spare: Vec<Loads>,
    bytes: usize,
}

impl Queue {
    /// Bytes of everything in it.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Puts a load at the end, and leaves nothing of it in `load`.
    pub(super) fn push(&mut self, load: &mut Canonical) {
        let bytes = load.bytes();
        self.bytes += bytes;
        if self.pieces.back().is_none_or(|piece| piece.records.bytes() >= PIECE) {
            self.pieces.push_back(self.spare.pop().unwrap_or_default());
        }
        if let Some(piece) = self.pieces.back_mut() {
            piece.sizes.push((load.len() as u64, bytes));
            piece.records.append(load);
        }
    }

    /// Takes the first piece in exchange for an empty one; `false` where there is none.
    pub(super) fn take(&mut self, empty: &mut Loads) -> bool {
        let Some(piece) = self.pieces.pop_front() else { return false };
        self.bytes -= piece.records.bytes();
        let spare = core::mem::replace(empty, piece);
        if self.spare.len() < SPARE {
            self.spare.push(spare);
        }
        true
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}
