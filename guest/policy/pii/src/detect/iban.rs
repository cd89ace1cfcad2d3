//! International bank account numbers (ISO 13616).

use crate::check_digits;
use crate::detect::label;
use crate::page::Page;

/// Where the IBAN ends that starts at this word. Its check digits must close; behind the word
/// `IBAN` a mistyped one is one too.
pub(crate) fn read(page: &Page<'_>, at: usize) -> Option<usize> {
    let country = page.word(at).as_bytes();
    let length = length_in([country.first()?.to_ascii_uppercase(), country.get(1)?.to_ascii_uppercase()])?;
    let (code, end) = code(page.slice(page.start(at), page.text().len()), length)?;
    let checked = code[2..4].iter().all(u8::is_ascii_digit);
    let labelled = || label(page, at).is_some_and(|label| page.is(label, "iban"));
    (checked && (check_digits::iban(&code[..length]) || labelled())).then(|| page.start(at) + end)
}

/// The first `length` letters and digits of a text, and where they end: single blanks or hyphens
/// may stand between them, and no further letter or digit behind.
fn code(text: &str, length: usize) -> Option<([u8; LENGTH_MAX], usize)> {
    let mut code = [0; LENGTH_MAX];
    let (mut count, mut separated) = (0, false);
    for (at, byte) in text.bytes().enumerate().take(2 * LENGTH_MAX) {
        match byte {
            _ if count == length => return (!byte.is_ascii_alphanumeric()).then_some((code, at)),
            b' ' | b'-' if !separated => separated = true,
            _ if byte.is_ascii_alphanumeric() => {
                code[count] = byte;
                (count, separated) = (count + 1, false);
            }
            _ => return None,
        }
    }
    (count == length).then_some((code, text.len()))
}

const LENGTH_MAX: usize = 34;

/// How long the IBANs of a country are, from the registry of SWIFT.
fn length_in(country: [u8; 2]) -> Option<usize> {
    let of =
        |&(_, countries): &(usize, &str)| countries.as_bytes().chunks(3).any(|code| code[..2] == country);
    LENGTHS.iter().find(|row| of(row)).map(|&(length, _)| length)
}

const LENGTHS: [(usize, &str); 18] = [
    (15, "NO"),
    (16, "BE"),
    (18, "DK FI FO GL NL SD FK"),
    (19, "MK SI"),
    (20, "AT BA EE KZ LT LU XK MN"),
    (21, "CH HR LI LV"),
    (22, "BG BH CR DE GB GE IE ME RS VA"),
    (23, "AE GI IL IQ OM SO TL"),
    (24, "AD CZ ES MD PK RO SA SE SK TN VG"),
    (25, "LY PT ST"),
    (26, "IS TR"),
    (27, "BI DJ FR GR IT MC MR SM"),
    (28, "AL AZ BY CY DO GT HU LB NI PL SV"),
    (29, "BR EG PS QA UA"),
    (30, "JO KW MU YE"),
    (31, "MT SC"),
    (32, "LC"),
    (33, "RU"),
];
