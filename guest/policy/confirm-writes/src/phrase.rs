//! Phrases to look for in a sentence, hundreds of them, most of which are not there.
//!
//! Each word has one of 64 signs, by its length and its first and last letter. A sentence holds a
//! phrase only if it holds the signs of the phrase's words, which is one comparison, and only where a
//! word has the sign of the phrase's first; the signs of phrases are worked out when the plugin is
//! built.

/// A phrase: words with one blank between them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Phrase {
    pub(crate) text: &'static str,
    /// A bit for each sign of its words.
    signs: u64,
    /// Bytes of its first word, and its sign.
    first: usize,
    sign: Sign,
}

impl Phrase {
    const fn new(text: &'static str) -> Self {
        let bytes = text.as_bytes();
        let (mut signs, mut first, mut start, mut at) = (0, 0, 0, 0);
        while at <= bytes.len() {
            if at == bytes.len() || bytes[at] == b' ' {
                signs |= Sign::between(bytes, start, at).bit();
                first = if start == 0 { at } else { first };
                start = at + 1;
            }
            at += 1;
        }
        Self { text, signs, first, sign: Sign::between(bytes, 0, first) }
    }

    /// Whether a sentence with these signs may hold the phrase.
    pub(crate) fn may_be_in(&self, signs: u64) -> bool {
        self.signs & !signs == 0
    }

    /// The sign of its first word.
    pub(crate) fn sign(&self) -> Sign {
        self.sign
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
    let mut phrases = [Phrase::new(""); N];
    let mut at = 0;
    while at < N {
        phrases[at] = Phrase::new(texts[at]);
        at += 1;
    }
    phrases
}

/// The sign of a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sign(u8);

impl Sign {
    /// How many there are.
    pub(crate) const COUNT: usize = 64;

    /// The sign of this word.
    pub(crate) const fn of(word: &str) -> Self {
        Self::between(word.as_bytes(), 0, word.len())
    }

    /// The sign of the word from `start` up to `end`.
    const fn between(bytes: &[u8], start: usize, end: usize) -> Self {
        if start >= end {
            return Self(0);
        }
        let number = (end - start) * 11 + bytes[start] as usize * 5 + bytes[end - 1] as usize * 3;
        Self((number % Self::COUNT) as u8)
    }

    /// The bit that says that there is a word of this sign.
    pub(crate) const fn bit(self) -> u64 {
        1 << self.0
    }

    /// Its place among all.
    pub(crate) const fn place(self) -> usize {
        self.0 as usize
    }
}

/// Words to be told from others, in the order of their signs: those of one sign are few.
#[derive(Debug)]
pub(crate) struct WordSet<const N: usize> {
    words: [&'static str; N],
    /// Where those of each sign begin, and where the last end.
    begins: [u8; Sign::COUNT + 1],
}

impl<const N: usize> WordSet<N> {
    /// The set of these words.
    pub(crate) const fn of(words: [&'static str; N]) -> Self {
        assert!(N <= u8::MAX as usize, "a place is one byte");
        let mut set = Self { words, begins: [0; Sign::COUNT + 1] };
        let (mut sign, mut count) = (0, 0);
        while sign < Sign::COUNT {
            let mut at = 0;
            while at < N {
                if Sign::of(words[at]).place() == sign {
                    set.words[count] = words[at];
                    count += 1;
                }
                at += 1;
            }
            sign += 1;
            set.begins[sign] = count as u8;
        }
        set
    }

    /// Whether the word is one of them.
    pub(crate) fn has(&self, word: &str) -> bool {
        let sign = Sign::of(word).place();
        let [begin, end] = [self.begins[sign], self.begins[sign + 1]].map(usize::from);
        self.words[begin..end].contains(&word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_may_be_where_its_words_are() {
        let phrase = Phrase::new("go ahead");
        let signs = |words: &[&str]| words.iter().fold(0, |signs, word| signs | Sign::of(word).bit());
        assert!(phrase.may_be_in(signs(&["please", "go", "ahead"])));
        assert!(!phrase.may_be_in(signs(&["go"])));
        assert_eq!(phrase.sign(), Sign::of("go"));
        assert_eq!(phrase.words(), 2);
        assert!(phrase.begins("go") && !phrase.begins("g") && !phrase.begins("go ahead"));
        assert!(phrase.rest().eq(["ahead"]) && Phrase::new("go").rest().next().is_none());
    }

    #[test]
    fn a_set_has_its_words_and_no_others() {
        const WORDS: [&str; 6] = ["to", "too", "of", "off", "the", "then"];
        let set = const { WordSet::of(WORDS) };
        assert!(WORDS.iter().all(|word| set.has(word)));
        assert!(["", "t", "o", "tee", "thn", "toto", "\u{e9}"].iter().all(|word| !set.has(word)));
    }
}
