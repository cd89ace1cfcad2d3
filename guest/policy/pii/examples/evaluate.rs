//! Measures the detectors on labelled texts in the form of presidio-research's datasets, and
//! prints precision, recall and F2 by kind:
//!
//! ```text
//! cargo run --release -p activemirror-policy-pii --example evaluate -- synth_dataset_v2.json
//! ```

#[path = "../tests/evaluation/scores.rs"]
mod scores;

use core::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use activemirror_policy_pii::{Finding, Scanner, find};
use scores::{Labelled, meet};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (Some(file), misses) = (arguments.first(), arguments.get(1)) else {
        eprintln!(
            "usage: evaluate FILE [KIND]\n\nFILE is a dataset of presidio-research; with KIND its even texts' errors are listed."
        );
        return ExitCode::from(2);
    };
    match std::fs::read_to_string(file)
        .map_err(|error| error.to_string())
        .and_then(|json| scores::read(&json))
    {
        Ok(texts) => {
            report(&texts, misses.map(String::as_str));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{file}: {error}");
            ExitCode::from(2)
        }
    }
}

fn report(texts: &[Labelled], misses: Option<&str>) {
    println!("{}", RULES);
    for (name, half) in [("all", None), ("even", Some(0)), ("odd", Some(1))] {
        println!("\n{name} texts\n{}", scores::Scores::of(texts, half));
    }
    if let Some(kind) = misses {
        list_errors(texts, kind);
    }
    speed(texts);
}

/// Reads all texts many times; the fastest time counts, since a busy machine only adds to it.
fn speed(texts: &[Labelled]) {
    let mut scanner = Scanner::new();
    let bytes: usize = texts.iter().map(|labelled| labelled.text.len()).sum();
    let mut seconds = f64::INFINITY;
    for _ in 0..PASSES {
        let start = Instant::now();
        texts.iter().for_each(|labelled| drop(black_box(scanner.find(&labelled.text))));
        seconds = seconds.min(start.elapsed().as_secs_f64());
    }
    let rate = bytes as f64 / seconds;
    let work = scanner.work() as f64 / (bytes * PASSES) as f64;
    println!("\n{:.1} MB/s, {:.2} µs/KiB, {work:.1} token reads/byte", rate / 1e6, 1024e6 / rate);
}

const PASSES: usize = 100;

/// How labels and findings are compared, for whoever reads the numbers.
const RULES: &str = "\
overlap: a label is found if a finding of its kind shares a byte with it; a finding is right if it
         shares a byte with a label of its kind
exact:   the same, where both begin and end at the same byte
A finding of one kind on a label of another counts as wrong. DATE_TIME labels are taken for births
where `born` or `birth` stands in the 40 bytes before; all others must not be marked. There are no
labels for other national ids, bank, medical and passport numbers; PERSON is shown for the few
names that somebody announces. masked is the share of labels of which every letter and digit is
marked, as whatever kind.";

/// Prints the labels of one kind that were missed in the texts of even index, and what was found
/// wrongly there. The other half is for judging and stays unseen.
fn list_errors(texts: &[Labelled], kind: &str) {
    for labelled in texts.iter().step_by(2) {
        let findings = find(&labelled.text);
        let of_kind = |finding: &&Finding| finding.category.name() == kind;
        let missed = |label: &&Finding| !findings.iter().filter(of_kind).any(|finding| meet(label, finding));
        let wrong =
            |finding: &&Finding| !labelled.labels.iter().filter(of_kind).any(|label| meet(label, finding));
        for label in labelled.labels.iter().filter(of_kind).filter(missed) {
            println!("missed {:?} in {:?}", &labelled.text[label.start..label.end], labelled.text);
        }
        for finding in findings.iter().filter(of_kind).filter(wrong) {
            println!("wrong {:?} in {:?}", &labelled.text[finding.start..finding.end], labelled.text);
        }
    }
}
