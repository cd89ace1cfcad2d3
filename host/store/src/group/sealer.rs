//! The thread that seals blocks.

use std::sync::mpsc::{Receiver, SyncSender};

use activemirror_core::log::block::Sealer;
use activemirror_core::log::codec::Codec;

use super::builder::Full;
use super::state::Shared;
use crate::building::Block;
use crate::error::StoreError;
use crate::open::{Head, Store};

/// Sealed blocks, and where the log ends with them.
pub(super) struct Sealed {
    pub(super) blocks: Vec<Block>,
    pub(super) head: Head,
}

/// Seals until the builder ends.
pub(super) fn run(store: &Store, shared: &Shared, full: &Receiver<Full>, out: &SyncSender<Sealed>) {
    let mut sealer = match Sealer::new(Codec::SMALLEST) {
        Ok(sealer) => sealer,
        Err(error) => return shared.fail(error.into()),
    };
    while let Ok(Full { blocks, head }) = full.recv() {
        let sealed: Result<Vec<_>, StoreError> = blocks
            .into_iter()
            .map(|block| block.seal(store, &mut sealer, &store.keys().ring(store.log)))
            .collect();
        let blocks = match sealed {
            Ok(blocks) => blocks,
            Err(error) => return shared.fail(error),
        };
        if out.send(Sealed { blocks, head }).is_err() {
            return;
        }
    }
}
