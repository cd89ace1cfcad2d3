//! Whether a draft shows the persona's own instructions: eight words of them in a row, or a
//! sentence that begins to recite them. To speak of having instructions is no fault.

use std::collections::BTreeSet;

use activemirror_guest::persona::Pattern;

use crate::frame::system;
use crate::settings::Settings;
use crate::text::sentences;

/// Whether the draft shows them.
pub(crate) fn are_shown(draft: &str, settings: &Settings) -> bool {
    let draft = sentences(draft);
    if draft.iter().any(|sentence| RECITING.iter().any(|phrase| sentence.says(phrase))) {
        return true;
    }
    let words: Vec<&str> = draft.iter().flat_map(|sentence| &sentence.words).map(|word| &**word).collect();
    PATTERNS.iter().any(|pattern| shares_row(&words, &system(*pattern, settings)))
}

fn shares_row(words: &[&str], secret: &str) -> bool {
    let secret: Vec<String> = sentences(secret).into_iter().flat_map(|sentence| sentence.words).collect();
    let rows: BTreeSet<Vec<&str>> =
        secret.windows(ROW_WORDS).map(|row| row.iter().map(|word| &**word).collect()).collect();
    words.windows(ROW_WORDS).any(|row| rows.contains(row))
}

const ROW_WORDS: usize = 8;
const PATTERNS: [Pattern; 4] =
    [Pattern::Exploratory, Pattern::Analytical, Pattern::Creative, Pattern::Strategic];
const RECITING: &[&str] = &[
    "my instructions are",
    "my instructions say",
    "my system prompt is",
    "my system prompt says",
    "i was instructed to",
    "i am instructed to",
    "my system message is",
    "my system message says",
];
