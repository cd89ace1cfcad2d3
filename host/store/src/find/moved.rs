//! Blocks of a search that lie in one pack: their structure is one, and is opened once for all of them.

use core::ops::ControlFlow;
use std::sync::Arc;

use activemirror_core::log::pack::StoredPack;
use activemirror_core::log::reader::{BlockError, PersonContent, PersonState};

use super::block::Contents;
use super::{Finding, Found, Unread, is_of_a_block};
use crate::error::StoreError;
use crate::keys::Ring;
use crate::tables::BlockRef;
use crate::tier::outlined::Outlined;

/// Blocks that follow each other in a search, and lie together.
#[derive(Debug, Default)]
pub(super) struct Together {
    /// What they lie in: the first block of it, and how many there are.
    span: Option<(BlockRef, u64)>,
    blocks: Vec<BlockRef>,
}

impl Together {
    /// Takes one more; `false` where it lies elsewhere.
    pub(super) fn takes(&mut self, at: BlockRef) -> bool {
        let is_in = |(first, blocks): (BlockRef, u64)| {
            first.log == at.log && at.block.checked_sub(first.block).is_some_and(|place| place < blocks)
        };
        let takes = self.span.is_some_and(is_in);
        self.blocks.extend(Some(at).filter(|_| takes));
        takes
    }
}

struct PackContents<'p> {
    outlined: &'p Outlined,
    pack: StoredPack<'p>,
}

impl Contents for PackContents<'_> {
    fn state_of(&self, ring: &Ring<'_>, person: u8) -> PersonState {
        self.pack.state_of(ring, person)
    }

    fn open(&mut self, ring: &Ring<'_>, person: u8) -> Result<(Arc<PersonContent>, bool), BlockError> {
        self.outlined.content(&self.pack, ring, person)
    }

    fn hides_erased(&self) -> bool {
        self.pack.has_leaves()
    }
}

impl Finding<'_> {
    /// Begins to take blocks together with this one, which has no payload of its own.
    pub(super) fn together_with(&self, at: BlockRef) -> Result<Together, StoreError> {
        let (first, span) = self.store.span_of(at)?.ok_or(StoreError::MissingBlock(at.block))?;
        Ok(Together { span: Some((BlockRef { block: first, ..at }, span.blocks)), blocks: vec![at] })
    }

    /// Looks through blocks that lie together. Those that cannot be read are in the answer.
    pub(super) fn moved(
        &mut self,
        together: Together,
        found: &mut dyn FnMut(&Found<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, StoreError> {
        let Some(first) = together.blocks.first() else { return Ok(ControlFlow::Continue(())) };
        let looked = self.store.outlined(*first).and_then(|pack| {
            let looked = self.look_through(&pack, &together.blocks, found);
            looked.map_err(|error| StoreError::Block(first.block, error))
        });
        match looked {
            Err(why) if is_of_a_block(&why) => {
                let others = together.blocks[1..].iter();
                let others =
                    others.map(|at| Unread { at: *at, why: said_of(at.block, &why) }).collect::<Vec<_>>();
                self.explain.unread.push(Unread { at: *first, why });
                self.explain.unread.extend(others);
                Ok(ControlFlow::Continue(()))
            }
            other => other,
        }
    }

    fn look_through(
        &mut self,
        outlined: &Outlined,
        blocks: &[BlockRef],
        found: &mut dyn FnMut(&Found<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, BlockError> {
        let headers = outlined.outline().headers();
        let mut wanted = vec![false; headers.len()];
        for at in blocks {
            let place = at.block.wrapping_sub(headers[0].block);
            *wanted.get_mut(place as usize).ok_or(BlockError::Segment)? = true;
        }
        let mut contents = PackContents { outlined, pack: outlined.read()? };
        self.explain.moved += blocks.len() as u64;
        self.look(blocks[0].log, outlined.outline(), &wanted, &mut contents, found)
    }
}

/// What is wrong with one block of a pack, said of another.
fn said_of(block: u64, why: &StoreError) -> StoreError {
    match why {
        StoreError::Block(_, error) => StoreError::Block(block, *error),
        StoreError::Cold { why, .. } => StoreError::Cold { block, why: why.clone() },
        StoreError::Gone { since, .. } => StoreError::Gone { block, since: *since },
        _ => StoreError::MissingBlock(block),
    }
}
