//! The golden keys as a key ring.

use activemirror_core::trace::SubjectRef;
use activemirror_core::vault::{Key, KeyRing, KeyTree, SubjectKey};

use crate::inputs::{PEOPLE, ROOT};

/// The golden device's keys and those of all people.
#[derive(Debug)]
pub struct Ring {
    /// What the root key yields.
    pub tree: KeyTree,
    people: [SubjectKey; PEOPLE.len()],
}

impl Ring {
    /// The keys.
    #[must_use]
    pub fn new() -> Self {
        Self { tree: KeyTree::new(&Key::new(ROOT)), people: PEOPLE.map(|person| SubjectKey::new(person.key)) }
    }

    /// Everybody's key, in the order of [`PEOPLE`].
    #[must_use]
    pub const fn people(&self) -> &[SubjectKey; PEOPLE.len()] {
        &self.people
    }
}

impl Default for Ring {
    fn default() -> Self {
        Self::new()
    }
}

impl KeyRing for Ring {
    fn structure(&self) -> &Key {
        self.tree.structure()
    }

    fn subject(&self, subject: SubjectRef) -> Option<&SubjectKey> {
        let place = PEOPLE.iter().position(|person| person.subject == subject)?;
        self.people.get(place)
    }
}
