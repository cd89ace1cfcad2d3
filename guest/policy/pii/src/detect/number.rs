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

/// Finds every number on the page that is personal by its form, its check digits or the words
/// around it.
pub(crate) fn find(page: &Page<'_>, found: &mut Vec<Finding>) {
    let mut walk = Walk { page, found, birth_words_from: 0 };
    let mut at = 0;
    while at < page.len() {
        at = walk.read(at).unwrap_or(at + 1).max(at + 1);
    }
}

/// The walk over one page.
struct Walk<'w, 't> {
    page: &'w Page<'t>,
    found: &'w mut Vec<Finding>,
    /// The token after the last date: words before it speak of that one.
    birth_words_from: usize,
}

impl Walk<'_, '_> {
    /// Reads what starts at this token; returns the token after it.
    fn read(&mut self, at: usize) -> Option<usize> {
        let page = self.page;
        match page.kind(at)? {
            Kind::Digits if is_joined(page, at) => None,
            Kind::Digits => self.digits(at),
            Kind::Mark(b'+' | b'(') => self.phone(at, &Run::read(page, at)?),
            Kind::Mark(_) => None,
            Kind::Word(_) if page.plays(at, role::MONTH) && page.gap(at) != Gap::None => self.date(at),
            Kind::Word(_) => self.code(at),
        }
    }

    fn digits(&mut self, at: usize) -> Option<usize> {
        if let Some(end) = network::version_4(self.page, at) {
            return self.take(at, end, Category::IpAddress);
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
        if !page.is_digits(at + 1) || page.gap(at + 1) == Gap::Line || joined() {
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
        let label = label(page, at)?;
        let next = code_end(page, at);
        let code = page.slice(page.start(at), page.end(next - 1));
        let digits = code.chars().filter_map(digit_value).count();
        let roles = page.roles(label);
        let driving = || page.nearest(at, CONTEXT_BYTES, role::DRIVER) != 0;
        let category = match (digits, code.chars().count()) {
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
        && match page.kind(before) {
            Some(Kind::Word(_)) => true,
            Some(Kind::Mark(b'_' | b'@' | b'&' | b'~')) => true,
            Some(Kind::Mark(b'.')) => inner(before) && !page.plays(before.wrapping_sub(1), role::PHONE),
            Some(Kind::Mark(b'-' | b'/')) => inner(before),
            Some(Kind::Mark(b',' | b':')) => counted(before),
            _ => false,
        }
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
