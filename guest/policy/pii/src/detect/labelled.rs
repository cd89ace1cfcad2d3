//! Values that are personal because the text names them so: fields of JSON carried as text (once
//! more escaped or not), of forms, query strings, XML and lists.

use crate::category::Category;
use crate::detect::person;
use crate::label::{self, Label};
use crate::page::{Gap, Page};
use crate::scan::Finding;

/// The labelled values of one page.
#[derive(Default)]
pub(crate) struct Fields {
    fields: Vec<Field>,
    /// How many objects are open.
    depth: i32,
}

impl Fields {
    /// Takes up the field whose label ends before this mark, or the bounds of an object.
    pub(crate) fn read(&mut self, page: &Page<'_>, at: usize) {
        match page.mark(at) {
            b'{' => self.depth += 1,
            b'}' => self.depth -= 1,
            _ => self.fields.extend(Field::read(page, at, self.depth)),
        }
    }

    /// Reports the values that are personal.
    pub(crate) fn report(&self, page: &Page<'_>, found: &mut Vec<Finding>) {
        for (place, field) in self.fields.iter().enumerate() {
            let category = match field.label {
                Label::Personal(category) => category,
                Label::Beside(category) if has_company(&self.fields, place) => category,
                Label::Beside(_) => continue,
            };
            field.report(page, category, found);
        }
    }
}

/// A labelled value.
struct Field {
    label: Label,
    /// The value's first token.
    first: usize,
    /// The value's bytes.
    start: usize,
    end: usize,
    /// Whether quotes say where it ends.
    bounded: bool,
    /// How many objects are open around it.
    depth: i32,
}

impl Field {
    /// The field whose label ends before this token.
    fn read(page: &Page<'_>, at: usize, depth: i32) -> Option<Self> {
        let label = Label::of(key(page, at)?)?;
        let (opening, quote) = opening(page, at + 1);
        let end = match quote {
            Some(quote) => quoted_end(page, opening, quote)?,
            None if page.is_mark(at, b'>') => element_end(page, opening)?,
            None => bare_end(page, opening)?,
        };
        let start = page.start(opening);
        (start < end).then_some(Self { label, first: opening, start, end, bounded: quote.is_some(), depth })
    }

    fn report(&self, page: &Page<'_>, category: Category, found: &mut Vec<Finding>) {
        let value = page.slice(self.start, self.end);
        let whole = self.bounded || is_compact(category, value);
        if category == Category::PersonName && !self.bounded {
            report_names(page, self.first, found);
        } else if whole && label::fits(category, value) {
            found.push(Finding { start: self.start, end: self.end, category });
        }
    }
}

/// Whether a value that nothing encloses is one token of its kind. Prose is not: in it the other
/// detectors look for what they know.
fn is_compact(category: Category, value: &str) -> bool {
    let prose = matches!(category, Category::StreetAddress | Category::Phone | Category::Email);
    !prose && !value.contains([' ', '\t', '\n'])
}

/// The names in `Passengers: Mia Li, Omar Rossi`.
fn report_names(page: &Page<'_>, first: usize, found: &mut Vec<Finding>) {
    let mut at = first;
    while page.has_capitals()
        && let Some(next) = person::name_end(page, at).filter(|&next| at == first || next > at + 1)
        && ends_item(page, next)
    {
        found.push(Finding {
            start: page.start(at),
            end: page.end(next - 1),
            category: Category::PersonName,
        });
        let list = page.is_mark(next, b',') || page.is(next, "and");
        if !list || page.gap(next + 1) == Gap::Line {
            return;
        }
        at = next + 1;
    }
}

/// Whether an item of a list ends before this token: a sentence that begins with a capital does
/// not.
fn ends_item(page: &Page<'_>, at: usize) -> bool {
    page.gap(at) == Gap::Line || page.is(at, "and") || !page.is_word(at)
}

/// The label that ends before this token: up to a few words of one line, quoted or not.
fn key<'t>(page: &Page<'t>, at: usize) -> Option<&'t str> {
    let mut last = at.checked_sub(1)?;
    while page.is_mark_of(last, b"\"'\\*_`") {
        last = last.checked_sub(1)?;
    }
    let mut first = last;
    let belongs =
        |token: usize| page.is_word(token) || page.is_digits(token) || page.is_mark_of(token, b"_-.'/");
    if !page.is_word(last) && !page.is_digits(last) {
        return None;
    }
    while first > 0 && last - first < KEY_TOKENS_MAX && page.gap(first) != Gap::Line && belongs(first - 1) {
        first -= 1;
    }
    let element = !page.is_mark(at, b'>') || first > 0 && page.is_mark(first - 1, b'<');
    let (start, end) = (page.start(first), page.end(last));
    (element && end - start <= KEY_BYTES_MAX).then(|| page.slice(start, end))
}

const KEY_TOKENS_MAX: usize = 8;
const KEY_BYTES_MAX: usize = 96;

/// The first token of the value, and the quote before it.
fn opening(page: &Page<'_>, at: usize) -> (usize, Option<u8>) {
    let mut first = at;
    while first < at + 3 && page.is_mark_of(first, b"\\*") {
        first += 1;
    }
    let quote = [b'"', b'\''].into_iter().find(|&quote| page.is_mark(first, quote));
    (first + usize::from(quote.is_some()), quote)
}

/// Where the quoted value ends that starts at this token.
fn quoted_end(page: &Page<'_>, first: usize, quote: u8) -> Option<usize> {
    let escaped = page.is_mark(first.checked_sub(2)?, b'\\');
    let limit = page.start(first) + VALUE_BYTES_MAX;
    let closes = |&token: &usize| page.is_mark(token, quote) && page.is_mark(token - 1, b'\\') == escaped;
    let end = (first..page.len()).take_while(|&token| page.start(token) <= limit).find(closes)?;
    Some(page.start(end - usize::from(escaped)))
}

/// Where the value ends that nothing encloses: at a blank, a line's end or a delimiter.
fn bare_end(page: &Page<'_>, first: usize) -> Option<usize> {
    value_end(page, first, |token| {
        page.gap(token) != Gap::None && token > first || page.is_mark_of(token, b"<>=,;&{}[]()|\"")
    })
}

/// Where the value of an XML element ends: at the next tag or the line's end.
fn element_end(page: &Page<'_>, first: usize) -> Option<usize> {
    value_end(page, first, |token| page.gap(token) == Gap::Line && token > first || page.is_mark(token, b'<'))
}

/// Where the value ends that starts at this token, unless a line starts with it.
fn value_end(page: &Page<'_>, first: usize, ends: impl Fn(usize) -> bool) -> Option<usize> {
    let limit = page.start(first) + VALUE_BYTES_MAX;
    let end =
        (first..=page.len()).take_while(|&token| page.start(token) <= limit).find(|&token| ends(token))?;
    (end > first && page.gap(first) != Gap::Line).then(|| page.end(end - 1))
}

const VALUE_BYTES_MAX: usize = 200;

/// Whether a personal field stands near this one, in an object as deep.
fn has_company(fields: &[Field], place: usize) -> bool {
    let field = &fields[place];
    let near =
        |other: &Field| other.start.abs_diff(field.start) <= COMPANY_BYTES && other.depth == field.depth;
    let before = fields[..place].iter().rev().take(COMPANY_FIELDS);
    let after = fields[place + 1..].iter().take(COMPANY_FIELDS);
    before.chain(after).any(|other| near(other) && other.label.personal().is_some())
}

const COMPANY_BYTES: usize = 240;
const COMPANY_FIELDS: usize = 6;
