//! GDPR-32.1.a, pseudonymisation: what policies find is masked, and nothing obvious is left.
//!
//! What is obvious has a form of its own: e-mail addresses, and card and account numbers whose
//! check digits are right ([`readable`](crate::readable)). Anything else is for the policies to
//! find. Where they mask nothing and nothing obvious is there, nothing is said.

use activemirror_guest::compliance::{Event, Place, Severity, Value};
use serde::{Deserialize, Serialize};

use crate::category::{Kind, Kinds};
use crate::control::{Control, Report};
use crate::evidence::Evidence;
use crate::readable;
use crate::rule::Rule;
use crate::seen::Seen;
use crate::settings::Settings;

/// What is masked, and what is not.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pseudonymisation {
    /// Kinds that were masked.
    kinds: Kinds,
    /// Events with masks.
    masked: Evidence,
    /// Kinds reported as readable.
    reported: Kinds,
    /// Events with readable personal data beyond those reported.
    again: Evidence,
}

impl Pseudonymisation {
    pub(crate) fn is_bounded(&self) -> bool {
        self.masked.is_bounded() && self.again.is_bounded()
    }
}

impl Rule for Pseudonymisation {
    fn observe(&mut self, seen: &Seen<'_>, settings: &Settings, report: &mut Report) {
        if !seen.marked.is_empty() {
            self.kinds.extend(seen.marked);
            self.masked.add(seen.sequence());
        }
        let mut is_repeated = false;
        for kind in readable_kinds(seen.event, settings).iter() {
            if self.reported.insert(kind) {
                let message = format!("What looks like {} stands unmasked.", kind.noun());
                report.not_satisfied(Control::Pseudonymisation, severity(kind), message, &[seen.sequence()]);
            } else {
                is_repeated = true;
            }
        }
        if is_repeated {
            self.again.add(seen.sequence());
        }
    }

    fn finish(&self, report: &mut Report) {
        if self.again.count() > 0 {
            let message =
                format!("Such personal data stands unmasked in {} more events.", self.again.count());
            report.not_satisfied(Control::Pseudonymisation, Severity::Medium, message, self.again.first());
        }
        if self.reported.is_empty() && self.masked.count() > 0 {
            let message =
                format!("Personal data is masked in {} events: {}.", self.masked.count(), self.kinds.nouns());
            report.satisfied(Control::Pseudonymisation, message, self.masked.first());
        }
    }
}

fn severity(kind: Kind) -> Severity {
    if kind.is_identifier() { Severity::High } else { Severity::Medium }
}

/// The kinds that can be read in an event, outside of its marks.
fn readable_kinds(event: &Event, settings: &Settings) -> Kinds {
    let mut kinds = Kinds::default();
    let mut read = |text: &str, place: Place| {
        for part in outside_marks(text, place, event) {
            kinds.extend(readable::kinds(part, settings));
        }
    };
    event.content.iter().for_each(|text| read(text, Place::Content));
    for (index, leaf) in (0u32..).zip(&event.leaves) {
        read(&leaf.path, Place::LeafPath(index));
        if let Value::Text(text) = &leaf.value {
            read(text, Place::LeafValue(index));
        }
    }
    kinds
}

/// The stretches of a text that no mark covers.
fn outside_marks<'t>(text: &'t str, place: Place, event: &Event) -> impl Iterator<Item = &'t str> {
    let of_place = event.marks.iter().filter(|mark| mark.span.place == place);
    let mut spans: Vec<_> = of_place.map(|mark| (mark.span.start as usize, mark.span.end as usize)).collect();
    spans.sort_unstable();
    let mut from = 0;
    let end = (text.len(), text.len());
    spans.into_iter().chain([end]).filter_map(move |(start, end)| {
        let part = text.get(from..start);
        from = from.max(end);
        part
    })
}
