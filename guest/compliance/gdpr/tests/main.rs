//! The pack's behaviour through its public functions.

mod findings;
mod recorded;
mod states;

use activemirror_compliance_gdpr::{Settings, finish, observe};
use activemirror_guest::compliance::{ControlState, Event, Finding, Severity};

/// Everything that the pack says of a trace, with the events numbered from 0.
fn all_findings(events: &[Event]) -> Vec<Finding> {
    let events = numbered(events);
    let seen = observe(&[], &events, &Settings::default()).unwrap();
    seen.findings.into_iter().chain(finish(&seen.state).unwrap()).collect()
}

fn numbered(events: &[Event]) -> Vec<Event> {
    (0..).zip(events).map(|(sequence, event)| Event { sequence, ..event.clone() }).collect()
}

/// What the pack says of a control: state, severity and evidence.
fn on(control: &str, events: &[Event]) -> Vec<(ControlState, Severity, Vec<u64>)> {
    let findings = all_findings(events).into_iter().filter(|finding| finding.control == control);
    findings.map(|finding| (finding.state, finding.severity, finding.evidence)).collect()
}
