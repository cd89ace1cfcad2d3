//! Check digit schemes: each says whether a row of digit values closes. They are apart from the
//! detectors because they are arithmetic from published standards, tested against published
//! numbers, and know nothing of text.

/// ISO/IEC 7812: payment cards, and many national numbers.
pub(crate) fn luhn(digits: &[u8]) -> bool {
    luhn_sum(digits).is_multiple_of(10)
}

/// The Luhn sum, for numbers that are checked behind a constant prefix.
fn luhn_sum(digits: &[u8]) -> u32 {
    let doubled = |digit: u8| if digit > 4 { u32::from(digit) * 2 - 9 } else { u32::from(digit) * 2 };
    let weigh =
        |(place, &digit): (usize, &u8)| if place % 2 == 1 { doubled(digit) } else { u32::from(digit) };
    digits.iter().rev().enumerate().map(weigh).sum()
}

/// US National Provider Identifier: Luhn behind the prefix 80840, whose own sum is 24.
pub(crate) fn npi(digits: &[u8]) -> bool {
    matches!(digits, [1 | 2, ..]) && (luhn_sum(digits) + 24).is_multiple_of(10)
}

/// ISO/IEC 7064 MOD 97-10 over letters and digits, the first four moved to the end: IBAN.
pub(crate) fn iban(code: &[u8]) -> bool {
    let Some((head, body)) = code.split_at_checked(4) else { return false };
    let step = |rest: u32, &byte: &u8| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte.to_ascii_uppercase() - b'A' + 10)) % 97,
    };
    body.iter().chain(head).fold(0, step) == 1
}

/// Verhoeff: Aadhaar.
pub(crate) fn verhoeff(digits: &[u8]) -> bool {
    let step =
        |sum: u8, (place, &digit): (usize, &u8)| dihedral(sum, PERMUTED[place % 8][usize::from(digit % 10)]);
    digits.iter().rev().enumerate().fold(0, step) == 0
}

/// The product of the dihedral group D5.
fn dihedral(a: u8, b: u8) -> u8 {
    match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b) % 5,
        (false, true) => 5 + (a + 5 - b) % 5,
        (false, false) => (a + 5 - b % 5) % 5,
    }
}

const PERMUTED: [[u8; 10]; 8] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
    [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
    [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
    [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
    [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
    [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
    [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
];

/// The sum of the digits times their weights; digits without a weight do not count.
pub(crate) fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(&digit, weight)| u32::from(digit) * weight).sum()
}

/// The digits as one number; at most 18 of them.
pub(crate) fn value(digits: &[u8]) -> u64 {
    digits.iter().take(18).fold(0, |sum, &digit| sum * 10 + u64::from(digit))
}

/// ISO/IEC 7064 MOD 11,10: the German tax number.
pub(crate) fn mod_11_10(digits: &[u8]) -> bool {
    let step = |product: u32, &digit: &u8| match (u32::from(digit) + product) % 10 {
        0 => 9,
        sum => sum * 2 % 11,
    };
    match digits.split_last() {
        Some((&check, body)) => (11 - body.iter().fold(10, step)) % 10 == u32::from(check),
        None => false,
    }
}

/// The American Bankers Association's routing number: weights 3, 7, 1, in an issued range.
pub(crate) fn aba(digits: &[u8]) -> bool {
    let issued = matches!(value(&digits[..digits.len().min(2)]), 0..=12 | 21..=32 | 61..=72 | 80);
    digits.len() == 9
        && issued
        && value(digits) != 0
        && weighted(digits, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(text: &str) -> Vec<u8> {
        text.bytes().filter(u8::is_ascii_digit).map(|byte| byte - b'0').collect()
    }

    #[track_caller]
    fn check(scheme: fn(&[u8]) -> bool, good: &str) {
        let good = digits(good);
        assert!(scheme(&good), "{good:?} closes");
        for place in 0..good.len() {
            let mut bad = good.clone();
            bad[place] = (bad[place] + 1) % 10;
            assert!(!scheme(&bad), "one wrong digit is noticed at {place}");
        }
    }

    #[test]
    fn schemes_accept_published_numbers_and_notice_one_wrong_digit() {
        check(luhn, "4111111111111111");
        check(luhn, "79927398713");
        check(npi, "1234567893");
        check(verhoeff, "2363");
        check(mod_11_10, "86095742719");
        check(aba, "021000021");
    }

    #[test]
    fn iban_reads_both_cases_and_notices_a_swap() {
        assert!(iban(b"GB82WEST12345698765432"));
        assert!(iban(b"de89370400440532013000"));
        assert!(!iban(b"GB82WEST12345698765423"));
        assert!(!iban(b"GB8"));
    }
}
