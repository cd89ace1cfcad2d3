//! The own logs behind the first: each has a slot, which is durable before the log begins.

use std::sync::Arc;

use activemirror_core::log::LogId;
use activemirror_core::trace::SubjectRef;
use activemirror_core::vault::{KeyTree, Salt, SubjectKey};

use super::{BRANCH, Keys, SLOT};
use crate::error::StoreError;

/// Where in its slot a log is said to have begun.
const BEGUN: usize = 1;

/// A later own log.
pub(crate) struct Branch {
    slot: usize,
    /// What its tree branches off by.
    pub(crate) id: [u8; 16],
    pub(crate) tree: Arc<KeyTree>,
    pub(crate) log: LogId,
    /// Whether it has, or had, a block.
    pub(crate) begun: bool,
}

impl Branch {
    /// The log of this slot; `None` where it is not the one whose id was sealed in it.
    pub(super) fn read(place: usize, slot: &[u8; SLOT], tree: &KeyTree, log: &SubjectKey) -> Option<Self> {
        let mut id = [0; 16];
        id.copy_from_slice(&slot[8..24]);
        let tree = tree.branch(&id);
        let branch =
            Self { slot: place, id, log: tree.log_id(), tree: Arc::new(tree), begun: slot[BEGUN] == 1 };
        (branch.log.0 == *log.sealing().expose()).then_some(branch)
    }
}

impl Keys {
    /// The own logs behind the first, oldest first. One that has not begun may never have been
    /// written.
    pub(crate) fn branches(&self) -> &[Branch] {
        &self.branches
    }

    /// Makes room for a later own log.
    pub(crate) fn branch(&mut self, id: [u8; 16], salt: &Salt) -> Result<(), StoreError> {
        let tree = self.tree.branch(&id);
        let log = tree.log_id();
        let place = self.slots;
        self.write_slot(place, BRANCH, SubjectRef(id), &SubjectKey::new(log.0), salt)?;
        self.slots += 1;
        self.branches.push(Branch { slot: place, id, tree: Arc::new(tree), log, begun: false });
        Ok(())
    }

    /// Notes that these people's content in these own logs stays closed.
    pub(crate) fn close(&mut self, logs: &[LogId], subjects: impl Iterator<Item = SubjectRef>) {
        for subject in subjects {
            self.closed.extend(logs.iter().map(|log| (*log, subject)));
        }
    }

    /// Whether a person's content in a log stays closed.
    pub(crate) fn is_closed(&self, log: LogId, subject: SubjectRef) -> bool {
        self.closed.contains(&(log, subject))
    }

    /// Notes that a later own log has a block.
    pub(crate) fn note_branch_has_begun(&mut self, log: LogId) -> Result<(), StoreError> {
        for branch in self.branches.iter_mut().filter(|branch| branch.log == log && !branch.begun) {
            self.medium.write((branch.slot * SLOT + BEGUN) as u64, &[1])?;
            self.medium.sync()?;
            branch.begun = true;
        }
        Ok(())
    }
}
