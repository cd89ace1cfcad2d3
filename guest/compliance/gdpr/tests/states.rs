//! The state between two calls: bounded, and never trusted.

use activemirror_compliance_gdpr::{Settings, finish, observe};
use activemirror_guest::compliance::{Event, PluginError};

use crate::{all_findings, numbered};
use activemirror_guests_tests::events::{action, answer, decision, told, user};

/// A conversation in which every rule has something to remember.
fn eventful() -> Vec<Event> {
    vec![
        user("I'm pregnant, ann@mail.example and ⟦phone⟧. Delete my data and send a copy of my data."),
        user("Export my data. I withdraw my consent."),
        action("share_profile", &[("card", "⟦payment-card⟧"), ("x", "wheelchair, 4111 1111 1111 1111")]),
        told(&[("email", "⟦email⟧"), ("religion", "some")]),
        decision("Deny the claim", Some(0.3)),
        answer(
            "⟦date-of-birth⟧ ⟦email⟧ ⟦iban⟧ ⟦passport⟧ ⟦medical-id⟧ ⟦ip-address⟧ ⟦street-address⟧ ⟦phone⟧",
        ),
        answer("I cannot delete it. ⟦card-security-code⟧ GB82 WEST 1234 5698 7654 32"),
    ]
}

#[test]
fn how_events_are_cut_into_calls_changes_nothing() {
    let events = numbered(&[eventful(), eventful()].concat());
    let mut findings = Vec::new();
    let mut state = Vec::new();
    for event in &events {
        let seen = observe(&state, core::slice::from_ref(event), &Settings::default()).unwrap();
        findings.extend(seen.findings);
        state = seen.state;
    }
    findings.extend(finish(&state).unwrap());
    assert_eq!(findings, all_findings(&events));
}

#[test]
fn a_state_stays_small_whatever_happens() {
    let mut events = vec![eventful(); 300].concat();
    for (number, event) in (0..).zip(&mut events) {
        event.sequence = u64::MAX - number;
    }
    let seen = observe(&[], &events, &Settings::default()).unwrap();
    assert!(seen.state.len() <= 2_048, "{}", seen.state.len());
    let last = finish(&seen.state).unwrap();
    assert!(last.len() < 40, "{}", last.len());
}

#[test]
fn a_state_of_elsewhere_is_refused() {
    let state = observe(&[], &numbered(&eventful()), &Settings::default()).unwrap().state;
    let other_version = [&[state[0] + 1], &state[1..]].concat();
    let longer = [&*state, &[0]].concat();
    for wrong in [&other_version, &longer, &state[..state.len() - 1].to_vec(), &vec![1], &vec![1; 4_096]] {
        let refused = observe(wrong, &[], &Settings::default());
        assert_eq!(refused.map(|seen| seen.state), Err(PluginError::UnreadableState));
        assert_eq!(finish(wrong), Err(PluginError::UnreadableState));
    }
}

#[test]
fn a_changed_state_never_grows_or_panics() {
    let state = observe(&[], &numbered(&eventful()), &Settings::default()).unwrap().state;
    let events = numbered(&eventful());
    for at in 1..state.len() {
        for byte in [0, 1, 0x7f, 0x80, 0xff] {
            let mut changed = state.clone();
            changed[at] = byte;
            if let Ok(seen) = observe(&changed, &events, &Settings::default()) {
                assert!(seen.state.len() <= 4_096);
                assert!(finish(&seen.state).is_ok());
            }
        }
    }
}
