//! Internet addresses.

use core::net::{Ipv4Addr, Ipv6Addr};

use crate::category::Category;
use crate::page::Page;
use crate::scan::Finding;

/// Finds every IPv6 address on the page; the number detector asks for IPv4 ones.
pub(crate) fn find(page: &Page<'_>, found: &mut Vec<Finding>) {
    let mut at = 0;
    while at < page.len() {
        at += 1;
        if page.is_mark(at, b':')
            && (page.is_mark(at + 1, b':') || page.is_mark(at + 2, b':'))
            && let Some((start, end)) = version_6(page.text(), page.start(at))
        {
            found.push(Finding { start, end, category: Category::IpAddress });
            at = page.token_from(at, end);
        }
    }
}

/// The IPv6 address around this colon, if the colon is its first.
fn version_6(text: &str, colon: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let belongs = |byte: &&u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
    let start = colon - bytes[..colon].iter().rev().take(4).take_while(|byte| byte.is_ascii_hexdigit()).count();
    let length = bytes[start..].iter().take(IPV6_BYTES_MAX).take_while(belongs).count();
    let address = text[start..start + length].trim_end_matches(['.', ':']);
    let alone = !text[..start].ends_with(|c: char| c.is_alphanumeric() || "_:.".contains(c))
        && !text[start + length..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let parsed: Ipv6Addr = address.parse().ok()?;
    let groups = address.split(':').filter(|group| !group.is_empty()).count();
    let personal = groups >= 3 && !parsed.is_multicast() && address.bytes().any(|byte| byte.is_ascii_digit());
    (alone && personal).then_some((start, start + address.len()))
}

/// Eight groups of four with seven colons, or six with an IPv4 address behind.
const IPV6_BYTES_MAX: usize = 45;

/// Where the IPv4 address ends that starts at this token.
pub(crate) fn version_4(page: &Page<'_>, at: usize) -> Option<usize> {
    let dotted = (1..7).step_by(2).all(|dot| {
        page.is_mark(at + dot, b'.') && page.is_tight(at + dot) && page.is_tight(at + dot + 1)
    });
    let alone = !(page.is_tight(at + 7) && page.is_word(at + 7))
        && !(page.is_mark(at + 7, b'.') && page.is_tight(at + 8) && page.is_digits(at + 8));
    let versioned = page.word(at.wrapping_sub(1)).eq_ignore_ascii_case("version");
    if !dotted || !alone || versioned {
        return None;
    }
    let end = page.end(at + 6);
    let address: Ipv4Addr = page.text()[page.start(at)..end].parse().ok()?;
    let of_nobody = address.is_loopback() || address.is_unspecified() || address.is_broadcast() || address.is_multicast();
    (!of_nobody).then_some(end)
}
