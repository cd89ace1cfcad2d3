//! Measures the detectors on labelled texts in the form of presidio-research's datasets, and
//! prints precision, recall and F2 by kind:
//!
//! ```text
//! cargo run --release -p activemirror-policy-pii --example evaluate -- synth_dataset_v2.json
//! ```

#[path = "../tests/evaluation/scores.rs"]
mod scores;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use activemirror_policy_pii::Scanner;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (Some(file), misses) = (arguments.first(), arguments.get(1)) else {
        eprintln!("usage: evaluate FILE [KIND]\n\nFILE is a dataset of presidio-research; with KIND its even texts' errors are listed.");
        return ExitCode::from(2);
    };
    match std::fs::read_to_string(file).map_err(|error| error.to_string()).and_then(|json| scores::read(&json)) {
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

fn report(texts: &[scores::Labelled], misses: Option<&str>) {
    println!("{}", scores::RULES);
    for (name, half) in [("all", None), ("even", Some(0)), ("odd", Some(1))] {
        println!("\n{name} texts\n{}", scores::Scores::of(texts, half));
    }
    if let Some(kind) = misses {
        scores::list_errors(texts, kind);
    }
    speed(texts);
}

/// Reads all texts many times; the fastest time counts, since a busy machine only adds to it.
fn speed(texts: &[scores::Labelled]) {
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
