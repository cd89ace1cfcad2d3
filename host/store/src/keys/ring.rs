//! The keys to one log's blocks, lent out of all keys.

use activemirror_core::log::LogId;
use activemirror_core::trace::SubjectRef;
use activemirror_core::vault::{Key, KeyRing, SubjectKey};

use super::Keys;

/// The keys to the blocks of one log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ring<'k> {
    pub(super) structure: &'k Key,
    pub(super) keys: &'k Keys,
    pub(super) log: LogId,
    /// The log whose stream is being read.
    pub(super) stream: Option<LogId>,
}

impl KeyRing for Ring<'_> {
    fn structure(&self) -> &Key {
        self.structure
    }

    fn subject(&self, subject: SubjectRef) -> Option<&SubjectKey> {
        if self.keys.is_closed(self.log, subject) {
            return None;
        }
        let held = self.keys.subjects.get(&subject).map(|held| &held.key);
        held.or_else(|| self.keys.passing.get(&(self.stream?, subject)))
    }
}
