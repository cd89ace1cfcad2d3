//! Step 2 of the pipeline: what policies decide on events.
//!
//! A policy is a function of its state and the new events of one trace; the states live here, for as
//! long as the trace is open. A trace that is opened again is replayed, which gives the same states, so
//! none has to be stored.

use activemirror_core::draft::{Draft, Point};
use activemirror_core::trace::Outcome;
use activemirror_engine::{CallError, Event as SeenEvent, Mark as SeenMark, Policy, Verdict, fail_closed};

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

/// The states of all policies for one trace.
#[derive(Clone, Debug)]
pub(crate) struct Governance {
    policies: Vec<Vec<u8>>,
}

impl Governance {
    /// The states of a trace that begins.
    pub(crate) fn new(plugins: &Plugins) -> Self {
        Self { policies: vec![Vec::new(); plugins.policies.len()] }
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
            rulings.extend(Deciding { plugins, point, sequence: at, tags }.run(&mut self.policies, batch));
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
    fn run(&self, states: &mut Vec<Vec<u8>>, drafts: &mut [Draft]) -> Vec<Vec<Ruling>> {
        if drafts.len() > 1 {
            let before = drafts.to_vec();
            if let Some(rulings) = self.rounds(states, drafts) {
                return rulings;
            }
            drafts.clone_from_slice(&before);
        }
        let one = |(sequence, draft): (u64, &mut Draft)| {
            let deciding = Deciding { point: draft.point(), sequence, ..*self };
            deciding.rounds(states, core::slice::from_mut(draft)).unwrap_or_default()
        };
        (self.sequence..).zip(drafts).flat_map(one).collect()
    }

    /// Decides, applies masks and drops, and decides on the result again until nothing changes.
    /// `None` where that fails for several events; one is masked and denied then.
    fn rounds(&self, states: &mut Vec<Vec<u8>>, drafts: &mut [Draft]) -> Option<Vec<Vec<Ruling>>> {
        let several = drafts.len() > 1;
        let mut ledger = Ledger::new(&self.plugins.policies, drafts.len());
        for _ in 0..ROUNDS_MAX {
            let mut next = states.clone();
            let mut changed = false;
            let mut shown = None;
            for (place, policy) in self.plugins.policies.iter().enumerate() {
                let (_, events) = shown
                    .take_if(|(grant, _)| *grant == policy.grant)
                    .unwrap_or_else(|| (policy.grant, self.events(drafts, policy.grant)));
                let asked = self.ask(policy, &mut next[place], &events, ledger.fuel(place));
                let failed = asked.is_err();
                let verdicts = match asked {
                    Ok(verdicts) => verdicts,
                    Err(_) if several => return None,
                    Err(error) => {
                        drafts.iter_mut().for_each(|draft| draft.mask_everything(policy.number));
                        vec![fail_closed(&policy.identity.name, &error); drafts.len()]
                    }
                };
                let mut applied = false;
                for (event, verdict) in verdicts.iter().enumerate() {
                    applied |= self.apply(policy, verdict, &mut drafts[event]);
                    ledger.note(place, event, verdict);
                }
                changed |= applied;
                // The next one is shown the same, unless there is something new to see.
                shown = (!applied && !failed).then_some((policy.grant, events));
            }
            if !changed {
                *states = next;
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

    fn events(&self, drafts: &[Draft], grant: Grant) -> Vec<SeenEvent> {
        let events = (self.sequence..).zip(drafts);
        events.map(|(sequence, draft)| seen(draft, sequence, grant, self.tags)).collect()
    }

    fn ask(
        &self,
        policy: &Numbered<Policy>,
        state: &mut Vec<u8>,
        events: &[SeenEvent],
        fuel: &mut u64,
    ) -> Result<Vec<Verdict>, CallError> {
        let call = policy.plugin.decide(state, sight::point(self.point), events);
        *fuel += call.fuel;
        let decision = call.result?;
        *state = decision.state;
        Ok(decision.verdicts)
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
