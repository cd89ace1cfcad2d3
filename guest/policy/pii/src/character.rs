//! What single characters are. Apart from the standard library's answers because those carry
//! tables for all of Unicode, twenty kilobytes in a plugin; here what is not known to be
//! something else is a letter, which serves every script that writes words with blanks.

/// What a character does in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Letter,
    Digit,
    Blank,
    LineBreak,
    /// Anything else.
    Mark,
}

/// The class of an ASCII character.
#[inline]
pub(crate) fn class_of_ascii(byte: u8) -> Class {
    ASCII[usize::from(byte & 0x7f)]
}

static ASCII: [Class; 128] = {
    let mut classes = [Class::Mark; 128];
    let mut byte = 0;
    while byte < 128 {
        classes[byte as usize] = match byte {
            b'a'..=b'z' | b'A'..=b'Z' => Class::Letter,
            b'0'..=b'9' => Class::Digit,
            b' ' | b'\t' => Class::Blank,
            b'\n' | b'\r' | 0x0b | 0x0c => Class::LineBreak,
            _ => Class::Mark,
        };
        byte += 1;
    }
    classes
};

/// The class of any character.
pub(crate) fn class_of(character: char) -> Class {
    match character {
        '\0'..='\x7f' => class_of_ascii(character as u8),
        _ if digit_value(character).is_some() => Class::Digit,
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => Class::Blank,
        '\u{85}' | '\u{2028}' | '\u{2029}' => Class::LineBreak,
        'ª' | 'º' | 'µ' => Class::Letter,
        '\u{80}'..='\u{bf}' | '×' | '÷' | '\u{200b}'..='\u{206f}' => Class::Mark,
        '\u{20a0}'..='\u{20bf}' | '\u{2212}' | '\u{3001}'..='\u{303f}' => Class::Mark,
        '\u{ff08}' | '\u{ff09}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff0e}' | '\u{ff1a}' | '\u{ff20}' => {
            Class::Mark
        }
        _ => Class::Letter,
    }
}

/// A mark as the ASCII character that it resembles, or `?`.
pub(crate) fn mark_of(mark: char) -> u8 {
    match mark {
        '\0'..='\x7f' => mark as u8,
        '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}' => b'-',
        '\u{2018}'..='\u{201b}' => b'\'',
        '\u{201c}'..='\u{201f}' | '«' | '»' => b'"',
        '\u{a2}'..='\u{a5}' | '\u{20a0}'..='\u{20bf}' => b'$',
        '\u{ff01}'..='\u{ff5e}' => (u32::from(mark) - 0xfee0) as u8,
        _ => b'?',
    }
}

/// Whether the character is a letter.
pub(crate) fn is_letter(character: char) -> bool {
    class_of(character) == Class::Letter
}

/// Whether the character is a letter or a digit.
pub(crate) fn is_letter_or_digit(character: char) -> bool {
    matches!(class_of(character), Class::Letter | Class::Digit)
}

/// The value of a digit of the scripts in which numbers for people are typed: ASCII, the wide
/// form of East Asian keyboards, Arabic and Persian. Their code points end in the value.
pub(crate) fn digit_value(digit: char) -> Option<u8> {
    let digits =
        matches!(digit, '0'..='9' | '\u{ff10}'..='\u{ff19}' | '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}');
    digits.then(|| (u32::from(digit) & 0xf) as u8)
}

/// Whether the letter is a capital.
pub(crate) fn is_capital(letter: char) -> bool {
    if letter.is_ascii() { letter.is_ascii_uppercase() } else { letter.is_uppercase() }
}

/// The small form of a letter of those alphabets in which words are known here: ASCII, Latin-1
/// and Latin Extended-A.
pub(crate) fn small(letter: char) -> char {
    let code = u32::from(letter);
    let small = match letter {
        'A'..='Z' | 'À'..='Ö' | 'Ø'..='Þ' => code + 0x20,
        'Ā'..='ķ' | 'Ŋ'..='ŷ' => code | 1,
        'Ĺ'..='ň' | 'Ź'..='ž' => code + (code & 1),
        _ => code,
    };
    char::from_u32(small).unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_letters_of_known_alphabets_agree_with_the_standard() {
        for letter in ('\0'..'\u{180}').filter(|letter| !matches!(letter, 'İ' | 'Ÿ' | 'ĸ' | 'ŉ')) {
            let standard = letter.to_lowercase().next();
            assert_eq!(Some(small(letter)), standard, "{letter}");
        }
    }

    #[test]
    fn digits_of_four_scripts_have_values() {
        assert_eq!(
            "09０９٠٩۰۹".chars().filter_map(digit_value).collect::<Vec<_>>(),
            [0, 9, 0, 9, 0, 9, 0, 9]
        );
        assert_eq!(digit_value('a'), None);
    }
}
