//! Traces that began a moment ago.

use std::collections::HashMap;

/// Ids of traces that began, by the sequence of their first record: until that is durable, the
/// store does not know of them.
#[derive(Debug, Default)]
pub(super) struct Begun(HashMap<String, u64>);

impl Begun {
    /// Beyond this, those that are durable by now are let go.
    const MANY: usize = 1_024;

    pub(super) fn holds(&self, id: &str) -> bool {
        self.0.contains_key(id)
    }

    pub(super) fn insert(&mut self, id: &str, sequence: u64, durable: impl FnOnce() -> u64) {
        if self.0.len() >= Self::MANY {
            let durable = durable();
            self.0.retain(|_, sequence| *sequence >= durable);
        }
        self.0.insert(id.to_owned(), sequence);
    }
}
