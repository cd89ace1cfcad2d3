//! A text as words, and phrases to be found in it.
//!
//! A phrase is a row of steps within one sentence: `phrase![delete | erase, 2, (MY), data]` is one
//! of two words, up to two words of any kind, one of the list `MY`, and a word. What an apostrophe
//! or a hyphen joins comes apart (`I'm` is `i`, `m`), so that all spellings read alike.
//!
//! Words are compared as hashes, the lists' at compile time: a long text meets some hundred words
//! at each of its own, and every instruction is paid for.

/// A word without its case: FNV-1a of its letters. Two words that share one are read as the same,
/// which among some hundred words none does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hash(u32);

impl Hash {
    /// The hash of a word.
    pub(crate) const fn of(word: &str) -> Self {
        let bytes = word.as_bytes();
        let mut hash = 0x811c_9dc5_u32;
        let mut at = 0;
        while at < bytes.len() {
            hash = (hash ^ bytes[at].to_ascii_lowercase() as u32).wrapping_mul(0x0100_0193);
            at += 1;
        }
        Self(hash)
    }

    /// Its row in a [`Present`].
    const fn row(self) -> usize {
        (self.0 >> 6) as usize % 4
    }

    /// Its bit in that row.
    const fn bit(self) -> u64 {
        1 << (self.0 % 64)
    }

    /// Whether it is one of these.
    pub(crate) fn is_one_of(self, words: &[Self]) -> bool {
        words.contains(&self)
    }
}

/// One word of a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word {
    hash: Hash,
    /// Its first byte in the text.
    start: usize,
    /// The number of its sentence.
    sentence: u32,
    /// The number of its clause: a part of a sentence between commas.
    clause: u32,
}

/// One step of a phrase.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// One of these words.
    One(&'static [Hash]),
    /// Up to so many words of any kind.
    Gap(usize),
}

/// A row of steps.
pub(crate) type Phrase = &'static [Step];

/// A list of words.
macro_rules! words {
    ($($word:ident)+) => { const { &[$($crate::words::Hash::of(stringify!($word))),+] } };
}

/// A [`Phrase`]: steps between commas, a number for a gap, a list of words in parentheses.
macro_rules! phrase {
    ($($($step:tt)|+),+) => { const { &[$($crate::words::step!($($step)|+)),+] } };
}

/// One step of a `phrase!`.
macro_rules! step {
    ($gap:literal) => { $crate::words::Step::Gap($gap) };
    (($words:expr)) => { $crate::words::Step::One($words) };
    ($($word:ident)|+) => { $crate::words::Step::One($crate::words::words![$($word)+]) };
}

pub(crate) use {phrase, step, words};

/// A text as words.
#[derive(Debug, Default)]
pub(crate) struct Words {
    words: Vec<Word>,
    present: Present,
}

impl Words {
    /// The words of a text.
    pub(crate) fn of(text: &str) -> Self {
        let mut words = Vec::new();
        let (mut sentence, mut clause) = (0, 0);
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if first.is_alphanumeric() {
                let length = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
                let (word, after) = rest.split_at(length);
                words.push(Word { hash: Hash::of(word), start: text.len() - rest.len(), sentence, clause });
                rest = after;
                continue;
            }
            rest = &rest[first.len_utf8()..];
            let ends = ends_sentence(first, rest);
            sentence += u32::from(ends);
            clause += u32::from(ends || matches!(first, ',' | '(' | ')' | '–' | '—'));
        }
        Self::from(words)
    }

    /// Whether any word is one of these.
    pub(crate) fn any(&self, words: &[Hash]) -> bool {
        self.present.may_have_one_of(words) && self.words.iter().any(|word| word.hash.is_one_of(words))
    }

    /// Whether the text says one of these phrases, and says no `not` with it.
    pub(crate) fn say(&self, phrases: &[&[Step]]) -> bool {
        let plainly = |(start, end)| !self.is_negated(start, end);
        phrases.iter().any(|phrase| self.places(phrase).any(plainly))
    }

    /// The same, where a `not` is part of the phrase.
    pub(crate) fn say_literally(&self, phrases: &[&[Step]]) -> bool {
        phrases.iter().any(|phrase| self.places(phrase).next().is_some())
    }

    /// The sentences, first to last, each as its words.
    pub(crate) fn sentences(&self) -> impl Iterator<Item = Self> {
        self.words.chunk_by(|a, b| a.sentence == b.sentence).map(|words| Self::from(words.to_vec()))
    }

    /// The first byte of the first word.
    pub(crate) fn start(&self) -> usize {
        self.words.first().map_or(0, |word| word.start)
    }

    /// Where a phrase stands: its first word, and the word after its last. A phrase begins with
    /// a word.
    fn places(&self, phrase: &[Step]) -> impl Iterator<Item = (usize, usize)> {
        let first: &[Hash] = match phrase {
            [Step::One(words), ..] if self.present.may_have_one_of(words) => words,
            _ => &[],
        };
        let begins = self.words.iter().enumerate().filter(|(_, word)| word.hash.is_one_of(first));
        begins.filter_map(move |(at, _)| Some((at, at + end_of(phrase, &self.words[at..])?)))
    }

    /// Whether a `not` stands inside these words, or before them in their clause.
    fn is_negated(&self, start: usize, end: usize) -> bool {
        let clause = self.words[start].clause;
        let before = self.words[..start].iter().rev().take_while(|word| word.clause == clause);
        before.take(NEGATION_REACH).chain(&self.words[start..end]).any(|word| word.hash.is_one_of(NEGATIONS))
    }
}

impl From<Vec<Word>> for Words {
    fn from(words: Vec<Word>) -> Self {
        let mut present = Present::default();
        words.iter().for_each(|word| present.insert(word.hash));
        Self { words, present }
    }
}

/// Which words may be present: a bit for each, by its hash. Most phrases begin with a word that a
/// text does not have, and need not be looked for at every word of it.
#[derive(Debug, Default)]
struct Present([u64; 4]);

impl Present {
    fn insert(&mut self, word: Hash) {
        self.0[word.row()] |= word.bit();
    }

    fn may_have_one_of(&self, words: &[Hash]) -> bool {
        words.iter().any(|word| self.0[word.row()] & word.bit() != 0)
    }
}

/// How many words the phrase takes at the beginning of `words`, if it stands there.
fn end_of(phrase: &[Step], words: &[Word]) -> Option<usize> {
    let Some((step, rest)) = phrase.split_first() else { return Some(0) };
    let sentence = words.first()?.sentence;
    let fits = |skipped: usize| {
        let words =
            words.get(skipped..).filter(|words| words.first().is_some_and(|w| w.sentence == sentence))?;
        Some(skipped + end_of(rest, words)?)
    };
    match step {
        Step::Gap(most) => (0..=*most).find_map(fits),
        Step::One(alternatives) if !words[0].hash.is_one_of(alternatives) => None,
        Step::One(_) if rest.is_empty() => Some(1),
        Step::One(_) => fits(1),
    }
}

fn ends_sentence(c: char, rest: &str) -> bool {
    match c {
        '!' | '?' | ';' | '\n' => true,
        '.' | ':' => rest.chars().next().is_none_or(char::is_whitespace),
        _ => false,
    }
}

const NEGATIONS: &[Hash] = words![not no never without cannot neither nor t];
/// Words before a phrase in which a `not` still belongs to it.
const NEGATION_REACH: usize = 6;

#[cfg(test)]
mod tests {
    use super::{Phrase, Words};

    const DELETE: &[Phrase] = &[phrase![delete | erase, 2, data]];

    #[track_caller]
    fn check(text: &str, expected: bool) {
        assert_eq!(Words::of(text).say(DELETE), expected, "{text}");
    }

    #[test]
    fn phrases_stay_within_a_sentence() {
        check("Please DELETE all my data!", true);
        check("delete data", true);
        check("erase it. The data is fine", false);
        check("erase it, all data", true);
        check("delete a b c data", false);
        check("delete", false);
        check("", false);
    }

    #[test]
    fn a_not_takes_a_phrase_back() {
        check("I don't want you to delete my data", false);
        check("Don’t erase the data", false);
        check("I can't log in, delete my data", true);
        check("delete no data", false);
    }

    #[test]
    fn joined_words_come_apart() {
        for text in ["I'm", "I’m", "i-m", "I m"] {
            assert!(Words::of(text).say(&[phrase![i, m]]), "{text}");
        }
    }
}
