//! Building a block: records in, a header and its stored form out.
//!
//! A block's plaintext is one structure segment (what can be known of each record without its
//! person's key) and one content segment a subject (the bodies of that person's records, in
//! order). Each is compressed as the codec says, then sealed. The stored form is
//!
//! | offset | size | meaning |
//! |---|---|---|
//! | 0 | 1 | codec: 0 rows, 1 rows in LZ4, 2 columns in Zstandard |
//! | 1 | n | postcard of [`Stored`] |
//! | 1 + n | 32 | SHA-256 of the header and all before: against bit rot, not against an attacker |
//!
//! and the seal of each segment is bound to the header, the codec and the segment's place.
//! Rows refer to texts by their number in the block's list of names.

mod in_place;
pub(super) mod names;
#[cfg(feature = "alloc")]
mod plain;
mod row;
mod sealing;

use core::fmt;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::LogId;
use super::codec::{Codec, CodecError, Contents};
use super::header::Header;
use super::tree::Frontier;
use crate::buffer::{Buffer, BufferFull};
use crate::hash::Digest;
use crate::limits::{BLOCK_RECORDS_MAX, BLOCK_SUBJECTS_MAX};
use crate::many::Many;
use crate::time::Timestamp;
use crate::trace::{Record, Structure, SubjectRef};
use crate::vault::{KeyRing, Salt};

use names::Names;

use sealing::{Parts, Varint};

pub use in_place::{IN_PLACE_BYTES, Sealed};
#[cfg(feature = "alloc")]
pub use plain::PlainBlock;
pub(super) use row::Row;
pub use row::{Named, RowPlace};
pub use sealing::Sealer;

/// The stored form's middle part.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "alloc", derive(serde::Deserialize))]
pub struct Stored<'a> {
    /// The structure segment, sealed.
    pub structure: &'a [u8],
    /// One content segment a subject, in order of first appearance.
    #[serde(borrow)]
    pub contents: Many<'a, Content<'a>>,
}

/// One person's content in a block.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(feature = "alloc", derive(serde::Deserialize))]
pub struct Content<'a> {
    /// Whose.
    pub subject: SubjectRef,
    /// What is left of it.
    #[serde(borrow)]
    pub state: ContentState<'a>,
}

/// What a block holds of one person's content.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(feature = "alloc", derive(serde::Deserialize))]
pub enum ContentState<'a> {
    /// All of it, sealed under their key.
    Sealed(&'a [u8]),
    /// Nothing but the 32-byte leaf hashes of their records, in order: their key was destroyed.
    Erased(&'a [u8]),
}

impl ContentState<'_> {
    /// The discriminant of [`ContentState::Sealed`], where a segment is written in pieces.
    const SEALED: u32 = 0;
}

/// Where in which log a block begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The log.
    pub log: LogId,
    /// The block's number.
    pub block: u64,
    /// The sequence of its first record.
    pub first: u64,
}

/// Why a record does not go into a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PushError {
    /// The buffers, the list of subjects or the record count are full: finish this block and
    /// begin the next.
    Full,
    /// The ring has no key for the record's subject.
    NoKey,
    /// The body does not suit the structure's kind.
    Mismatch,
    /// The codec cannot write here.
    Codec,
}

impl fmt::Display for PushError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "the block is full",
            Self::NoKey => "there is no key for this person's content",
            Self::Mismatch => "the record's body does not suit its kind",
            Self::Codec => "this build cannot write blocks with this codec",
        })
    }
}

impl core::error::Error for PushError {}

impl From<BufferFull> for PushError {
    fn from(BufferFull: BufferFull) -> Self {
        Self::Full
    }
}

impl From<CodecError> for PushError {
    fn from(_: CodecError) -> Self {
        Self::Codec
    }
}

/// One person's share of a block under construction.
#[derive(Debug)]
struct Share<B> {
    subject: SubjectRef,
    count: u32,
    bodies: B,
}

/// A block under construction. `SUBJECTS` is how many people it has room for.
///
/// A failed [`push`](Self::push) leaves it as it was; [`finish`](Self::finish) leaves it empty, for
/// the log's next block.
#[derive(Debug)]
pub struct BlockBuilder<B, const SUBJECTS: usize> {
    position: Position,
    names: Names<B>,
    rows: B,
    shares: heapless::Vec<Share<B>, SUBJECTS>,
    spare: heapless::Vec<B, SUBJECTS>,
    tree: Frontier<DEPTH>,
    times: Option<Times>,
    in_place: bool,
    /// The place of the last record; whoever keeps an index wants it.
    #[cfg(feature = "alloc")]
    last: RowPlace,
}

/// Depth of the tree over a block's records.
const DEPTH: usize = (BLOCK_RECORDS_MAX + 1).ilog2() as usize;

#[derive(Clone, Copy, Debug)]
struct Times {
    min: Timestamp,
    max: Timestamp,
    last: Timestamp,
}

/// The buffers that a block is built in; all of them empty.
#[derive(Debug)]
pub struct Buffers<B, const SUBJECTS: usize> {
    /// For the list of names.
    pub names: B,
    /// For the rows.
    pub rows: B,
    /// For the bodies, one a person.
    pub bodies: [B; SUBJECTS],
}

#[cfg(feature = "alloc")]
impl<const SUBJECTS: usize> Default for Buffers<alloc::vec::Vec<u8>, SUBJECTS> {
    fn default() -> Self {
        use alloc::vec::Vec;
        Self { names: Vec::new(), rows: Vec::new(), bodies: core::array::from_fn(|_| Vec::new()) }
    }
}

impl<B: Buffer, const SUBJECTS: usize> BlockBuilder<B, SUBJECTS> {
    /// An empty block at `position`.
    pub fn new(position: Position, buffers: Buffers<B, SUBJECTS>) -> Self {
        const { assert!(SUBJECTS <= BLOCK_SUBJECTS_MAX, "a row names its subject in one byte") };
        Self {
            position,
            names: Names::new(buffers.names),
            rows: buffers.rows,
            shares: heapless::Vec::new(),
            spare: heapless::Vec::from_array(buffers.bodies),
            tree: Frontier::shallow(),
            times: None,
            in_place: false,
            #[cfg(feature = "alloc")]
            last: RowPlace::default(),
        }
    }

    /// An empty block at `position` that will be finished [in place](Self::finish_in_place): it is
    /// full while there is still room for that.
    pub fn in_place(position: Position, buffers: Buffers<B, SUBJECTS>) -> Self {
        Self { in_place: true, ..Self::new(position, buffers) }
    }

    /// How many records it holds.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.tree.size() as u32
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The sequence of the next record.
    #[must_use]
    pub fn next_sequence(&self) -> u64 {
        self.position.first + self.tree.size()
    }

    /// Bytes of plaintext so far.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let bodies: usize = self.shares.iter().map(|share| share.bodies.bytes().len()).sum();
        self.names.bytes().len() + self.rows.bytes().len() + bodies
    }

    /// Appends a record and returns its leaf hash.
    pub fn push(&mut self, record: &Record<'_>, keys: &impl KeyRing) -> Result<Digest, PushError> {
        let structure = &record.structure;
        if !record.body.suits(structure.kind) {
            return Err(PushError::Mismatch);
        }
        if self.len() == BLOCK_RECORDS_MAX {
            return Err(PushError::Full);
        }
        let key = keys.subject(structure.subject).ok_or(PushError::NoKey)?;
        let salt = key.leaf_salt(self.position.log, self.next_sequence());
        let body = self.write(structure, |bodies| bodies.append_postcard(&record.body))?;
        let leaf = structure.leaf_hash(&salt, body);
        self.note(structure.time, leaf);
        Ok(leaf)
    }

    fn note(&mut self, time: Timestamp, leaf: Digest) {
        self.tree.push(leaf);
        self.times = Some(self.times_with(time));
    }

    /// The header, once nothing more is to be pushed; `None` while the block is empty.
    #[must_use]
    pub fn header(&self) -> Option<Header> {
        let times = self.times?;
        Some(Header {
            log: self.position.log,
            block: self.position.block,
            first: self.position.first,
            count: self.len(),
            time_min: times.min,
            time_max: times.max,
            events_root: self.tree.root(),
        })
    }

    /// Seals the block, appends its stored form to `out` and begins the next one, empty. `salts`
    /// gives a salt that was never used before under any of the keys.
    ///
    /// Returns `None` while the block is empty. After an error the block is as it was, and so is
    /// `out`.
    pub fn finish(
        &mut self,
        codec: Codec,
        keys: &impl KeyRing,
        mut salts: impl FnMut() -> Salt,
        out: &mut impl Buffer,
    ) -> Result<Option<Header>, PushError> {
        let Some(header) = self.header() else { return Ok(None) };
        let next = header.block.checked_add(1).ok_or(PushError::Full)?;
        let parts = Parts {
            header: &header,
            names: (self.names.count(), self.names.bytes()),
            rows: self.rows.bytes(),
            shares: &self.shares,
        };
        parts.seal(&mut Sealer::new(codec)?, keys, &mut salts, out)?;
        self.begin(Position { block: next, first: header.end(), ..self.position });
        Ok(Some(header))
    }

    /// Empties everything for the block at `position`.
    fn begin(&mut self, position: Position) {
        self.position = position;
        self.names.clear();
        self.rows.truncate(0);
        while let Some(mut share) = self.shares.pop() {
            share.bodies.truncate(0);
            let returned = self.spare.push(share.bodies);
            debug_assert!(returned.is_ok(), "a share came from the spare buffers");
        }
        self.tree = Frontier::shallow();
        self.times = None;
    }

    /// Appends the record's parts to their buffers, or nothing; gives the body as it was written.
    fn write(
        &mut self,
        structure: &Structure<'_>,
        body: impl FnOnce(&mut B) -> Result<(), BufferFull>,
    ) -> Result<&[u8], PushError> {
        let before = (self.names.mark(), self.rows.bytes().len());
        let written = self.write_row(structure).and_then(|share| self.write_body(share, body));
        match written {
            Ok((share, start)) => Ok(&self.shares[share].bodies.bytes()[start..]),
            Err(error) => {
                self.names.rewind(before.0);
                self.rows.truncate(before.1);
                self.drop_empty_share();
                Err(error)
            }
        }
    }

    fn write_row(&mut self, structure: &Structure<'_>) -> Result<usize, PushError> {
        let share = self.share(structure.subject)?;
        let last = self.times.map_or(0, |times| times.last.0);
        let names = self.names.numbers(structure)?;
        let row = Row::of(structure, last, share as u8, names);
        #[cfg(feature = "alloc")]
        (self.last = row.place());
        self.rows.append_postcard(&row)?;
        Ok(share)
    }

    /// Gives the share again, and where in it the body begins.
    fn write_body(
        &mut self,
        place: usize,
        body: impl FnOnce(&mut B) -> Result<(), BufferFull>,
    ) -> Result<(usize, usize), PushError> {
        let bodies = &mut self.shares[place].bodies;
        let start = bodies.bytes().len();
        body(bodies)?;
        if self.in_place && !self.fits_in_place(place) {
            self.shares[place].bodies.truncate(start);
            return Err(PushError::Full);
        }
        self.shares[place].count += 1;
        Ok((place, start))
    }

    /// The place of this person's share, which is begun if need be.
    fn share(&mut self, subject: SubjectRef) -> Result<usize, PushError> {
        if let Some(place) = self.shares.iter().rposition(|share| share.subject == subject) {
            return Ok(place);
        }
        let bodies = self.spare.pop().ok_or(PushError::Full)?;
        self.shares.push(Share { subject, count: 0, bodies }).map_err(|_| PushError::Full)?;
        Ok(self.shares.len() - 1)
    }

    fn drop_empty_share(&mut self) {
        if self.shares.last().is_some_and(|share| share.count == 0) {
            let returned = self.shares.pop().map(|share| self.spare.push(share.bodies));
            debug_assert!(matches!(returned, Some(Ok(()))), "a share came from the spare buffers");
        }
    }

    fn times_with(&self, time: Timestamp) -> Times {
        match self.times {
            None => Times { min: time, max: time, last: time },
            Some(times) => Times { min: times.min.min(time), max: times.max.max(time), last: time },
        }
    }
}

/// Appends a block's stored form: codec, postcard, digest.
#[cfg(feature = "alloc")]
pub(super) fn write_stored(
    header: &Header,
    codec: Codec,
    stored: &Stored<'_>,
    out: &mut impl Buffer,
) -> Result<(), BufferFull> {
    let start = out.bytes().len();
    out.append(&[codec as u8])?;
    out.append_postcard(stored)?;
    let digest = digest(header, &out.bytes()[start..]);
    out.append(&digest)
}

/// The digest of a stored block. It takes in the header, so that a damaged header is known for
/// what it is without any key.
pub(super) fn digest(header: &Header, covered: &[u8]) -> Digest {
    Sha256::new().chain_update(header.to_bytes()).chain_update(covered).finalize().into()
}

/// Which segment of a block a seal is for.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Structure,
    Content(SubjectRef),
}

impl Place {
    pub(super) const fn contents(self) -> Contents {
        match self {
            Self::Structure => Contents::Structure,
            Self::Content(_) => Contents::Bodies,
        }
    }
}

/// The context that binds a segment's seal to its place (see [`seal`]).
pub(super) fn context(header: &Header, codec: Codec, place: Place) -> [u8; 64] {
    bound(b"AMBLOCK1/seal/", codec, place, &header.leaf_hash())
}

/// The context of a seal for this place of what `root` commits.
pub(super) fn bound(label: &[u8; 14], codec: Codec, place: Place, root: &Digest) -> [u8; 64] {
    let mut context = [0; 64];
    context[..14].copy_from_slice(label);
    context[14] = codec as u8;
    if let Place::Content(subject) = place {
        context[15] = 1;
        context[16..32].copy_from_slice(&subject.0);
    }
    context[32..].copy_from_slice(root);
    context
}
