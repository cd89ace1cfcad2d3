//! What a query looked up already, for whoever asks the same again.

use core::hash::Hash;
use std::collections::HashMap;

/// Bytes of what is kept, about.
const BYTES_MAX: usize = 8 << 20;

/// What look-ups came to.
#[derive(Debug)]
pub(crate) struct Recent<K, V> {
    known: HashMap<K, V>,
    bytes: usize,
}

impl<K: Eq + Hash, V: Clone> Recent<K, V> {
    pub(super) fn known(&self, asked: &K) -> Option<V> {
        self.known.get(asked).cloned()
    }

    /// Keeps what takes so many bytes; where there is no room for it, it takes the place of all else.
    pub(super) fn keep(&mut self, asked: K, found: V, bytes: usize) {
        if self.bytes + bytes > BYTES_MAX {
            *self = Self::default();
        }
        self.bytes += bytes;
        self.known.insert(asked, found);
    }
}

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self { known: HashMap::new(), bytes: 0 }
    }
}
