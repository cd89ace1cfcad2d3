//! Step 2 of the pipeline: what policies decide on events.
//!
//! A policy is a function of its state and the new events of one trace; the states live here, for as
//! long as the trace is open. A trace that is opened again is replayed, which gives the same states, so
//! none has to be stored.
//!
//! An event that a policy only takes note of waits until there is one that it rules on: see [`memory`].

mod memory;

use std::sync::Arc;

use activemirror_core::draft::{Draft, Point};
use activemirror_core::trace::Outcome;
use activemirror_engine::{
    CallError, Decision, Event as SeenEvent, Mark as SeenMark, Policy, Verdict, fail_closed,
};

use self::memory::{Memory, Turn};
use crate::plugins::{Grant, Numbered, Plugins};
use crate::sight::{self, Tags, meant, seen};

/// Rounds of deciding and masking before an event is denied because its policies do not agree.
const ROUNDS_MAX: usize = 8;

/// Events that one call of a policy is asked about: what a call costs beside them is a small part by
/// then, and one that cannot be decided on has few to be told apart from.
const TOGETHER_MAX: usize = 16;

/// What one policy made of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// The policy's number.
    pub plugin: u16,
    /// The policy's name.
    pub policy: String,
    /// What it decided.
    pub outcome: Outcome,
    /// Fuel burned for this event.
    pub fuel: u32,
    /// Why, where it stopped the event.
    pub reason: Option<String>,
}

/// What all policies know of one trace.
#[derive(Clone, Debug)]
pub(crate) struct Governance(Vec<Memory>);

impl Governance {
    /// What is known of a trace that begins.
    pub(crate) fn new(plugins: &Plugins) -> Self {
        Self(vec![Memory::default(); plugins.policies.len()])
    }

    /// Decides on new events, in order, and marks them as the policies say. `sequence` is the
    /// trace's own count of the first of them. Returns one row of rulings an event.
    pub(crate) fn decide(
        &mut self,
        plugins: &Plugins,
        drafts: &mut [Draft],
        sequence: u64,
        tags: &Tags<'_>,
    ) -> Vec<Vec<Ruling>> {
        if !plugins.govern() {
            return vec![Vec::new(); drafts.len()];
        }
        let at_any_point = plugins.at_any_point();
        let mut rulings = Vec::with_capacity(drafts.len());
        let mut rest = drafts;
        while let Some(first) = rest.first() {
            let point = first.point();
            let fits = |draft: &&Draft| at_any_point || draft.point() == point;
            let together = rest.iter().take(TOGETHER_MAX).take_while(fits).count();
            let (batch, after) = core::mem::take(&mut rest).split_at_mut(together);
            let at = sequence + rulings.len() as u64;
            rulings.extend(Deciding { plugins, point, sequence: at, tags }.run(&mut self.0, batch));
            rest = after;
        }
        rulings
    }
}

/// Decides on what begins a trace or a session, and marks it. No state comes in or is kept, so
/// there is nothing to replay when a conversation goes on.
pub(crate) fn decide_start(plugins: &Plugins, draft: &mut Draft, tags: &Tags<'_>) -> Vec<Ruling> {
    let rulings = Governance::new(plugins).decide(plugins, core::slice::from_mut(draft), 0, tags);
    rulings.into_iter().next().unwrap_or_default()
}

/// Deciding on a row of events, the first of which is at this point.
#[derive(Clone, Copy)]
struct Deciding<'d> {
    plugins: &'d Plugins,
    point: Point,
    sequence: u64,
    tags: &'d Tags<'d>,
}

impl Deciding<'_> {
    /// Decides on all of them at once, or one by one where that fails: what cannot be decided on is
    /// denied alone.
    fn run(&self, memories: &mut [Memory], drafts: &mut [Draft]) -> Vec<Vec<Ruling>> {
        if drafts.len() > 1 {
            let before = drafts.to_vec();
            if let Some(rulings) = self.rounds(memories, drafts) {
                return rulings;
            }
            drafts.clone_from_slice(&before);
        }
        let one = |(sequence, draft): (u64, &mut Draft)| {
            let deciding = Deciding { point: draft.point(), sequence, ..*self };
            deciding.rounds(memories, core::slice::from_mut(draft)).unwrap_or_default()
        };
        (self.sequence..).zip(drafts).flat_map(one).collect()
    }

    /// Decides, applies masks and drops, and decides on the result again until nothing changes.
    /// `None` where that fails for several events; one is masked and denied then.
    fn rounds(&self, memories: &mut [Memory], drafts: &mut [Draft]) -> Option<Vec<Vec<Ruling>>> {
        let several = drafts.len() > 1;
        let mut ledger = Ledger::new(&self.plugins.policies, drafts.len());
        for _ in 0..ROUNDS_MAX {
            let mut turns = vec![Turn::Noted; memories.len()];
            let mut changed = false;
            let mut shown = Shown(None);
            for (place, policy) in self.plugins.policies.iter().enumerate() {
                if drafts.iter().all(|draft| policy.only_notes(draft.kind)) {
                    continue;
                }
                let events = shown.to(policy.grant, || self.events(drafts, policy.grant));
                let (verdicts, turn) = match self.ask(policy, &memories[place], &events, ledger.fuel(place)) {
                    Ok((verdicts, state)) => (verdicts, Turn::Asked(state)),
                    Err(_) if several => return None,
                    Err(error) => {
                        drafts.iter_mut().for_each(|draft| draft.mask_everything(policy.number));
                        (vec![fail_closed(&policy.identity.name, &error); drafts.len()], Turn::Failed)
                    }
                };
                let mut applied = matches!(turn, Turn::Failed);
                turns[place] = turn;
                // The next one is shown the same, unless there is something new to see.
                for (event, verdict) in verdicts.iter().enumerate() {
                    let edited = self.apply(policy, verdict, &mut drafts[event]);
                    (applied, changed) = (applied | edited, changed | edited);
                    ledger.note(place, event, verdict);
                }
                if applied {
                    shown = Shown(None);
                }
            }
            if !changed {
                self.settle(memories, drafts, turns, shown);
                return Some(ledger.rulings());
            }
        }
        if several {
            return None;
        }
        let last = self.plugins.policies.last().map_or(0, |policy| policy.number);
        drafts.iter_mut().for_each(|draft| draft.mask_everything(last));
        ledger.deny_all();
        Some(ledger.rulings())
    }

    /// Lets each policy's memory have what became of it.
    fn settle(&self, memories: &mut [Memory], drafts: &[Draft], turns: Vec<Turn>, mut shown: Shown) {
        for ((policy, memory), turn) in self.plugins.policies.iter().zip(memories).zip(turns) {
            memory.turn(policy, turn, || shown.to(policy.grant, || self.events(drafts, policy.grant)));
        }
    }

    fn events(&self, drafts: &[Draft], grant: Grant) -> Vec<Arc<SeenEvent>> {
        let events = (self.sequence..).zip(drafts);
        events.map(|(sequence, draft)| Arc::new(seen(draft, sequence, grant, self.tags))).collect()
    }

    /// The verdicts on these events, and the policy's next state.
    fn ask(
        &self,
        policy: &Numbered<Policy>,
        memory: &Memory,
        events: &[Arc<SeenEvent>],
        fuel: &mut u64,
    ) -> Result<(Vec<Verdict>, Vec<u8>), CallError> {
        if let Some(error) = &memory.failed {
            return Err(error.clone());
        }
        let shown: Vec<&SeenEvent> = memory.noted.iter().chain(events).map(Arc::as_ref).collect();
        let call = policy.plugin.decide(&memory.state, sight::point(self.point), &shown);
        *fuel += call.fuel;
        let Decision { mut verdicts, state } = call.result?;
        Ok((verdicts.split_off(memory.noted.len()), state))
    }

    /// Applies what a verdict masks or drops. Returns whether the event changed.
    fn apply(&self, policy: &Numbered<Policy>, verdict: &Verdict, draft: &mut Draft) -> bool {
        let (marks, dropping) = match verdict {
            Verdict::Mask(marks) => (marks, false),
            Verdict::Drop(marks) => (marks, true),
            _ => return false,
        };
        let grant = policy.grant;
        // Spans are resolved before any is applied, and applied from the last to the first, so
        // that none moves another.
        let resolve = |mark: &SeenMark| (meant(draft, &mark.span, grant, self.tags), mark.category.clone());
        let resolved: Vec<_> = marks.iter().map(resolve).collect();
        resolved.into_iter().rev().fold(false, |changed, ((at, range), category)| {
            let done = match dropping {
                false => draft.mask(at, range, &category, policy.number),
                true => draft.drop_range(at, range, &category, policy.number),
            };
            changed | done
        })
    }
}

/// The events as they were last shown to somebody, while nobody has changed them since.
struct Shown(Option<(Grant, Vec<Arc<SeenEvent>>)>);

impl Shown {
    /// The events as this grant sees them.
    fn to(&mut self, grant: Grant, events: impl FnOnce() -> Vec<Arc<SeenEvent>>) -> Vec<Arc<SeenEvent>> {
        let known = self.0.take().filter(|(known, _)| *known == grant);
        let (_, events) = self.0.insert(known.unwrap_or_else(|| (grant, events())));
        events.clone()
    }
}

/// What every policy said of every event of a batch.
struct Ledger<'p> {
    policies: &'p [Numbered<Policy>],
    fuel: Vec<u64>,
    notes: Vec<Vec<Note>>,
}

/// What one policy said of one event.
#[derive(Clone)]
struct Note {
    /// The strongest edit of any round: an edit that was applied is not asked for again.
    edit: Outcome,
    /// What the last round said.
    last: Outcome,
    reason: Option<String>,
}

impl<'p> Ledger<'p> {
    fn new(policies: &'p [Numbered<Policy>], events: usize) -> Self {
        let note = Note { edit: Outcome::Allow, last: Outcome::Allow, reason: None };
        Self { policies, fuel: vec![0; policies.len()], notes: vec![vec![note; policies.len()]; events] }
    }

    fn fuel(&mut self, policy: usize) -> &mut u64 {
        &mut self.fuel[policy]
    }

    fn note(&mut self, policy: usize, event: usize, verdict: &Verdict) {
        let note = &mut self.notes[event][policy];
        note.last = outcome(verdict);
        note.reason = match verdict {
            Verdict::Deny(reason) | Verdict::RequireApproval(reason) => Some(reason.clone()),
            _ => None,
        };
        if matches!(verdict, Verdict::Mask(_) | Verdict::Drop(_)) {
            note.edit = stronger(note.edit, note.last);
        }
    }

    fn deny_all(&mut self) {
        for note in self.notes.iter_mut().flatten() {
            note.last = Outcome::Deny;
            note.reason = Some("the policies do not agree on what to mask".to_owned());
        }
    }

    fn rulings(self) -> Vec<Vec<Ruling>> {
        let events = self.notes.len().max(1) as u64;
        let share: Vec<u32> =
            self.fuel.iter().map(|fuel| (fuel / events).try_into().unwrap_or(u32::MAX)).collect();
        let ruling = |(place, note): (usize, Note)| Ruling {
            plugin: self.policies[place].number,
            policy: self.policies[place].identity.name.clone(),
            outcome: stronger(note.edit, note.last),
            fuel: share[place],
            reason: note.reason,
        };
        self.notes.into_iter().map(|notes| notes.into_iter().enumerate().map(ruling).collect()).collect()
    }
}

const fn outcome(verdict: &Verdict) -> Outcome {
    match verdict {
        Verdict::Allow => Outcome::Allow,
        Verdict::Mask(_) => Outcome::Mask,
        Verdict::Drop(_) => Outcome::Drop,
        Verdict::RequireApproval(_) => Outcome::RequireApproval,
        Verdict::Deny(_) => Outcome::Deny,
    }
}

/// The stronger of two: deny before approval before drop before mask.
pub(crate) fn stronger(one: Outcome, other: Outcome) -> Outcome {
    if (one as u8) < (other as u8) { other } else { one }
}
