//! The structure of a block, or of a pack of blocks, without anybody's content, and single people's
//! content behind it: what looks for a few records among many opens no more than it needs.
//!
//! What is given is as trustworthy as what [`StoredBlock::open`] gives: sealed for this header, and
//! in agreement with it. That the records are those that the header commits is for
//! [`OpenBlock::verify`](super::OpenBlock::verify) to say.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::{BlockError, Bodies, OpenContent, SegmentError, Share, StoredBlock, block, list, named};
use crate::limits::{BLOCK_PLAIN_BYTES_MAX, RECORD_NAMES_MAX};
use crate::log::block::{ContentState, Named, Place, Row};
use crate::log::codec::{CodecError, ColumnRow, Rows, Unpacked};
use crate::log::header::Header;
use crate::time::Timestamp;
use crate::trace::{Body, Kind, Structure, SubjectRef};
use crate::vault::{Key, KeyRing};

/// How much the segments of one block, or of one pack, may still unpack to, all of them together.
#[derive(Debug)]
pub struct Room(pub(in crate::log) usize);

impl Default for Room {
    fn default() -> Self {
        Self(BLOCK_PLAIN_BYTES_MAX)
    }
}

/// The structure of a block, or of all blocks of a pack.
#[derive(Debug)]
pub struct Outline {
    /// One at least.
    headers: Vec<Header>,
    subjects: Vec<SubjectRef>,
    unpacked: Unpacked,
}

/// One record of an outline.
#[derive(Clone, Copy, Debug)]
pub struct OutlineRow<'a> {
    /// The place of its block among those of the outline.
    pub block: u32,
    /// Its number in the log.
    pub sequence: u64,
    /// What can be known of it.
    pub structure: Structure<'a>,
    /// The place of its person among the outline's people.
    pub person: u8,
    /// How many records of the same place lie before it in the outline.
    pub before: u32,
}

/// What is left of one person's content in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonState {
    /// All of it, and its key is here.
    Open,
    /// It is sealed under a key that is not here.
    Sealed,
    /// Their key was destroyed.
    Erased,
}

/// What one person's content in a block comes to.
#[derive(Debug)]
pub struct PersonContent(pub(in crate::log) OpenContent);

/// One person's bodies, in the order of their records.
#[derive(Debug)]
pub enum PersonBodies<'a> {
    /// All of them.
    Open(Vec<Body<'a>>),
    /// They are sealed under a key that is not here.
    Sealed,
    /// Their key was destroyed.
    Erased,
}

impl StoredBlock<'_> {
    /// Opens the structure, and nobody's content.
    pub fn outline(&self, header: &Header, key: &Key, room: &mut Room) -> Result<Outline, BlockError> {
        let context = block::context(header, self.codec, Place::Structure);
        let unpacked = super::unsealed(key, &context, self.stored.structure)
            .and_then(|encoded| {
                self.codec.decode_structure(encoded, &mut room.0).map_err(SegmentError::Codec)
            })
            .map_err(|error| error.or(BlockError::Structure))?;
        Ok(Outline { headers: alloc::vec![*header], subjects: self.subjects().collect(), unpacked })
    }

    /// What is left of a person's content, by their place among the block's people: told without
    /// opening it.
    #[must_use]
    pub fn state_of(&self, keys: &impl KeyRing, person: u8) -> PersonState {
        match self.stored.contents.get(usize::from(person)).map(|content| (content.state, content.subject)) {
            Some((ContentState::Erased(_), _)) => PersonState::Erased,
            Some((_, subject)) if keys.subject(subject).is_some() => PersonState::Open,
            _ => PersonState::Sealed,
        }
    }

    /// Opens the content of one person, by their place among the block's people.
    pub fn content_of(
        &self,
        header: &Header,
        keys: &impl KeyRing,
        person: u8,
        room: &mut Room,
    ) -> Result<PersonContent, BlockError> {
        let content = self.stored.contents.get(usize::from(person)).ok_or(BlockError::Segment)?;
        self.content(header, keys, content, &mut room.0).map(PersonContent)
    }
}

impl PersonContent {
    /// The bodies, of a person who has so many records in the block.
    pub fn bodies(&self, records: u32) -> Result<PersonBodies<'_>, BlockError> {
        let share = Share::of(&self.0, records as usize)?;
        let agree = |count: usize| if count == records as usize { Ok(()) } else { Err(BlockError::Segment) };
        Ok(match share.bodies {
            Bodies::Open(bodies) => {
                agree(bodies.len())?;
                PersonBodies::Open(bodies.collect())
            }
            Bodies::Sealed => PersonBodies::Sealed,
            Bodies::Erased(hashes) => {
                agree(hashes.len())?;
                PersonBodies::Erased
            }
        })
    }
}

impl Outline {
    /// The outline of a pack of these blocks, of which there is one at least.
    pub(in crate::log) const fn of_pack(
        headers: Vec<Header>,
        subjects: Vec<SubjectRef>,
        unpacked: Unpacked,
    ) -> Self {
        Self { headers, subjects, unpacked }
    }

    /// The headers of its blocks; of a block's outline, the one.
    #[must_use]
    pub fn headers(&self) -> &[Header] {
        &self.headers
    }

    /// Whose content it holds, or held, by place. In a pack somebody may have two places: of what is
    /// left of them where they were erased, and of what they said when they were back.
    #[must_use]
    pub fn subjects(&self) -> &[SubjectRef] {
        &self.subjects
    }

    /// The records, in order. What was given counts once the last [`OutlineRows::next`] was no
    /// error: not before that is it known that the rows agree with the headers.
    pub fn rows(&self) -> Result<OutlineRows<'_>, BlockError> {
        let records = self.headers.iter().map(|header| header.count as usize).sum::<usize>();
        let (names, source) = match &self.unpacked {
            Unpacked::Plain(plain) => {
                let (names, rest) = list(plain, records * RECORD_NAMES_MAX)?;
                let (count, rest) = postcard::take_from_bytes(rest).map_err(|_| BlockError::Segment)?;
                (names, Source::Plain { count, rest })
            }
            Unpacked::Columns(columns) => {
                let rows = Rows::read(columns)?;
                let (list, count) = rows.list();
                if count > records * RECORD_NAMES_MAX {
                    return Err(BlockError::Segment);
                }
                (names(list, count)?, Source::Columns(Box::new(rows)))
            }
        };
        if source.len() != records {
            return Err(BlockError::Segment);
        }
        let (least, most) = NO_TIMES;
        let befores = alloc::vec![0; self.subjects.len()];
        Ok(OutlineRows { outline: self, names, source, block: 0, given: 0, time: 0, least, most, befores })
    }
}

/// The records of an outline.
#[derive(Debug)]
pub struct OutlineRows<'a> {
    outline: &'a Outline,
    names: Vec<&'a str>,
    source: Source<'a>,
    /// The place of the block under way.
    block: u32,
    /// How many of its records were given.
    given: u32,
    time: i64,
    least: Timestamp,
    most: Timestamp,
    /// How many records each person had so far.
    befores: Vec<u32>,
}

#[derive(Debug)]
enum Source<'a> {
    Plain { count: u32, rest: &'a [u8] },
    Columns(Box<Rows<'a>>),
}

impl<'a> OutlineRows<'a> {
    /// The next record; `None` once all of them were given and agree with the header.
    #[inline]
    #[allow(clippy::should_implement_trait, reason = "the error of an iterator's item is easily left out")]
    pub fn next(&mut self) -> Result<Option<OutlineRow<'a>>, BlockError> {
        let mut header = self.outline.headers.get(self.block as usize);
        while header.is_some_and(|header| header.count == self.given) {
            header = self.next_block()?;
        }
        let Some(header) = header else { return self.end() };
        let row: Row<'a> = match &mut self.source {
            Source::Plain { rest, .. } => {
                let (row, after) = postcard::take_from_bytes(rest).map_err(|_| BlockError::Segment)?;
                *rest = after;
                row
            }
            Source::Columns(rows) => columns(&rows.next()?.ok_or(BlockError::Segment)?)?,
        };
        let sequence = header.first + u64::from(self.given);
        self.given += 1;
        self.time = self.time.wrapping_add(row.time);
        let place = usize::from(row.subject);
        let subject = *self.outline.subjects.get(place).ok_or(BlockError::Segment)?;
        let structure = row.structure(Timestamp(self.time), subject, named(&self.names, row.names)?);
        (self.least, self.most) = (self.least.min(structure.time), self.most.max(structure.time));
        let before = &mut self.befores[place];
        *before += 1;
        let (block, person, before) = (self.block, row.subject, *before - 1);
        Ok(Some(OutlineRow { block, sequence, structure, person, before }))
    }

    /// Goes on to the next block, once all records of one were given and agree with its header.
    fn next_block(&mut self) -> Result<Option<&'a Header>, BlockError> {
        let header = &self.outline.headers[self.block as usize];
        if (self.least, self.most) != (header.time_min, header.time_max) {
            return Err(BlockError::Segment);
        }
        (self.least, self.most) = NO_TIMES;
        (self.block, self.given) = (self.block + 1, 0);
        Ok(self.outline.headers.get(self.block as usize))
    }

    /// How many records each person has, by place, once all were given.
    #[must_use]
    pub fn counts(&self) -> &[u32] {
        &self.befores
    }

    /// Nothing may be left.
    fn end(&mut self) -> Result<Option<OutlineRow<'a>>, BlockError> {
        let is_done = match &mut self.source {
            Source::Plain { rest, .. } => rest.is_empty(),
            Source::Columns(rows) => rows.next()?.is_none(),
        };
        if is_done { Ok(None) } else { Err(BlockError::Segment) }
    }
}

/// The earliest and the latest time of no records.
const NO_TIMES: (Timestamp, Timestamp) = (Timestamp(i64::MAX), Timestamp(i64::MIN));

impl Source<'_> {
    const fn len(&self) -> usize {
        match self {
            Self::Plain { count, .. } => *count as usize,
            Self::Columns(rows) => rows.len(),
        }
    }
}

#[inline]
fn columns<'a>(row: &ColumnRow<'a>) -> Result<Row<'a>, BlockError> {
    let ColumnRow { kind, time, subject, names, alias, confidence } = *row;
    let [trace, agent, session, action, intent] = names.map(|name| name as u32);
    Ok(Row {
        kind: Kind::from_number(kind).ok_or(BlockError::Segment)?,
        time,
        subject,
        names: Named { trace, agent, session, action, intent },
        alias: alias.map(core::str::from_utf8).transpose().map_err(|_| CodecError::Damaged)?,
        confidence: confidence.map(f64::from_bits),
    })
}

/// A list of so many names, without its count.
fn names(mut list: &[u8], count: usize) -> Result<Vec<&str>, BlockError> {
    // A name takes a byte at least, so a list that lies makes no room for more than it has.
    let mut names = Vec::with_capacity(count.min(list.len()));
    for _ in 0..count {
        let (name, rest) = postcard::take_from_bytes(list).map_err(|_| BlockError::Segment)?;
        names.push(name);
        list = rest;
    }
    if list.is_empty() { Ok(names) } else { Err(BlockError::Segment) }
}
