//! Packs: consecutive blocks of one log in one stored form, for what is seldom read.
//!
//! A small block is mostly seals, names and the beginnings of frames. In a pack the names of all its
//! blocks stand once, and each person's content is one segment over all of them, so that they are paid
//! for once and what is alike lies together. It opens into the very records of each block: headers
//! and proofs do not know that there are packs.
//!
//! | offset | size | meaning |
//! |---|---|---|
//! | 0 | 1 | 128 and the number of the codec |
//! | 1 | n | postcard of [`Packed`] |
//! | 1 + n | 32 | SHA-256 of the headers of its blocks and all before: against bit rot |
//!
//! The plaintext of a segment is that of a block's segment, over all blocks; the seal of each is bound
//! to the root over the headers, the codec and the segment's place. A row says which content segment
//! its body is in, and one person may have several: leaf hashes of what was erased, and at most one
//! sealed segment.
//!
//! # What is said again
//!
//! Agents resend what was said so far at each step. In a pack that stands once for each person, in
//! whatever form it comes again, since all that one person's records say lies in one segment, within
//! the codec's window. So hosts merge small blocks into packs without being asked. Twenty
//! conversations whose every event came behind all before it take a ninth of their JSON so, of which the
//! packs are a sixth; as a block for each event they take more than half (`cargo xtask bench` has both).
//!
//! There is no store of large texts beside the blocks, by a hash of each under its person's key. It would
//! find a text that comes again whole, and not a prompt that grows; and it would have to be counted,
//! moved, erased and repaired beside the blocks, where a pack is all that already. What a pack does not
//! do: a text that two people share stands for each of them, one that comes again after some megabytes
//! stands in the next pack too, and blocks that wait to be merged (a few hundred, or a megabyte) hold all
//! of theirs.
//!
//! A pack may carry the leaf hashes of all its records. Where it does, a person's key can be destroyed
//! while the pack is out of reach, and everybody else's records are still proven.

mod outline;
mod rows;
mod split;
mod write;

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use self::split::{Unsealed, rows};
pub use self::write::{Encoded, Gathered, Leaves, PackError, write};
use super::block::{self, Content, ContentState, Place};
use super::codec::Codec;
use super::header::Header;
use super::reader::{BlockError, OpenBlock, OpenContent, Opened, SegmentError, Sizes, count, leaf_hashes};
use super::tree::Frontier;
use crate::hash::Digest;
use crate::limits::{
    BLOCK_PLAIN_BYTES_MAX, BLOCK_SUBJECTS_MAX, PACK_BLOCKS_MAX, PACK_BYTES_MAX, PACK_RECORDS_MAX,
};
use crate::many::Many;
use crate::trace::SubjectRef;
use crate::vault::{Key, KeyRing, SealError, seal};

/// What the first byte has beside the codec's number, so that no pack is taken for a block.
const PACK: u8 = 0x80;

/// The stored form's middle part.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Packed<'a> {
    /// The structure segment, sealed.
    pub structure: &'a [u8],
    /// The content segments that rows name, in order of first appearance.
    #[serde(borrow)]
    pub contents: Many<'a, Content<'a>>,
    /// The 32-byte leaf hashes of all records, in order; or nothing.
    pub leaves: &'a [u8],
}

/// A stored pack whose digest fits.
#[derive(Clone, Debug)]
pub struct StoredPack<'a> {
    codec: Codec,
    packed: Packed<'a>,
}

impl<'a> StoredPack<'a> {
    /// Reads the stored form of the blocks with these headers.
    pub fn read(headers: &[Header], bytes: &'a [u8]) -> Result<Self, BlockError> {
        let (covered, due) = bytes.split_last_chunk::<32>().ok_or(BlockError::TooShort)?;
        if !are_consecutive(headers) || bytes.len() > PACK_BYTES_MAX {
            return Err(BlockError::Segment);
        }
        if digest(headers, covered) != *due {
            return Err(BlockError::Digest);
        }
        Self::parse(covered)
    }

    /// Reads what [`StoredPack::read`] has read before, and does not compare its digest again.
    pub fn read_again(bytes: &'a [u8]) -> Result<Self, BlockError> {
        let (covered, _) = bytes.split_last_chunk::<32>().ok_or(BlockError::TooShort)?;
        Self::parse(covered)
    }

    /// Reads what the digest covers.
    fn parse(covered: &'a [u8]) -> Result<Self, BlockError> {
        let (first, middle) = covered.split_first().ok_or(BlockError::TooShort)?;
        let number = first.checked_sub(PACK).ok_or(BlockError::Format)?;
        let codec = Codec::from_number(number).ok_or(BlockError::UnknownCodec)?;
        // The segments are counted before room is made for them.
        let (_, contents) = postcard::take_from_bytes::<&[u8]>(middle).map_err(|_| BlockError::Format)?;
        if count(contents).ok_or(BlockError::Format)? > BLOCK_SUBJECTS_MAX {
            return Err(BlockError::Subjects);
        }
        match postcard::take_from_bytes::<Packed<'a>>(middle) {
            Ok((packed, [])) if is_sealed_twice(&packed.contents) => Err(BlockError::Subjects),
            Ok((packed, [])) => Ok(Self { codec, packed }),
            _ => Err(BlockError::Format),
        }
    }

    /// The codec it is in.
    #[must_use]
    pub const fn codec(&self) -> Codec {
        self.codec
    }

    /// Whether it carries the leaf hashes of its records.
    #[must_use]
    pub const fn has_leaves(&self) -> bool {
        !self.packed.leaves.is_empty()
    }

    /// The sizes of its parts. What else it takes is its codec's number, lengths, names of people and
    /// its digest.
    #[must_use]
    pub fn sizes(&self) -> Sizes {
        let mut sizes = Sizes::of(self.packed.structure, &self.packed.contents);
        sizes.hashes += self.packed.leaves.len() as u64;
        sizes
    }

    /// Whose content it holds under a seal.
    pub fn sealed(&self) -> impl Iterator<Item = SubjectRef> {
        let sealed = self.packed.contents.iter().filter(|content| is_sealed(content));
        sealed.map(|content| content.subject)
    }

    /// Its blocks, opened as far as the keys go.
    ///
    /// Where it carries leaf hashes, whoever has no key here, or another one than this was sealed under,
    /// counts as erased: whether they were is the caller's to say.
    pub fn open(&self, headers: &[Header], keys: &impl KeyRing) -> Result<Vec<OpenBlock>, BlockError> {
        self.unsealed(headers, keys, refuse)?.blocks(headers)
    }

    /// Erases these people: their sealed segments give way to their leaf hashes. Returns the new stored
    /// form, or `None` where it holds nothing of theirs to erase.
    ///
    /// Their keys must still be there, or else the leaf hashes.
    pub fn erase(
        &self,
        headers: &[Header],
        keys: &impl KeyRing,
        subjects: &[SubjectRef],
    ) -> Result<Option<Vec<u8>>, BlockError> {
        let goes = |content: &Content<'_>| subjects.contains(&content.subject) && is_sealed(content);
        if !self.packed.contents.iter().any(goes) {
            return Ok(None);
        }
        let hashes = self.unsealed(headers, keys, refuse)?.leaves(headers, keys)?;
        self.without(headers, &hashes, |number| goes(&self.packed.contents[number])).map(Some)
    }

    /// What nobody opens any more gives way to its leaf hashes: segments of people of whom `erased` says
    /// that their key was destroyed, sealed under that key. Returns the new stored form, or `None` where
    /// there is no such segment. It takes the leaf hashes that the pack carries.
    pub fn settle(
        &self,
        headers: &[Header],
        keys: &impl KeyRing,
        erased: impl Fn(SubjectRef) -> bool,
    ) -> Result<Option<Vec<u8>>, BlockError> {
        let unsealed = self.unsealed(headers, keys, refuse)?;
        let closed = |number: usize| {
            let content = &self.packed.contents[number];
            let opened = matches!(unsealed.contents[number].state, Opened::Plain(_));
            is_sealed(content) && !opened && erased(content.subject)
        };
        if !(0..self.packed.contents.len()).any(closed) {
            return Ok(None);
        }
        self.without(headers, &unsealed.leaves(headers, keys)?, closed).map(Some)
    }

    /// The stored form with leaf hashes in place of the segments that go.
    fn without(
        &self,
        headers: &[Header],
        hashes: &[Option<Vec<u8>>],
        goes: impl Fn(usize) -> bool,
    ) -> Result<Vec<u8>, BlockError> {
        let contents = self.packed.contents.iter().zip(hashes).enumerate();
        let contents = contents.map(|(number, (content, hashes))| match hashes {
            _ if !goes(number) => Ok(*content),
            Some(hashes) => Ok(Content { subject: content.subject, state: ContentState::Erased(hashes) }),
            None => Err(BlockError::Content(content.subject, SealError::WrongKey)),
        });
        let contents = contents.collect::<Result<_, _>>()?;
        Ok(write::written(headers, self.codec, &Packed { contents, ..self.packed }))
    }

    /// Takes the seals off; `failed` says what a segment counts as that does not open under its key.
    fn unsealed(
        &self,
        headers: &[Header],
        keys: &impl KeyRing,
        failed: fn(BlockError) -> Result<Opened, BlockError>,
    ) -> Result<Unsealed, BlockError> {
        let (root, mut room) = (root(headers), BLOCK_PLAIN_BYTES_MAX);
        let mut segment = |key: &Key, place: Place, sealed: &[u8]| {
            let (context, mut encoded) =
                (context(&root, self.codec, place), Vec::with_capacity(sealed.len()));
            seal::open(key, &[&context], sealed, &mut encoded).map_err(SegmentError::Seal)?;
            self.codec.decode(encoded, &mut room).map_err(SegmentError::Codec)
        };
        let structure = segment(keys.structure(), Place::Structure, self.packed.structure)
            .map_err(|error| error.or(BlockError::Structure))?;
        let leaves = self.leaves(headers)?;
        let rows = rows(&structure, headers)?.1;
        let mut contents = Vec::with_capacity(self.packed.contents.len());
        for (number, content) in self.packed.contents.iter().enumerate() {
            let kept = leaves.as_ref().map(|leaves| {
                let own = rows.iter().zip(leaves).filter(|(row, _)| usize::from(row.subject) == number);
                Opened::Erased(own.map(|(_, leaf)| *leaf).collect())
            });
            let subject = content.subject;
            let state = match (content.state, keys.subject(subject), kept) {
                (ContentState::Erased(hashes), ..) => Opened::Erased(leaf_hashes(hashes)?),
                (ContentState::Sealed(_), None, kept) => kept.unwrap_or(Opened::Sealed),
                (ContentState::Sealed(sealed), Some(key), kept) => {
                    match (segment(key.sealing(), Place::Content(subject), sealed), kept) {
                        (Ok(plain), _) => Opened::Plain(plain),
                        (Err(SegmentError::Seal(SealError::WrongKey)), Some(kept)) => kept,
                        (Err(error), _) => failed(error.or(|seal| BlockError::Content(subject, seal)))?,
                    }
                }
            };
            contents.push(OpenContent { subject, state });
        }
        Ok(Unsealed { structure, contents })
    }

    /// The leaf hashes that it carries, which the headers must commit.
    fn leaves(&self, headers: &[Header]) -> Result<Option<Vec<Digest>>, BlockError> {
        if self.packed.leaves.is_empty() {
            return Ok(None);
        }
        let leaves = leaf_hashes(self.packed.leaves)?;
        let mut rest = &leaves[..];
        for header in headers {
            let (own, after) = rest.split_at_checked(header.count as usize).ok_or(BlockError::Segment)?;
            if Frontier::over(own).root() != header.events_root {
                return Err(BlockError::Root);
            }
            rest = after;
        }
        if rest.is_empty() { Ok(Some(leaves)) } else { Err(BlockError::Segment) }
    }
}

/// Opens what still opens of a damaged pack: whoever's segment does not open under their key counts as
/// somebody whose key is missing. Nothing of it is proven: [`OpenBlock::verify`] tells of each block
/// whether it is whole.
pub fn salvage(headers: &[Header], bytes: &[u8], keys: &impl KeyRing) -> Result<Vec<OpenBlock>, BlockError> {
    let (covered, _) = bytes.split_last_chunk::<32>().ok_or(BlockError::TooShort)?;
    if !are_consecutive(headers) || bytes.len() > PACK_BYTES_MAX {
        return Err(BlockError::Segment);
    }
    let pack = StoredPack::parse(covered)?;
    // Leaf hashes that are damaged prove nothing, and without them nobody is taken for erased.
    let packed = Packed { leaves: &[], ..pack.packed };
    StoredPack { packed, ..pack }.unsealed(headers, keys, |_| Ok(Opened::Sealed))?.blocks(headers)
}

/// What does not open makes the whole pack unreadable.
const fn refuse(error: BlockError) -> Result<Opened, BlockError> {
    Err(error)
}

/// Whether these are the headers of consecutive blocks of one log, few enough for one pack.
#[must_use]
pub fn are_consecutive(headers: &[Header]) -> bool {
    let follows = |pair: &[Header]| {
        let [one, next] = pair else { return false };
        (next.log, next.first) == (one.log, one.end()) && one.block.checked_add(1) == Some(next.block)
    };
    let records = headers.iter().map(|header| u64::from(header.count)).sum::<u64>();
    (1..=PACK_BLOCKS_MAX).contains(&headers.len())
        && records <= u64::from(PACK_RECORDS_MAX)
        && headers.windows(2).all(follows)
}

/// What the seals of a pack are bound to.
fn root(headers: &[Header]) -> Digest {
    let mut tree = Frontier::new();
    headers.iter().for_each(|header| tree.push(header.leaf_hash()));
    tree.root()
}

/// The context that binds a segment's seal to its place.
fn context(root: &Digest, codec: Codec, place: Place) -> [u8; 64] {
    block::bound(b"AMPACK01/seal/", codec, place, root)
}

/// The digest of a stored pack.
fn digest(headers: &[Header], covered: &[u8]) -> Digest {
    let hasher = headers.iter().fold(Sha256::new(), |hasher, header| hasher.chain_update(header.to_bytes()));
    hasher.chain_update(covered).finalize().into()
}

const fn is_sealed(content: &Content<'_>) -> bool {
    matches!(content.state, ContentState::Sealed(_))
}

/// Whether somebody has two sealed segments: an erasure could not tell which leaves belong where.
fn is_sealed_twice(contents: &[Content<'_>]) -> bool {
    let sealed = contents.iter().filter(|content| is_sealed(content));
    let mut subjects: Vec<SubjectRef> = sealed.map(|content| content.subject).collect();
    subjects.sort_unstable();
    subjects.windows(2).any(|pair| pair[0] == pair[1])
}
