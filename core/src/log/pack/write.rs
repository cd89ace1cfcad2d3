//! Putting blocks into a pack.

use alloc::vec::Vec;
use core::fmt;

use super::rows::Rows;
use super::{PACK, Packed, are_consecutive, context, digest, root};
use crate::buffer::{Buffer, BufferFull};
use crate::hash::Digest;
use crate::limits::{BLOCK_BYTES_MAX, BLOCK_SUBJECTS_MAX};
use crate::log::block::{Content, ContentState, Place, Row};
use crate::log::codec::{Codec, CodecError, Encoder};
use crate::log::header::Header;
use crate::log::reader::{BlockError, Entry, EntryBody, OpenBlock, OpenContent, Opened, leaf};
use crate::trace::SubjectRef;
use crate::vault::{Key, KeyRing, Salt, seal};

impl OpenBlock {
    /// Bytes of its plaintexts.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let content = |content: &OpenContent| match &content.state {
            Opened::Plain(plain) => plain.len(),
            Opened::Erased(hashes) => hashes.len() * size_of::<Digest>(),
            Opened::Sealed => 0,
        };
        self.structure.len() + self.contents.iter().map(content).sum::<usize>()
    }

    /// Whose content it holds, or held.
    pub fn subjects(&self) -> impl Iterator<Item = SubjectRef> {
        self.contents.iter().map(|content| content.subject)
    }
}

/// Whether a pack carries the leaf hashes of its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// It does: 32 bytes a record, for a pack that may be out of reach when somebody is erased.
    Kept,
    /// They are recomputed from the records.
    Derived,
}

/// Why blocks do not go into one pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PackError {
    /// They do not follow each other in one log.
    Apart,
    /// They are too many, hold too much or too many people's content: take fewer.
    Full,
    /// A person's content is sealed under a key that is not here.
    NoKey(SubjectRef),
    /// A block cannot be read.
    Block(BlockError),
    /// The codec cannot write here.
    Codec,
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Apart => f.write_str("the blocks do not follow each other"),
            Self::Full => f.write_str("the blocks are too many for one pack"),
            Self::NoKey(_) => f.write_str("a person's key is missing, so their content cannot be packed"),
            Self::Block(error) => error.fmt(f),
            Self::Codec => f.write_str("this build cannot write packs with this codec"),
        }
    }
}

impl core::error::Error for PackError {}

impl From<BlockError> for PackError {
    fn from(error: BlockError) -> Self {
        Self::Block(error)
    }
}

impl From<BufferFull> for PackError {
    fn from(BufferFull: BufferFull) -> Self {
        Self::Full
    }
}

impl From<CodecError> for PackError {
    fn from(_: CodecError) -> Self {
        Self::Codec
    }
}

/// The stored form of these blocks as one pack. `salts` gives a salt that was never used before under
/// any of the keys.
pub fn write(
    blocks: &[OpenBlock],
    leaves: Leaves,
    codec: Codec,
    keys: &impl KeyRing,
    mut salts: impl FnMut() -> Salt,
) -> Result<Vec<u8>, PackError> {
    let headers: Vec<Header> = blocks.iter().map(|block| *block.header()).collect();
    if !are_consecutive(&headers) {
        return Err(PackError::Apart);
    }
    let mut gathered = Gathered::new();
    for block in blocks {
        for entry in block.entries()? {
            gathered.push(&entry, leaf(&entry, keys, block.header()).filter(|_| leaves == Leaves::Kept))?;
        }
    }
    let (root, mut encoder) = (root(&headers), Encoder::thorough(codec)?);
    let mut sealed = |key: &Key, place: Place, plain: &[&[u8]]| -> Result<Vec<u8>, PackError> {
        let (salt, context, mut sealed) = (salts(), context(&root, codec, place), Vec::new());
        let seal = |encoded: &[&[u8]]| seal::seal_parts(key, &salt, &[&context], encoded, &mut sealed);
        encoder.encode(place.contents(), plain, seal)??;
        Ok(sealed)
    };
    let Gathered { rows, shares, leaves, .. } = gathered;
    let structure = sealed(keys.structure(), Place::Structure, &[&rows.structure()?])?;
    let mut segments = Vec::with_capacity(shares.len());
    for share in &shares {
        segments.push(match share.erased {
            true => share.bytes.clone(),
            false => {
                let key = keys.subject(share.subject).ok_or(PackError::NoKey(share.subject))?;
                let plain = [&*varint(share.count)?, &share.bytes];
                sealed(key.sealing(), Place::Content(share.subject), &plain)?
            }
        });
    }
    let contents = shares.iter().zip(&segments).map(|(share, segment)| Content {
        subject: share.subject,
        state: if share.erased { ContentState::Erased(segment) } else { ContentState::Sealed(segment) },
    });
    let packed = Packed { structure: &structure, contents: contents.collect(), leaves: &leaves };
    Ok(written(&headers, codec, &packed))
}

/// The stored form: first byte, postcard, digest.
pub(super) fn written(headers: &[Header], codec: Codec, packed: &Packed<'_>) -> Vec<u8> {
    let mut out = alloc::vec![PACK + codec as u8];
    out.append_postcard(packed).expect("invariant: a Vec takes every byte");
    let digest = digest(headers, &out);
    out.extend(digest);
    out
}

/// All blocks' records, with the names of all of them.
struct Gathered {
    rows: Rows,
    shares: Vec<Share>,
    leaves: Vec<u8>,
    bodies: usize,
}

/// One content segment.
struct Share {
    subject: SubjectRef,
    erased: bool,
    count: u32,
    bytes: Vec<u8>,
}

impl Gathered {
    fn new() -> Self {
        Self { rows: Rows::new(), shares: Vec::new(), leaves: Vec::new(), bodies: 0 }
    }

    fn push(&mut self, entry: &Entry<'_>, leaf: Option<Digest>) -> Result<(), PackError> {
        let structure = &entry.structure;
        let share = self.share(structure.subject, matches!(entry.body, EntryBody::Erased(_)))?;
        let names = self.rows.names.numbers(structure)?;
        let row = Row::of(structure, self.rows.last(), share as u8, names);
        self.rows.push(&row, structure.time.as_millis())?;
        let share = &mut self.shares[share];
        let before = share.bytes.len();
        match &entry.body {
            EntryBody::Open(body) => share.bytes.append_postcard(body)?,
            EntryBody::Erased(hash) => share.bytes.extend(hash),
            EntryBody::Sealed => return Err(PackError::NoKey(share.subject)),
        }
        self.bodies += share.bytes.len() - before;
        share.count += 1;
        self.leaves.extend(leaf.iter().flatten());
        if self.rows.bytes() + self.bodies > BLOCK_BYTES_MAX { Err(PackError::Full) } else { Ok(()) }
    }

    /// The place of this person's segment, which is begun if need be.
    fn share(&mut self, subject: SubjectRef, erased: bool) -> Result<usize, PackError> {
        let is_it = |share: &Share| (share.subject, share.erased) == (subject, erased);
        if let Some(place) = self.shares.iter().rposition(is_it) {
            return Ok(place);
        }
        if self.shares.len() == BLOCK_SUBJECTS_MAX {
            return Err(PackError::Full);
        }
        self.shares.push(Share { subject, erased, count: 0, bytes: Vec::new() });
        Ok(self.shares.len() - 1)
    }
}

fn varint(number: u32) -> Result<Vec<u8>, BufferFull> {
    let mut bytes = Vec::new();
    bytes.append_postcard(&number)?;
    Ok(bytes)
}
