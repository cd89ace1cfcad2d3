//! Personal data that anybody would recognise: e-mail addresses, and card and account numbers
//! with right check digits.
//!
//! It looks for few things and is seldom wrong, because finding personal data is the policies'
//! work; this only asks whether they did it.

use crate::category::{Kind, Kinds};
use crate::settings::Settings;

/// The kinds of personal data that can be read in a text.
pub(crate) fn kinds(text: &str, settings: &Settings) -> Kinds {
    let emails = emails(text).filter(|email| email.is_personal(settings)).map(|_| Kind::Email);
    let has_digits = text.bytes().filter(u8::is_ascii_digit).nth(RUN_DIGITS_MIN - 1).is_some();
    let runs = if has_digits { runs(text) } else { Vec::new() };
    let numbers = runs.iter().filter_map(|run| match () {
        () if is_card(run) => Some(Kind::Card),
        () if is_iban(run) => Some(Kind::BankAccount),
        () => None,
    });
    emails.chain(numbers).collect()
}

/// Something that looks like an e-mail address.
struct Email<'t> {
    local: &'t str,
    domain: &'t str,
}

impl Email<'_> {
    /// Whether it seems to be one person's: neither a post office box such as `info`, nor at one
    /// of the operator's domains.
    fn is_personal(&self, settings: &Settings) -> bool {
        let local = self.local.to_ascii_lowercase();
        let domain = self.domain.to_ascii_lowercase();
        !OFFICES.contains(&&*local) && !settings.own_domains.contains(&domain)
    }
}

fn emails(text: &str) -> impl Iterator<Item = Email<'_>> {
    text.match_indices('@').filter_map(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + 1..]);
        let start = before.rfind(|c| !is_local(c)).map_or(0, |last| last + first_length(&before[last..]));
        let local = before[start..].trim_start_matches('.');
        let end = after.find(|c: char| !is_domain(c)).unwrap_or(after.len());
        let domain = after[..end].trim_end_matches(['.', '-']);
        (is_local_part(local) && is_domain_name(domain)).then_some(Email { local, domain })
    })
}

fn is_local_part(local: &str) -> bool {
    (1..=64).contains(&local.len()) && !local.ends_with('.')
}

fn is_domain_name(domain: &str) -> bool {
    let Some((name, top)) = domain.rsplit_once('.') else { return false };
    let labels = name.split('.').all(|label| !label.is_empty() && !label.starts_with('-'));
    labels && (2..=24).contains(&top.len()) && top.chars().all(|c| c.is_ascii_alphabetic())
}

fn is_local(c: char) -> bool {
    c.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c)
}

fn is_domain(c: char) -> bool {
    c.is_alphanumeric() || c == '.' || c == '-'
}

fn first_length(text: &str) -> usize {
    text.chars().next().map_or(0, char::len_utf8)
}

/// Rows of capitals and digits, with single spaces or hyphens between them, without these; those
/// long enough to be a card or an account. A row that goes on into other letters is none.
fn runs(text: &str) -> Vec<String> {
    let mut runs = Vec::new();
    for part in text.split(|c: char| !(c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.'))) {
        let groups: Vec<&str> = part.split([' ', '-']).collect();
        for (at, group) in groups.iter().enumerate() {
            if starts_number(group) && (at == 0 || !is_code(groups[at - 1])) {
                let row = groups[at..].iter().take_while(|group| is_code(group));
                let run = row.take(RUN_GROUPS_MAX).copied().collect::<String>();
                runs.push(run.trim_end_matches('.').to_owned());
            }
        }
    }
    runs.retain(|run| (13..=34).contains(&run.len()));
    runs
}

fn starts_number(group: &str) -> bool {
    let country = group.len() >= 4 && group.as_bytes()[..2].iter().all(u8::is_ascii_uppercase);
    is_code(group) && (country || group.len() >= 4 && group.starts_with(|c: char| c.is_ascii_digit()))
}

fn is_code(group: &str) -> bool {
    let group = group.trim_end_matches('.');
    !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// ISO/IEC 7812: a known issuer's first digits, and the check digit of Luhn.
fn is_card(run: &str) -> bool {
    let issuer =
        ["34", "37", "4", "51", "52", "53", "54", "55", "2", "60", "62", "64", "65", "35", "30", "36", "38"];
    let digits = run.bytes().all(|byte| byte.is_ascii_digit());
    digits
        && (13..=19).contains(&run.len())
        && issuer.iter().any(|prefix| run.starts_with(prefix))
        && luhn(run)
}

fn luhn(digits: &str) -> bool {
    let doubled = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let values = digits.bytes().rev().map(|byte| u32::from(byte - b'0')).enumerate();
    let sum: u32 = values.map(|(at, digit)| if at % 2 == 1 { doubled(digit) } else { digit }).sum();
    sum.is_multiple_of(10)
}

/// ISO 13616: country, two check digits, and 97 as the modulus.
fn is_iban(run: &str) -> bool {
    let bytes = run.as_bytes();
    let head = bytes.len() >= 15 && bytes[..2].iter().all(u8::is_ascii_uppercase);
    head && bytes[2..4].iter().all(u8::is_ascii_digit) && remainder(&bytes[4..], &bytes[..4]) == 1
}

fn remainder(account: &[u8], head: &[u8]) -> u32 {
    account.iter().chain(head).fold(0, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
    })
}

/// Digits of a card or an account: few texts have as many.
const RUN_DIGITS_MIN: usize = 8;
/// Groups of a number that is printed in groups: an IBAN has up to nine.
const RUN_GROUPS_MAX: usize = 9;

/// Mail boxes that belong to an office.
const OFFICES: &[&str] = &[
    "info",
    "support",
    "help",
    "helpdesk",
    "contact",
    "service",
    "services",
    "sales",
    "billing",
    "office",
    "admin",
    "noreply",
    "no-reply",
    "donotreply",
    "privacy",
    "dpo",
    "press",
    "team",
    "customerservice",
    "customer.service",
    "customer-service",
    "care",
    "feedback",
    "security",
    "abuse",
    "postmaster",
    "webmaster",
    "orders",
    "returns",
];

#[cfg(test)]
mod tests {
    use super::kinds;
    use crate::category::Kind;
    use crate::settings::Settings;

    #[track_caller]
    fn check(text: &str, expected: &[Kind]) {
        let settings = Settings { own_domains: vec!["shop.example".into()], ..Settings::default() };
        assert_eq!(kinds(text, &settings), expected.iter().copied().collect(), "{text}");
    }

    #[test]
    fn email_addresses_of_people_are_readable() {
        check("write to maria.lind+x@mail.example.org.", &[Kind::Email]);
        check("<o'neil@example.org>", &[Kind::Email]);
        check("é@example.org ä@b", &[]);
        check("write to support@big.example or anna@shop.example", &[]);
        check("@anna, see a@b and 3 @ 4.50 or git@host:x", &[]);
        check("@@@a@.com", &[]);
    }

    #[test]
    fn cards_and_accounts_need_right_check_digits() {
        check("4111 1111 1111 1111", &[Kind::Card]);
        check("card 4111-1111-1111-1111, thanks", &[Kind::Card]);
        check("378282246310005", &[Kind::Card]);
        check("4111 1111 1111 1112", &[]);
        check("credit_card_4111111111111111", &[]);
        check("1715784000000", &[]);
        check("GB82 WEST 1234 5698 7654 32", &[Kind::BankAccount]);
        check("my account is DE89370400440532013000.", &[Kind::BankAccount]);
        check("DE88370400440532013000", &[]);
        check("ORDER-20240520-1234-5678", &[]);
    }
}
