//! What a policy knows of a trace: its state, and the events that it has yet to take note of.
//!
//! A policy says which kinds of events it rules on. Those of other kinds can change nothing but its
//! state, so nobody has to wait for that: they are shown to it together, at the latest with the next
//! event that it rules on. It sees them as they were recorded, in order, and its verdicts are those
//! that it would have given.

use std::sync::Arc;

use activemirror_core::trace::Kind;
use activemirror_engine::{CallError, Event as SeenEvent, Point, Policy};

use crate::plugins::Numbered;
use crate::sight;

/// Events that wait to be taken note of: then they are shown to the policy at once.
const NOTED_MAX: usize = 16;
/// What they weigh, likewise: about a plugin's own memory.
const NOTED_WEIGHT_MAX: u64 = 16 << 10;

/// What a policy knows of a trace.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// The policy's own state.
    pub(super) state: Vec<u8>,
    /// Events that it looks at and does not rule on, and has not seen.
    pub(super) noted: Vec<Arc<SeenEvent>>,
    /// What those weigh.
    weight: u64,
    /// Why it did not take note of something: that stops the next event that it rules on.
    pub(super) failed: Option<CallError>,
}

/// What became of a policy while events were decided on.
#[derive(Clone, Debug)]
pub(super) enum Turn {
    /// It was asked, and this is its next state.
    Asked(Vec<u8>),
    /// It was asked, and failed.
    Failed,
    /// It was not asked: it only takes note of these events.
    Noted,
}

impl Memory {
    /// Takes in what became of the policy; `events` are those that were decided on.
    pub(super) fn turn(
        &mut self,
        policy: &Numbered<Policy>,
        turn: Turn,
        events: impl FnOnce() -> Vec<Arc<SeenEvent>>,
    ) {
        match turn {
            Turn::Asked(state) => *self = Self { state, ..Self::default() },
            // What it failed on may be something that it was to take note of: that has stopped the
            // event it was asked about, and is no reason to stop those that follow.
            Turn::Failed => {
                self.take_note(policy);
                self.failed = None;
            }
            Turn::Noted => {
                let looks_at = policy.plugin.description().looks_at;
                let events = events().into_iter().filter(|event| looks_at.has(event.kind));
                self.noted.extend(events.inspect(|event| self.weight += event.weight()));
                if self.noted.len() >= NOTED_MAX || self.weight >= NOTED_WEIGHT_MAX {
                    self.take_note(policy);
                }
            }
        }
    }

    /// Shows the policy what waits, one by one where that fails: what it fails on by itself it does
    /// not learn of.
    fn take_note(&mut self, policy: &Numbered<Policy>) {
        let noted = core::mem::take(&mut self.noted);
        self.weight = 0;
        if noted.is_empty() || self.show(policy, &noted).is_ok() {
            return;
        }
        for event in &noted {
            if let Err(error) = self.show(policy, core::slice::from_ref(event)) {
                self.failed = Some(error);
            }
        }
    }

    fn show(&mut self, policy: &Numbered<Policy>, noted: &[Arc<SeenEvent>]) -> Result<(), CallError> {
        let shown: Vec<&SeenEvent> = noted.iter().map(Arc::as_ref).collect();
        self.state = policy.plugin.decide(&self.state, NO_MATTER, &shown).result?.state;
        Ok(())
    }
}

/// Points do not matter to a policy whose events wait.
const NO_MATTER: Point = Point::Input;

impl Numbered<Policy> {
    /// Whether events of this kind can wait to be shown to it.
    pub(super) fn only_notes(&self, kind: Kind) -> bool {
        let description = self.plugin.description();
        description.any_point && !description.rules_on.has(sight::kind(kind))
    }
}
