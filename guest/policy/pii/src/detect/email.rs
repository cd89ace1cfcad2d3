//! E-mail addresses: what stands around an `@`.

use crate::category::Category;
use crate::page::Page;
use crate::scan::Finding;

/// Finds every address on the page.
pub(crate) fn find(page: &Page<'_>, found: &mut Vec<Finding>) {
    for at in 0..page.len() {
        if page.is_mark(at, b'@')
            && let Some((start, end)) = around(page.text(), page.start(at), page.end(at))
        {
            found.push(Finding { start, end, category: Category::Email });
        }
    }
}

/// The address whose at sign takes this range of bytes.
fn around(text: &str, at: usize, after: usize) -> Option<(usize, usize)> {
    let start = local_part(text, at)?;
    let end = after + domain(&text[after..])?;
    Some((start, end))
}

/// Where the local part starts that ends at this byte.
fn local_part(text: &str, end: usize) -> Option<usize> {
    let belongs = |c: &char| c.is_alphanumeric() || "._%+-~'".contains(*c);
    let length: usize = text[..end].chars().rev().take(LOCAL_CHARS_MAX).take_while(belongs).map(char::len_utf8).sum();
    let local = &text[end - length..end];
    let trimmed = local.trim_start_matches(|c: char| !c.is_alphanumeric());
    (!trimmed.is_empty() && !trimmed.ends_with('.')).then(|| end - trimmed.len())
}

/// The length of the domain that starts this text.
fn domain(text: &str) -> Option<usize> {
    let belongs = |c: &char| c.is_alphanumeric() || matches!(c, '.' | '-');
    let length: usize = text.chars().take(DOMAIN_CHARS_MAX).take_while(belongs).map(char::len_utf8).sum();
    let domain = text[..length].trim_end_matches(['.', '-']);
    let (_, top) = domain.rsplit_once('.')?;
    let labelled = domain.split('.').all(|label| !label.is_empty() && !label.starts_with('-'));
    let named = top.chars().count() >= 2 && top.chars().all(char::is_alphabetic) || top.starts_with("xn--");
    (labelled && named && !FILE_TYPES.contains(&top)).then_some(domain.len())
}

/// RFC 5321 allows a local part 64 octets.
const LOCAL_CHARS_MAX: usize = 64;
/// RFC 5321 allows a domain 255 octets.
const DOMAIN_CHARS_MAX: usize = 255;
/// Names such as `logo@2x.png` are files.
const FILE_TYPES: [&str; 6] = ["png", "jpg", "jpeg", "gif", "svg", "webp"];
