//! One block of a search: its structure, then the content of those people who are asked for.

use core::ops::ControlFlow;

use activemirror_core::filter::{Early, Facts, Shown};
use activemirror_core::log::header::Header;
use activemirror_core::log::reader::{
    BlockError, Outline, OutlineRow, PersonBodies, PersonContent, PersonState, Room, StoredBlock,
};
use activemirror_core::trace::Body;
use activemirror_core::vault::KeyRing;

use super::{Finding, Found, FoundBody, Order};
use crate::error::StoreError;
use crate::read::BlockRef;

/// A record that may be wanted.
struct Candidate<'a> {
    row: OutlineRow<'a>,
    /// Whether its structure settles that it is.
    settled: bool,
    /// Whether its content is needed.
    needs: bool,
}

/// What is known of a person in a block.
struct Person {
    state: PersonState,
    content: Option<PersonContent>,
    records: u32,
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
        self.look(at, header, stored, found).map_err(|error| StoreError::Block(at.block, error))
    }

    /// Whatever can fail comes before the first record is handed out.
    fn look(
        &mut self,
        at: BlockRef,
        header: &Header,
        stored: &[u8],
        found: &mut dyn FnMut(&Found<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, BlockError> {
        let stored = StoredBlock::read(header, stored)?;
        let mut room = Room::default();
        let outline = stored.outline(header, self.store.keys().ring(header.log).structure(), &mut room)?;
        self.explain.opened += 1;
        let (candidates, counts) = self.candidates_in(&outline)?;
        if candidates.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        let people = self.people(header, &stored, &candidates, &counts, &mut room)?;
        let bodies = bodies(&people, &candidates)?;
        let body = |row: &OutlineRow<'_>| {
            let person = usize::from(row.person);
            match (&bodies[person], people[person].state) {
                (Some(PersonBodies::Open(bodies)), _) => FoundBody::Open(&bodies[row.before as usize]),
                (_, PersonState::Open) => FoundBody::Closed,
                (_, PersonState::Sealed) => FoundBody::Sealed,
                (_, PersonState::Erased) => FoundBody::Erased,
            }
        };
        for Candidate { row, settled, .. } in &candidates {
            let (log, sequence, structure) = (header.log, row.sequence, &row.structure);
            let record = Found { at, log, sequence, structure, body: body(row) };
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
    ) -> Result<(Vec<Candidate<'o>>, Vec<u32>), BlockError> {
        let (log, mut rows) = (outline.header().log, outline.rows()?);
        let mut candidates = Vec::new();
        while let Some(row) = rows.next()? {
            let facts = Facts { log, sequence: row.sequence, structure: &row.structure };
            let early = self.search.sieve.on_structure(&facts);
            if early != Early::Fails {
                let settled = early == Early::Passes;
                // A name that stands for another is shown as that one.
                let needs = !settled || self.search.content || row.structure.has_stand_in();
                candidates.push(Candidate { row, settled, needs });
            }
        }
        self.explain.looked_at += u64::from(outline.header().count);
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
        header: &Header,
        stored: &StoredBlock<'_>,
        candidates: &[Candidate<'_>],
        counts: &[u32],
        room: &mut Room,
    ) -> Result<Vec<Person>, BlockError> {
        let keys = self.store.keys();
        let ring = keys.ring(header.log);
        let mut people = Vec::with_capacity(counts.len());
        for (person, records) in (0..).zip(counts) {
            let state = stored.state_of(&ring, person);
            let needed = |candidate: &Candidate<'_>| candidate.needs && candidate.row.person == person;
            let content = if state == PersonState::Open && candidates.iter().any(needed) {
                self.explain.unsealed += 1;
                Some(stored.content_of(header, &ring, person, room)?)
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
