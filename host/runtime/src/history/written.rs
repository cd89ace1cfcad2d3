//! From a trace to a document: what its reader may see.

use activemirror_core::mask;
use activemirror_core::trace::Place;

use super::{Reveal, StoredEvent, StoredFinding, StoredTrace};
use crate::document::{self, Event, Leaf, Trace, Value};
use crate::draft::Draft;
use crate::error::Error;
use crate::runtime::Runtime;
use crate::sight::Tags;

/// A trace, ready to be written in any format.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The trace.
    pub trace: Trace,
    /// What policies decided on its events.
    pub verdicts: Vec<document::Verdict>,
    /// What was found in it.
    pub findings: Vec<document::Finding>,
}

impl StoredTrace {
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

/// The verdicts on one event; what is marked in it goes with the verdict of who marked it.
fn verdicts(place: u32, event: &StoredEvent, reveal: Reveal) -> impl Iterator<Item = document::Verdict> + '_ {
    event.verdicts.iter().map(move |verdict| document::Verdict {
        event: place,
        plugin: verdict.policy.clone(),
        outcome: verdict.outcome,
        reason: verdict.reason.clone(),
        fuel: verdict.fuel,
        marks: event
            .draft
            .marks
            .iter()
            .filter(|mark| mark.plugin == verdict.number)
            .map(|mark| {
                document::Mark {
                    field: field(&event.draft, mark.place),
                    // Bytes of the original mean nothing to a reader who sees tokens.
                    span: (reveal == Reveal::Originals).then_some(mark.start..mark.end),
                    category: mark.category.clone(),
                    dropped: mark.dropped,
                }
            })
            .collect(),
    })
}

/// The field that a place lies in; a key that is itself marked is not repeated.
fn field(draft: &Draft, place: Place) -> String {
    let path = |index: u32| draft.event.leaves.get(index as usize).map(|leaf| leaf.path.as_str());
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

impl Runtime {
    /// A stored trace as a document, with originals or tokens.
    pub fn document(&self, trace: &StoredTrace, reveal: Reveal) -> Result<Document, Error> {
        let inner = self.lock()?;
        let tags = |text: &str| inner.store.token_tag(trace.subject, text);
        let shown = |event: &StoredEvent| match reveal {
            Reveal::Originals => event.draft.event.clone(),
            Reveal::Masked => masked(&event.draft, &tags),
        };
        let events: Vec<Event> = trace.events.iter().map(shown).collect();
        let verdicts = (0..).zip(&trace.events).flat_map(|(place, event)| verdicts(place, event, reveal));
        let verdicts = verdicts.collect();
        let findings = trace.findings.iter().map(|finding| trace.finding(finding)).collect();
        Ok(Document { trace: Trace { events, ..trace.start.clone() }, verdicts, findings })
    }
}

/// The event with a token in each marked place.
pub(crate) fn masked(draft: &Draft, tags: &Tags<'_>) -> Event {
    let content = draft.content();
    let view = mask::view(&content, tags);
    let leaf = |leaf: &mask::ViewLeaf<'_>| Leaf {
        path: leaf.path.clone().into_owned(),
        value: match &leaf.masked {
            Some(shown) => Value::Text(shown.clone()),
            None => leaf.value.into(),
        },
    };
    Event {
        leaves: view.leaves.iter().map(leaf).collect(),
        text: view.text.map(Into::into),
        ..draft.event.clone()
    }
}
