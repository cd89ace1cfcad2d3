//! Measures the policy on labelled writes of recorded conversations.
//!
//! `cargo run --release -p activemirror-policy-confirm-writes --example judge -- LABELS DIR`
//! reads the labels (`labels/README.md` says what a line is) and the tau-bench runs they name in
//! `DIR`, and prints a confusion matrix in which *positive* is an unconsented write that is
//! stopped. `--wrong` also lists the writes that were judged wrongly.

#[path = "../tests/fixtures/tau.rs"]
mod tau;

use tau::{Label, Matrix};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (flags, paths): (Vec<_>, Vec<_>) = arguments.iter().partition(|argument| argument.starts_with("--"));
    let [labels, runs] = paths[..] else {
        eprintln!("usage: judge [--wrong] LABELS DIR: a file of labels and the directory of the runs");
        std::process::exit(2);
    };
    match tau::read(labels.as_ref(), runs.as_ref()) {
        Ok(labels) => report(&labels, flags.iter().any(|flag| *flag == "--wrong")),
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(2);
        }
    }
}

fn report(labels: &[Label], wrong: bool) {
    let clear: Vec<&Label> = labels.iter().filter(|label| !label.borderline).collect();
    let all: Vec<&Label> = labels.iter().collect();
    for (name, rows) in [("all writes", &all), ("without the borderline ones", &clear)] {
        println!("{name}");
        println!("  confirm-writes  {}", Matrix::of(rows, |label| label.stopped.is_some()));
        println!("  last user turn  {}", Matrix::of(rows, |label| !label.keyword));
    }
    for label in labels.iter().filter(|label| wrong && label.stopped.is_some() == label.consented) {
        let stopped = label.stopped.as_deref().unwrap_or("allowed");
        println!("{}#{} {}: {stopped}; labelled: {}", label.run, label.event, label.action, label.reason);
    }
}
