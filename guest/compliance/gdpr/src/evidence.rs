//! A bounded list of the events that show something.

use serde::{Deserialize, Serialize};

/// How many events show something, and the first of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Evidence {
    count: u32,
    first: Vec<u64>,
}

impl Evidence {
    /// One more event shows it.
    pub(crate) fn add(&mut self, sequence: u64) {
        self.count = self.count.saturating_add(1);
        if self.first.len() < FIRST_MAX {
            self.first.push(sequence);
        }
    }

    /// How many events show it.
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// The first of them.
    pub(crate) fn first(&self) -> &[u64] {
        &self.first
    }

    /// Whether it is one that [`add`](Self::add) makes; a state may come from anywhere.
    pub(crate) fn is_bounded(&self) -> bool {
        self.first.len() <= FIRST_MAX && self.first.len() as u64 <= u64::from(self.count)
    }
}

/// As many as somebody reads.
const FIRST_MAX: usize = 12;
