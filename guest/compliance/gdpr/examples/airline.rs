//! Prints what the pack finds in the recorded airline runs, for reading: `cargo run --release -p
//! activemirror-compliance-gdpr --example airline`.

#[path = "../tests/airline.rs"]
mod airline;
#[path = "../tests/events.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod events;

use activemirror_compliance_gdpr::{Settings, finish, observe};

fn main() {
    let Some(runs) = airline::runs() else {
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
