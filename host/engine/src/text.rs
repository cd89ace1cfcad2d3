//! Text that a plugin wrote, made fit for terminals, logs and reports: bounded, and without
//! characters that change how the rest is shown.

use crate::limits::SENTENCE_CHARS_MAX;

/// A reason, summary or message.
pub(crate) fn sentence(text: String) -> String {
    line(text, SENTENCE_CHARS_MAX)
}

/// Whether [`sentence`] would cut it.
pub(crate) fn is_longer_than_a_sentence(text: &str) -> bool {
    text.chars().nth(SENTENCE_CHARS_MAX).is_some()
}

/// One line: control characters and those that reorder text are escaped.
pub(crate) fn line(text: String, chars_max: usize) -> String {
    shown(text, chars_max, |c| c.is_control() || reorders(c))
}

/// Several lines: the same, but line breaks and tabs stay.
pub(crate) fn lines(text: String, chars_max: usize) -> String {
    shown(text, chars_max, |c| (c.is_control() && !matches!(c, '\n' | '\t')) || reorders(c))
}

/// A name as in `describe`: lower-case letters, digits and hyphens.
pub(crate) fn is_name(text: &str, bytes_max: usize) -> bool {
    (1..=bytes_max).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// A control's id, such as `GDPR-5.1.c` or `A.8.12(b)`.
pub(crate) fn is_control_id(text: &str, bytes_max: usize) -> bool {
    (1..=bytes_max).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:/()".contains(&b))
}

/// Unicode's direction and line controls, which `char::is_control` does not count.
fn reorders(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn shown(text: String, chars_max: usize, hidden: impl Fn(char) -> bool) -> String {
    if text.len() <= chars_max && !text.contains(&hidden) {
        return text;
    }
    let mut shown = String::with_capacity(text.len().min(chars_max));
    for (n, c) in text.chars().enumerate() {
        if n == chars_max {
            shown.push('…');
            break;
        }
        if hidden(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(line(text.into(), 12), expected);
    }

    #[test]
    fn lines_cannot_steer_a_terminal() {
        check("plain", "plain");
        check("a\u{1b}[2Jb", "a\\u{1b}[2Jb");
        check("a\nb\r\0", "a\\nb\\r\\u{0}");
        check("a\u{202e}b", "a\\u{202e}b");
        check("Grüße", "Grüße");
    }

    #[test]
    fn long_lines_are_cut_at_a_character() {
        check("ääääääääääää", "ääääääääääää");
        check("äääääääääääää", "ääääääääääää…");
    }

    #[test]
    fn texts_of_several_lines_keep_their_breaks() {
        assert_eq!(lines("a\n\tb\r".into(), 12), "a\n\tb\\r");
    }

    #[test]
    fn names_are_plain() {
        assert!(is_name("confirm-writes", 64));
        for wrong in ["", "Confirm", "a b", "ä", "a_b"] {
            assert!(!is_name(wrong, 64), "{wrong}");
        }
        assert!(!is_name("aaa", 2));
        assert!(is_control_id("GDPR-5.1.c", 64));
        assert!(!is_control_id("GDPR 5", 64));
    }
}
