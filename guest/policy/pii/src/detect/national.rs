//! Numbers that states and health systems give persons, by form and check digits.
//!
//! A form that other numbers have too (nine bare digits) needs words that speak of such a
//! number; one that is rare enough or whose check is strong enough stands alone.

mod schemes;

use crate::category::Category;
use crate::page::{Page, digit_value};
use crate::words::role;

/// How the numbers of one register look.
struct Scheme {
    /// Their form: `9` is a digit, `A` a letter, a blank any blank, all else itself.
    form: &'static str,
    /// Whether digits (their values) and letters (capitals) make such a number.
    holds: fn(&[u8]) -> bool,
    /// What must be said around it.
    evidence: Evidence,
    category: Category,
}

/// What makes a number of the right form and with right check digits personal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Evidence {
    /// Nothing more.
    Form,
    /// A word about such numbers before it.
    Words,
}

/// Where the number of a register ends that starts at this token.
pub(crate) fn read(page: &Page<'_>, at: usize) -> Option<(usize, Category)> {
    let text = &page.text()[page.start(at)..];
    let length = page.word(at).len();
    let spoken = || page.nearest(at, CONTEXT_BYTES, role::NATIONAL | role::CIVIL) != 0;
    let mut candidates = schemes::SCHEMES.iter().filter(|scheme| scheme.begins_with(text, length));
    let (scheme, end) = candidates.find_map(|scheme| {
        let (code, end) = Code::read(text, scheme.form)?;
        let believed = (scheme.holds)(code.as_slice()) && (scheme.evidence == Evidence::Form || spoken());
        believed.then_some((scheme, end))
    })?;
    Some((page.start(at) + end, scheme.category))
}

/// How far the words about a number may stand before it.
const CONTEXT_BYTES: usize = 48;

impl Scheme {
    /// Whether the form begins with as many digits, or letters, as the token at hand has.
    fn begins_with(&self, text: &str, length: usize) -> bool {
        let kind = |byte: &u8| byte.is_ascii_digit();
        let form = self.form.as_bytes();
        let letters = |byte: &&u8| **byte == b'A';
        let digits = |byte: &&u8| **byte == b'9';
        match text.as_bytes().first().is_some_and(kind) {
            true => form.iter().take_while(digits).count() == length,
            false => form.iter().take_while(letters).count() == length,
        }
    }
}

/// The digits and letters of a number, without what separates them.
struct Code {
    values: [u8; CODE_MAX],
    length: usize,
}

const CODE_MAX: usize = 20;

impl Code {
    /// Reads a number of this form off the start of a text, and where it ends. No further letter
    /// or digit may follow.
    fn read(text: &str, form: &str) -> Option<(Self, usize)> {
        let mut code = Self { values: [0; CODE_MAX], length: 0 };
        let mut chars = text.chars();
        for expected in form.chars() {
            let found = chars.next()?;
            match expected {
                '9' => code.push(digit_value(found)?),
                'A' if found.is_ascii_alphabetic() => code.push(found.to_ascii_uppercase() as u8),
                ' ' if matches!(found, ' ' | '\u{a0}' | '\u{202f}') => {}
                _ if expected == found && expected != 'A' => {}
                _ => return None,
            }
        }
        let rest = chars.as_str();
        let mut following = rest.chars();
        let alone = match following.next() {
            Some('-' | '/' | '.' | '_') => !following.next().is_some_and(char::is_alphanumeric),
            Some(next) => !next.is_alphanumeric(),
            None => true,
        };
        alone.then(|| (code, text.len() - rest.len()))
    }

    fn push(&mut self, value: u8) {
        self.values[self.length] = value;
        self.length += 1;
    }

    fn as_slice(&self) -> &[u8] {
        &self.values[..self.length]
    }
}
