//! Places in the text that a person typed.

use core::fmt;

use sqlparser::tokenizer::Span;

/// Characters of a line that are shown around a place.
const SHOWN: usize = 76;

/// A place in a query, as its author counts: from 1, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The line.
    pub line: usize,
    /// The first character in it.
    pub column: usize,
    /// How many characters are meant; at least one.
    pub length: usize,
}

impl Spot {
    /// The place of this span; `None` where the parser knows none.
    pub(crate) fn of(span: Span) -> Option<Self> {
        let (start, end) = (span.start, span.end);
        let (line, column) = (usize::try_from(start.line).ok()?, usize::try_from(start.column).ok()?);
        if line == 0 || column == 0 {
            return None;
        }
        let until = usize::try_from(end.column).ok()?;
        let length = if end.line == start.line { until.saturating_sub(column) } else { 1 };
        Some(Self { line, column, length: length.max(1) })
    }

    /// The place of this byte; of the end where there is no such byte.
    pub(crate) fn at_byte(text: &str, byte: usize) -> Self {
        let before = text.char_indices().take_while(|(at, _)| *at < byte).map(|(_, character)| character);
        let (mut line, mut column) = (1, 1);
        for character in before {
            (line, column) = if character == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
        Self { line, column, length: 1 }
    }

    /// The byte of the text at which it begins.
    pub(crate) fn byte(self, text: &str) -> usize {
        let Some(line) = text.split_inclusive('\n').nth(self.line - 1) else { return text.len() };
        let within = line.char_indices().nth(self.column - 1).map_or(line.len(), |(at, _)| at);
        text.split_inclusive('\n').take(self.line - 1).map(str::len).sum::<usize>() + within
    }

    /// The same, as long as the word that begins there.
    pub(crate) fn word_in(self, text: &str) -> Self {
        let rest = text.get(self.byte(text)..).unwrap_or_default();
        let length = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').count();
        Self { length: length.max(1), ..self }
    }

    /// The line of `text` that it lies in, and below it what is meant. What the text holds that
    /// would move a cursor is shown as `·`.
    #[must_use]
    pub fn shown_in(self, text: &str) -> String {
        let line: Vec<char> = text.lines().nth(self.line - 1).unwrap_or_default().chars().collect();
        let at = (self.column - 1).min(line.len());
        let from = at.saturating_sub(SHOWN / 2);
        let until = line.len().min(from + SHOWN);
        let cut = |cut: bool| if cut { "…" } else { "" };
        let shown: String = line[from..until].iter().map(|c| if c.is_control() { '·' } else { *c }).collect();
        let length = self.length.min(until.saturating_sub(at)).max(1);
        let before = " ".repeat(at - from + cut(from > 0).chars().count());
        format!("  {}{shown}{}\n  {before}{}", cut(from > 0), cut(until < line.len()), "^".repeat(length))
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_back() {
        let text = "SELECT 'grüße',\n  wrong\nFROM t";
        for (byte, _) in text.char_indices() {
            assert_eq!(Spot::at_byte(text, byte).byte(text), byte);
        }
        assert_eq!(Spot::at_byte(text, text.find("wrong").unwrap()), Spot { line: 2, column: 3, length: 1 });
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("{}wrong{}", "a".repeat(500), "b".repeat(500));
        let shown = Spot { line: 1, column: 501, length: 5 }.shown_in(&text);
        let (line, carets) = shown.split_once('\n').unwrap();
        let at = line.find("wrong").unwrap();
        assert_eq!(line[..at].chars().count(), carets.find("^^^^^").unwrap(), "{shown}");
        assert!(line.chars().count() < 90, "{shown}");
    }
}
