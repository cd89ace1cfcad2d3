//! Phrases to look for in a sentence, hundreds of them, most of which are not there.
//!
//! Each word is one of 64 signs, by its length and its first and last letter. A sentence holds a
//! phrase only if it holds the signs of the phrase's words, which is one comparison; the signs of
//! the phrases are worked out when the plugin is built.

/// A phrase: words with one blank between them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Phrase {
    pub(crate) text: &'static str,
    signs: u64,
    /// Bytes of its first word.
    first: usize,
}

impl Phrase {
    const fn new(text: &'static str) -> Self {
        let bytes = text.as_bytes();
        let (mut signs, mut first, mut start, mut at) = (0, 0, 0, 0);
        while at <= bytes.len() {
            if at == bytes.len() || bytes[at] == b' ' {
                signs |= sign(bytes, start, at);
                first = if start == 0 { at } else { first };
                start = at + 1;
            }
            at += 1;
        }
        Self { text, signs, first }
    }

    /// Whether a sentence with these signs may hold the phrase.
    pub(crate) fn may_be_in(&self, signs: u64) -> bool {
        self.signs & !signs == 0
    }

    /// Whether it begins with this word; most words are told from its first by their length.
    pub(crate) fn begins(&self, word: &str) -> bool {
        word.len() == self.first && self.text.as_bytes().starts_with(word.as_bytes())
    }

    /// The words after its first.
    pub(crate) fn rest(&self) -> impl Iterator<Item = &'static str> {
        let rest = self.text.get(self.first + 1..);
        rest.into_iter().flat_map(|rest| rest.split(' '))
    }

    /// How many words it has.
    pub(crate) fn words(&self) -> usize {
        self.text.split(' ').count()
    }
}

/// Phrases from their texts.
pub(crate) const fn phrases<const N: usize>(texts: [&'static str; N]) -> [Phrase; N] {
    let mut phrases = [Phrase { text: "", signs: 0, first: 0 }; N];
    let mut at = 0;
    while at < N {
        phrases[at] = Phrase::new(texts[at]);
        at += 1;
    }
    phrases
}

/// The sign of a word.
pub(crate) fn sign_of(word: &str) -> u64 {
    sign(word.as_bytes(), 0, word.len())
}

/// The sign of the word from `start` up to `end`.
const fn sign(bytes: &[u8], start: usize, end: usize) -> u64 {
    if start >= end {
        return 0;
    }
    let number = (end - start) * 11 + bytes[start] as usize * 5 + bytes[end - 1] as usize * 3;
    1 << (number % 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_may_be_where_its_words_are() {
        let phrase = Phrase::new("go ahead");
        assert!(phrase.may_be_in(sign_of("please") | sign_of("go") | sign_of("ahead")));
        assert!(!phrase.may_be_in(sign_of("go")));
        assert_eq!(phrase.words(), 2);
        assert!(phrase.begins("go") && !phrase.begins("g") && !phrase.begins("go ahead"));
        assert!(phrase.rest().eq(["ahead"]) && Phrase::new("go").rest().next().is_none());
    }
}
