//! A text as words, and phrases to be found in it.
//!
//! A phrase is a row of steps within one sentence: `[delete | erase, 2, (MY), data]` is one
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
    const EMPTY: Self = Self(0x811c_9dc5);

    /// The hash of a word.
    pub(crate) const fn of(word: &str) -> Self {
        let bytes = word.as_bytes();
        let mut hash = Self::EMPTY;
        let mut at = 0;
        while at < bytes.len() {
            hash = hash.with(bytes[at]);
            at += 1;
        }
        hash
    }

    const fn with(self, byte: u8) -> Self {
        Self((self.0 ^ byte.to_ascii_lowercase() as u32).wrapping_mul(0x0100_0193))
    }
}

/// A list of words, as [`words!`] makes it.
#[derive(Debug)]
pub(crate) struct List {
    words: &'static [Hash],
    mask: Mask,
}

impl List {
    /// The list of these words.
    pub(crate) const fn of(words: &'static [Hash]) -> Self {
        let mut mask = Mask::NOTHING;
        let mut at = 0;
        while at < words.len() {
            mask = mask.with(words[at]);
            at += 1;
        }
        Self { words, mask }
    }

    /// Whether the word is in it.
    pub(crate) fn has(&self, word: Hash) -> bool {
        self.mask.may_have(word) && self.words.contains(&word)
    }
}

/// Which words may be somewhere: a bit for each, by its hash. It answers most questions, which
/// are about words that are not there, without a look at the list.
#[derive(Clone, Copy, Debug)]
struct Mask([u64; 4]);

impl Mask {
    const NOTHING: Self = Self([0; 4]);

    const fn with(mut self, word: Hash) -> Self {
        self.0[row(word)] |= bit(word);
        self
    }

    const fn or(self, other: Self) -> Self {
        let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
        Self([a | e, b | f, c | g, d | h])
    }

    fn may_have(&self, word: Hash) -> bool {
        self.0[row(word)] & bit(word) != 0
    }

    fn may_meet(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }
}

const fn row(word: Hash) -> usize {
    (word.0 >> 6) as usize % 4
}

const fn bit(word: Hash) -> u64 {
    1 << (word.0 % 64)
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
    One(&'static List),
    /// Up to so many words of any kind.
    Gap(usize),
}

/// A row of steps, the first of which is a word.
pub(crate) type Phrase = &'static [Step];

/// Phrases, and the words that they begin with.
#[derive(Debug)]
pub(crate) struct Phrases {
    phrases: &'static [Phrase],
    first: Mask,
}

impl Phrases {
    /// These phrases.
    pub(crate) const fn of(phrases: &'static [Phrase]) -> Self {
        let mut first = Mask::NOTHING;
        let mut at = 0;
        while at < phrases.len() {
            let Step::One(list) = &phrases[at][0] else { panic!("a phrase begins with a word") };
            first = first.or(list.mask);
            at += 1;
        }
        Self { phrases, first }
    }
}

/// A [`List`] of words.
macro_rules! words {
    ($($word:ident)*) => {
        const {
            const WORDS: &[$crate::words::Hash] = &[$($crate::words::Hash::of(stringify!($word))),*];
            &$crate::words::List::of(WORDS)
        }
    };
}

/// [`Phrases`]: each in brackets, its steps between commas; a number is a gap, a list of words
/// stands in parentheses.
macro_rules! phrases {
    ($([$($($step:tt)|+),+]),+ $(,)?) => {{
        const PHRASES: &[$crate::words::Phrase] = &[$(&[$($crate::words::step!($($step)|+)),+]),+];
        $crate::words::Phrases::of(PHRASES)
    }};
}

/// One step of a phrase.
macro_rules! step {
    ($gap:literal) => { $crate::words::Step::Gap($gap) };
    (($words:expr)) => { $crate::words::Step::One($words) };
    ($($word:ident)|+) => { $crate::words::Step::One($crate::words::words![$($word)+]) };
}

pub(crate) use {phrases, step, words};

/// A text as words.
#[derive(Debug)]
pub(crate) struct Words {
    words: Vec<Word>,
    mask: Mask,
}

impl Words {
    /// The words of a text.
    pub(crate) fn of(text: &str) -> Self {
        let mut words: Vec<Word> = Vec::with_capacity((text.len() / WORD_BYTES).max(WORDS_USUAL));
        let (mut sentence, mut clause, mut start) = (0, 0, 0);
        let mut rest = text;
        while !rest.is_empty() {
            let (hash, length) = word(rest);
            if length > 0 {
                words.push(Word { hash, start, sentence, clause });
            }
            let mut after = rest[length..].chars();
            let Some(separator) = after.next() else { break };
            let ends = ends_sentence(separator, after.clone().next());
            sentence += u32::from(ends);
            clause += u32::from(ends || matches!(separator, ',' | '(' | ')' | '–' | '—'));
            rest = after.as_str();
            start = text.len() - rest.len();
        }
        Self::from(words)
    }

    /// Whether any word is one of these.
    pub(crate) fn any(&self, list: &List) -> bool {
        self.mask.may_meet(&list.mask) && self.words.iter().any(|word| list.has(word.hash))
    }

    /// Whether the text says one of these phrases, and says no `not` with it.
    pub(crate) fn say(&self, phrases: &Phrases) -> bool {
        self.places(phrases).any(|(start, end)| !self.is_negated(start, end))
    }

    /// The same, where a `not` is part of the phrase.
    pub(crate) fn say_literally(&self, phrases: &Phrases) -> bool {
        self.places(phrases).next().is_some()
    }

    /// The sentences, first to last, each as its words.
    pub(crate) fn sentences(&self) -> impl Iterator<Item = Self> {
        self.words.chunk_by(|a, b| a.sentence == b.sentence).map(|words| Self::from(words.to_vec()))
    }

    /// The first byte of the first word.
    pub(crate) fn start(&self) -> usize {
        self.words.first().map_or(0, |word| word.start)
    }

    /// Where one of the phrases stands: its first word, and the word after its last.
    fn places(&self, phrases: &Phrases) -> impl Iterator<Item = (usize, usize)> {
        let words = if self.mask.may_meet(&phrases.first) { &*self.words } else { &[] };
        let begins = words.iter().enumerate().filter(|(_, word)| phrases.first.may_have(word.hash));
        begins.flat_map(move |(at, _)| {
            let lengths = phrases.phrases.iter().filter_map(move |phrase| length(phrase, &words[at..]));
            lengths.map(move |length| (at, at + length))
        })
    }

    /// Whether a `not` stands inside these words, or before them in their clause.
    fn is_negated(&self, start: usize, end: usize) -> bool {
        let clause = self.words[start].clause;
        let before = self.words[..start].iter().rev().take_while(|word| word.clause == clause);
        before.take(NEGATION_REACH).chain(&self.words[start..end]).any(|word| NEGATIONS.has(word.hash))
    }
}

impl From<Vec<Word>> for Words {
    fn from(words: Vec<Word>) -> Self {
        let mask = words.iter().fold(Mask::NOTHING, |mask, word| mask.with(word.hash));
        Self { words, mask }
    }
}

impl Default for Words {
    fn default() -> Self {
        Self::from(Vec::new())
    }
}

/// The letters and digits that begin a text, as a word, and how many bytes they are.
fn word(text: &str) -> (Hash, usize) {
    let (mut hash, mut length) = (Hash::EMPTY, 0);
    for &byte in text.as_bytes() {
        if byte.is_ascii() && !byte.is_ascii_alphanumeric() {
            return (hash, length);
        }
        if !byte.is_ascii() {
            break;
        }
        hash = hash.with(byte);
        length += 1;
    }
    for letter in text[length..].chars().take_while(|c| c.is_alphanumeric()) {
        let end = length + letter.len_utf8();
        hash = text.as_bytes()[length..end].iter().fold(hash, |hash, byte| hash.with(*byte));
        length = end;
    }
    (hash, length)
}

/// How many words the phrase takes at the beginning of `words`, if it stands there.
fn length(phrase: &[Step], words: &[Word]) -> Option<usize> {
    let Some((step, rest)) = phrase.split_first() else { return Some(0) };
    let sentence = words.first()?.sentence;
    let fits = |skipped: usize| {
        let words =
            words.get(skipped..).filter(|words| words.first().is_some_and(|w| w.sentence == sentence))?;
        Some(skipped + length(rest, words)?)
    };
    match step {
        Step::Gap(most) => (0..=*most).find_map(fits),
        Step::One(list) if !list.has(words[0].hash) => None,
        Step::One(_) if rest.is_empty() => Some(1),
        Step::One(_) => fits(1),
    }
}

fn ends_sentence(c: char, next: Option<char>) -> bool {
    match c {
        '!' | '?' | ';' | '\n' => true,
        '.' | ':' => next.is_none_or(char::is_whitespace),
        _ => false,
    }
}

/// Bytes of a usual word and what follows it.
const WORD_BYTES: usize = 5;
/// There is room for so many words in any case: blocks of one size serve text after text, where
/// blocks of many sizes would each be cut off a memory that then has to grow.
const WORDS_USUAL: usize = 64;
const NEGATIONS: &List = words![not no never without cannot neither nor t];
/// Words before a phrase in which a `not` still belongs to it.
const NEGATION_REACH: usize = 6;

#[cfg(test)]
mod tests {
    use super::{Phrases, Words};

    const DELETE: &Phrases = &phrases![[delete | erase, 2, data]];

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
            assert!(Words::of(text).say(&phrases![[i, m]]), "{text}");
        }
    }
}
