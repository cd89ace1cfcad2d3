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
    /// A mark's character as the ASCII one that it resembles; 0 for other tokens.
    mark: u8,
    /// How many characters it has; 255 stands for more.
    length: u8,
    roles: u32,
}

/// What a token is. It has no payload, since it is asked for more often than anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A word that begins with a small letter.
    Lower,
    /// A word that begins with a capital and ends with a small letter.
    Title,
    /// A word that begins and ends with a capital.
    Upper,
    /// Digits.
    Digits,
    /// Another character.
    Mark,
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
    roles: u32,
    reads: Cell<u64>,
}

impl<'t> Page<'t> {
    /// Cuts the text, keeping the tokens in the buffer.
    pub(crate) fn new(text: &'t str, buffer: &'t mut Vec<Token>) -> Self {
        buffer.clear();
        let mut lexer = Lexer { text, at: 0, gap: Gap::Line };
        let (mut capitals, mut roles) = (false, 0);
        while let Some(token) = lexer.token() {
            capitals |= matches!(token.kind, Kind::Title | Kind::Upper);
            roles |= token.roles;
            buffer.push(token);
        }
        Self { text, tokens: buffer, capitals, roles, reads: Cell::new(0) }
    }

    /// The whole text.
    pub(crate) fn text(&self) -> &'t str {
        self.text
    }

    /// The number of tokens.
    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// What each token is, which character if it is a mark, and its roles.
    pub(crate) fn tokens(&self) -> impl Iterator<Item = (Kind, u8, u32)> {
        self.tokens.iter().map(|token| (token.kind, token.mark, token.roles))
    }

    /// How many tokens were read so far: the detectors' work.
    pub(crate) fn reads(&self) -> u64 {
        self.reads.get()
    }

    #[inline]
    fn get(&self, at: usize) -> Option<&'t Token> {
        self.reads.set(self.reads.get().wrapping_add(1));
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
        let token = self.word(at);
        words.iter().any(|word| token.eq_ignore_ascii_case(word))
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

    /// The token's character as the ASCII one that it resembles; 0 where it is no mark.
    pub(crate) fn mark(&self, at: usize) -> u8 {
        self.get(at).map_or(0, |token| token.mark)
    }

    /// Whether the token is this character.
    pub(crate) fn is_mark(&self, at: usize, mark: u8) -> bool {
        self.mark(at) == mark
    }

    /// Whether the token is one of these characters.
    pub(crate) fn is_mark_of(&self, at: usize, marks: &[u8]) -> bool {
        marks.contains(&self.mark(at))
    }

    /// Whether the token is a word.
    pub(crate) fn is_word(&self, at: usize) -> bool {
        matches!(self.kind(at), Some(Kind::Lower | Kind::Title | Kind::Upper))
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
            Some(Kind::Lower) => !self.capitals,
            Some(Kind::Title | Kind::Upper) => true,
            _ => false,
        }
    }

    /// Whether the text tells capitals from small letters.
    pub(crate) fn has_capitals(&self) -> bool {
        self.capitals
    }

    /// Whether any word of the text plays one of the roles.
    pub(crate) fn mentions(&self, roles: u32) -> bool {
        self.roles & roles != 0
    }

    /// The tokens before this one, nearest first, that start at most `reach` bytes before it.
    pub(crate) fn before(&self, at: usize, reach: usize) -> impl Iterator<Item = usize> {
        let from = self.start(at).saturating_sub(reach);
        (0..at).rev().take(TOKENS_AROUND).take_while(move |&token| self.start(token) >= from)
    }

    /// The roles among `wanted` of the nearest token before this one that plays any of them.
    pub(crate) fn nearest(&self, at: usize, reach: usize, wanted: u32) -> u32 {
        if !self.mentions(wanted) {
            return 0;
        }
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
        let class = self.past_gap()?;
        let gap = core::mem::replace(&mut self.gap, Gap::None);
        let start = self.at;
        let mut token =
            Token { start: narrow(start), end: 0, kind: Kind::Digits, gap, mark: 0, length: 1, roles: 0 };
        match class {
            Class::Letter => self.word(&mut token),
            Class::Digit => token.length = self.digits(),
            _ => {
                token.kind = Kind::Mark;
                token.mark = self.mark();
            }
        }
        token.end = narrow(self.at);
        Some(token)
    }

    /// Passes over blanks, line breaks and what leads a line; returns the class of the character
    /// behind.
    fn past_gap(&mut self) -> Option<Class> {
        loop {
            let &byte = self.text.as_bytes().get(self.at)?;
            let (class, width) = match byte {
                0x00..0x80 => (character::class_of_ascii(byte), 1),
                _ => (self.class()?, self.width()),
            };
            match class {
                Class::Blank if self.gap == Gap::Line => {}
                Class::Blank => self.gap = Gap::Space,
                Class::LineBreak => self.gap = Gap::Line,
                Class::Mark if self.gap == Gap::Line && LEADING_MARKS.contains(&byte) => {}
                _ => return Some(class),
            }
            self.at += width;
        }
    }

    /// Reads one character that is neither a letter nor a digit.
    fn mark(&mut self) -> u8 {
        let mark = match self.wide() {
            Some(wide) => character::mark_of(wide),
            None => self.text.as_bytes().get(self.at).copied().unwrap_or_default(),
        };
        self.at += self.width();
        mark
    }

    /// Reads a row of digits; returns how many there are.
    fn digits(&mut self) -> u8 {
        let mut length: u8 = 0;
        while self.class() == Some(Class::Digit) {
            self.at += self.width();
            length = length.saturating_add(1);
        }
        length
    }

    /// Reads a word.
    fn word(&mut self, token: &mut Token) {
        let start = self.at;
        let (mut hash, mut length) = (WordHash::EMPTY, 0);
        loop {
            let ascii = ascii_letters(&self.text.as_bytes()[self.at..], &mut hash);
            self.at += ascii;
            length += ascii;
            let Some(letter) = self.wide().filter(|&wide| character::is_letter(wide)) else { break };
            hash = with_small(hash, letter);
            self.at += letter.len_utf8();
            length += 1;
        }
        token.kind = self.case(start);
        token.length = u8::try_from(length).unwrap_or(u8::MAX);
        token.roles = words::roles(hash);
    }

    /// How the word from this byte up to here is capitalised; its ends tell.
    fn case(&self, start: usize) -> Kind {
        let (first, last) = match &self.text.as_bytes()[start..self.at] {
            [first, .., last] if first.is_ascii() && last.is_ascii() => {
                (char::from(*first), char::from(*last))
            }
            _ => {
                let mut letters = self.text.get(start..self.at).unwrap_or_default().chars();
                let first = letters.next().unwrap_or_default();
                (first, letters.next_back().unwrap_or(first))
            }
        };
        match (character::is_capital(first), character::is_capital(last)) {
            (false, _) => Kind::Lower,
            (true, false) => Kind::Title,
            (true, true) => Kind::Upper,
        }
    }

    /// The class of the character at hand.
    #[inline]
    fn class(&self) -> Option<Class> {
        match self.text.as_bytes().get(self.at) {
            Some(byte) if byte.is_ascii() => Some(character::class_of_ascii(*byte)),
            _ => self.wide().map(character::class_of),
        }
    }

    /// The character at hand if it is not of ASCII.
    fn wide(&self) -> Option<char> {
        let is_wide = self.text.as_bytes().get(self.at).is_some_and(|byte| !byte.is_ascii());
        if is_wide { self.text.get(self.at..)?.chars().next() } else { None }
    }

    /// How many bytes the character at hand takes, which its first one tells.
    #[inline]
    fn width(&self) -> usize {
        match self.text.as_bytes().get(self.at) {
            Some(0xf0..) => 4,
            Some(0xe0..) => 3,
            Some(0xc0..) => 2,
            _ => 1,
        }
    }
}

/// How many letters of ASCII begin the text; takes them into the hash.
fn ascii_letters(text: &[u8], hash: &mut WordHash) -> usize {
    let (mut word, mut letters) = (*hash, text.iter());
    let mut rest = text.len();
    while let Some(small) = letters.next().map(|byte| byte | 0x20).filter(u8::is_ascii_lowercase) {
        word = word.with(small);
        rest = letters.len();
    }
    *hash = word;
    text.len() - rest
}

/// What leads the lines of quoted mail, of lists, and lines whose first characters an older
/// encoding lost.
const LEADING_MARKS: [u8; 4] = [b'>', b'|', b'*', b'?'];

fn with_small(hash: WordHash, letter: char) -> WordHash {
    let mut bytes = [0; 4];
    character::small(letter).encode_utf8(&mut bytes).bytes().fold(hash, WordHash::with)
}

fn narrow(offset: usize) -> u16 {
    u16::try_from(offset).expect("invariant: a page is at most PAGE_BYTES_MAX long")
}
