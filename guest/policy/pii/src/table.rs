//! Words found by their hash. Every word of every text is looked up, so the tables are laid out
//! by the compiler, and a look-up is one probe of memory and no comparison of text. Two words of
//! the same 32-bit hash would be taken for each other; among a thousand words that does not
//! happen by accident, and done on purpose it only yields the meaning that the word itself has.

/// A row of words with the value they share.
pub(crate) type Row = (u32, &'static str);

/// The FNV-1a hash of a lower-case word, so far.
#[derive(Clone, Copy)]
pub(crate) struct WordHash(u32);

impl WordHash {
    /// The hash of no letters.
    pub(crate) const EMPTY: Self = Self(0x811c_9dc5);

    /// The hash with one more byte, of a small letter.
    pub(crate) const fn with(self, byte: u8) -> Self {
        Self((self.0 ^ byte as u32).wrapping_mul(0x0100_0193))
    }

    /// The hash of a word in any case of ASCII.
    pub(crate) fn of(word: impl Iterator<Item = u8>) -> Self {
        word.fold(Self::EMPTY, |hash, byte| hash.with(byte.to_ascii_lowercase()))
    }
}

/// An open-addressed table from word hashes to values. It works best with a third of its slots
/// free, and must have one that is.
pub(crate) struct Table<const SLOTS: usize>([(u32, u32); SLOTS]);

impl<const SLOTS: usize> Table<SLOTS> {
    /// Lays out rows of words separated by spaces. A word of several rows has all their bits.
    pub(crate) const fn new(rows: &[Row]) -> Self {
        let mut table = Self([(0, 0); SLOTS]);
        let mut row = 0;
        while row < rows.len() {
            table = table.with_words(rows[row].1.as_bytes(), rows[row].0);
            row += 1;
        }
        table
    }

    const fn with_words(mut self, words: &[u8], value: u32) -> Self {
        let mut hash = WordHash::EMPTY;
        let mut at = 0;
        while at <= words.len() {
            if at < words.len() && words[at] != b' ' {
                hash = hash.with(words[at]);
            } else if hash.0 != WordHash::EMPTY.0 {
                let slot = self.slot(hash);
                self.0[slot] = (hash.0, self.0[slot].1 | value);
                hash = WordHash::EMPTY;
            }
            at += 1;
        }
        self
    }

    /// The value of a word, 0 for an unknown one.
    pub(crate) const fn value(&self, hash: WordHash) -> u32 {
        self.0[self.slot(hash)].1
    }

    /// The slot that holds the word, or the free one where it would be.
    const fn slot(&self, hash: WordHash) -> usize {
        let mut slot = hash.0 as usize % SLOTS;
        while self.0[slot].1 != 0 && self.0[slot].0 != hash.0 {
            slot = (slot + 1) % SLOTS;
        }
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(word: &str) -> WordHash {
        WordHash::of(word.bytes())
    }

    #[test]
    fn words_of_several_rows_have_all_values_and_unknown_words_none() {
        const TABLE: Table<8> = Table::new(&[(1, "born may"), (2, "may"), (4, "ümlaut")]);
        assert_eq!(TABLE.value(hash("born")), 1);
        assert_eq!(TABLE.value(hash("MAY")), 3);
        assert_eq!(TABLE.value(hash("ümlaut")), 4);
        assert_eq!(TABLE.value(hash("june")), 0);
        assert_eq!(TABLE.value(WordHash::EMPTY), 0);
    }
}
