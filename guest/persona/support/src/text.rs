//! A text as sentences of words.

/// One sentence: its words in lower case. What an apostrophe joins comes apart (`I've` is `i`,
/// `ve`), so that all spellings read alike.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sentence {
    pub(crate) words: Vec<String>,
    /// Whether it ends in a question mark.
    pub(crate) is_question: bool,
}

impl Sentence {
    /// Whether any word is one of these.
    pub(crate) fn has(&self, words: &[&str]) -> bool {
        self.words.iter().any(|word| words.contains(&&**word))
    }

    /// Whether these words, divided by spaces, stand in it in a row.
    pub(crate) fn says(&self, phrase: &str) -> bool {
        let phrase: Vec<&str> = phrase.split(' ').collect();
        self.words.windows(phrase.len()).any(|row| row == phrase)
    }
}

/// The sentences of a text that have words.
pub(crate) fn sentences(text: &str) -> Vec<Sentence> {
    let mut sentences = vec![Sentence::default()];
    let mut chars = text.chars().peekable();
    let mut is_inside = false;
    while let Some(c) = chars.next() {
        let Some(sentence) = sentences.last_mut() else { break };
        if c.is_alphanumeric() {
            if !is_inside {
                sentence.words.push(String::new());
            }
            sentence.words.last_mut().into_iter().for_each(|word| word.extend(c.to_lowercase()));
        } else if ends_sentence(c, chars.peek().copied()) {
            sentence.is_question = c == '?';
            sentences.push(Sentence::default());
        }
        is_inside = c.is_alphanumeric();
    }
    sentences.retain(|sentence| !sentence.words.is_empty());
    sentences
}

/// The words of a name: `refund_order`, `refundOrder` and `Refund order` have the same.
pub(crate) fn name_words(name: &str) -> Vec<String> {
    let mut spaced = String::with_capacity(name.len() + 4);
    let mut was_lower = false;
    for c in name.chars() {
        if was_lower && c.is_uppercase() {
            spaced.push(' ');
        }
        spaced.push(c);
        was_lower = c.is_lowercase();
    }
    sentences(&spaced).into_iter().flat_map(|sentence| sentence.words).collect()
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
    use super::{name_words, sentences};

    #[test]
    fn texts_fall_into_sentences() {
        let found = sentences("I've paid $3.50. Right?\n- OK!!");
        let words: Vec<_> = found.iter().map(|sentence| sentence.words.join(" ")).collect();
        assert_eq!(words, ["i ve paid 3 50", "right", "ok"]);
        assert_eq!(
            found.iter().map(|sentence| sentence.is_question).collect::<Vec<_>>(),
            [false, true, false]
        );
        assert!(sentences(" … ").is_empty());
    }

    #[test]
    fn names_fall_into_words() {
        for name in ["refund_order", "refundOrder", "Refund.order"] {
            assert_eq!(name_words(name), ["refund", "order"], "{name}");
        }
    }
}
