//! The policy on those of the labelled airline conversations that it was built on.

#[path = "fixtures/tau.rs"]
mod tau;

use std::path::Path;

use tau::{Label, Matrix};

/// A fall below this is a regression. What the policy is worth on conversations that it was not
/// built on, the other half of the labels says: see `labels/README.md`.
const FLOOR: f64 = 0.95;

#[test]
fn it_knows_what_it_was_built_on() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let runs = package.join("../../../../shared/data/tau-airline");
    let files = [("build", "trial0.json"), ("build2", "trial2.json"), ("build3", "trial2.json")];
    for (labels, trial) in files.map(|(name, trial)| (format!("labels/{name}.jsonl"), trial)) {
        if !runs.join(trial).is_file() {
            println!("{labels} not run: {trial} is not at ../shared/data/tau-airline");
            continue;
        }
        let labels = tau::read(&package.join(labels), &runs).unwrap();
        let all: Vec<&Label> = labels.iter().collect();
        let matrix = Matrix::of(&all, |label| label.stopped.is_some());
        let keyword = Matrix::of(&all, |label| !label.keyword);
        assert!(matrix.balanced_accuracy() >= FLOOR, "{matrix}");
        assert!(
            matrix.balanced_accuracy() > keyword.balanced_accuracy() + 0.2,
            "{matrix}; a keyword: {keyword}"
        );
    }
}
