//! Taking a pack apart again, into blocks that stand for themselves.

use alloc::vec::Vec;

use super::rows::{Rows, counted};
use crate::hash::Digest;
use crate::limits::{BLOCK_PLAIN_BYTES_MAX, RECORD_NAMES_MAX};
use crate::log::block::Row;
use crate::log::codec::CodecError;
use crate::log::header::Header;
use crate::log::reader::{BlockError, OpenBlock, OpenContent, Opened, leaf, list, named};
use crate::trace::{Body, SubjectRef};
use crate::vault::KeyRing;

/// A pack's plaintexts, as far as the keys went.
pub(super) struct Unsealed {
    pub(super) structure: Vec<u8>,
    pub(super) contents: Vec<OpenContent>,
}

/// The names of a pack, and its rows: as many as the headers say.
pub(super) fn rows<'a>(
    structure: &'a [u8],
    headers: &[Header],
) -> Result<(Vec<&'a str>, Vec<Row<'a>>), BlockError> {
    let records = headers.iter().map(|header| header.count as usize).sum::<usize>();
    let (names, rest) = list(structure, records * RECORD_NAMES_MAX)?;
    match list::<Row<'a>>(rest, records)? {
        (rows, []) if rows.len() == records => Ok((names, rows)),
        _ => Err(BlockError::Segment),
    }
}

impl Unsealed {
    /// The blocks, apart.
    pub(super) fn blocks(&self, headers: &[Header]) -> Result<Vec<OpenBlock>, BlockError> {
        let (names, rows) = rows(&self.structure, headers)?;
        let mut shares = self.contents.iter().map(Share::of).collect::<Result<Vec<_>, _>>()?;
        let (mut rows, mut time, mut room) = (rows.iter(), 0i64, BLOCK_PLAIN_BYTES_MAX);
        let mut blocks = Vec::with_capacity(headers.len());
        for header in headers {
            let mut part = Part::new();
            for row in rows.by_ref().take(header.count as usize) {
                time = time.wrapping_add(row.time);
                part.push(row, time, &names, &mut shares)?;
                // What stands once in a pack may stand in each of its blocks.
                if part.bytes() > room {
                    return Err(BlockError::Codec(CodecError::TooLarge));
                }
            }
            room -= part.bytes();
            blocks.push(part.block(*header)?);
        }
        if shares.iter().all(Share::is_done) { Ok(blocks) } else { Err(BlockError::Segment) }
    }

    /// Leaf hashes by content segment, in order; `None` where a key is missing.
    pub(super) fn leaves(
        &self,
        headers: &[Header],
        keys: &impl KeyRing,
    ) -> Result<Vec<Option<Vec<u8>>>, BlockError> {
        let blocks = self.blocks(headers)?;
        let (_, rows) = rows(&self.structure, headers)?;
        let mut rows = rows.iter();
        let mut hashes = alloc::vec![Some(Vec::new()); self.contents.len()];
        for block in &blocks {
            for entry in block.entries()? {
                let row = rows.next().ok_or(BlockError::Segment)?;
                let own = hashes.get_mut(usize::from(row.subject)).ok_or(BlockError::Segment)?;
                match (leaf(&entry, keys, block.header()), own.as_mut()) {
                    (Some(hash), Some(hashes)) => hashes.extend(hash),
                    _ => *own = None,
                }
            }
        }
        Ok(hashes)
    }
}

/// A content segment, handed out in order.
struct Share<'a> {
    subject: SubjectRef,
    rest: Rest<'a>,
}

enum Rest<'a> {
    /// So many bodies, in postcard.
    Plain(u32, &'a [u8]),
    Sealed,
    Erased(core::slice::Iter<'a, Digest>),
}

impl<'a> Share<'a> {
    fn of(content: &'a OpenContent) -> Result<Self, BlockError> {
        let rest = match &content.state {
            Opened::Sealed => Rest::Sealed,
            Opened::Erased(hashes) => Rest::Erased(hashes.iter()),
            Opened::Plain(plain) => {
                let (bodies, rest) = postcard::take_from_bytes(plain).map_err(|_| BlockError::Segment)?;
                Rest::Plain(bodies, rest)
            }
        };
        Ok(Self { subject: content.subject, rest })
    }

    /// What stands for the next record.
    fn next(&mut self) -> Result<Next<'a>, BlockError> {
        match &mut self.rest {
            Rest::Sealed => Ok(Next::Sealed),
            Rest::Erased(hashes) => hashes.next().copied().map(Next::Erased).ok_or(BlockError::Segment),
            Rest::Plain(bodies, rest) => {
                *bodies = bodies.checked_sub(1).ok_or(BlockError::Segment)?;
                let (_, after) =
                    postcard::take_from_bytes::<Body<'_>>(rest).map_err(|_| BlockError::Segment)?;
                let body = &rest[..rest.len() - after.len()];
                *rest = after;
                Ok(Next::Body(body))
            }
        }
    }

    fn is_done(&self) -> bool {
        match &self.rest {
            Rest::Plain(bodies, rest) => *bodies == 0 && rest.is_empty(),
            Rest::Sealed => true,
            Rest::Erased(hashes) => hashes.len() == 0,
        }
    }
}

enum Next<'a> {
    Body(&'a [u8]),
    Sealed,
    Erased(Digest),
}

/// What one block has of a content segment.
struct Piece {
    segment: usize,
    subject: SubjectRef,
    /// How many bodies.
    count: u32,
    state: Opened,
}

impl Piece {
    fn push(&mut self, next: Next<'_>) {
        match (&mut self.state, next) {
            (Opened::Plain(bodies), Next::Body(body)) => bodies.extend_from_slice(body),
            (Opened::Erased(hashes), Next::Erased(hash)) => hashes.push(hash),
            // A segment is of one kind throughout.
            _ => {}
        }
        self.count += 1;
    }

    /// The content of a block of its own.
    fn content(self) -> Result<OpenContent, BlockError> {
        let state = match self.state {
            Opened::Plain(bodies) => {
                Opened::Plain(counted(self.count, &bodies).map_err(|_| BlockError::Segment)?)
            }
            other => other,
        };
        Ok(OpenContent { subject: self.subject, state })
    }
}

/// One block of a pack, as it is put together.
struct Part {
    rows: Rows,
    pieces: Vec<Piece>,
    bodies: usize,
}

impl Part {
    fn new() -> Self {
        Self { rows: Rows::new(), pieces: Vec::new(), bodies: 0 }
    }

    /// Bytes of plaintext so far.
    fn bytes(&self) -> usize {
        self.rows.bytes() + self.bodies
    }

    fn push(
        &mut self,
        row: &Row<'_>,
        time: i64,
        names: &[&str],
        shares: &mut [Share<'_>],
    ) -> Result<(), BlockError> {
        let segment = usize::from(row.subject);
        let share = shares.get_mut(segment).ok_or(BlockError::Segment)?;
        let next = share.next()?;
        let place = self.place(segment, share.subject, &next);
        self.bodies += if let Next::Body(body) = next { body.len() } else { 0 };
        self.pieces[place].push(next);
        let names = named(names, row.names)?.try_map(|name| self.rows.names.number(name));
        let row = Row {
            time: time.wrapping_sub(self.rows.last()),
            subject: place as u8,
            names: names.map_err(|_| BlockError::Segment)?,
            ..*row
        };
        self.rows.push(&row, time).map_err(|_| BlockError::Segment)
    }

    /// The place of this segment's piece, which is begun if need be.
    fn place(&mut self, segment: usize, subject: SubjectRef, next: &Next<'_>) -> usize {
        if let Some(place) = self.pieces.iter().rposition(|piece| piece.segment == segment) {
            return place;
        }
        let state = match next {
            Next::Body(_) => Opened::Plain(Vec::new()),
            Next::Sealed => Opened::Sealed,
            Next::Erased(_) => Opened::Erased(Vec::new()),
        };
        self.pieces.push(Piece { segment, subject, count: 0, state });
        self.pieces.len() - 1
    }

    fn block(self, header: Header) -> Result<OpenBlock, BlockError> {
        // Nobody is there twice in one block.
        let mut subjects: Vec<SubjectRef> = self.pieces.iter().map(|piece| piece.subject).collect();
        subjects.sort_unstable();
        if subjects.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(BlockError::Subjects);
        }
        let structure = self.rows.structure().map_err(|_| BlockError::Segment)?;
        let contents = self.pieces.into_iter().map(Piece::content).collect::<Result<_, _>>()?;
        let block = OpenBlock { header, structure, contents };
        block.check()?;
        Ok(block)
    }
}
