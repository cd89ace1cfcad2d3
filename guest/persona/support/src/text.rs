//! A text as sentences of words.
//!
//! Words are compared as hashes, the lists' at compile time: every instruction is paid for. What
//! an apostrophe joins comes apart (`I've` is `i`, `ve`), so that all spellings read alike.

/// A word without its case: FNV-1a of its letters. Two words that share one are read as the same,
/// which among some hundred words none does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Word(u32);

impl Word {
    const EMPTY: Self = Self(0x811c_9dc5);

    /// The word with these letters.
    pub(crate) const fn of(letters: &str) -> Self {
        let bytes = letters.as_bytes();
        let mut word = Self::EMPTY;
        let mut at = 0;
        while at < bytes.len() {
            word = word.with(bytes[at]);
            at += 1;
        }
        word
    }

    const fn with(self, byte: u8) -> Self {
        Self((self.0 ^ byte.to_ascii_lowercase() as u32).wrapping_mul(0x0100_0193))
    }

    fn with_letter(self, letter: char) -> Self {
        letter.encode_utf8(&mut [0; 4]).bytes().fold(self, Self::with)
    }

    /// Whether it is one of these.
    pub(crate) fn is_one_of(self, words: &[Self]) -> bool {
        words.contains(&self)
    }
}

/// A list of words.
macro_rules! words {
    ($($word:ident)+) => { const { &[$($crate::text::Word::of(stringify!($word))),+] } };
}

/// A list of rows of words.
macro_rules! rows {
    ($([$($word:ident)+])+) => { const { &[$($crate::text::words![$($word)+] as &[$crate::text::Word]),+] } };
}

pub(crate) use {rows, words};

/// One sentence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sentence {
    pub(crate) words: Vec<Word>,
    /// Whether it ends in a question mark.
    pub(crate) is_question: bool,
}

impl Sentence {
    /// Whether any word is one of these.
    pub(crate) fn has(&self, words: &[Word]) -> bool {
        self.words.iter().any(|word| word.is_one_of(words))
    }

    /// How many of these rows stand in it.
    pub(crate) fn count(&self, rows: &[&[Word]]) -> usize {
        let stands =
            |row: &&&[Word]| self.words.windows(row.len()).any(|own| own[0] == row[0] && own == **row);
        rows.iter().filter(stands).count()
    }
}

/// The sentences of a text that have words.
pub(crate) fn sentences(text: &str) -> Vec<Sentence> {
    let mut sentences = vec![Sentence::default()];
    let mut chars = text.chars().peekable();
    let mut is_inside = false;
    while let Some(c) = chars.next() {
        let sentence = sentences.last_mut().expect("invariant: one sentence was begun");
        if c.is_alphanumeric() {
            let begun = if is_inside { sentence.words.pop() } else { None };
            sentence.words.push(begun.unwrap_or(Word::EMPTY).with_letter(c));
        } else if ends_sentence(c, chars.peek().copied()) {
            sentence.is_question = c == '?';
            sentences.push(Sentence::default());
        }
        is_inside = c.is_alphanumeric();
    }
    sentences.retain(|sentence| !sentence.words.is_empty());
    sentences
}

/// The words of a text, whatever their sentences.
pub(crate) fn words_of(text: &str) -> impl Iterator<Item = Word> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|letters| !letters.is_empty()).map(Word::of)
}

/// The words of a name, in lower case: `refund_order` and `refundOrder` have the same.
pub(crate) fn name_words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (was_lower && c.is_uppercase()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        was_lower = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

fn ends_sentence(c: char, next: Option<char>) -> bool {
    match c {
        '!' | '?' | ';' | '\n' => true,
        '.' | ':' => next.is_none_or(char::is_whitespace),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Sentence, name_words, sentences, words_of};

    #[test]
    fn texts_fall_into_sentences() {
        let found = sentences("I've PAID $3.50. Right?\n- OK!!");
        let sentence = |text: &str, is_question| Sentence { words: words_of(text).collect(), is_question };
        assert_eq!(
            found,
            [sentence("i ve paid 3 50", false), sentence("right", true), sentence("ok", false)]
        );
        assert_eq!(sentences("I’ve"), [sentence("i ve", false)]);
        assert!(sentences(" … ").is_empty());
    }

    #[test]
    fn rows_stand_in_one_sentence() {
        let rows = rows![[how much] [cost] [is it]];
        let count = |text: &str| sentences(text).iter().map(|sentence| sentence.count(rows)).sum::<usize>();
        assert_eq!(count("How much does it cost?"), 2);
        assert_eq!(count("How? Much it is."), 0);
        assert_eq!(count("is"), 0);
    }

    #[test]
    fn names_fall_into_words() {
        for name in ["refund_order", "refundOrder", "Refund.order"] {
            assert_eq!(name_words(name), ["refund", "order"], "{name}");
        }
    }
}
