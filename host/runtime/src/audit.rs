//! What compliance packs find in one trace.
//!
//! A pack is a function of its state and the new events; the states live here, for as long as the trace
//! is open. A trace that is opened again is replayed, which gives the same states, so none has to be
//! stored.

use activemirror_core::draft::Draft;
use activemirror_engine::{Compliance, Event as SeenEvent, Finding, not_assessable};

use crate::plugins::Numbered;
use crate::sight::{Tags, seen};

/// What a compliance pack found, with the pack's number.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The pack's number.
    pub plugin: u16,
    /// The finding; its evidence is in sequences of the log.
    pub finding: Finding,
}

/// The states of all packs for one trace.
#[derive(Debug)]
pub(crate) struct Audit {
    states: Vec<Vec<u8>>,
    /// The sequences of its first event and its newest.
    seen: Option<(u64, u64)>,
}

impl Audit {
    /// The states of a trace that begins.
    pub(crate) fn new(packs: &[Numbered<Compliance>]) -> Self {
        Self { states: vec![Vec::new(); packs.len()], seen: None }
    }

    /// Shows new events to the packs, each with its sequence in the log.
    pub(crate) fn observe(
        &mut self,
        packs: &[Numbered<Compliance>],
        events: &[(u64, Draft)],
        tags: &Tags<'_>,
    ) -> Vec<Found> {
        let ([(oldest, _), ..], [.., (newest, _)]) = (events, events) else { return Vec::new() };
        let first = self.seen.map_or(*oldest, |(first, _)| first);
        self.seen = Some((first, *newest));
        let mut found = Vec::new();
        for (pack, state) in packs.iter().zip(&mut self.states) {
            let shown = |(sequence, draft): &(u64, Draft)| seen(draft, *sequence, pack.grant, tags);
            let shown: Vec<SeenEvent> = events.iter().map(shown).collect();
            let call = pack.plugin.observe(state, &shown, |sequence| (first..=*newest).contains(&sequence));
            let findings = match call.result {
                Ok(observation) => {
                    *state = observation.state;
                    observation.findings
                }
                Err(error) => {
                    let sequences: Vec<u64> = events.iter().map(|(sequence, _)| *sequence).collect();
                    not_assessable(pack.plugin.description(), &sequences, &error)
                }
            };
            found.extend(numbered(pack, findings));
        }
        found
    }

    /// The trace has ended: what the packs make of it as a whole.
    pub(crate) fn finish(&self, packs: &[Numbered<Compliance>]) -> Vec<Found> {
        let known = |sequence| self.seen.is_some_and(|(first, newest)| (first..=newest).contains(&sequence));
        let mut found = Vec::new();
        for (pack, state) in packs.iter().zip(&self.states) {
            let findings = match pack.plugin.finish(state, known).result {
                Ok(findings) => findings,
                Err(error) => not_assessable(pack.plugin.description(), &[], &error),
            };
            found.extend(numbered(pack, findings));
        }
        found
    }
}

fn numbered(pack: &Numbered<Compliance>, findings: Vec<Finding>) -> impl Iterator<Item = Found> {
    let plugin = pack.number;
    findings.into_iter().map(move |finding| Found { plugin, finding })
}
