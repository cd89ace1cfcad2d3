//! One block of a search, or the blocks of one pack: the structure, then the content of those people
//! who are asked for.

use core::ops::ControlFlow;
use std::sync::Arc;

use activemirror_core::filter::{Early, Facts, Shown};
use activemirror_core::log::LogId;
use activemirror_core::log::header::Header;
use activemirror_core::log::reader::{
    BlockError, Outline, OutlineRow, PersonBodies, PersonContent, PersonState, Room, StoredBlock,
};
use activemirror_core::trace::Body;
use activemirror_core::vault::KeyRing;

use super::{Finding, Found, FoundBody, Order};
use crate::error::StoreError;
use crate::keys::Ring;
use crate::tables::{BlockRef, LogNumber};

/// A record that may be wanted.
struct Candidate<'a> {
    row: OutlineRow<'a>,
    /// Whether its structure settles that it is.
    settled: bool,
    /// Whether its content is wanted, by the filter or by who asks.
    asked: bool,
    /// Whether it is to be opened.
    needs: bool,
}

/// What is known of a person at a place of an outline.
struct Person {
    state: PersonState,
    content: Option<Arc<PersonContent>>,
    records: u32,
}

/// What is behind an outline.
pub(super) trait Contents {
    /// What is left of the content of the person at this place.
    fn state_of(&self, ring: &Ring<'_>, person: u8) -> PersonState;
    /// That content, and whether a seal was taken off for it.
    fn open(&mut self, ring: &Ring<'_>, person: u8) -> Result<(Arc<PersonContent>, bool), BlockError>;
    /// Whether it takes opening to tell what is left.
    fn hides_erased(&self) -> bool {
        false
    }
}

struct BlockContents<'b> {
    header: &'b Header,
    stored: StoredBlock<'b>,
    room: Room,
}

impl Contents for BlockContents<'_> {
    fn state_of(&self, ring: &Ring<'_>, person: u8) -> PersonState {
        self.stored.state_of(ring, person)
    }

    fn open(&mut self, ring: &Ring<'_>, person: u8) -> Result<(Arc<PersonContent>, bool), BlockError> {
        let content = self.stored.content_of(self.header, ring, person, &mut self.room)?;
        Ok((Arc::new(content), true))
    }
}

impl Finding<'_> {
    /// Looks through one block.
    pub(super) fn block(
        &mut self,
        at: BlockRef,
        header: &Header,
        stored: &[u8],
        found: &mut dyn FnMut(&Found<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, StoreError> {
        let damaged = |error| StoreError::Block(at.block, error);
        let (stored, mut room) = (StoredBlock::read(header, stored).map_err(damaged)?, Room::default());
        let outline = stored.outline(header, self.store.keys().ring(header.log).structure(), &mut room);
        let outline = outline.map_err(damaged)?;
        let mut contents = BlockContents { header, stored, room };
        self.look(at.log, &outline, &[true], &mut contents, found).map_err(damaged)
    }

    /// Looks through those blocks of an outline that are wanted. Whatever can fail comes before the first
    /// record is handed out.
    pub(super) fn look(
        &mut self,
        log: LogNumber,
        outline: &Outline,
        wanted: &[bool],
        contents: &mut dyn Contents,
        found: &mut dyn FnMut(&Found<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, BlockError> {
        let headers = outline.headers();
        self.explain.opened += wanted.iter().filter(|wanted| **wanted).count() as u64;
        let (candidates, counts) = self.candidates_in(outline, wanted, contents.hides_erased())?;
        if candidates.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        let people = self.people(headers[0].log, contents, &candidates, &counts)?;
        let bodies = bodies(&people, &candidates)?;
        let body = |row: &OutlineRow<'_>| {
            let person = usize::from(row.person);
            match (&bodies[person], people[person].state) {
                (Some(PersonBodies::Open(bodies)), _) => FoundBody::Open(&bodies[row.before as usize]),
                (Some(PersonBodies::Erased), _) | (_, PersonState::Erased) => FoundBody::Erased,
                (_, PersonState::Open) => FoundBody::Closed,
                (_, PersonState::Sealed) => FoundBody::Sealed,
            }
        };
        for Candidate { row, settled, asked, .. } in &candidates {
            let header = &headers[row.block as usize];
            let at = BlockRef { log, block: header.block };
            let body = match body(row) {
                // It was opened for others only.
                FoundBody::Open(_) if !asked => FoundBody::Closed,
                body => body,
            };
            let (log, sequence, structure) = (header.log, row.sequence, &row.structure);
            let record = Found { at, log, sequence, structure, body };
            if (*settled || self.passes(&record)) && self.hand(&record, found).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Records that the structure does not rule out, in the order that is asked for, and how many
    /// each person has.
    fn candidates_in<'o>(
        &mut self,
        outline: &'o Outline,
        wanted: &[bool],
        hides_erased: bool,
    ) -> Result<(Vec<Candidate<'o>>, Vec<u32>), BlockError> {
        let (log, mut rows) = (outline.headers()[0].log, outline.rows()?);
        let mut candidates = Vec::new();
        while let Some(row) = rows.next()? {
            if !wanted[row.block as usize] {
                continue;
            }
            self.explain.looked_at += 1;
            let facts = Facts { log, sequence: row.sequence, structure: &row.structure };
            let early = self.search.sieve.on_structure(&facts);
            if early != Early::Fails {
                let settled = early == Early::Passes;
                // A name that stands for another is shown as that one.
                let asked = !settled || self.search.content || row.structure.has_stand_in();
                candidates.push(Candidate { row, settled, asked, needs: asked || hides_erased });
            }
        }
        if self.search.order == Order::NewestFirst {
            candidates.reverse();
        }
        // Of those that are settled, no more are opened than are wanted.
        let mut settled = 0;
        candidates.retain(|candidate| {
            settled += u64::from(candidate.settled);
            settled <= self.left
        });
        Ok((candidates, rows.counts().to_vec()))
    }

    /// Opens the content of those people whose records need it. The keys are held no longer.
    fn people(
        &mut self,
        log: LogId,
        contents: &mut dyn Contents,
        candidates: &[Candidate<'_>],
        counts: &[u32],
    ) -> Result<Vec<Person>, BlockError> {
        let keys = self.store.keys();
        let ring = keys.ring(log);
        let mut people = Vec::with_capacity(counts.len());
        for (person, records) in (0..).zip(counts) {
            let state = contents.state_of(&ring, person);
            let needed = |candidate: &Candidate<'_>| candidate.needs && candidate.row.person == person;
            let content = if state == PersonState::Open && candidates.iter().any(needed) {
                let (content, is_unsealed) = contents.open(&ring, person)?;
                self.explain.unsealed += u64::from(is_unsealed);
                Some(content)
            } else {
                None
            };
            people.push(Person { state, content, records: *records });
        }
        Ok(people)
    }

    /// Whether a record passes with its content as who asks may see it.
    pub(super) fn passes(&self, record: &Found<'_>) -> bool {
        let facts = Facts { log: record.log, sequence: record.sequence, structure: record.structure };
        let shown = match record.body {
            FoundBody::Open(
                Body::Event(content)
                | Body::TraceStart(content)
                | Body::System(content)
                | Body::Session(content),
            ) => (self.search.show)(record.structure, content),
            _ => Shown::nothing(),
        };
        self.search.sieve.passes(&facts, &shown)
    }

    pub(super) fn hand(
        &mut self,
        record: &Found<'_>,
        found: &mut dyn FnMut(&Found<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        self.explain.matched += 1;
        self.left -= 1;
        found(record)?;
        if self.left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// What was opened, read: each record that needs its body has one, and it suits its structure.
fn bodies<'p>(
    people: &'p [Person],
    candidates: &[Candidate<'_>],
) -> Result<Vec<Option<PersonBodies<'p>>>, BlockError> {
    let read = |person: &'p Person| {
        person.content.as_ref().map(|content| content.bodies(person.records)).transpose()
    };
    let bodies = people.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    for Candidate { row, .. } in candidates {
        if let Some(PersonBodies::Open(bodies)) = &bodies[usize::from(row.person)] {
            let body = bodies.get(row.before as usize).ok_or(BlockError::Segment)?;
            if !body.suits(row.structure.kind) {
                return Err(BlockError::Segment);
            }
        }
    }
    Ok(bodies)
}
