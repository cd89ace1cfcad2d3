//! What plugins answer, held against the contract: everything the types of `wit/` do not say.
//!
//! Texts are cleaned and cut; what has a meaning (a span, a name, a control) is right or the
//! answer is refused. What leaves this module can be stored, shown and acted upon.

mod marks;

use core::borrow::Borrow;
use std::collections::HashSet;

use crate::{
    CallError, ComplianceDescription, Decision, Event, EventKinds, Finding, Frame, LoadError, Observation,
    PersonaDescription, PolicyDescription, Review, STATE_BYTES_MAX, Verdict,
    limits::{CONTROLS_MAX, NAME_CHARS_MAX, SYSTEM_CHARS_MAX, TEXTS_MAX},
    text,
};

/// A policy's description.
pub(crate) fn policy(mut found: PolicyDescription) -> Result<PolicyDescription, LoadError> {
    identity(&found.name, &found.version)?;
    interest(found.looks_at)?;
    if found.rules_on == EventKinds::empty() {
        return Err(described("it does not rule on any kind of event"));
    }
    if !found.looks_at.contains(found.rules_on) {
        return Err(described("it rules on a kind of event that it does not look at"));
    }
    found.summary = text::sentence(found.summary);
    Ok(found)
}

/// A persona's description.
pub(crate) fn persona(mut found: PersonaDescription) -> Result<PersonaDescription, LoadError> {
    identity(&found.name, &found.version)?;
    for (what, texts) in [("traits", &mut found.traits), ("limits", &mut found.limits)] {
        *texts = sentences(what, core::mem::take(texts)).map_err(described)?;
    }
    Ok(found)
}

/// A compliance pack's description.
pub(crate) fn compliance(mut found: ComplianceDescription) -> Result<ComplianceDescription, LoadError> {
    identity(&found.name, &found.version)?;
    interest(found.looks_at)?;
    found.framework = text::sentence(found.framework);
    if !(1..=CONTROLS_MAX).contains(&found.controls.len()) {
        return Err(described(format!(
            "{} controls, where 1 to {CONTROLS_MAX} are allowed",
            found.controls.len()
        )));
    }
    let mut known = HashSet::new();
    for control in &found.controls {
        if !text::is_control_id(control, NAME_CHARS_MAX) || !known.insert(control) {
            let control = text::sentence(control.clone());
            return Err(described(format!("control id `{control}` is no plain id, or comes twice")));
        }
    }
    Ok(found)
}

fn identity(name: &str, version: &str) -> Result<(), LoadError> {
    if !text::is_name(name, NAME_CHARS_MAX) {
        let name = text::sentence(name.to_owned());
        return Err(described(format!(
            "its name `{name}` is not 1 to {NAME_CHARS_MAX} lower-case letters, digits and hyphens"
        )));
    }
    if version.len() > NAME_CHARS_MAX || semver::Version::parse(version).is_err() {
        let version = text::sentence(version.to_owned());
        return Err(described(format!("its version `{version}` is not one of semver, such as 1.0.0")));
    }
    Ok(())
}

/// A plugin that would never be called is a mistake.
fn interest(looks_at: EventKinds) -> Result<(), LoadError> {
    if looks_at == EventKinds::empty() { Err(described("it looks at no kind of event")) } else { Ok(()) }
}

fn described(what: impl Into<String>) -> LoadError {
    LoadError::BadDescription { what: text::sentence(what.into()) }
}

fn sentences(what: &str, texts: Vec<String>) -> Result<Vec<String>, String> {
    if texts.len() > TEXTS_MAX {
        return Err(format!("{} {what}, where {TEXTS_MAX} are allowed", texts.len()));
    }
    Ok(texts.into_iter().map(text::sentence).collect())
}

/// A policy's verdicts, one for each event that it looks at, and its state; what it does not look at
/// it allows, and what it does not rule on it has to.
pub(crate) fn decision<E: Borrow<Event>>(
    found: Decision,
    events: &[E],
    policy: &PolicyDescription,
) -> Result<Decision, CallError> {
    state(&found.state)?;
    let (given, events) = (found.verdicts.len(), events.iter().map(Borrow::borrow));
    let shown = events.clone().filter(|event| policy.looks_at.has(event.kind)).count();
    let miscounted = || CallError::bad(format!("{given} verdicts on {shown} events"));
    if given != shown {
        return Err(miscounted());
    }
    let mut rest = found.verdicts.into_iter();
    let each = |event: &Event| match policy.looks_at.has(event.kind) {
        true => match verdict(rest.next().ok_or_else(miscounted)?, event)? {
            Verdict::Allow => Ok(Verdict::Allow),
            other if policy.rules_on.has(event.kind) => Ok(other),
            _ => Err(CallError::bad("a verdict on an event of a kind that it does not rule on")),
        },
        false => Ok(Verdict::Allow),
    };
    Ok(Decision { verdicts: events.map(each).collect::<Result<_, _>>()?, state: found.state })
}

fn verdict(found: Verdict, event: &Event) -> Result<Verdict, CallError> {
    Ok(match found {
        Verdict::Allow => Verdict::Allow,
        Verdict::Mask(marks) | Verdict::Drop(marks) if marks.is_empty() => Verdict::Allow,
        Verdict::Mask(marks) => Verdict::Mask(marks::settle(marks, event)?),
        Verdict::Drop(marks) => Verdict::Drop(marks::settle(marks, event)?),
        Verdict::RequireApproval(reason) => Verdict::RequireApproval(text::sentence(reason)),
        Verdict::Deny(reason) => Verdict::Deny(text::sentence(reason)),
    })
}

fn state(state: &[u8]) -> Result<(), CallError> {
    if state.len() > STATE_BYTES_MAX { Err(CallError::StateTooLarge { bytes: state.len() }) } else { Ok(()) }
}

/// A persona's frame. System text and constraints steer a model, so they are whole or refused.
pub(crate) fn frame(mut found: Frame) -> Result<Frame, CallError> {
    if found.system.chars().nth(SYSTEM_CHARS_MAX).is_some() {
        return Err(CallError::bad(format!("system text of more than {SYSTEM_CHARS_MAX} characters")));
    }
    found.system = text::lines(found.system, SYSTEM_CHARS_MAX);
    if found.constraints.iter().any(|constraint| text::is_longer_than_a_sentence(constraint)) {
        return Err(CallError::bad("a constraint that is longer than a sentence"));
    }
    found.constraints = sentences("constraints", found.constraints).map_err(CallError::bad)?;
    Ok(found)
}

/// A persona's review.
pub(crate) fn review(found: Review) -> Result<Review, CallError> {
    Ok(match found {
        Review::Accept => Review::Accept,
        Review::Revise(reasons) => Review::Revise(sentences("reasons", reasons).map_err(CallError::bad)?),
        Review::Refuse(reason) => Review::Refuse(text::sentence(reason)),
    })
}

/// What findings may name.
pub(crate) struct Evidence<'c, F> {
    pack: &'c ComplianceDescription,
    events: &'c [&'c Event],
    seen: F,
}

/// The same, to be looked up in. Most calls find nothing, and have no need of it.
struct Named<'c, 'e, F> {
    controls: HashSet<&'c str>,
    events: HashSet<u64>,
    seen: &'e F,
}

impl<'c, F: Fn(u64) -> bool> Evidence<'c, F> {
    pub(crate) fn new(pack: &'c ComplianceDescription, events: &'c [&'c Event], seen: F) -> Self {
        Self { pack, events, seen }
    }

    fn named(&self) -> Named<'c, '_, F> {
        let controls = self.pack.controls.iter().map(String::as_str).collect();
        let events = self.events.iter().map(|event| event.sequence).collect();
        Named { controls, events, seen: &self.seen }
    }
}

impl<F: Fn(u64) -> bool> Named<'_, '_, F> {
    fn check(&self, found: &Finding) -> Result<(), CallError> {
        if !self.controls.contains(found.control.as_str()) {
            return Err(CallError::bad(format!(
                "a finding on `{}`, which is none of its controls",
                found.control
            )));
        }
        let known = |sequence: &u64| self.events.contains(sequence) || (self.seen)(*sequence);
        match found.evidence.iter().find(|sequence| !known(sequence)) {
            Some(sequence) => Err(CallError::bad(format!("evidence {sequence}, which it was not shown"))),
            None => Ok(()),
        }
    }
}

/// A compliance pack's findings and state.
pub(crate) fn observation<F: Fn(u64) -> bool>(
    found: Observation,
    evidence: &Evidence<'_, F>,
) -> Result<Observation, CallError> {
    state(&found.state)?;
    Ok(Observation { findings: findings(found.findings, evidence)?, state: found.state })
}

/// A compliance pack's findings; their evidence comes out in order, each event once.
pub(crate) fn findings<F: Fn(u64) -> bool>(
    mut found: Vec<Finding>,
    evidence: &Evidence<'_, F>,
) -> Result<Vec<Finding>, CallError> {
    if found.is_empty() {
        return Ok(found);
    }
    let named = evidence.named();
    for finding in &mut found {
        named.check(finding)?;
        finding.evidence.sort_unstable();
        finding.evidence.dedup();
        finding.message = text::sentence(core::mem::take(&mut finding.message));
    }
    Ok(found)
}
