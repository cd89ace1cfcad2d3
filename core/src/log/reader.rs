//! Opening a block: the stored form in, records out, every leaf recomputed.
//!
//! Three depths of trust, cheapest first: [`StoredBlock::read`] checks the digest (bit rot);
//! [`StoredBlock::open`] needs the structure key and as many subject keys as there are, and gives
//! the records; [`OpenBlock::verify`] recomputes the leaves under those keys and compares the root
//! with the header.

mod error;
mod outline;
mod sizes;

use alloc::vec::Vec;

use serde::Deserialize;

use super::block::{self, Content, ContentState, Named, Place, Row, RowPlace, Stored, write_stored};
use super::codec::{Codec, CodecError, Encoder};
use super::header::Header;
use super::tree::Frontier;
use crate::buffer::BufferFull;
use crate::hash::Digest;
use crate::limits::{BLOCK_PLAIN_BYTES_MAX, BLOCK_SUBJECTS_MAX, RECORD_NAMES_MAX};
use crate::time::Timestamp;
use crate::trace::{Body, Record, Structure, SubjectRef};
use crate::vault::{Key, KeyRing, Salt, SealError, seal};

pub use error::BlockError;
pub use outline::{Outline, OutlineRow, OutlineRows, PersonBodies, PersonContent, PersonState, Room};

pub use sizes::Sizes;

/// A stored block whose digest fits.
#[derive(Clone, Debug)]
pub struct StoredBlock<'a> {
    codec: Codec,
    stored: Stored<'a>,
}

impl<'a> StoredBlock<'a> {
    /// Reads the stored form of the block with this header.
    pub fn read(header: &Header, bytes: &'a [u8]) -> Result<Self, BlockError> {
        let (covered, digest) = bytes.split_last_chunk::<32>().ok_or(BlockError::TooShort)?;
        if block::digest(header, covered) != *digest {
            return Err(BlockError::Digest);
        }
        let (number, middle) = covered.split_first().ok_or(BlockError::TooShort)?;
        let codec = Codec::from_number(*number).ok_or(BlockError::UnknownCodec)?;
        // The people are counted before room is made for them.
        let (_, contents) = postcard::take_from_bytes::<&[u8]>(middle).map_err(|_| BlockError::Format)?;
        if count(contents).ok_or(BlockError::Format)? > BLOCK_SUBJECTS_MAX {
            return Err(BlockError::Subjects);
        }
        match postcard::take_from_bytes::<Stored<'a>>(middle) {
            Ok((stored, [])) if has_one_twice(&stored.contents) => Err(BlockError::Subjects),
            Ok((stored, [])) => Ok(Self { codec, stored }),
            _ => Err(BlockError::Format),
        }
    }

    /// How long the stored form at the beginning of these bytes would be, by its own lengths; `None`
    /// where there can be none. For whoever looks for blocks in a file that nothing else leads to.
    #[must_use]
    pub fn length(bytes: &[u8]) -> Option<usize> {
        let (number, middle) = bytes.split_first()?;
        Codec::from_number(*number)?;
        let (structure, contents) = postcard::take_from_bytes::<&[u8]>(middle).ok()?;
        let people = count(contents)?;
        if structure.len() < seal::OVERHEAD || people == 0 || people > BLOCK_SUBJECTS_MAX {
            return None;
        }
        let (_, rest) = postcard::take_from_bytes::<Stored<'_>>(middle).ok()?;
        rest.len().checked_sub(32).map(|_| bytes.len() - rest.len() + 32)
    }

    /// The codec it is in.
    #[must_use]
    pub const fn codec(&self) -> Codec {
        self.codec
    }

    /// Whose content it holds, or held.
    pub fn subjects(&self) -> impl Iterator<Item = SubjectRef> {
        self.stored.contents.iter().map(|content| content.subject)
    }

    /// Opens what the keys open.
    pub fn open(&self, header: &Header, keys: &impl KeyRing) -> Result<OpenBlock, BlockError> {
        let context = block::context(header, self.codec, Place::Structure);
        let mut room = BLOCK_PLAIN_BYTES_MAX;
        let structure = self
            .segment(keys.structure(), &context, self.stored.structure, &mut room)
            .map_err(|error| error.or(BlockError::Structure))?;
        let contents = self.stored.contents.iter();
        let contents = contents.map(|content| self.content(header, keys, content, &mut room));
        let block = OpenBlock { header: *header, structure, contents: contents.collect::<Result<_, _>>()? };
        block.check()?;
        Ok(block)
    }

    /// Erases these people: their segments give way to their leaf hashes. Returns the new stored
    /// form, or `None` where it holds nothing of theirs to erase.
    ///
    /// Their keys must still be there: without one the leaf hashes are lost, and the block with
    /// them.
    pub fn erase(
        &self,
        header: &Header,
        keys: &impl KeyRing,
        subjects: &[SubjectRef],
    ) -> Result<Option<Vec<u8>>, BlockError> {
        let goes = |content: &Content<'_>| {
            subjects.contains(&content.subject) && matches!(content.state, ContentState::Sealed(_))
        };
        if !self.stored.contents.iter().any(goes) {
            return Ok(None);
        }
        let open = self.open(header, keys)?;
        let entries = open.entries()?;
        let kept = |content: &Content<'a>| match goes(content) {
            true => leaves_of(&entries, keys, header, content.subject),
            false => Ok(Vec::new()),
        };
        let hashes = self.stored.contents.iter().map(kept).collect::<Result<Vec<_>, _>>()?;
        let contents =
            self.stored.contents.iter().zip(&hashes).map(|(content, hashes)| match goes(content) {
                true => Content { subject: content.subject, state: ContentState::Erased(hashes) },
                false => *content,
            });
        let contents = contents.collect();
        let stored = Stored { structure: self.stored.structure, contents };
        Ok(Some(written(header, self.codec, &stored)))
    }

    /// The same block in another codec; the header does not change.
    pub fn recode(
        &self,
        codec: Codec,
        header: &Header,
        keys: &impl KeyRing,
        mut salts: impl FnMut() -> Salt,
    ) -> Result<Vec<u8>, BlockError> {
        let open = self.open(header, keys)?;
        let mut encoder = Encoder::new(codec)?;
        let mut seal = |key: &_, place: Place, plain: &[u8], salt: &Salt| -> Result<Vec<u8>, BlockError> {
            let (context, mut sealed) = (block::context(header, codec, place), Vec::new());
            let write = |encoded: &[&[u8]]| seal::seal_parts(key, salt, &[&context], encoded, &mut sealed);
            encoder.encode(place.contents(), &[plain], write)?.map_err(|BufferFull| BlockError::Format)?;
            Ok(sealed)
        };
        let structure = seal(keys.structure(), Place::Structure, &open.structure, &salts())?;
        let mut segments = Vec::new();
        for content in &open.contents {
            segments.push(match (&content.state, keys.subject(content.subject)) {
                (Opened::Plain(plain), Some(key)) => {
                    seal(key.sealing(), Place::Content(content.subject), plain, &salts())?
                }
                (Opened::Erased(hashes), _) => hashes.concat(),
                _ => return Err(BlockError::Content(content.subject, SealError::WrongKey)),
            });
        }
        let contents = open.contents.iter().zip(&segments).map(|(content, bytes)| Content {
            subject: content.subject,
            state: match content.state {
                Opened::Erased(_) => ContentState::Erased(bytes),
                _ => ContentState::Sealed(bytes),
            },
        });
        Ok(written(header, codec, &Stored { structure: &structure, contents: contents.collect() }))
    }

    fn segment(
        &self,
        key: &Key,
        context: &[u8],
        sealed: &[u8],
        room: &mut usize,
    ) -> Result<Vec<u8>, SegmentError> {
        let encoded = unsealed(key, context, sealed)?;
        self.codec.decode(encoded, room).map_err(SegmentError::Codec)
    }

    fn content(
        &self,
        header: &Header,
        keys: &impl KeyRing,
        content: &Content<'_>,
        room: &mut usize,
    ) -> Result<OpenContent, BlockError> {
        let subject = content.subject;
        let state = match (content.state, keys.subject(subject)) {
            (ContentState::Erased(hashes), _) => Opened::Erased(leaf_hashes(hashes)?),
            (ContentState::Sealed(_), None) => Opened::Sealed,
            (ContentState::Sealed(sealed), Some(key)) => {
                let context = block::context(header, self.codec, Place::Content(subject));
                let plain = self.segment(key.sealing(), &context, sealed, room);
                Opened::Plain(plain.map_err(|error| error.or(|seal| BlockError::Content(subject, seal)))?)
            }
        };
        Ok(OpenContent { subject, state })
    }
}

fn unsealed(key: &Key, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SegmentError> {
    let mut encoded = Vec::with_capacity(sealed.len());
    seal::open(key, &[context], sealed, &mut encoded).map_err(SegmentError::Seal)?;
    Ok(encoded)
}

pub(super) enum SegmentError {
    Seal(SealError),
    Codec(CodecError),
}

impl SegmentError {
    pub(super) fn or(self, sealed: impl FnOnce(SealError) -> BlockError) -> BlockError {
        match self {
            Self::Seal(error) => sealed(error),
            Self::Codec(error) => BlockError::Codec(error),
        }
    }
}

/// A block with its seals off, as far as the keys went.
#[derive(Clone, Debug)]
pub struct OpenBlock {
    pub(super) header: Header,
    pub(super) structure: Vec<u8>,
    pub(super) contents: Vec<OpenContent>,
}

#[derive(Clone, Debug)]
pub(super) struct OpenContent {
    pub(super) subject: SubjectRef,
    pub(super) state: Opened,
}

#[derive(Clone, Debug)]
pub(super) enum Opened {
    /// Postcard of the bodies.
    Plain(Vec<u8>),
    /// There is no key for it here.
    Sealed,
    /// Its key was destroyed.
    Erased(Vec<Digest>),
}

/// One row of an open block: a record, as far as it can be read.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// Its number in the log.
    pub sequence: u64,
    /// What can be known of it in any case.
    pub structure: Structure<'a>,
    /// Its place in the block.
    pub place: RowPlace,
    /// The rest.
    pub body: EntryBody<'a>,
}

/// What is left of a record's body.
#[derive(Clone, Debug)]
pub enum EntryBody<'a> {
    /// The body.
    Open(Body<'a>),
    /// It is sealed under a key that is not here.
    Sealed,
    /// Its person's key was destroyed; this is its leaf.
    Erased(Digest),
}

impl OpenBlock {
    /// The block's header.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Its records, in order.
    pub fn entries(&self) -> Result<Vec<Entry<'_>>, BlockError> {
        let (names, rows) = self.rows()?;
        let records = self.header.count as usize;
        let shares = self.contents.iter().map(|content| Share::of(content, records));
        let mut shares = shares.collect::<Result<Vec<_>, _>>()?;
        let mut time = 0i64;
        let mut entries = Vec::with_capacity(rows.len());
        for (sequence, row) in (self.header.first..).zip(rows.iter()) {
            time = time.wrapping_add(row.time);
            let share = shares.get_mut(usize::from(row.subject)).ok_or(BlockError::Segment)?;
            let structure = row.structure(Timestamp(time), share.subject, named(&names, row.names)?);
            let body = share.next().ok_or(BlockError::Segment)?;
            if matches!(&body, EntryBody::Open(body) if !body.suits(structure.kind)) {
                return Err(BlockError::Segment);
            }
            entries.push(Entry { sequence, structure, place: row.place(), body });
        }
        if shares.iter().all(Share::is_done) { Ok(entries) } else { Err(BlockError::Segment) }
    }

    /// Whether the records are those that the header commits: every leaf is recomputed under the
    /// keys, or taken as kept where its key was destroyed. `Ok(false)` where a key is missing, so
    /// that it cannot be told.
    pub fn verify(&self, keys: &impl KeyRing) -> Result<bool, BlockError> {
        let mut tree = Frontier::new();
        for entry in self.entries()? {
            match leaf(&entry, keys, &self.header) {
                Some(hash) => tree.push(hash),
                None => return Ok(false),
            }
        }
        if tree.root() == self.header.events_root { Ok(true) } else { Err(BlockError::Root) }
    }

    /// All leaf hashes, in order; `None` where a key is missing.
    pub fn leaves(&self, keys: &impl KeyRing) -> Result<Option<Vec<Digest>>, BlockError> {
        Ok(self.entries()?.iter().map(|entry| leaf(entry, keys, &self.header)).collect())
    }

    fn rows(&self) -> Result<(Vec<&str>, Vec<Row<'_>>), BlockError> {
        let records = self.header.count as usize;
        let (names, rest) = list(&self.structure, records * RECORD_NAMES_MAX)?;
        match list(rest, records)? {
            (rows, []) => Ok((names, rows)),
            _ => Err(BlockError::Segment),
        }
    }

    /// What the segments and the header must agree on.
    pub(super) fn check(&self) -> Result<(), BlockError> {
        let entries = self.entries()?;
        let times = || entries.iter().map(|entry| entry.structure.time);
        let agrees = entries.len() == self.header.count as usize
            && times().min() == Some(self.header.time_min)
            && times().max() == Some(self.header.time_max);
        if agrees { Ok(()) } else { Err(BlockError::Segment) }
    }
}

/// One person's bodies, handed out in order.
struct Share<'a> {
    subject: SubjectRef,
    bodies: Bodies<'a>,
}

enum Bodies<'a> {
    Open(alloc::vec::IntoIter<Body<'a>>),
    Sealed,
    Erased(core::slice::Iter<'a, Digest>),
}

impl<'a> Share<'a> {
    fn of(content: &'a OpenContent, records: usize) -> Result<Self, BlockError> {
        let bodies = match &content.state {
            Opened::Sealed => Bodies::Sealed,
            Opened::Erased(hashes) => Bodies::Erased(hashes.iter()),
            Opened::Plain(plain) => match list::<Body<'a>>(plain, records)? {
                (bodies, []) => Bodies::Open(bodies.into_iter()),
                _ => return Err(BlockError::Segment),
            },
        };
        Ok(Self { subject: content.subject, bodies })
    }

    fn next(&mut self) -> Option<EntryBody<'a>> {
        match &mut self.bodies {
            Bodies::Open(bodies) => bodies.next().map(EntryBody::Open),
            Bodies::Sealed => Some(EntryBody::Sealed),
            Bodies::Erased(hashes) => hashes.next().map(|hash| EntryBody::Erased(*hash)),
        }
    }

    fn is_done(&self) -> bool {
        match &self.bodies {
            Bodies::Open(bodies) => bodies.len() == 0,
            Bodies::Sealed => true,
            Bodies::Erased(hashes) => hashes.len() == 0,
        }
    }
}

/// How many items the list at the beginning of `bytes` says it has.
pub(super) fn count(bytes: &[u8]) -> Option<usize> {
    postcard::take_from_bytes::<u32>(bytes).ok().map(|(count, _)| count as usize)
}

/// The list of at most `most` items at the beginning of `bytes`, and the rest. An item may take a
/// hundred times its bytes in memory, so they are counted first.
pub(super) fn list<'a, T: Deserialize<'a>>(
    bytes: &'a [u8],
    most: usize,
) -> Result<(Vec<T>, &'a [u8]), BlockError> {
    if count(bytes).is_none_or(|count| count > most) {
        return Err(BlockError::Segment);
    }
    postcard::take_from_bytes(bytes).map_err(|_| BlockError::Segment)
}

/// Whether somebody is listed twice: an erasure could not tell which leaves belong where.
fn has_one_twice(contents: &[Content<'_>]) -> bool {
    let mut subjects: Vec<SubjectRef> = contents.iter().map(|content| content.subject).collect();
    subjects.sort_unstable();
    subjects.windows(2).any(|pair| pair[0] == pair[1])
}

/// The names with these numbers in a block's list.
pub(super) fn named<'a>(
    names: &[&'a str],
    numbers: Named<u32>,
) -> Result<Named<Option<&'a str>>, BlockError> {
    numbers.try_map(|number| match number.checked_sub(1) {
        None => Ok(None),
        Some(place) => names.get(place as usize).copied().map(Some).ok_or(BlockError::Segment),
    })
}

pub(super) fn leaf(entry: &Entry<'_>, keys: &impl KeyRing, header: &Header) -> Option<Digest> {
    match &entry.body {
        EntryBody::Erased(hash) => Some(*hash),
        EntryBody::Sealed => None,
        EntryBody::Open(body) => {
            let salt = keys.subject(entry.structure.subject)?.leaf_salt(header.log, entry.sequence);
            Some(Record { structure: entry.structure, body: body.clone() }.leaf_hash(&salt))
        }
    }
}

/// One person's leaf hashes in a row.
fn leaves_of(
    entries: &[Entry<'_>],
    keys: &impl KeyRing,
    header: &Header,
    subject: SubjectRef,
) -> Result<Vec<u8>, BlockError> {
    let theirs = entries.iter().filter(|entry| entry.structure.subject == subject);
    let leaves = theirs.map(|entry| leaf(entry, keys, header));
    let leaves: Option<Vec<Digest>> = leaves.collect();
    leaves.map(|leaves| leaves.concat()).ok_or(BlockError::Content(subject, SealError::WrongKey))
}

pub(super) fn leaf_hashes(bytes: &[u8]) -> Result<Vec<Digest>, BlockError> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    if rest.is_empty() { Ok(hashes.to_vec()) } else { Err(BlockError::Format) }
}

fn written(header: &Header, codec: Codec, stored: &Stored<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    write_stored(header, codec, stored, &mut out).expect("invariant: a Vec takes every byte");
    out
}
