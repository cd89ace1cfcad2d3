//! The words by which a sentence counts, dates and qualifies what it names.

use crate::phrase::{Phrase, WordSet, phrases};

/// Whether a word states nothing by itself.
pub(crate) fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.has(word)
}

/// The number that a word counts to.
pub(crate) fn count_of(word: &str) -> Option<u32> {
    if matches!(word, "no" | "zero" | "without" | "not" | "don't") {
        return Some(0);
    }
    let at = COUNTS.iter().position(|count| *count == word)?;
    u32::try_from(at + 1).ok()
}

pub(super) const BIRTH: &[Phrase] = &phrases(["birth", "birthday", "birthdate", "dob", "born"]);

/// Words of rules, which say how many there may be and not how many there shall be.
pub(super) const ALLOWING: &[Phrase] =
    &phrases(["each", "every", "per", "entitled", "allowance", "allowed", "eligible", "up to"]);

/// Words that say that an amount is all that is due.
pub(super) const TOTALS: &[Phrase] =
    &phrases(["total", "totaling", "totals", "altogether", "entire amount", "full amount", "in all"]);

pub(super) const CURRENCIES: [&str; 7] = ["dollars", "dollar", "usd", "euros", "euro", "eur", "pounds"];

const COUNTS: [&str; 12] =
    ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

/// What stands before the name of a thing.
pub(super) const OWNING: [&str; 13] = [
    "the", "new", "initial", "my", "your", "our", "his", "her", "their", "this", "that", "original",
    "existing",
];

static STOP_WORDS: WordSet<95> = WordSet::of([
    "a", "about", "also", "am", "an", "and", "any", "are", "as", "at", "be", "been", "being", "but", "by",
    "can", "could", "did", "do", "does", "for", "from", "had", "has", "have", "he", "hello", "her", "here",
    "hi", "his", "how", "i", "i'd", "i'll", "i'm", "i've", "if", "in", "into", "is", "it", "it's", "its",
    "just", "know", "let", "let's", "like", "may", "me", "might", "must", "my", "not", "of", "on", "or",
    "our", "please", "shall", "she", "should", "so", "some", "than", "that", "the", "their", "them", "then",
    "there", "these", "they", "this", "those", "to", "want", "was", "we", "we'll", "were", "what", "when",
    "where", "which", "who", "will", "with", "would", "you", "you'd", "you'll", "you're", "your",
]);
