//! From a trace with its originals to what its reader may see.

use activemirror_core::draft::Draft;
use activemirror_core::trace::{Place, USER};

use super::kept::{Kept, KeptTrace};
use super::{Reveal, StoredEvent, StoredFinding, StoredMark, StoredTrace, StoredVerdict, distinct};
use crate::document::{self, Event, Trace, Value};
use crate::runtime::Inner;
use crate::sight::Tags;

/// A trace, ready to be written in any format.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The trace.
    pub trace: Trace,
    /// What policies decided on it.
    pub verdicts: Vec<document::Verdict>,
    /// What was found in it.
    pub findings: Vec<document::Finding>,
}

impl Inner {
    /// The trace as it may be seen.
    pub(crate) fn shown(&self, kept: &KeptTrace, reveal: Reveal) -> StoredTrace {
        let tags = |text: &str| self.store().token_tag(kept.subject, text);
        let event = |kept: &Kept| StoredEvent {
            sequence: kept.sequence,
            event: Event::from(see(&kept.draft, reveal, &tags)),
            marks: marks(&kept.draft, reveal),
            readable: kept.readable,
            verdicts: kept.verdicts.clone(),
        };
        let mut start = see(&kept.start.draft, reveal, &tags);
        let user = take_user(&mut start);
        let start = Trace {
            id: kept.id.clone(),
            agent: kept.agent.clone(),
            session: kept.session.clone(),
            user,
            time: start.time,
            system: start.text,
            leaves: start.leaves,
            events: Vec::new(),
        };
        StoredTrace {
            log: kept.log,
            reveal,
            start,
            marks: marks(&kept.start.draft, reveal),
            verdicts: kept.start.verdicts.clone(),
            subject: kept.subject,
            readable: kept.readable,
            ungoverned: kept.ungoverned,
            events: kept.events.iter().map(event).collect(),
            findings: kept.findings.clone(),
        }
    }
}

/// Takes the person's name out of what begins a trace.
pub(super) fn take_user(start: &mut Draft) -> Option<String> {
    let place = start.leaves.iter().position(|leaf| leaf.path == USER)?;
    match start.leaves.remove(place).value {
        Value::Text(name) => Some(name),
        _ => None,
    }
}

/// A draft as it may be seen.
pub(crate) fn see(draft: &Draft, reveal: Reveal, tags: &Tags<'_>) -> Draft {
    if reveal == Reveal::Originals {
        return draft.revealed();
    }
    let mut shown = draft.masked(tags);
    if draft.marks.iter().any(|mark| matches!(mark.place, Place::LeafPath(_))) {
        distinct::tell_apart(draft.leaves.iter().map(|leaf| &*leaf.path), &mut shown.leaves);
    }
    shown
}

fn marks(draft: &Draft, reveal: Reveal) -> Vec<StoredMark> {
    let mark = |mark: &activemirror_core::draft::Mark| {
        let shown = document::Mark {
            field: field(draft, mark.place),
            // Bytes of the original mean nothing to a reader who sees tokens.
            span: (reveal == Reveal::Originals).then_some(mark.start..mark.end),
            category: mark.category.clone(),
            dropped: mark.dropped,
        };
        StoredMark { plugin: mark.plugin, mark: shown }
    };
    draft.marks.iter().map(mark).collect()
}

/// The field that a place lies in; a key that is itself marked is not repeated.
fn field(draft: &Draft, place: Place) -> String {
    let path = |index: u32| draft.leaves.get(index as usize).map(|leaf| leaf.path.as_str());
    let top = |path: &str| match path.get(1..).and_then(|rest| rest.find(['/', '['])) {
        Some(end) => path[..=end].to_owned(),
        None => path.to_owned(),
    };
    match place {
        Place::Text => "/content".to_owned(),
        Place::LeafPath(index) => path(index).map(top).unwrap_or_default(),
        Place::LeafValue(index) => {
            let marked = draft.marks.iter().any(|mark| mark.place == Place::LeafPath(index));
            let path = path(index).unwrap_or_default();
            if marked { top(path) } else { path.to_owned() }
        }
    }
}

impl StoredTrace {
    /// The trace as a document.
    #[must_use]
    pub fn document(&self) -> Document {
        let events = self.events.iter().map(|stored| stored.event.clone()).collect();
        let on_start = self.verdicts.iter().map(|verdict| ruled(None, verdict, &self.marks));
        let on_events = (0..).zip(&self.events).flat_map(|(place, event)| {
            event.verdicts.iter().map(move |verdict| ruled(Some(place), verdict, &event.marks))
        });
        Document {
            trace: Trace { events, ..self.start.clone() },
            verdicts: on_start.chain(on_events).collect(),
            findings: self.findings.iter().map(|finding| self.finding(finding)).collect(),
        }
    }

    /// A finding, with its evidence as places in this trace.
    fn finding(&self, finding: &StoredFinding) -> document::Finding {
        let place = |sequence: &u64| self.events.iter().position(|event| event.sequence == *sequence);
        document::Finding {
            plugin: finding.plugin.clone(),
            control: finding.control.clone(),
            state: finding.state,
            severity: finding.severity,
            message: finding.message.clone(),
            evidence: finding.evidence.iter().filter_map(place).map(|place| place as u32).collect(),
        }
    }
}

/// A verdict, with the marks of who gave it.
fn ruled(event: Option<u32>, verdict: &StoredVerdict, marks: &[StoredMark]) -> document::Verdict {
    let own = marks.iter().filter(|mark| mark.plugin == verdict.number);
    document::Verdict {
        event,
        plugin: verdict.policy.clone(),
        outcome: verdict.outcome,
        reason: verdict.reason.clone(),
        fuel: verdict.fuel,
        marks: own.map(|own| own.mark.clone()).collect(),
    }
}
