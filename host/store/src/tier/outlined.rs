//! What a search sees of a pack: its structure, and the content of those people whose records it needs.

use std::sync::{Arc, Mutex, PoisonError};

use activemirror_core::log::pack::StoredPack;
use activemirror_core::log::reader::{BlockError, Outline, PersonContent, Room};
use activemirror_core::vault::KeyRing;

use super::opened::{Found, again_if_missing};
use crate::error::StoreError;
use crate::keys::Ring;
use crate::open::Store;
use crate::tables::{BlockRef, LogNumber};

/// A pack as far as it was looked into. The last one is kept, and what was opened of it with it.
#[derive(Debug)]
pub(crate) struct Outlined {
    log: LogNumber,
    generation: u64,
    stored: Vec<u8>,
    outline: Outline,
    /// By place; and how much else may be unpacked.
    contents: Mutex<(Vec<Option<Arc<PersonContent>>>, Room)>,
}

impl Outlined {
    pub(crate) const fn outline(&self) -> &Outline {
        &self.outline
    }

    /// Whether it holds this block, and so many.
    pub(super) fn is(&self, at: BlockRef, blocks: u64, generation: u64) -> bool {
        let headers = self.outline.headers();
        (self.log, self.generation, headers.len() as u64) == (at.log, generation, blocks)
            && headers.iter().any(|header| header.block == at.block)
    }

    /// The pack itself, to open content of.
    pub(crate) fn read(&self) -> Result<StoredPack<'_>, BlockError> {
        StoredPack::read_again(&self.stored)
    }

    /// The content of the person at this place, and whether it was not opened before.
    pub(crate) fn content(
        &self,
        pack: &StoredPack<'_>,
        ring: &Ring<'_>,
        person: u8,
    ) -> Result<(Arc<PersonContent>, bool), BlockError> {
        let mut contents = self.contents.lock().unwrap_or_else(PoisonError::into_inner);
        let (contents, room) = &mut *contents;
        if let Some(Some(known)) = contents.get(usize::from(person)) {
            return Ok((Arc::clone(known), false));
        }
        let content = Arc::new(pack.content_of(&self.outline, ring, person, room)?);
        if let Some(place) = contents.get_mut(usize::from(person)) {
            *place = Some(Arc::clone(&content));
        }
        Ok((content, true))
    }
}

impl Store {
    /// Opens the structure of the pack that a block is in.
    pub(crate) fn outlined(&self, at: BlockRef) -> Result<Arc<Outlined>, StoreError> {
        again_if_missing(|| self.outline_of(at))
    }

    fn outline_of(&self, at: BlockRef) -> Result<Arc<Outlined>, StoreError> {
        // Asked first: what is opened while something changes is not kept.
        let generation = self.tiers.generation();
        let last = || self.tiers.outlined.lock().unwrap_or_else(PoisonError::into_inner);
        let known = |_, blocks| last().clone().filter(|last| last.is(at, blocks, generation));
        let (headers, stored) = match self.locate(at, known)? {
            Found::Known(outlined) => return Ok(outlined),
            Found::Stored(headers, stored) => (headers, stored),
        };
        let damaged = |error| StoreError::Block(at.block, error);
        let pack = StoredPack::read(&headers, &stored).map_err(damaged)?;
        let (mut room, keys) = (Room::default(), self.keys());
        let outline = pack.outline(&headers, keys.ring(headers[0].log).structure(), &mut room);
        let outline = outline.map_err(damaged)?;
        let contents = Mutex::new((vec![None; outline.subjects().len()], room));
        let outlined = Arc::new(Outlined { log: at.log, generation, stored, outline, contents });
        let mut last = last();
        if generation == self.tiers.generation() {
            *last = Some(Arc::clone(&outlined));
        }
        Ok(outlined)
    }
}
