//! GDPR-22.3, a person's say in automated decisions: nobody is refused, refunded or suspended by
//! a machine that is not sure of it, without a person looking at it.
//!
//! A decision, or an action by itself, counts where it has a significant effect (by its words) and
//! a confidence below the setting. A review is a hand-over to a person, or a field that names who
//! approved. What nobody reviewed is reported when an action carries it out, at the latest when
//! the trace ends; what somebody reviewed is evidence that the control works.
//!
//! Overlooked: decisions without a confidence; the user's own yes, which is no review by the
//! operator.

use activemirror_guest::compliance::{EventKind, Severity, Value};
use serde::{Deserialize, Serialize};

use crate::control::{Control, Report};
use crate::rule::Rule;
use crate::seen::{Seen, Voice};
use crate::settings::Settings;
use crate::words::{List, Phrases, Words, phrases, words};

/// Decisions that nobody has reviewed yet.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Decisions {
    pending: Vec<Pending>,
}

/// A decision that waits for a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Pending {
    at: u64,
    /// Whether it is as good as a guess.
    is_guess: bool,
}

impl Pending {
    fn report(self, carried_out: Option<u64>, report: &mut Report) {
        let severity = if self.is_guess { Severity::High } else { Severity::Medium };
        let evidence: Vec<u64> =
            [self.at].into_iter().chain(carried_out.filter(|at| *at != self.at)).collect();
        report.not_satisfied(Control::HumanIntervention, severity, UNREVIEWED, &evidence);
    }
}

impl Decisions {
    pub(crate) fn is_bounded(&self) -> bool {
        self.pending.len() <= PENDING_MAX
    }

    /// A decision of low confidence: one that does not fit any more is reported at once.
    fn wait(&mut self, pending: Pending, report: &mut Report) {
        if self.pending.len() < PENDING_MAX {
            self.pending.push(pending);
        } else {
            pending.report(None, report);
        }
    }

    fn review(&mut self, at: u64, report: &mut Report) {
        for pending in self.pending.drain(..) {
            report.satisfied(Control::HumanIntervention, REVIEWED, &[pending.at, at]);
        }
    }

    fn carry_out(&mut self, at: u64, report: &mut Report) {
        self.pending.drain(..).for_each(|pending| pending.report(Some(at), report));
    }
}

impl Rule for Decisions {
    fn observe(&mut self, seen: &Seen<'_>, settings: &Settings, report: &mut Report) {
        let has_effect = has_effect(seen);
        let confidence = seen.event.confidence.filter(|sure| *sure < settings.confidence_min && has_effect);
        let pending = confidence.map(|sure| Pending { at: seen.sequence(), is_guess: sure < GUESS });
        if let Some(pending) = pending {
            self.wait(pending, report);
        }
        if is_review(seen) {
            self.review(seen.sequence(), report);
        } else if seen.voice == Voice::Action && has_effect {
            self.carry_out(seen.sequence(), report);
        }
    }

    fn finish(&self, report: &mut Report) {
        self.pending.iter().for_each(|pending| pending.report(None, report));
    }
}

fn has_effect(seen: &Seen<'_>) -> bool {
    match seen.event.kind {
        EventKind::Action => seen.name_has(EFFECTS),
        EventKind::Decision => {
            let intent = seen.event.intent.as_deref().unwrap_or_default().replace('_', " ");
            let data = seen.event.leaves.iter().filter(|leaf| leaf.path.starts_with("/data"));
            let texts = data.take(DATA_LEAVES_MAX).filter_map(|leaf| match &leaf.value {
                Value::Text(text) => Some(&**text),
                _ => None,
            });
            speaks_of_effect(&seen.words)
                || texts.chain([&*intent]).any(|text| speaks_of_effect(&Words::of(text)))
        }
        _ => false,
    }
}

fn speaks_of_effect(words: &Words) -> bool {
    words.any(EFFECTS) || words.say_literally(EFFECT_PHRASES)
}

fn is_review(seen: &Seen<'_>) -> bool {
    let handed_over = seen.voice == Voice::Action && seen.name_has(HAND_OVERS);
    handed_over || seen.leaves_named(REVIEWERS).next().is_some()
}

const UNREVIEWED: &str =
    "A decision with effect on a person was made with low confidence and no person's review.";
const REVIEWED: &str = "A decision of low confidence went to a person for review.";

const EFFECTS: &List = words![
    refund refunded deny denied denial reject rejected decline declined suspend suspended terminate
    terminated ban banned block blocked compensate compensation loan ineligible eligible eligibility
    claim dismiss evict cancel cancelled canceled
];
const EFFECT_PHRASES: &Phrases =
    &phrases![[close | closed, 2, account], [credit, limit | score | application | check],];
const HAND_OVERS: &List = words![human humans escalate supervisor review handover approval];
const REVIEWERS: &List = words![
    human_review reviewed_by reviewer approved_by approver human_approval human_reviewed
];

/// Below this, a confidence is as good as a guess.
const GUESS: f64 = 0.5;
/// More decisions than this wait for no review at once.
const PENDING_MAX: usize = 16;
/// Leaves of a decision's data that are read.
const DATA_LEAVES_MAX: usize = 32;
