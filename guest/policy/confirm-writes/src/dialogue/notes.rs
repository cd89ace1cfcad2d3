//! What is remembered of a message besides its values one by one.

use super::{Dialogue, PARTS_MAX, Part, is_identifier};
use crate::shares::{Sharing, shared, shares};
use crate::talk::Marks;
use crate::term::Term;
use crate::values::{Class, Value, topics};
use crate::vocabulary::Topics;

impl Dialogue {
    pub(super) fn note<'a>(&mut self, values: impl IntoIterator<Item = &'a Value>, marks: Marks) {
        for value in values {
            let kind = match value.class {
                Class::Ending => Marks::ENDING,
                Class::Money => Marks::MONEY,
                _ => Marks::default(),
            };
            self.talk.note(value.term, marks | kind);
            let said_by_user = marks.meet(Marks::USER) && value.class == Class::Money;
            if let Some(kind) = value.kind.filter(|_| !said_by_user) {
                self.talk.note(kind, marks);
            }
        }
    }

    pub(super) fn note_choices(&mut self, sentences: &[Vec<Value>], sharing: &[Sharing], marks: Marks) {
        for (values, sharing) in sentences.iter().zip(sharing) {
            for (value, kind) in sharing.choices(values, &self.memory) {
                self.talk.note(value, marks);
                self.talk.note(kind, marks);
            }
        }
    }

    /// Which values are for parts of a thing, as the last message says that names them.
    pub(super) fn note_shares(&mut self, sentences: &[Vec<Value>], sharing: &[Sharing], marks: Marks) {
        for (set, parts) in shares(sentences, sharing, &self.memory) {
            self.talk.unmark(shared(set), Marks::AGENT | Marks::USER | Marks::PAST);
            if parts {
                self.talk.note(shared(set), marks);
            }
        }
    }

    /// "All except B", "but keep B"; not "keep B as it is".
    pub(super) fn note_exclusions(&mut self, values: &[Value]) {
        if values.iter().any(|value| SAME.contains(&value.term)) {
            return;
        }
        for (at, value) in values.iter().enumerate().filter(|(_, value)| KEEPS.contains(&value.term)) {
            let after = values[at..].iter().take(4).take_while(|other| other.clause == value.clause);
            for kept in after.filter(|other| is_identifier(other.class)) {
                self.talk.note(kept.term, Marks::EXCLUDED);
            }
        }
    }

    /// Remembers where some of a thing's people are named beside an action, and not all.
    pub(super) fn note_parts(&mut self, sentences: &[Vec<Value>]) {
        if sentences.iter().flatten().any(|value| WHOLE.contains(&value.term)) {
            self.episode.parts.clear();
        }
        let acting: Vec<&Vec<Value>> =
            sentences.iter().filter(|values| topics(*values).verbs().any()).collect();
        for owner in self.memory.owners().iter().filter(|owner| owner.members > 1) {
            let names = |index: u8, value: &Value| self.memory.member(owner.id, index, value.term);
            let named =
                |index: &u8| acting.iter().any(|values| values.iter().any(|value| names(*index, value)));
            let count = (0..owner.members).filter(named).count();
            let partial = count > 0 && count < usize::from(owner.members);
            if partial && self.episode.parts.len() < PARTS_MAX {
                let said = acting.iter().fold(Topics::default(), |all, values| all | topics(*values).verbs());
                self.episode.parts.push(Part { owner: owner.id, topics: said });
            }
        }
    }
}

/// Words that take a part back.
const WHOLE: [Term; 5] = Term::words(["entire", "whole", "both", "everyone", "everybody"]);
/// Words that leave out what follows them.
const KEEPS: [Term; 3] = Term::words(["except", "excluding", "keep"]);
/// Words by which nothing is left out.
const SAME: [Term; 3] = Term::words(["same", "unchanged", "everything"]);
