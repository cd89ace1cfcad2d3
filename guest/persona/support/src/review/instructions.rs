//! Whether a draft shows the persona's own instructions: eight words of them in a row, or a
//! sentence that begins to recite them. To speak of having instructions is no fault.

use crate::frame::secrets;
use crate::settings::Settings;
use crate::text::{Sentence, Word, rows, words_of};

/// Whether the draft shows them.
pub(crate) fn are_shown(draft: &[Sentence], settings: &Settings) -> bool {
    draft.iter().any(|sentence| sentence.count(RECITING) > 0) || quotes(draft, settings)
}

fn quotes(draft: &[Sentence], settings: &Settings) -> bool {
    let secrets: Vec<Vec<Word>> = secrets(settings).map(|secret| words_of(secret).collect()).collect();
    let secret_rows = || secrets.iter().flat_map(|secret| secret.windows(ROW_WORDS));
    let mut beginnings: Vec<Word> = secret_rows().map(|row| row[0]).collect();
    beginnings.sort_unstable();
    let is_secret =
        |row: &[Word]| beginnings.binary_search(&row[0]).is_ok() && secret_rows().any(|secret| secret == row);
    let words: Vec<Word> = draft.iter().flat_map(|sentence| &sentence.words).copied().collect();
    words.windows(ROW_WORDS).any(is_secret)
}

const ROW_WORDS: usize = 8;
const RECITING: &[&[Word]] = rows![
    [my instructions are] [my instructions say] [my system prompt is] [my system prompt says]
    [i was instructed to] [i am instructed to] [my system message is] [my system message says]
];
