//! E-mail addresses: what stands around an `@`.

use crate::category::Category;
use crate::character::{is_letter, is_letter_or_digit};
use crate::page::Page;
use crate::scan::Finding;

/// The address around the at sign at this token.
pub(crate) fn read(page: &Page<'_>, at: usize) -> Option<Finding> {
    let start = page.start(at) - local_part(page.slice(0, page.start(at)))?;
    let end = page.end(at) + domain(page.slice(page.end(at), page.text().len()))?;
    Some(Finding { start, end, category: Category::Email })
}

/// The length of the local part that ends this text.
fn local_part(text: &str) -> Option<usize> {
    let belongs = |c: &char| is_letter_or_digit(*c) || matches!(c, '.' | '_' | '%' | '+' | '-' | '~' | '\'');
    let length: usize =
        text.chars().rev().take(LOCAL_CHARS_MAX).take_while(belongs).map(char::len_utf8).sum();
    let local = text.get(text.len() - length..)?.trim_start_matches(|c: char| !is_letter_or_digit(c));
    (!local.is_empty() && !local.ends_with('.')).then_some(local.len())
}

/// The length of the domain that starts this text.
fn domain(text: &str) -> Option<usize> {
    let belongs = |c: &char| is_letter_or_digit(*c) || matches!(c, '.' | '-');
    let length: usize = text.chars().take(DOMAIN_CHARS_MAX).take_while(belongs).map(char::len_utf8).sum();
    let domain = text.get(..length)?.trim_end_matches(['.', '-']);
    let (_, top) = domain.rsplit_once('.')?;
    let labelled = domain.split('.').all(|label| !label.is_empty() && !label.starts_with('-'));
    let named = top.chars().nth(1).is_some() && top.chars().all(is_letter) || top.starts_with("xn--");
    (labelled && named && !FILE_TYPES.contains(&top)).then_some(domain.len())
}

/// RFC 5321 allows a local part 64 octets.
const LOCAL_CHARS_MAX: usize = 64;
/// RFC 5321 allows a domain 255 octets.
const DOMAIN_CHARS_MAX: usize = 255;
/// Names such as `logo@2x.png` are files.
const FILE_TYPES: [&str; 6] = ["png", "jpg", "jpeg", "gif", "svg", "webp"];
