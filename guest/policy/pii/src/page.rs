//! A stretch of text cut into tokens once, for all detectors. A detector walks over tokens and
//! asks for their kind, their roles and the gap before them; all reading goes through [`Page`],
//! so that a test can count it.

use core::cell::Cell;

use crate::character::{self, Class};
use crate::table::WordHash;
use crate::words;

/// One token: a word, a row of digits, or a single other character.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token {
    start: u16,
    end: u16,
    kind: Kind,
    gap: Gap,
    /// How many characters it has; 255 stands for more.
    length: u8,
    roles: u32,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Letters of one case pattern.
    Word(Case),
    /// Digits.
    Digits,
    /// Another character, as the ASCII one that it resembles, or `?`.
    Mark(u8),
}

/// How a word is capitalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    /// It begins with a small letter.
    Lower,
    /// It begins with a capital and ends with a small letter.
    Title,
    /// It begins and ends with a capital.
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

    #[inline]
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
        self.get(at).map_or("", |token| self.slice(usize::from(token.start), usize::from(token.end)))
    }

    /// The text between two bytes, which are boundaries of tokens.
    pub(crate) fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Whether the token is this word, in any case.
    pub(crate) fn is(&self, at: usize, word: &str) -> bool {
        self.word(at).eq_ignore_ascii_case(word)
    }

    /// Whether the token is one of these words, in any case.
    pub(crate) fn is_any(&self, at: usize, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(at, word))
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
        if self.is_digits(at) { self.length(at) } else { 0 }
    }

    /// How many characters the token has; 255 stands for more.
    pub(crate) fn length(&self, at: usize) -> usize {
        self.get(at).map_or(0, |token| usize::from(token.length))
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
        let (class, width) = self.past_gap()?;
        let start = self.at;
        let (kind, length, roles) = match class {
            Class::Letter => self.word(),
            Class::Digit => (Kind::Digits, self.digits(), 0),
            Class::Mark(mark) => {
                self.at += width;
                (Kind::Mark(mark), 1, 0)
            }
            Class::Blank | Class::LineBreak => return None,
        };
        let gap = core::mem::replace(&mut self.gap, Gap::None);
        let length = u8::try_from(length).unwrap_or(u8::MAX);
        Some(Token { start: narrow(start), end: narrow(self.at), kind, gap, length, roles })
    }

    /// Passes over blanks, line breaks and what leads a line; returns the class and the width of
    /// the character behind.
    fn past_gap(&mut self) -> Option<(Class, usize)> {
        loop {
            let (class, width) = self.class()?;
            match class {
                Class::LineBreak => self.gap = Gap::Line,
                Class::Blank if self.gap == Gap::None => self.gap = Gap::Space,
                Class::Blank => {}
                Class::Mark(mark) if self.gap == Gap::Line && LEADING_MARKS.contains(&mark) => {}
                _ => return Some((class, width)),
            }
            self.at += width;
        }
    }

    /// Reads a row of digits; returns how many there are.
    fn digits(&mut self) -> usize {
        let mut length = 0;
        while let Some((Class::Digit, width)) = self.class() {
            self.at += width;
            length += 1;
        }
        length
    }

    /// Reads a word; returns its kind, its length and its roles.
    fn word(&mut self) -> (Kind, usize, u32) {
        let start = self.at;
        let (mut hash, mut length) = (WordHash::EMPTY, 0);
        loop {
            let ascii = self.ascii_letters(&mut hash);
            self.at += ascii;
            length += ascii;
            let Some(letter) = self.wide().filter(|&wide| character::is_letter(wide)) else { break };
            hash = with_small(hash, letter);
            self.at += letter.len_utf8();
            length += 1;
        }
        let word = self.text.get(start..self.at).unwrap_or_default();
        (Kind::Word(case(word)), length, words::roles(hash))
    }

    /// How many letters of ASCII are at hand; takes them into the hash.
    fn ascii_letters(&self, hash: &mut WordHash) -> usize {
        let bytes = &self.text.as_bytes()[self.at..];
        let mut word = *hash;
        let end = bytes.iter().position(|byte| {
            let small = byte | 0x20;
            let ends = !small.is_ascii_lowercase();
            word = if ends { word } else { word.with(small) };
            ends
        });
        *hash = word;
        end.unwrap_or(bytes.len())
    }

    /// The character at hand if it is not of ASCII.
    fn wide(&self) -> Option<char> {
        let is_wide = self.text.as_bytes().get(self.at).is_some_and(|byte| !byte.is_ascii());
        if is_wide { self.text.get(self.at..)?.chars().next() } else { None }
    }

    /// The class and the width in bytes of the character at hand.
    #[inline]
    fn class(&self) -> Option<(Class, usize)> {
        let &byte = self.text.as_bytes().get(self.at)?;
        if byte.is_ascii() {
            return Some((character::class_of_ascii(byte), 1));
        }
        self.wide().map(|wide| (character::class_of(wide), wide.len_utf8()))
    }
}

/// What leads the lines of quoted mail, of lists, and of lines whose first characters an older
/// encoding lost.
const LEADING_MARKS: [u8; 4] = [b'>', b'|', b'*', b'?'];

/// How a word is capitalised; its ends tell.
fn case(word: &str) -> Case {
    let mut letters = word.chars();
    match (letters.next(), letters.next_back()) {
        (Some(first), _) if !character::is_capital(first) => Case::Lower,
        (Some(_), Some(last)) if !character::is_capital(last) => Case::Title,
        _ => Case::Upper,
    }
}

fn with_small(hash: WordHash, letter: char) -> WordHash {
    let mut bytes = [0; 4];
    character::small(letter).encode_utf8(&mut bytes).bytes().fold(hash, WordHash::with)
}

fn narrow(offset: usize) -> u16 {
    u16::try_from(offset).expect("invariant: a page is at most PAGE_BYTES_MAX long")
}
