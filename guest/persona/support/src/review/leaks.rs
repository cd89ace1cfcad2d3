//! Whether a draft shows a secret key, or in the clear what policies mask in this conversation.

use crate::history::History;

/// What leaks, one sentence each.
pub(crate) fn found(history: &History<'_>, draft: &str) -> impl Iterator<Item = &'static str> {
    let words = || draft.split(ends_word);
    let shows_email = draft.contains('@') && words().any(is_email) && history.has_marked("email");
    let shows_secret = words().any(is_secret) || draft.contains("PRIVATE KEY-----");
    [
        (shows_secret, "It shows what looks like a secret key."),
        (shows_email, "It shows an e-mail address in the clear: leave the token."),
        (
            has_card_number(draft),
            "It shows a payment card's number in the clear: name the last four digits at most.",
        ),
    ]
    .into_iter()
    .filter_map(|(shown, reason)| shown.then_some(reason))
}

fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | '(' | ')' | '[' | ']' | ',' | ';')
}

fn is_email(word: &str) -> bool {
    let word = word.trim_end_matches(['.', ':', '!', '?']);
    let Some((local, domain)) = word.rsplit_once('@') else { return false };
    let top = domain.rsplit('.').next().unwrap_or_default();
    !local.is_empty()
        && domain.contains('.')
        && top.len() >= 2
        && top.bytes().all(|b| b.is_ascii_alphabetic())
}

/// Prefixes that issuers of keys use, and what is too long and too mixed for a word.
fn is_secret(word: &str) -> bool {
    if word.len() < PREFIXED_BYTES_MIN {
        return false;
    }
    let word = word.trim_end_matches(['.', ':', '!', '?']);
    let body = |prefix: &str| word.strip_prefix(prefix).map_or(0, str::len);
    let is_prefixed = PREFIXES.iter().any(|prefix| body(prefix) >= PREFIXED_BYTES_MIN);
    let is_hex = word.len() >= HEX_BYTES_MIN && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_prefixed || (is_hex && word.bytes().any(|byte| byte.is_ascii_alphabetic()))
}

/// A row of 15 or 16 digits, with single spaces or hyphens, of a card's form and check digit.
fn has_card_number(draft: &str) -> bool {
    let rows = draft.split(|c: char| !c.is_ascii_digit() && c != ' ' && c != '-');
    rows.map(|row| row.bytes().filter(u8::is_ascii_digit).collect::<Vec<u8>>()).any(|digits| is_card(&digits))
}

fn is_card(digits: &[u8]) -> bool {
    let doubled = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let values = digits.iter().rev().map(|byte| u32::from(byte - b'0')).enumerate();
    let sum: u32 = values.map(|(at, digit)| if at % 2 == 1 { doubled(digit) } else { digit }).sum();
    matches!(digits, [b'3'..=b'6', ..]) && (15..=16).contains(&digits.len()) && sum.is_multiple_of(10)
}

const PREFIXES: &[&str] =
    &["sk-", "sk_live_", "rk_live_", "ghp_", "github_pat_", "xoxb-", "xoxp-", "AKIA", "eyJ", "glpat-"];
const PREFIXED_BYTES_MIN: usize = 16;
const HEX_BYTES_MIN: usize = 32;
