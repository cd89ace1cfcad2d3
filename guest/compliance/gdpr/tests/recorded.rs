//! Recorded runs of an airline agent, where they are at hand.

use activemirror_guest::compliance::{ControlState, EventKind};

use crate::all_findings;
use activemirror_guests_tests::airline::{Run, masked_runs};

fn of(run: &Run, control: &str, state: ControlState) -> Vec<Vec<u64>> {
    let findings = all_findings(&run.events).into_iter();
    findings.filter(|f| f.control == control && f.state == state).map(|f| f.evidence).collect()
}

#[test]
fn recorded_runs_raise_few_alarms() {
    let Some(runs) = masked_runs() else {
        println!("not run on tau-airline: ../shared/data is not there");
        return;
    };
    let mut minimisation = 0;
    for run in &runs {
        for evidence in of(run, "GDPR-5.1.c", ControlState::NotSatisfied) {
            minimisation += 1;
            for event in evidence.iter().map(|at| &run.events[*at as usize]) {
                assert_eq!(event.kind, EventKind::Output, "{}", run.id);
                assert!(event.marks.iter().any(|mark| mark.category == "date-of-birth"), "{}", run.id);
            }
        }
        for control in ["GDPR-7.3", "GDPR-12.3", "GDPR-15", "GDPR-17", "GDPR-20", "GDPR-22.3"] {
            let said = all_findings(&run.events).iter().any(|finding| finding.control == control);
            assert!(!said, "{} {control}", run.id);
        }
    }
    assert!((8..=20).contains(&minimisation), "{minimisation} of {} runs", runs.len());
}

#[test]
fn recorded_illness_is_found_and_no_other() {
    let Some(runs) = masked_runs() else {
        println!("not run on tau-airline: ../shared/data is not there");
        return;
    };
    let ill = runs.iter().filter(|run| !of(run, "GDPR-9.1", ControlState::NotAssessable).is_empty());
    let ill: Vec<&str> = ill.map(|run| &*run.id).collect();
    assert_eq!(ill, ["trial0/1", "trial0/42", "trial1/1", "trial1/42"]);
}
