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
    salts: impl FnMut() -> Salt,
) -> Result<Vec<u8>, PackError> {
    Gathered::of(blocks, leaves, keys)?.encode(codec)?.seal(keys, salts)
}

/// All blocks' records, with the names of all of them.
///
/// A pack is written in three steps, so that nobody has to hold the keys while the second takes its
/// time: they are gathered, encoded, sealed.
pub struct Gathered {
    headers: Vec<Header>,
    rows: Rows,
    shares: Vec<Share>,
    leaves: Vec<u8>,
    bodies: usize,
}

/// The same, each segment encoded, and not yet sealed.
pub struct Encoded {
    headers: Vec<Header>,
    codec: Codec,
    structure: Vec<u8>,
    shares: Vec<Share>,
    leaves: Vec<u8>,
}

/// One content segment.
struct Share {
    subject: SubjectRef,
    erased: bool,
    count: u32,
    bytes: Vec<u8>,
}

impl fmt::Debug for Gathered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gathered").field("blocks", &self.headers.len()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoded").field("blocks", &self.headers.len()).finish_non_exhaustive()
    }
}

impl Encoded {
    /// The stored form; `salts` as for [`write()`].
    pub fn seal(self, keys: &impl KeyRing, mut salts: impl FnMut() -> Salt) -> Result<Vec<u8>, PackError> {
        let root = root(&self.headers);
        let mut sealed = |key: &Key, place: Place, encoded: &[u8]| -> Result<Vec<u8>, PackError> {
            let (salt, context, mut sealed) = (salts(), context(&root, self.codec, place), Vec::new());
            seal::seal(key, &salt, &[&context], encoded, &mut sealed)?;
            Ok(sealed)
        };
        let structure = sealed(keys.structure(), Place::Structure, &self.structure)?;
        let mut segments = Vec::with_capacity(self.shares.len());
        for Share { subject, erased, bytes, .. } in self.shares {
            let segment = if erased {
                bytes
            } else {
                let key = keys.subject(subject).ok_or(PackError::NoKey(subject))?;
                sealed(key.sealing(), Place::Content(subject), &bytes)?
            };
            segments.push((subject, erased, segment));
        }
        let contents = segments.iter().map(|(subject, erased, segment)| Content {
            subject: *subject,
            state: if *erased { ContentState::Erased(segment) } else { ContentState::Sealed(segment) },
        });
        let packed = Packed { structure: &structure, contents: contents.collect(), leaves: &self.leaves };
        Ok(written(&self.headers, self.codec, &packed))
    }
}

/// The stored form: first byte, postcard, digest.
pub(super) fn written(headers: &[Header], codec: Codec, packed: &Packed<'_>) -> Vec<u8> {
    let mut out = alloc::vec![PACK + codec as u8];
    out.append_postcard(packed).expect("invariant: a Vec takes every byte");
    let digest = digest(headers, &out);
    out.extend(digest);
    out
}

impl Gathered {
    /// Gathers the records of these blocks. The keys are asked for leaf hashes that are to be kept.
    pub fn of(blocks: &[OpenBlock], leaves: Leaves, keys: &impl KeyRing) -> Result<Self, PackError> {
        let headers: Vec<Header> = blocks.iter().map(|block| *block.header()).collect();
        if !are_consecutive(&headers) {
            return Err(PackError::Apart);
        }
        let (rows, shares) = (Rows::new(), Vec::new());
        let mut gathered = Self { headers, rows, shares, leaves: Vec::new(), bodies: 0 };
        for block in blocks {
            for entry in block.entries()? {
                let kept = leaves == Leaves::Kept;
                gathered.push(&entry, if kept { leaf(&entry, keys, block.header()) } else { None })?;
            }
        }
        Ok(gathered)
    }

    /// Encodes them, which takes a while.
    pub fn encode(self, codec: Codec) -> Result<Encoded, PackError> {
        let Self { headers, rows, mut shares, leaves, .. } = self;
        let mut encoder = Encoder::thorough(codec)?;
        let mut encode = |place: Place, plain: &[&[u8]]| {
            encoder.encode(place.contents(), plain, |encoded| encoded.concat())
        };
        let structure = encode(Place::Structure, &[&rows.structure()?])?;
        for share in shares.iter_mut().filter(|share| !share.erased) {
            let plain = [&*varint(share.count)?, &share.bytes];
            share.bytes = encode(Place::Content(share.subject), &plain)?;
        }
        Ok(Encoded { headers, codec, structure, shares, leaves })
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
