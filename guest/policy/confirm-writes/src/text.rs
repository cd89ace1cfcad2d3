//! Text as sentences of tokens: where words, numbers and identifiers begin and end.
//!
//! Apart, because everything else reads tokens and nothing else looks at characters. Work is
//! linear in the text and bounded by [`TEXT_MAX`]: of a longer text nothing is read at all, since
//! a yes in its first half may be taken back in its second.

use core::iter::successors;

use crate::phrase::{Phrase, Sign};

/// Bytes of the longest text that is read.
pub(crate) const TEXT_MAX: usize = 16 * 1024;

/// What a token is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Letters, with an apostrophe at most.
    Word,
    /// Digits, with the separators of a number.
    Number,
    /// Anything else with a digit in it: an identifier, a date, a time.
    Mixed,
}

/// A word, a number or an identifier, in lower case.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token<'a> {
    /// Its characters.
    pub(crate) text: &'a str,
    /// What they are.
    pub(crate) kind: Kind,
    /// Which clause of the sentence it stands in, from 0.
    pub(crate) clause: u8,
    /// Whether a currency sign stands before it.
    pub(crate) money: bool,
    sign: Sign,
    /// The next token of its sign in the sentence, or [`NOWHERE`].
    next: u16,
}

/// In place of the index of a token that there is not.
const NOWHERE: u16 = u16::MAX;
const _: () = assert!(TEXT_MAX < NOWHERE as usize, "each token has an index");

/// The tokens up to a full stop, a question mark, an exclamation mark or the end of a line.
#[derive(Clone, Debug)]
pub(crate) struct Sentence<'a> {
    /// In order.
    pub(crate) tokens: Vec<Token<'a>>,
    /// Whether it ends in a question mark.
    pub(crate) question: bool,
    /// Whether it goes on in the line of the sentence before.
    pub(crate) continues: bool,
    /// Whether it stands in an item of a list.
    pub(crate) listed: bool,
    /// How many of its tokens are a label: two of `Cabin class: economy`.
    pub(crate) label: usize,
    /// A bit for each sign of its words.
    signs: u64,
    /// For each sign the first token that has it, or [`NOWHERE`].
    firsts: [u16; Sign::COUNT],
}

impl Sentence<'_> {
    fn new(continues: bool, listed: bool) -> Self {
        let firsts = [NOWHERE; Sign::COUNT];
        Self { tokens: Vec::new(), question: false, continues, listed, label: 0, signs: 0, firsts }
    }

    /// Links the tokens of each sign, first to last.
    fn link(&mut self) {
        for (at, token) in self.tokens.iter_mut().enumerate().rev() {
            let at = u16::try_from(at).unwrap_or(NOWHERE);
            token.next = core::mem::replace(&mut self.firsts[token.sign.place()], at);
        }
    }

    /// The indices of the tokens that have this sign.
    fn places(&self, sign: Sign) -> impl Iterator<Item = usize> {
        let place = |at: u16| (at != NOWHERE).then_some(usize::from(at));
        successors(place(self.firsts[sign.place()]), move |at| place(self.tokens[*at].next))
    }

    /// The index of the first token after the first occurrence of the phrase.
    pub(crate) fn find(&self, phrase: &Phrase) -> Option<usize> {
        let possible = phrase.may_be_in(self.signs);
        possible.then(|| self.places(phrase.sign()).find_map(|at| self.at(at, phrase))).flatten()
    }

    /// The index of the first token after the phrase, if the phrase begins at token `at`. Not
    /// inlined: what follows its first line is seldom needed, and would be in a hundred places.
    #[inline(never)]
    fn at(&self, at: usize, phrase: &Phrase) -> Option<usize> {
        if !phrase.begins(self.tokens.get(at)?.text) {
            return None;
        }
        let mut next = at + 1;
        for word in phrase.rest() {
            if self.tokens.get(next)?.text != word {
                return None;
            }
            next += 1;
        }
        Some(next)
    }

    /// Whether one of the phrases occurs.
    pub(crate) fn has_any(&self, phrases: &[Phrase]) -> bool {
        phrases.iter().any(|phrase| self.find(phrase).is_some())
    }

    /// Whether the sentence begins with one of the phrases.
    pub(crate) fn starts(&self, phrases: &[Phrase]) -> bool {
        phrases.iter().any(|phrase| phrase.may_be_in(self.signs) && self.at(0, phrase).is_some())
    }

    /// The first word.
    pub(crate) fn first(&self) -> &str {
        self.tokens.first().map_or("", |token| token.text)
    }

    /// Whether the word occurs.
    pub(crate) fn has_word(&self, word: &str) -> bool {
        self.places(Sign::of(word)).any(|at| self.tokens[at].text == word)
    }
}

/// A text in lower case, as far as it is English, or nothing where it is too long to be read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text {
    lower: String,
    unread: bool,
}

impl Text {
    /// Takes a text in.
    pub(crate) fn new(text: &str) -> Self {
        if text.len() > TEXT_MAX {
            return Self { lower: String::new(), unread: true };
        }
        let lower = text.chars().map(|c| if c == '\u{2019}' { '\'' } else { c.to_ascii_lowercase() });
        Self { lower: lower.collect(), unread: false }
    }

    /// Whether the text was too long.
    pub(crate) fn unread(&self) -> bool {
        self.unread
    }

    /// Its sentences that hold at least one token.
    pub(crate) fn sentences(&self) -> Vec<Sentence<'_>> {
        let mut out = Vec::new();
        for line in self.lower.lines() {
            let (line, listed) = item(line);
            let sentence = Sentence::new(false, listed);
            Line { line, sentence, clause: 0, money: false }.read(&mut out);
        }
        out
    }
}

/// One line on its way to becoming sentences.
struct Line<'a> {
    line: &'a str,
    sentence: Sentence<'a>,
    clause: u8,
    money: bool,
}

impl<'a> Line<'a> {
    fn read(mut self, out: &mut Vec<Sentence<'a>>) {
        let mut start = None;
        let mut before = ' ';
        for (at, c) in self.line.char_indices() {
            let rest = self.line.get(at + c.len_utf8()..).unwrap_or_default();
            if is_token(c) || (start.is_some() && joins(before, c, rest)) {
                start.get_or_insert(at);
            } else {
                self.token(start.take(), at);
                self.separator(c, rest, out);
            }
            before = c;
        }
        self.token(start, self.line.len());
        self.end(out);
    }

    fn token(&mut self, start: Option<usize>, end: usize) {
        let Some(text) = start.and_then(|start| self.line.get(start..end)) else { return };
        if matches!(text, "and" | "then" | "but") {
            self.clause = self.clause.saturating_add(1);
        }
        let sign = Sign::of(text);
        let token =
            Token { text, kind: kind(text), clause: self.clause, money: self.money, sign, next: NOWHERE };
        self.money = false;
        self.sentence.signs |= sign.bit();
        self.sentence.tokens.push(token);
    }

    fn separator(&mut self, c: char, rest: &str, out: &mut Vec<Sentence<'a>>) {
        match c {
            '$' | '€' | '£' => self.money = true,
            ',' | ';' => self.clause = self.clause.saturating_add(1),
            '?' => {
                self.sentence.question = true;
                self.end(out);
            }
            ':' if self.sentence.label == 0 => self.sentence.label = self.sentence.tokens.len(),
            '!' => self.end(out),
            '.' if !rest.starts_with(is_token) => self.end(out),
            _ => {}
        }
    }

    fn end(&mut self, out: &mut Vec<Sentence<'a>>) {
        let next = Sentence::new(true, self.sentence.listed);
        let mut sentence = core::mem::replace(&mut self.sentence, next);
        if !sentence.tokens.is_empty() {
            sentence.link();
            out.push(sentence);
        }
        self.clause = 0;
    }
}

fn is_token(c: char) -> bool {
    is_letter_or_digit(c) || c == '_'
}

/// Letters and digits; beyond ASCII whatever is no sign or punctuation of the common blocks, which
/// spares the plugin the tables of Unicode.
pub(crate) fn is_letter_or_digit(c: char) -> bool {
    c.is_ascii_alphanumeric() || (c >= '\u{c0}' && !('\u{2000}'..='\u{206f}').contains(&c))
}

/// Whether `c` holds what stands before and after it together as one token.
fn joins(before: char, c: char, rest: &str) -> bool {
    let after = rest.chars().next().unwrap_or(' ');
    let digits = before.is_ascii_digit() && after.is_ascii_digit();
    match c {
        '\'' => is_letter_or_digit(before) && is_letter_or_digit(after),
        '.' | '/' | ':' => digits,
        ',' => digits && rest.bytes().take_while(u8::is_ascii_digit).count() == 3,
        '-' => {
            is_letter_or_digit(before)
                && is_letter_or_digit(after)
                && (before.is_ascii_digit() || after.is_ascii_digit())
        }
        _ => false,
    }
}

fn kind(text: &str) -> Kind {
    if !text.bytes().any(|b| b.is_ascii_digit()) {
        Kind::Word
    } else if text.bytes().all(|b| b.is_ascii_digit() || b == b',' || b == b'.') {
        Kind::Number
    } else {
        Kind::Mixed
    }
}

/// The line without the `1.`, `2)` or `-` of a list, whose number counts lines and states nothing;
/// and whether there was one.
fn item(line: &str) -> (&str, bool) {
    let line = line.trim_start();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let listed = matches!(digits, 1..=2) && matches!(line.as_bytes().get(digits), Some(b'.' | b')'));
    let spaced = line.as_bytes().get(digits + 1).is_none_or(|b| b.is_ascii_whitespace());
    if listed && spaced {
        (line.get(digits + 1..).unwrap_or_default(), true)
    } else {
        (line, line.starts_with("- ") || line.starts_with("* ") || line.starts_with('\u{2022}'))
    }
}
