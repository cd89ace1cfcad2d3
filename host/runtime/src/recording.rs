//! What is on its way to the log: records to be, and what they share.

use core::ops::Range;
use std::sync::Arc;

use activemirror_core::time::Timestamp;
use activemirror_core::trace::Canonical;
use activemirror_store::group::Load;
use activemirror_store::{Store, StoreError};

use crate::error::Error;
use crate::plan::{Context, Planned};
use crate::runtime::{Inner, now};

/// Records that belong together.
#[derive(Debug)]
pub(crate) struct Recording {
    context: Arc<Context>,
    planned: Vec<Planned>,
    time: Timestamp,
    /// Whether evidence is counted from the first of these records.
    relative: bool,
}

impl Recording {
    /// Records that say of others by their place in the log.
    pub(crate) fn new(context: &Arc<Context>, planned: Vec<Planned>, time: Timestamp) -> Self {
        Self { context: Arc::clone(context), planned, time, relative: false }
    }

    /// The same, where they say of each other by their own count, from 0.
    pub(crate) fn relative(self) -> Self {
        Self { relative: true, ..self }
    }

    /// What it was made of.
    pub(crate) fn into_planned(self) -> Vec<Planned> {
        self.planned
    }

    fn push(&self, planned: &Planned, out: &mut Canonical) -> Result<(), StoreError> {
        Ok(out.push(&planned.record(&self.context, self.time))?)
    }
}

impl Inner {
    /// Records something; it is durable once [`Inner::wait`] says so. Returns its sequences.
    pub(crate) fn record(&self, context: &Arc<Context>, planned: Vec<Planned>) -> Result<Range<u64>, Error> {
        Ok(self.record_and_keep(context, planned)?.0)
    }

    /// The same, giving back what was recorded.
    pub(crate) fn record_and_keep(
        &self,
        context: &Arc<Context>,
        planned: Vec<Planned>,
    ) -> Result<(Range<u64>, Vec<Planned>), Error> {
        let recording = Recording::new(context, planned, now());
        let sequences = self.group.push(&recording)?;
        Ok((sequences, recording.into_planned()))
    }

    /// Records something that refers to itself by its own count, from 0.
    pub(crate) fn record_whole(
        &self,
        context: &Arc<Context>,
        planned: Vec<Planned>,
    ) -> Result<Range<u64>, Error> {
        Ok(self.group.push(&Recording::new(context, planned, now()).relative())?)
    }

    /// Records something; it is durable when this returns.
    pub(crate) fn append(&self, context: Context, planned: Vec<Planned>) -> Result<Range<u64>, Error> {
        let sequences = self.record(&Arc::new(context), planned)?;
        self.group.wait(sequences.end - 1)?;
        Ok(sequences)
    }

    /// Returns once the record with this sequence is durable.
    pub(crate) fn wait(&self, sequence: u64) -> Result<(), Error> {
        Ok(self.group.wait(sequence)?)
    }
}

impl Load for Recording {
    fn fits(&self, store: &Store) -> Result<(), StoreError> {
        match store.has_key(self.context.subject) {
            true => Ok(()),
            false => Err(StoreError::UnknownSubject(self.context.subject)),
        }
    }

    fn names_sequences(&self) -> bool {
        self.relative && self.planned.iter().any(|planned| matches!(planned, Planned::Finding(_)))
    }

    fn write(&self, first: u64, out: &mut Canonical) -> Result<(), StoreError> {
        for planned in &self.planned {
            match planned {
                Planned::Finding(found) if self.relative => {
                    let mut found = found.clone();
                    found.finding.evidence.iter_mut().for_each(|sequence| *sequence += first);
                    self.push(&Planned::Finding(found), out)?;
                }
                planned => self.push(planned, out)?,
            }
        }
        Ok(())
    }
}
