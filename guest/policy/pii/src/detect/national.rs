//! Numbers that states and health systems give persons, by form and check digits.
//!
//! A form that other numbers have too (nine bare digits) needs words that speak of such a
//! number; one that is rare enough or whose check is strong enough stands alone.

mod schemes;

use crate::category::Category;
use crate::character::{digit_value, is_letter_or_digit};
use crate::page::Page;
use crate::words::role;

/// How the numbers of one register look.
struct Scheme {
    /// Their form: `9` is a digit, `A` a letter, a blank any blank, all else itself.
    form: &'static str,
    /// How many digits it begins with.
    digits: usize,
    /// How many letters it begins with.
    letters: usize,
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
    let text = page.slice(page.start(at), page.text().len());
    let digits = page.digit_count(at);
    let letters = if digits == 0 { page.length(at) } else { 0 };
    let spoken = || page.nearest(at, CONTEXT_BYTES, role::NATIONAL | role::CIVIL) != 0;
    let mut candidates =
        schemes::SCHEMES.iter().filter(|scheme| scheme.digits == digits && scheme.letters == letters);
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
    const fn new(
        form: &'static str,
        holds: fn(&[u8]) -> bool,
        evidence: Evidence,
        category: Category,
    ) -> Self {
        let (digits, letters) = (leading(form.as_bytes(), b'9'), leading(form.as_bytes(), b'A'));
        Self { form, digits, letters, holds, evidence, category }
    }
}

/// How often this byte begins a text.
const fn leading(text: &[u8], byte: u8) -> usize {
    let mut length = 0;
    while length < text.len() && text[length] == byte {
        length += 1;
    }
    length
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
            Some('-' | '/' | '.' | '_') => !following.next().is_some_and(is_letter_or_digit),
            Some(next) => !is_letter_or_digit(next),
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
