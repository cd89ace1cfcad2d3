//! Whether a draft shouts, or leaves the tone that is set.

use crate::settings::Tone;

/// What is wrong with the tone, one sentence each.
pub(crate) fn faults(draft: &str, tone: Tone) -> impl Iterator<Item = &'static str> {
    let is_formal = tone == Tone::Formal;
    [
        (has_shouted_words(draft) || draft.contains("!!"), "It shouts."),
        (
            is_formal && (draft.contains('!') || draft.contains(is_emoji)),
            "It is not formal: no exclamation marks, no emoji.",
        ),
    ]
    .into_iter()
    .filter_map(|(applies, reason)| applies.then_some(reason))
}

/// Three words in capitals in a row, each long enough to be no abbreviation.
fn has_shouted_words(draft: &str) -> bool {
    let mut in_a_row = 0;
    draft.split_whitespace().any(|word| {
        in_a_row = if is_shouted(word) { in_a_row + 1 } else { 0 };
        in_a_row >= SHOUTED_WORDS_MIN
    })
}

fn is_shouted(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    word.chars().count() >= SHOUTED_CHARS_MIN && word.chars().all(char::is_uppercase)
}

fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{26ff}' | '\u{1f300}'..='\u{1faff}')
}

const SHOUTED_WORDS_MIN: usize = 3;
const SHOUTED_CHARS_MIN: usize = 4;
