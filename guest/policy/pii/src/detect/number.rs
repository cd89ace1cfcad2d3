//! Where digits are: walks over a page once and asks the detectors of numbers in the order in
//! which a reading beats the next one. What one has read no other reads again, be it personal
//! or only a date.

use crate::category::Category;
use crate::character::digit_value;
use crate::check_digits;
use crate::detect::run::{Cut, Run};
use crate::detect::{card, date, iban, label, national, network, phone};
use crate::page::{Gap, Kind, Page};
use crate::scan::Finding;
use crate::words::role;

/// The search for numbers on one page that are personal by their form, their check digits or the
/// words around them.
pub(crate) struct Numbers<'p, 't> {
    page: &'p Page<'t>,
    found: Vec<Finding>,
    /// The token after the last one that was read.
    next: usize,
    /// The token after the last date: words before it speak of that one.
    birth_words_from: usize,
}

impl<'p, 't> Numbers<'p, 't> {
    pub(crate) fn new(page: &'p Page<'t>) -> Self {
        Self { page, found: Vec::new(), next: 0, birth_words_from: 0 }
    }

    /// What was found.
    pub(crate) fn into_found(self) -> Vec<Finding> {
        self.found
    }

    /// Reads what starts at this row of digits or at the word before it, at a plus sign or at a
    /// parenthesis.
    pub(crate) fn read(&mut self, at: usize) {
        let word = at.checked_sub(1).filter(|&word| word >= self.next && self.page.is_word(word));
        if let Some(next) = word.and_then(|word| self.code(word)) {
            self.next = next;
        }
        if at >= self.next {
            self.next = self.number(at).unwrap_or(at + 1);
        }
    }

    /// Reads what starts at this name of a month.
    pub(crate) fn read_month(&mut self, at: usize) {
        if at >= self.next && !self.page.is_tight(at) {
            self.next = self.date(at).unwrap_or(self.next);
        }
    }

    fn number(&mut self, at: usize) -> Option<usize> {
        match self.page.kind(at) {
            Some(Kind::Digits) if is_joined(self.page, at) => None,
            Some(Kind::Digits) => self.digits(at),
            _ => self.phone(at, &Run::read(self.page, at)?),
        }
    }

    fn digits(&mut self, at: usize) -> Option<usize> {
        if let Some(end) = network::version_4(self.page, at) {
            return self.take(at, end, Category::IpAddress);
        }
        if is_decimal(self.page, at) {
            return Some(at + 3);
        }
        if card::is_labelled_code(self.page, at) {
            return self.take(at, self.page.end(at), Category::CardSecurityCode);
        }
        if let Some(next) = self.date(at) {
            return Some(next);
        }
        if is_amount(self.page, at) {
            return None;
        }
        let run = Run::read(self.page, at)?;
        if run.length() < NUMBER_DIGITS_MIN {
            return self.national(at);
        }
        self.card(at, &run)
            .or_else(|| self.national(at))
            .or_else(|| self.checked(at, &run))
            .or_else(|| self.labelled(at))
            .or_else(|| self.phone(at, &run))
    }

    /// A word that may begin a code of letters and digits.
    fn code(&mut self, at: usize) -> Option<usize> {
        let page = self.page;
        let before = at.wrapping_sub(1);
        let joined = || page.is_tight(at) && (page.is_mark_of(before, b"_@/.-&=%") || page.is_digits(before));
        if page.gap(at + 1) == Gap::Line || joined() {
            return None;
        }
        if let Some(end) = iban::read(page, at) {
            return self.take(at, end, Category::Iban);
        }
        self.national(at).or_else(|| self.labelled(at))
    }

    fn date(&mut self, at: usize) -> Option<usize> {
        let date = date::read(self.page, at)?;
        let birth = date.is_birth(self.page, at, self.birth_words_from);
        self.birth_words_from = date.next;
        if birth {
            return self.take(at, self.page.end(date.next - 1), Category::DateOfBirth);
        }
        Some(date.next)
    }

    fn card(&mut self, at: usize, run: &Run) -> Option<usize> {
        let next = card::read(self.page, at, run)?;
        let after = self.take(at, self.page.end(next - 1), Category::PaymentCard);
        match card::code_after(self.page, next) {
            Some((start, end)) => {
                self.found.push(Finding { start, end, category: Category::CardSecurityCode });
                Some(self.page.token_from(next, end))
            }
            None => after,
        }
    }

    fn national(&mut self, at: usize) -> Option<usize> {
        let (end, category) = national::read(self.page, at)?;
        self.take(at, end, category)
    }

    /// Numbers whose check digits count only beside words about them.
    fn checked(&mut self, at: usize, run: &Run) -> Option<usize> {
        let page = self.page;
        let speaks = |wanted: u32| page.nearest(at, CONTEXT_BYTES, wanted) != 0;
        let category = |cut: &Cut<'_>| match cut.digits.len() {
            9 if check_digits::aba(cut.digits) && speaks(role::ROUTING) => Some(Category::BankRouting),
            10 if check_digits::npi(cut.digits) && speaks(role::MEDICAL) => Some(Category::MedicalId),
            _ => None,
        };
        let (next, category) = run.cuts().find_map(|cut| Some((cut.next(), category(&cut)?)))?;
        self.take(at, page.end(next - 1), category)
    }

    /// A code that is personal because its label says so.
    fn labelled(&mut self, at: usize) -> Option<usize> {
        let page = self.page;
        if !page.mentions(LABELS) {
            return None;
        }
        let label = label(page, at)?;
        let next = code_end(page, at);
        let code = page.slice(page.start(at), page.end(next - 1));
        let digits = code.chars().filter_map(digit_value).count();
        let roles = page.roles(label);
        let driving = || page.nearest(at, CONTEXT_BYTES, role::DRIVER) != 0;
        let category = match (digits, code.len()) {
            (4.., 6..=12) if roles & role::PASSPORT != 0 => Category::Passport,
            (4.., 5..=20) if roles & role::LICENSE != 0 && driving() => Category::DriverLicense,
            (4.., 5..=20) if roles & role::MEDICAL != 0 => Category::MedicalId,
            (6.., 7..=20) if roles & role::NATIONAL != 0 => Category::NationalId,
            (3..=9, 3..=10) if roles & role::POSTAL != 0 => return self.postal(at, next),
            _ => return None,
        };
        self.take(at, page.end(next - 1), category)
    }

    /// A postal code, with the second part that some countries write behind a blank.
    fn postal(&mut self, at: usize, next: usize) -> Option<usize> {
        let page = self.page;
        let length = page.length(next);
        let narrow = page.gap(next) == Gap::Space;
        let second = narrow
            && (page.is_digits(next) && length == 2 && page.digit_count(at) == 3
                || page.is_word(next) && length == 2 && page.is_capital(next) && page.digit_count(at) == 4);
        self.take(at, page.end(next - 1 + usize::from(second)), Category::PostalCode)
    }

    fn phone(&mut self, at: usize, run: &Run) -> Option<usize> {
        let next = phone::read(self.page, at, run)?;
        self.take(at, self.page.end(next - 1), Category::Phone)
    }

    fn take(&mut self, at: usize, end: usize, category: Category) -> Option<usize> {
        self.found.push(Finding { start: self.page.start(at), end, category });
        Some(self.page.token_from(at, end))
    }
}

/// No personal number has fewer digits before its first letter, but for some national ones.
const NUMBER_DIGITS_MIN: usize = 3;

/// The roles of labels that make a code personal.
const LABELS: u32 = role::PASSPORT | role::LICENSE | role::MEDICAL | role::NATIONAL | role::POSTAL;

/// How far the words about a number with check digits may stand before it.
const CONTEXT_BYTES: usize = 48;

/// Whether digits are the rest of a longer thing: `HAT069`, `credit_card_4421486`, `1,250`.
pub(crate) fn is_joined(page: &Page<'_>, at: usize) -> bool {
    let before = at.wrapping_sub(1);
    let inner = |mark: usize| {
        page.is_tight(mark) && (page.is_digits(mark.wrapping_sub(1)) || page.is_word(mark.wrapping_sub(1)))
    };
    let counted = |mark: usize| page.is_tight(mark) && page.is_digits(mark.wrapping_sub(1));
    page.is_tight(at)
        && match page.mark(before) {
            b'_' | b'@' | b'&' | b'~' => true,
            b'.' => inner(before) && !page.plays(before.wrapping_sub(1), role::PHONE),
            b'-' | b'/' => inner(before),
            b',' | b':' => counted(before),
            _ => page.is_word(before),
        }
}

/// Whether the number has a fraction: one full stop in it, and no further part.
fn is_decimal(page: &Page<'_>, at: usize) -> bool {
    let part = |mark: usize| page.is_tight(mark) && page.is_tight(mark + 1) && page.is_digits(mark + 1);
    page.is_mark(at + 1, b'.') && part(at + 1) && !(page.is_mark_of(at + 3, b".-/") && part(at + 3))
}

/// Whether the number is money or a share.
fn is_amount(page: &Page<'_>, at: usize) -> bool {
    page.is_mark(at.wrapping_sub(1), b'$') || page.is_mark(at + 1, b'%')
}

/// The token after a code of letters, digits and hyphens.
fn code_end(page: &Page<'_>, at: usize) -> usize {
    let mut next = at + 1;
    while next < at + CODE_TOKENS_MAX && page.is_tight(next) {
        let is_part = |token: usize| page.is_tight(token) && (page.is_digits(token) || page.is_word(token));
        if !(is_part(next) || page.is_mark(next, b'-') && is_part(next + 1)) {
            break;
        }
        next += 1;
    }
    next
}

const CODE_TOKENS_MAX: usize = 12;
