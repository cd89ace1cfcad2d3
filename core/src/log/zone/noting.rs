//! A zone in the making, where the records are rows of a block.

use alloc::vec::Vec;

use super::Zone;
use crate::log::block::Named;
use crate::trace::Structure;

/// What the records of one block have in common, so far. Names have numbers there, so each is looked
/// at once for each field, and not in every record.
#[derive(Debug, Default)]
pub struct Noting {
    zone: Zone,
    /// Of each number, in which fields it was.
    seen: Vec<Named<bool>>,
}

impl Noting {
    /// Takes in one more record, whose names have these numbers in the block; says which of them were
    /// not in their field before.
    pub fn note(&mut self, structure: &Structure<'_>, numbers: Named<u32>) -> Named<bool> {
        let new = Named {
            trace: self.is_new(numbers.trace, |seen| &mut seen.trace),
            agent: self.is_new(numbers.agent, |seen| &mut seen.agent),
            session: self.is_new(numbers.session, |seen| &mut seen.session),
            action: self.is_new(numbers.action, |seen| &mut seen.action),
            intent: self.is_new(numbers.intent, |seen| &mut seen.intent),
        };
        self.zone.note_but_names(structure);
        for (field, name, is_new) in [
            (&mut self.zone.agents, structure.agent, new.agent),
            (&mut self.zone.actions, structure.action, new.action),
            (&mut self.zone.intents, structure.intent, new.intent),
        ] {
            if is_new {
                field.note(name);
            }
        }
        new
    }

    /// What they have in common.
    #[must_use]
    pub const fn zone(&self) -> &Zone {
        &self.zone
    }

    fn is_new(&mut self, number: u32, field: impl Fn(&mut Named<bool>) -> &mut bool) -> bool {
        let place = number as usize;
        if self.seen.len() <= place {
            self.seen.resize(place + 1, Named::default());
        }
        !core::mem::replace(field(&mut self.seen[place]), true)
    }
}
