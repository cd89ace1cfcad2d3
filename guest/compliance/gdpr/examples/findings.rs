//! Prints what the pack finds in the recorded airline runs, for reading: `cargo run --release -p
//! activemirror-compliance-gdpr --example findings`.

use activemirror_compliance_gdpr::{Settings, finish, observe};
use activemirror_guests_tests::airline;

fn main() {
    let Some(runs) = airline::masked_runs() else {
        println!("the recorded runs are not at hand");
        return;
    };
    for run in runs {
        let seen = observe(&[], &run.events, &Settings::default()).expect("a new trace");
        for finding in seen.findings.iter().chain(&finish(&seen.state).expect("its state")) {
            let state = format!("{:?}", finding.state);
            println!(
                "{} {} {state} {:?} {:?} {}",
                run.id, finding.control, finding.severity, finding.evidence, finding.message
            );
        }
    }
}
