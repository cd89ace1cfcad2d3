//! What is on its way to the log: records to be, and what they share.

use std::sync::Arc;

use activemirror_core::time::Timestamp;
use activemirror_core::trace::Record;
use activemirror_core::value::{OwnedLeaf, OwnedValue};
use activemirror_store::group::Load;
use activemirror_store::{Store, StoreError};

use crate::plan::{Context, Planned};

/// Bytes that a record takes up beside its texts, about.
const RECORD_BYTES: usize = 64;
/// Bytes that a leaf takes up beside its texts, about.
const LEAF_BYTES: usize = 16;

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
}

impl Load for Recording {
    fn count(&self) -> u64 {
        self.planned.len() as u64
    }

    fn bytes(&self) -> usize {
        self.planned.iter().map(bytes).sum()
    }

    fn fits(&self, store: &Store) -> Result<(), StoreError> {
        match store.has_key(self.context.subject) {
            true => Ok(()),
            false => Err(StoreError::UnknownSubject(self.context.subject)),
        }
    }

    fn placed(&mut self, first: u64) {
        if !core::mem::take(&mut self.relative) {
            return;
        }
        for planned in &mut self.planned {
            if let Planned::Finding(found) = planned {
                found.finding.evidence.iter_mut().for_each(|sequence| *sequence += first);
            }
        }
    }

    fn each(&self, take: &mut dyn FnMut(&Record<'_>) -> Result<(), StoreError>) -> Result<(), StoreError> {
        self.planned.iter().try_for_each(|planned| take(&planned.record(&self.context, self.time)))
    }
}

fn bytes(planned: &Planned) -> usize {
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let leaf = |leaf: &OwnedLeaf| match &leaf.value {
        OwnedValue::Text(text) | OwnedValue::Decimal(text) => LEAF_BYTES + leaf.path.len() + text.len(),
        _ => LEAF_BYTES + leaf.path.len(),
    };
    let texts = match planned {
        Planned::TraceStart(draft) | Planned::System(draft) | Planned::Draft(draft) => {
            text(&draft.text) + draft.leaves.iter().map(leaf).sum::<usize>() + LEAF_BYTES * draft.marks.len()
        }
        Planned::Verdict { ruling, .. } => text(&ruling.reason),
        Planned::Finding(found) => found.finding.message.len() + 8 * found.finding.evidence.len(),
        Planned::Revealed { request } => request.len(),
        Planned::Plugin { .. } | Planned::Ungoverned => 0,
    };
    RECORD_BYTES + texts
}
