//! What several policies say of one event, taken together; and what is said where one failed.
//!
//! Deny wins over approval, approval over drop, drop over mask. Masks and drops are applied in
//! plugin order whatever wins, since the event may be stored as refused. Applying them, and
//! deciding on the result again, is the pipeline's work.

use crate::{CallError, ComplianceDescription, ControlState, Finding, Mark, Severity, Verdict, text};

/// The strength of a verdict, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Nothing to object.
    Allow,
    /// Parts are shown as tokens.
    Mask,
    /// Parts are never stored.
    Drop,
    /// Not without a person's approval.
    RequireApproval,
    /// Not at all.
    Deny,
}

impl From<&Verdict> for Outcome {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Allow => Self::Allow,
            Verdict::Mask(_) => Self::Mask,
            Verdict::Drop(_) => Self::Drop,
            Verdict::RequireApproval(_) => Self::RequireApproval,
            Verdict::Deny(_) => Self::Deny,
        }
    }
}

/// What all policies together say of one event.
#[derive(Debug, Clone, PartialEq)]
pub struct Combined<'v> {
    /// The strongest verdict; `Allow` where there are no policies.
    pub outcome: Outcome,
    /// Why, where a person must approve or nobody can: the reasons of the policies that said so.
    pub reasons: Vec<Reason<'v>>,
    /// What is to be masked and dropped, in plugin order.
    pub edits: Vec<Edit<'v>>,
}

/// Why a policy asked for approval or denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason<'v> {
    /// Which policy, by its place in plugin order.
    pub policy: usize,
    /// Its reason.
    pub text: &'v str,
}

/// What a policy wants masked or dropped.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Edit<'v> {
    /// Which policy, by its place in plugin order.
    pub policy: usize,
    /// Whether it is never stored; else it is shown as a token.
    pub drop: bool,
    /// Where.
    pub marks: &'v [Mark],
}

/// Takes the policies' verdicts on one event together, given in plugin order.
pub fn combine<'v>(verdicts: impl IntoIterator<Item = &'v Verdict>) -> Combined<'v> {
    let mut combined = Combined { outcome: Outcome::Allow, reasons: Vec::new(), edits: Vec::new() };
    for (policy, verdict) in verdicts.into_iter().enumerate() {
        combined.add(policy, verdict);
    }
    combined
}

impl<'v> Combined<'v> {
    fn add(&mut self, policy: usize, verdict: &'v Verdict) {
        let outcome = Outcome::from(verdict);
        if outcome > self.outcome {
            self.outcome = outcome;
            self.reasons.clear();
        }
        match verdict {
            Verdict::Allow => {}
            Verdict::Mask(marks) => self.edits.push(Edit { policy, drop: false, marks }),
            Verdict::Drop(marks) => self.edits.push(Edit { policy, drop: true, marks }),
            Verdict::RequireApproval(text) | Verdict::Deny(text) => {
                if outcome == self.outcome {
                    self.reasons.push(Reason { policy, text });
                }
            }
        }
    }
}

/// The verdict of a policy that failed, on each event it was asked about.
pub fn fail_closed(policy: &str, error: &CallError) -> Verdict {
    Verdict::Deny(text::sentence(format!("policy {policy} failed: {error}")))
}

/// The findings of a compliance pack that failed: none of its controls can be assessed from the
/// events it was given.
pub fn not_assessable(pack: &ComplianceDescription, events: &[u64], error: &CallError) -> Vec<Finding> {
    let message = text::sentence(format!("compliance pack {} failed: {error}", pack.name));
    let finding = |control: &String| Finding {
        control: control.clone(),
        state: ControlState::NotAssessable,
        severity: Severity::Medium,
        message: message.clone(),
        evidence: events.to_vec(),
    };
    pack.controls.iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Place, Span};

    fn marks(category: &str) -> Vec<Mark> {
        let span = Span { place: Place::Content, start: 0, end: 1 };
        vec![Mark { span, category: category.into() }]
    }

    #[track_caller]
    fn check(verdicts: &[Verdict], outcome: Outcome, reasons: &[(usize, &str)], edits: &[(usize, bool)]) {
        let combined = combine(verdicts);
        assert_eq!(combined.outcome, outcome);
        let found: Vec<_> = combined.reasons.iter().map(|reason| (reason.policy, reason.text)).collect();
        assert_eq!(found, reasons);
        let found: Vec<_> = combined.edits.iter().map(|edit| (edit.policy, edit.drop)).collect();
        assert_eq!(found, edits);
    }

    #[test]
    fn deny_wins_over_approval_over_drop_over_mask() {
        let mask = Verdict::Mask(marks("a"));
        let drop = Verdict::Drop(marks("b"));
        let ask = Verdict::RequireApproval("ask".into());
        let deny = Verdict::Deny("no".into());
        check(&[], Outcome::Allow, &[], &[]);
        check(&[Verdict::Allow, Verdict::Allow], Outcome::Allow, &[], &[]);
        check(&[Verdict::Allow, mask.clone()], Outcome::Mask, &[], &[(1, false)]);
        check(&[drop.clone(), mask.clone()], Outcome::Drop, &[], &[(0, true), (1, false)]);
        check(
            &[mask.clone(), ask.clone(), drop],
            Outcome::RequireApproval,
            &[(1, "ask")],
            &[(0, false), (2, true)],
        );
        let all = [ask.clone(), mask, deny.clone(), ask, deny];
        check(&all, Outcome::Deny, &[(2, "no"), (4, "no")], &[(1, false)]);
    }

    #[test]
    fn a_policy_that_failed_denies_and_says_who_and_why() {
        let verdict = fail_closed("pii", &CallError::OutOfFuel { limit: 5 });
        assert_eq!(verdict, Verdict::Deny("policy pii failed: it used up its 5 units of fuel".into()));
    }
}
