//! Which events a plugin is shown: those of the kinds that its description says it looks at.
//!
//! That is the plugin's own word, given before the first call, and the gate keeps it: it is called
//! with no event of another kind, and not at all where there is none to show.

use core::borrow::Borrow;

use crate::{Event, EventKind, EventKinds};

impl EventKinds {
    /// Whether events of this kind are among them.
    pub fn has(self, kind: EventKind) -> bool {
        self.contains(match kind {
            EventKind::Thought => Self::THOUGHT,
            EventKind::Action => Self::ACTION,
            EventKind::Observation => Self::OBSERVATION,
            EventKind::Decision => Self::DECISION,
            EventKind::Output => Self::OUTPUT,
            EventKind::Error => Self::ERROR,
            EventKind::Start => Self::START,
        })
    }

    /// Those of the events that are of these kinds, in order.
    pub(crate) fn of<E: Borrow<Event>>(self, events: &[E]) -> Vec<&Event> {
        events.iter().map(Borrow::borrow).filter(|event| self.has(event.kind)).collect()
    }
}
