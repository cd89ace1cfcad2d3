//! Days and times of day, as people and machines write them.

use crate::term::Term;
use crate::text::Token;

/// Year (0 where nobody said which), month and day.
pub(crate) type Day = (u16, u8, u8);

/// A date in one token, such as `2024-05-20` or `5/20/2024`; where day and month may be either
/// way round, both.
pub(crate) fn numeric_dates(token: &str) -> Vec<Day> {
    let parts: Vec<u16> = token.split(['-', '/', '.']).map_while(|part| part.parse().ok()).collect();
    let count = token.split(['-', '/', '.']).count();
    let dates = match parts[..] {
        [year @ 1000..=9999, month, day] => vec![date(year, month, day)],
        [a, b, year @ 1000..=9999] => vec![date(year, a, b), date(year, b, a)],
        [a, b] if token.contains('/') => vec![date(0, a, b), date(0, b, a)],
        _ => vec![],
    };
    if parts.len() == count { dates.into_iter().flatten().collect() } else { vec![] }
}

fn date(year: u16, month: u16, day: u16) -> Option<Day> {
    match (u8::try_from(month), u8::try_from(day)) {
        (Ok(month @ 1..=12), Ok(day @ 1..=31)) => Some((year, month, day)),
        _ => None,
    }
}

/// The day after.
pub(crate) fn next_day((year, month, day): Day) -> Day {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 => 28 + u8::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    match (day < last, month) {
        (true, _) => (year, month, day + 1),
        (false, 12) => (year + 1, 1, 1),
        (false, _) => (year, month + 1, 1),
    }
}

/// A date over several tokens, such as `May 20th, 2024` or `20 May`, and how many they are.
pub(crate) fn written_date(tokens: &[Token<'_>]) -> Option<(Term, usize)> {
    if !tokens.iter().take(3).any(begins_with_digit) {
        return None;
    }
    let (month, day, length) = match tokens {
        [a, b, ..] if month(a.text).is_some() => (month(a.text)?, day(b.text)?, 2),
        [a, of, b, ..] if of.text == "of" && month(b.text).is_some() => (month(b.text)?, day(a.text)?, 3),
        [a, b, ..] if month(b.text).is_some() => (month(b.text)?, day(a.text)?, 2),
        _ => return None,
    };
    let year = tokens.get(length).filter(|year| year.text.len() == 4).and_then(|year| year.text.parse().ok());
    let (year_said, month, day) = date(year.unwrap_or(0), u16::from(month), u16::from(day))?;
    Some((Term::date(year_said, month, day), length + usize::from(year.is_some())))
}

/// The time of day at the first token: `19:30`, `7:30 pm`, `7pm`; both halves of the day where
/// nobody said which.
pub(crate) fn times(tokens: &[Token<'_>]) -> Vec<Term> {
    let Some(token) = tokens.first().filter(|token| begins_with_digit(token)) else { return Vec::new() };
    let clock = token.text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let suffix = match (token.text.get(clock.len()..).unwrap_or_default(), tokens.get(1)) {
        ("", Some(next)) if matches!(next.text, "am" | "pm") => next.text,
        (suffix, _) => suffix,
    };
    let (hour, minute) = clock.split_once(':').unwrap_or((clock, "0"));
    let minute = minute.split(':').next().unwrap_or(minute);
    let (Ok(hour @ 0..=23), Ok(minute @ 0..=59)) = (hour.parse::<u8>(), minute.parse::<u8>()) else {
        return Vec::new();
    };
    match suffix {
        "am" => vec![Term::time(hour % 12, minute)],
        "pm" => vec![Term::time(hour % 12 + 12, minute)],
        "" if clock.contains(':') && (1..12).contains(&hour) => {
            vec![Term::time(hour, minute), Term::time(hour + 12, minute)]
        }
        "" if clock.contains(':') => vec![Term::time(hour, minute)],
        _ => Vec::new(),
    }
}

/// As days and hours do.
fn begins_with_digit(token: &Token<'_>) -> bool {
    token.text.starts_with(|c: char| c.is_ascii_digit())
}

fn month(word: &str) -> Option<u8> {
    if word.len() < 3 || !word.starts_with(['j', 'f', 'm', 'a', 's', 'o', 'n', 'd']) {
        return None;
    }
    let is = |name: &&str| word == *name || (word.len() <= 4 && name.starts_with(word));
    let at = MONTHS.iter().position(is)?;
    u8::try_from(at + 1).ok()
}

fn day(token: &str) -> Option<u8> {
    let digits = token.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let ordinal = token.get(digits.len()..)?;
    matches!(ordinal, "" | "st" | "nd" | "rd" | "th").then(|| digits.parse().ok()).flatten()
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
