//! The registers: forms and check digits as their authorities publish them.

use super::{Evidence, Scheme};
use crate::category::Category;
use crate::check_digits::{luhn, mod_11_10, value, verhoeff, weighted};

/// All registers that are known here. Of two that share a form the stronger check is first.
pub(super) static SCHEMES: &[Scheme] = &[
    // United States: social security and taxpayer numbers; Medicare beneficiaries.
    form("999-99-9999", social_security),
    words("999 99 9999", social_security),
    words("999999999", social_security),
    medical("9AA9-AA9-AA99", medicare),
    medical("9AA9AA9AA99", medicare),
    medical("9A99-AA9-AA99", medicare),
    medical("9A99AA9AA99", medicare),
    // Canada: social insurance.
    words("999-999-999", luhn),
    words("999 999 999", luhn),
    // United Kingdom: national insurance; NHS.
    form("AA999999A", national_insurance),
    form("AA 99 99 99 A", national_insurance),
    words("999 999 9999", health_service),
    words("9999999999", health_service),
    // India: Aadhaar and permanent account number.
    form("9999 9999 9999", aadhaar),
    words("999999999999", aadhaar),
    form("AAAAA9999A", permanent_account),
    // Spain: DNI and NIE.
    form("99999999A", dni),
    form("99999999-A", dni),
    form("A9999999A", |code| nie(code) || nric(code)),
    form("A-9999999-A", nie),
    // Italy: codice fiscale.
    form("AAAAAA99A99A999A", codice_fiscale),
    // France: NIR, of Corsica too.
    form("9 99 99 99 999 999 99", nir),
    form("999999999999999", nir),
    // Germany: tax identification number.
    words("99 999 999 999", tax_identification),
    words("99999999999", |code| {
        tax_identification(code) || cpf(code) || pesel(code) || norwegian(code) || turkish(code)
    }),
    // Brazil, Chile, Mexico.
    form("999.999.999-99", cpf),
    form("99.999.999-9", rut),
    form("99.999.999-A", rut),
    form("9.999.999-9", rut),
    form("9.999.999-A", rut),
    form("AAAA999999AAAAAA99", |code| day_of(&code[6..8], &code[8..10])),
    form("AAAA999999AAAAAAA9", |code| day_of(&code[6..8], &code[8..10])),
    // Sweden, Finland, Norway, Denmark.
    form("999999-9999", |code| day_of(&code[2..4], &code[4..6]) && luhn(code)),
    form("99999999-9999", |code| day_of(&code[4..6], &code[6..8]) && luhn(&code[2..])),
    words("999999-9999", |code| day_of(&code[2..4], &code[..2])),
    words("999999 99999", norwegian),
    form("999999-999A", hetu),
    form("999999A999A", hetu),
    form("999999-9999", hetu),
    // Belgium, Switzerland, Netherlands, Portugal, Australia, Israel.
    form("99.99.99-999.99", belgian),
    form("999.9999.9999.99", ahv),
    words("999999999", |code| bsn(code) || luhn(code) || nif(code) || tax_file(code)),
    words("9999.99.999", bsn),
    // China, South Korea, South Africa.
    form("999999999999999999", resident),
    form("99999999999999999A", resident),
    form("999999-9999999", |code| day_of(&code[2..4], &code[4..6]) && (1..=8).contains(&code[6])),
    words("9999999999999", |code| day_of(&code[2..4], &code[4..6]) && luhn(code)),
];

const fn form(form: &'static str, holds: fn(&[u8]) -> bool) -> Scheme {
    Scheme::new(form, holds, Evidence::Form, Category::NationalId)
}

const fn words(form: &'static str, holds: fn(&[u8]) -> bool) -> Scheme {
    Scheme::new(form, holds, Evidence::Words, Category::NationalId)
}

const fn medical(form: &'static str, holds: fn(&[u8]) -> bool) -> Scheme {
    Scheme::new(form, holds, Evidence::Form, Category::MedicalId)
}

/// Area, group and serial as the Social Security Administration issues them; areas from 900 are
/// taxpayer numbers of the IRS, with groups from 50.
fn social_security(code: &[u8]) -> bool {
    let (area, group, serial) = (value(&code[..3]), value(&code[3..5]), value(&code[5..]));
    let issued = area != 0 && area != 666 && (area < 900 || group >= 50);
    issued && group != 0 && serial != 0
}

/// The Medicare beneficiary identifier leaves out letters that look like digits.
fn medicare(code: &[u8]) -> bool {
    code[0] != 0 && code.iter().all(|value| !b"SLOIBZ".contains(value))
}

fn national_insurance(code: &[u8]) -> bool {
    let refused = [*b"BG", *b"GB", *b"KN", *b"NK", *b"NT", *b"TN", *b"ZZ"];
    let prefix =
        !refused.contains(&[code[0], code[1]]) && code[..2].iter().all(|letter| !b"DFIQUV".contains(letter));
    prefix && code[1] != b'O' && matches!(code[8], b'A'..=b'D')
}

fn health_service(code: &[u8]) -> bool {
    let sum = weighted(&code[..9], &[10, 9, 8, 7, 6, 5, 4, 3, 2]);
    (11 - sum % 11) % 11 == u32::from(code[9])
}

fn aadhaar(code: &[u8]) -> bool {
    code[0] > 1 && verhoeff(code)
}

/// The fourth letter of a person's account is P.
fn permanent_account(code: &[u8]) -> bool {
    code[3] == b'P'
}

fn dni(code: &[u8]) -> bool {
    code[8] == DNI_LETTERS[value(&code[..8]) as usize % 23]
}

fn nie(code: &[u8]) -> bool {
    let century = match code[0] {
        b'X' => 0,
        b'Y' => 1,
        b'Z' => 2,
        _ => return false,
    };
    code[8] == DNI_LETTERS[(century * 10_000_000 + value(&code[1..8])) as usize % 23]
}

const DNI_LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";

/// Singapore's registration card.
fn nric(code: &[u8]) -> bool {
    let sum = weighted(&code[1..8], &[2, 7, 6, 5, 4, 3, 2]);
    let letter = |letters: &[u8; 11], offset: u32| letters[((sum + offset) % 11) as usize];
    code[8]
        == match code[0] {
            b'S' => letter(b"JZIHGFEDCBA", 0),
            b'T' => letter(b"JZIHGFEDCBA", 4),
            b'F' => letter(b"XWUTRQPNMLK", 0),
            b'G' => letter(b"XWUTRQPNMLK", 4),
            _ => return false,
        }
}

fn codice_fiscale(code: &[u8]) -> bool {
    let rank = |value: u8| usize::from(if value >= b'A' { value - b'A' } else { value });
    let weigh =
        |(place, &value): (usize, &u8)| if place % 2 == 0 { CODICE_ODD[rank(value)] } else { rank(value) };
    let sum: usize = code[..15].iter().enumerate().map(weigh).sum();
    usize::from(code[15] - b'A') == sum % 26
}

const CODICE_ODD: [usize; 26] =
    [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

fn nir(code: &[u8]) -> bool {
    let month = value(&code[3..5]);
    matches!(code[0], 1 | 2)
        && (1..=12).contains(&month)
        && 97 - value(&code[..13]) % 97 == value(&code[13..])
}

/// One digit of the first ten comes twice or thrice, the check is MOD 11,10.
fn tax_identification(code: &[u8]) -> bool {
    let most = (0..10).map(|digit| code[..10].iter().filter(|&&value| value == digit).count()).max();
    code[0] != 0 && matches!(most, Some(2 | 3)) && mod_11_10(code)
}

fn cpf(code: &[u8]) -> bool {
    let check = |body: usize| {
        let weights: [u32; 10] = core::array::from_fn(|place| (body + 1 - place.min(body)) as u32);
        (weighted(&code[..body], &weights) * 10 % 11 % 10) == u32::from(code[body])
    };
    code.iter().any(|digit| *digit != code[0]) && check(9) && check(10)
}

fn rut(code: &[u8]) -> bool {
    let (check, body) = (code[code.len() - 1], &code[..code.len() - 1]);
    let weights = body.iter().rev().zip([2, 3, 4, 5, 6, 7, 2, 3]);
    let sum: u32 = weights.map(|(&digit, weight)| u32::from(digit) * weight).sum();
    match 11 - sum % 11 {
        11 => check == 0,
        10 => check == b'K',
        rest => rest == u32::from(check),
    }
}

fn pesel(code: &[u8]) -> bool {
    let sum = weighted(&code[..10], &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]);
    (10 - sum % 10) % 10 == u32::from(code[10])
}

fn norwegian(code: &[u8]) -> bool {
    let first = weighted(code, &[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]);
    let second = weighted(code, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]);
    first.is_multiple_of(11) && second.is_multiple_of(11)
}

fn turkish(code: &[u8]) -> bool {
    let odd: u32 = code[..9].iter().step_by(2).map(|&digit| u32::from(digit)).sum();
    let even: u32 = code[1..8].iter().step_by(2).map(|&digit| u32::from(digit)).sum();
    let all: u32 = code[..10].iter().map(|&digit| u32::from(digit)).sum();
    code[0] != 0 && (odd * 7 + 100 - even) % 10 == u32::from(code[9]) && all % 10 == u32::from(code[10])
}

/// Day, month, year, century, serial, and a letter out of 31.
fn hetu(code: &[u8]) -> bool {
    let (&check, body) = code.split_last().unwrap_or((&0, code));
    let serial = &body[body.len() - 3..];
    let number = value(&code[..6]) * 1000 + value(serial);
    let letter = HETU_LETTERS[(number % 31) as usize];
    let given = if check < 10 { b'0' + check } else { check };
    day_of(&code[2..4], &code[..2])
        && letter == given
        && (body.len() == 9 || matches!(body[6], b'A'..=b'F' | b'U'..=b'Y'))
}

const HETU_LETTERS: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";

fn belgian(code: &[u8]) -> bool {
    let (body, check) = (value(&code[..9]), value(&code[9..]));
    97 - body % 97 == check || 97 - (2_000_000_000 + body) % 97 == check
}

/// Switzerland's number is an EAN-13 of country 756.
fn ahv(code: &[u8]) -> bool {
    code.starts_with(&[7, 5, 6])
        && weighted(code, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]).is_multiple_of(10)
}

/// The Dutch "eleven test"; the last weight is −1.
fn bsn(code: &[u8]) -> bool {
    let sum = weighted(&code[..8], &[9, 8, 7, 6, 5, 4, 3, 2]);
    value(code) != 0 && sum % 11 == u32::from(code[8])
}

fn nif(code: &[u8]) -> bool {
    let rest = weighted(&code[..8], &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    u32::from(code[8]) == if rest < 2 { 0 } else { 11 - rest }
}

fn tax_file(code: &[u8]) -> bool {
    weighted(code, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11)
}

/// China's resident number: ISO 7064 MOD 11-2, with a date of birth inside.
fn resident(code: &[u8]) -> bool {
    let sum = weighted(&code[..17], &[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
    let check = (12 - sum % 11) % 11;
    let given = if code[17] == b'X' { 10 } else { u32::from(code[17]) };
    matches!(value(&code[6..8]), 18..=21) && day_of(&code[10..12], &code[12..14]) && check == given
}

/// Whether two digits each are a month and a day of it.
fn day_of(month: &[u8], day: &[u8]) -> bool {
    (1..=12).contains(&value(month)) && (1..=31).contains(&value(day))
}
