//! What is held: read from the log, where each hold and release is a record.

use std::collections::BTreeSet;

use activemirror_core::filter::{Filter, Name};
use activemirror_core::time::Timestamp;
use activemirror_core::trace::SubjectRef;
use activemirror_store::{BlockRef, Fact, HoldOn, Unit};

use crate::error::Error;
use crate::runtime::Inner;

/// A hold that lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// What it is called.
    pub name: String,
    /// What it keeps.
    pub on: HoldOn,
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
}

/// The blocks that holds keep.
#[derive(Debug, Default)]
pub(super) struct Held {
    all: bool,
    blocks: BTreeSet<BlockRef>,
}

impl Held {
    /// Whether something in this unit is held.
    pub(super) fn keeps(&self, unit: &Unit) -> bool {
        let end = BlockRef { log: unit.at.log, block: unit.end() };
        self.all || self.blocks.range(unit.at..end).next().is_some()
    }
}

impl Inner {
    /// The holds that last, oldest first.
    pub(super) fn holds(&self) -> Result<Vec<Hold>, Error> {
        let mut holds: Vec<Hold> = Vec::new();
        for (since, fact) in self.store().facts(&self.author())? {
            match fact {
                Fact::Held { hold: name, on, reason } => holds.push(Hold { name, on, reason, since }),
                Fact::Released { hold, .. } => holds.retain(|held| held.name != hold),
                Fact::Gone { .. } => {}
            }
        }
        Ok(holds)
    }

    pub(super) fn held(&self) -> Result<Held, Error> {
        let mut held = Held::default();
        for hold in self.holds()? {
            match &hold.on {
                HoldOn::Namespace => held.all = true,
                other => held.blocks.extend(self.blocks_on(other)?),
            }
        }
        Ok(held)
    }

    fn blocks_on(&self, on: &HoldOn) -> Result<Vec<BlockRef>, Error> {
        Ok(match on {
            HoldOn::Namespace => self.store().blocks()?,
            HoldOn::Trace(id) => self.store().blocks_of_trace(id)?,
            HoldOn::Session(id) => self.store().blocks_of_session(id)?,
            HoldOn::Subject(name) => {
                let mut blocks = Vec::new();
                for subject in self.subjects_ever_named(name) {
                    blocks.extend(self.store().blocks_of_subject(subject)?);
                }
                blocks
            }
        })
    }

    /// Refuses to erase somebody of whom a hold keeps something.
    pub(crate) fn refuse_held(&self, name: &str, subjects: &[SubjectRef]) -> Result<(), Error> {
        let mut theirs = BTreeSet::new();
        for subject in subjects {
            theirs.extend(self.store().blocks_of_subject(*subject)?);
        }
        for hold in self.holds()? {
            let keeps = match &hold.on {
                HoldOn::Namespace => true,
                HoldOn::Subject(held) if held == name => true,
                // What is held may be theirs, or in one block with something of theirs: only the records
                // tell, and evidence is not destroyed on a guess.
                other => self.holds_records_of(other, subjects, &theirs)?,
            };
            if keeps {
                return Err(Error::OnHold(name.to_owned(), hold.name));
            }
        }
        Ok(())
    }

    /// Whether records of these people are of what is held.
    fn holds_records_of(
        &self,
        on: &HoldOn,
        subjects: &[SubjectRef],
        theirs: &BTreeSet<BlockRef>,
    ) -> Result<bool, Error> {
        let held = match on {
            HoldOn::Subject(name) => self.subjects_ever_named(name),
            _ => Vec::new(),
        };
        if subjects.iter().any(|subject| held.contains(subject)) {
            return Ok(true);
        }
        let filter = match on {
            HoldOn::Trace(id) => Filter::named(Name::Trace, id),
            HoldOn::Session(id) => Filter::named(Name::Session, id),
            HoldOn::Namespace | HoldOn::Subject(_) => return Ok(false),
        };
        let mut holds = false;
        self.search(&filter, false, &mut |record| {
            holds |= theirs.contains(&record.at) && subjects.contains(&record.structure.subject);
            Ok(())
        })?;
        Ok(holds)
    }
}
