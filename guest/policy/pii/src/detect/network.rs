//! Internet addresses.

use core::net::{Ipv4Addr, Ipv6Addr};

use crate::category::Category;
use crate::character::is_letter_or_digit;
use crate::page::Page;
use crate::scan::Finding;

/// The IPv6 address around the colon at this token, if the colon is its first; the number detector
/// asks for IPv4 ones.
pub(crate) fn read(page: &Page<'_>, at: usize) -> Option<Finding> {
    let second = (at + 1..at + 5).any(|next| page.is_mark(next, b':'));
    let (start, end) = second.then(|| version_6(page, page.start(at)))??;
    Some(Finding { start, end, category: Category::IpAddress })
}

/// The IPv6 address around this colon, if the colon is its first.
fn version_6(page: &Page<'_>, colon: usize) -> Option<(usize, usize)> {
    let bytes = page.text().as_bytes();
    let belongs = |byte: &&u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
    let start =
        colon - bytes[..colon].iter().rev().take(4).take_while(|byte| byte.is_ascii_hexdigit()).count();
    let end = start + bytes[start..].iter().take(IPV6_BYTES_MAX).take_while(belongs).count();
    let address = page.slice(start, end).trim_end_matches(['.', ':']);
    let inside = |c: char| is_letter_or_digit(c) || matches!(c, '_' | ':' | '.');
    let alone = !page.slice(0, start).ends_with(inside) && !page.slice(end, bytes.len()).starts_with(inside);
    let parsed: Ipv6Addr = address.parse().ok()?;
    let groups = address.split(':').filter(|group| !group.is_empty()).count();
    let personal = groups >= 3 && !parsed.is_multicast() && address.bytes().any(|byte| byte.is_ascii_digit());
    (alone && personal).then_some((start, start + address.len()))
}

/// Eight groups of four with seven colons, or six with an IPv4 address behind.
const IPV6_BYTES_MAX: usize = 45;

/// Where the IPv4 address ends that starts at this token.
pub(crate) fn version_4(page: &Page<'_>, at: usize) -> Option<usize> {
    let dot = |at: usize| page.is_mark(at, b'.') && page.is_tight(at) && page.is_tight(at + 1);
    if !(dot(at + 1) && dot(at + 3) && dot(at + 5)) {
        return None;
    }
    let goes_on = page.is_tight(at + 7) && page.is_word(at + 7) || dot(at + 7) && page.is_digits(at + 8);
    let address: Ipv4Addr = page.slice(page.start(at), page.end(at + 6)).parse().ok()?;
    let of_nobody = address.is_loopback()
        || address.is_unspecified()
        || address.is_broadcast()
        || address.is_multicast()
        || address.octets()[0] == 0;
    let numbered = page.is_any(at.wrapping_sub(1), &["version", "section", "chapter", "release"]);
    (!goes_on && !of_nobody && !numbered).then(|| page.end(at + 6))
}
