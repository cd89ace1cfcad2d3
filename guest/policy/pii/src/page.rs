//! A stretch of text cut into tokens once, for all detectors. A detector walks over tokens and
//! asks for their kind, their roles and the gap before them; all reading goes through [`Page`],
//! so that a test can count it.

use core::cell::Cell;

use crate::table::WordHash;
use crate::words;

/// One token: a word, a row of digits, or a single other character.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token {
    start: u16,
    end: u16,
    kind: Kind,
    gap: Gap,
    roles: u32,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Letters of one case pattern.
    Word(Case),
    /// Digits.
    Digits,
    /// Anything else, as the ASCII character that it resembles, or `?`.
    Mark(u8),
}

/// How a word is capitalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    /// It begins with a small letter.
    Lower,
    /// It begins with a capital, and a small letter follows.
    Title,
    /// It has capitals only.
    Upper,
}

/// What separates a token from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gap {
    /// Nothing.
    None,
    /// Blanks.
    Space,
    /// A line break, or the start of the text.
    Line,
}

/// The longest text that a page can hold: its tokens count bytes in 16 bits.
pub(crate) const PAGE_BYTES_MAX: usize = 60_000;

/// A text of at most [`PAGE_BYTES_MAX`] bytes and its tokens.
pub(crate) struct Page<'t> {
    text: &'t str,
    tokens: &'t [Token],
    capitals: bool,
    reads: Cell<u64>,
}

impl<'t> Page<'t> {
    /// Cuts the text, keeping the tokens in the buffer.
    pub(crate) fn new(text: &'t str, buffer: &'t mut Vec<Token>) -> Self {
        buffer.clear();
        let mut lexer = Lexer { text, at: 0, gap: Gap::Line };
        buffer.extend(core::iter::from_fn(|| lexer.token()));
        let capitals = buffer.iter().any(|token| matches!(token.kind, Kind::Word(Case::Title | Case::Upper)));
        Self { text, tokens: buffer, capitals, reads: Cell::new(0) }
    }

    /// The whole text.
    pub(crate) fn text(&self) -> &'t str {
        self.text
    }

    /// The number of tokens.
    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// How many tokens were read so far: the detectors' work.
    pub(crate) fn reads(&self) -> u64 {
        self.reads.get()
    }

    fn get(&self, at: usize) -> Option<&'t Token> {
        self.reads.set(self.reads.get() + 1);
        self.tokens.get(at)
    }

    /// The kind of a token; `None` past either end.
    pub(crate) fn kind(&self, at: usize) -> Option<Kind> {
        self.get(at).map(|token| token.kind)
    }

    /// The gap before a token; past the end, a line break.
    pub(crate) fn gap(&self, at: usize) -> Gap {
        self.get(at).map_or(Gap::Line, |token| token.gap)
    }

    /// The token's text; empty past either end.
    pub(crate) fn word(&self, at: usize) -> &'t str {
        self.get(at).map_or("", |token| &self.text[usize::from(token.start)..usize::from(token.end)])
    }

    /// Where the token starts; past the end, the text's end.
    pub(crate) fn start(&self, at: usize) -> usize {
        self.get(at).map_or(self.text.len(), |token| usize::from(token.start))
    }

    /// Where the token ends; past the end, the text's end.
    pub(crate) fn end(&self, at: usize) -> usize {
        self.get(at).map_or(self.text.len(), |token| usize::from(token.end))
    }

    /// The token's roles; none past either end.
    pub(crate) fn roles(&self, at: usize) -> u32 {
        self.get(at).map_or(0, |token| token.roles)
    }

    /// Whether the token plays one of the roles.
    pub(crate) fn plays(&self, at: usize, roles: u32) -> bool {
        self.roles(at) & roles != 0
    }

    /// Whether the token is this character.
    pub(crate) fn is_mark(&self, at: usize, mark: u8) -> bool {
        self.kind(at) == Some(Kind::Mark(mark))
    }

    /// Whether the token is one of these characters.
    pub(crate) fn is_mark_of(&self, at: usize, marks: &[u8]) -> bool {
        matches!(self.kind(at), Some(Kind::Mark(mark)) if marks.contains(&mark))
    }

    /// Whether the token is a word.
    pub(crate) fn is_word(&self, at: usize) -> bool {
        matches!(self.kind(at), Some(Kind::Word(_)))
    }

    /// Whether the token is a row of digits.
    pub(crate) fn is_digits(&self, at: usize) -> bool {
        self.kind(at) == Some(Kind::Digits)
    }

    /// How many digits the token has; 0 where it is something else.
    pub(crate) fn digit_count(&self, at: usize) -> usize {
        if self.is_digits(at) { self.word(at).chars().count() } else { 0 }
    }

    /// Whether nothing separates the token from the one before.
    pub(crate) fn is_tight(&self, at: usize) -> bool {
        self.gap(at) == Gap::None
    }

    /// Whether the token is a word with a capital; in a text without any, whether it is a word.
    pub(crate) fn is_capital(&self, at: usize) -> bool {
        match self.kind(at) {
            Some(Kind::Word(Case::Lower)) => !self.capitals,
            Some(Kind::Word(_)) => true,
            _ => false,
        }
    }

    /// Whether the text tells capitals from small letters.
    pub(crate) fn has_capitals(&self) -> bool {
        self.capitals
    }

    /// The tokens before this one, nearest first, that start at most `reach` bytes before it.
    pub(crate) fn before(&self, at: usize, reach: usize) -> impl Iterator<Item = usize> {
        let from = self.start(at).saturating_sub(reach);
        (0..at).rev().take(TOKENS_AROUND).take_while(move |&token| self.start(token) >= from)
    }

    /// The roles among `wanted` of the nearest token before this one that plays any of them.
    pub(crate) fn nearest(&self, at: usize, reach: usize, wanted: u32) -> u32 {
        self.before(at, reach).map(|token| self.roles(token) & wanted).find(|&roles| roles != 0).unwrap_or(0)
    }

    /// The first token that starts at this byte or after it.
    pub(crate) fn token_from(&self, mut at: usize, byte: usize) -> usize {
        while at < self.len() && self.start(at) < byte {
            at += 1;
        }
        at
    }
}

/// No context is farther away than this many tokens, however short they are.
const TOKENS_AROUND: usize = 16;

/// Reads tokens off a text.
struct Lexer<'t> {
    text: &'t str,
    at: usize,
    gap: Gap,
}

impl Lexer<'_> {
    /// The next token.
    fn token(&mut self) -> Option<Token> {
        loop {
            let start = self.at;
            let (class, width) = self.class()?;
            self.at += width;
            let (kind, roles) = match class {
                Class::Gap(gap) => {
                    self.widen(gap);
                    continue;
                }
                Class::Mark(b'>' | b'|') if self.gap == Gap::Line => continue,
                Class::Mark(mark) => (Kind::Mark(mark), 0),
                Class::Digit => (self.digits(), 0),
                Class::Letter => self.word(start),
            };
            let gap = core::mem::replace(&mut self.gap, Gap::None);
            return Some(Token { start: narrow(start), end: narrow(self.at), kind, gap, roles });
        }
    }

    /// A line break outlasts the blanks around it.
    fn widen(&mut self, gap: Gap) {
        if self.gap != Gap::Line {
            self.gap = gap;
        }
    }

    fn digits(&mut self) -> Kind {
        while let Some((Class::Digit, width)) = self.class() {
            self.at += width;
        }
        Kind::Digits
    }

    fn word(&mut self, start: usize) -> (Kind, u32) {
        self.at = start;
        let (mut hash, mut length, mut capitals) = (WordHash::EMPTY, 0, 0);
        let first_is_capital = self.text[start..].chars().next().is_some_and(is_capital);
        while let Some((Class::Letter, width)) = self.class() {
            length += 1;
            if let &[letter] = &self.text.as_bytes()[self.at..self.at + width] {
                capitals += usize::from(letter.is_ascii_uppercase());
                hash = hash.with(letter);
            } else if let Some(letter) = self.text[self.at..].chars().next() {
                capitals += usize::from(is_capital(letter));
                hash = with_lower(hash, letter);
            }
            self.at += width;
        }
        let case = match first_is_capital {
            false => Case::Lower,
            true if capitals == length => Case::Upper,
            true => Case::Title,
        };
        (Kind::Word(case), words::roles(hash))
    }

    /// The class and the width in bytes of the character at hand.
    fn class(&self) -> Option<(Class, usize)> {
        let &byte = self.text.as_bytes().get(self.at)?;
        let class = match byte {
            b'a'..=b'z' | b'A'..=b'Z' => Class::Letter,
            b'0'..=b'9' => Class::Digit,
            b' ' | b'\t' => Class::Gap(Gap::Space),
            b'\n' | b'\r' | 0x0b | 0x0c => Class::Gap(Gap::Line),
            0x00..0x80 => Class::Mark(byte),
            _ => {
                let wide = self.text[self.at..].chars().next()?;
                return Some((class_of_wide(wide), wide.len_utf8()));
            }
        };
        Some((class, 1))
    }
}

fn with_lower(hash: WordHash, letter: char) -> WordHash {
    let mut bytes = [0; 4];
    let lower = letter.to_lowercase().next().unwrap_or(letter);
    lower.encode_utf8(&mut bytes).bytes().fold(hash, WordHash::with)
}

fn is_capital(letter: char) -> bool {
    letter.is_uppercase()
}

fn narrow(offset: usize) -> u16 {
    u16::try_from(offset).expect("invariant: a page is at most PAGE_BYTES_MAX long")
}

/// What a character does in a text.
enum Class {
    Letter,
    Digit,
    Gap(Gap),
    Mark(u8),
}

/// Characters beyond ASCII. What is not known to be something else is a letter.
fn class_of_wide(wide: char) -> Class {
    match wide {
        _ if digit_value(wide).is_some() => Class::Digit,
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => Class::Gap(Gap::Space),
        '\u{85}' | '\u{2028}' | '\u{2029}' => Class::Gap(Gap::Line),
        '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ff0d}' => Class::Mark(b'-'),
        '\u{2018}'..='\u{201b}' => Class::Mark(b'\''),
        '\u{201c}'..='\u{201f}' | '«' | '»' => Class::Mark(b'"'),
        '\u{a2}'..='\u{a5}' | '\u{20a0}'..='\u{20bf}' => Class::Mark(b'$'),
        '\u{ff0b}' => Class::Mark(b'+'),
        '\u{ff08}' => Class::Mark(b'('),
        '\u{ff09}' => Class::Mark(b')'),
        '\u{ff1a}' => Class::Mark(b':'),
        '\u{ff20}' => Class::Mark(b'@'),
        'ª' | 'º' | 'µ' => Class::Letter,
        '\u{80}'..='\u{bf}' | '\u{200b}'..='\u{206f}' | '\u{3001}'..='\u{303f}' => Class::Mark(b'?'),
        _ => Class::Letter,
    }
}

/// The value of a digit of the scripts in which numbers for people are typed: ASCII, the wide
/// form of East Asian keyboards, Arabic and Persian. Their code points end in the value.
pub(crate) fn digit_value(digit: char) -> Option<u8> {
    let value = |digit: char| (u32::from(digit) & 0xf) as u8;
    matches!(digit, '0'..='9' | '\u{ff10}'..='\u{ff19}' | '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}')
        .then(|| value(digit))
}
