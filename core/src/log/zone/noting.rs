//! A zone in the making, where the records are rows of a block.

use alloc::vec::Vec;

use super::{Zone, place};
use crate::log::block::Named;
use crate::trace::Structure;

/// What the records of one block have in common, so far. Names have numbers there, so each is looked
/// at once for each field, and not in every record.
#[derive(Debug, Default)]
pub struct Noting {
    zone: Zone,
    /// Of each number, in which fields it was, of records that begin traces and of those that do not.
    seen: Vec<[Named<bool>; 2]>,
}

impl Noting {
    /// Takes in one more record, whose names have these numbers in the block; says which of them were
    /// not in their field before.
    pub fn note(&mut self, structure: &Structure<'_>, numbers: Named<u32>) -> Named<bool> {
        let place = place(structure.kind);
        let seen = [
            self.see(place, numbers.trace, |seen| &mut seen.trace),
            self.see(place, numbers.agent, |seen| &mut seen.agent),
            self.see(place, numbers.session, |seen| &mut seen.session),
            self.see(place, numbers.action, |seen| &mut seen.action),
            self.see(place, numbers.intent, |seen| &mut seen.intent),
        ];
        let [_, agent, _, action, intent] = seen.map(|seen| seen != Seen::Here);
        let part = &mut self.zone.parts[place];
        part.note_but_names(structure);
        for (field, name, is_new) in [
            (&mut part.agents, structure.agent, agent),
            (&mut part.actions, structure.action, action),
            (&mut part.intents, structure.intent, intent),
        ] {
            if is_new {
                field.note(name);
            }
        }
        let [trace, agent, session, action, intent] = seen.map(|seen| seen == Seen::Never);
        Named { trace, agent, session, action, intent }
    }

    /// What they have in common.
    #[must_use]
    pub const fn zone(&self) -> &Zone {
        &self.zone
    }

    fn see(&mut self, place: usize, number: u32, field: impl Fn(&mut Named<bool>) -> &mut bool) -> Seen {
        let number = number as usize;
        if self.seen.len() <= number {
            self.seen.resize(number + 1, Default::default());
        }
        let seen = &mut self.seen[number];
        match (core::mem::replace(field(&mut seen[place]), true), *field(&mut seen[1 - place])) {
            (true, _) => Seen::Here,
            (false, true) => Seen::Elsewhere,
            (false, false) => Seen::Never,
        }
    }
}

/// Where a name was before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Never,
    /// In the other part.
    Elsewhere,
    /// In the same part.
    Here,
}
