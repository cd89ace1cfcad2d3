//! Paths: a row of steps, `/key` into an object and `[n]` into a list.
//!
//! JSON Pointer (RFC 6901) cannot tell `{"0": …}` from `[…]`, so list positions have brackets. In
//! a key, `~` is written `~0`, `/` is `~1` and `[` is `~2`; every string is a possible key.

use core::fmt;

use crate::limits::PATH_STEPS_MAX;

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// Into an object, under this key.
    Key(Key<'a>),
    /// Into a list, at this position.
    Index(u32),
}

/// A key as it stands in a path, still escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key<'a>(&'a str);

impl<'a> Key<'a> {
    /// The escaped text, as in the path.
    #[must_use]
    pub const fn escaped(self) -> &'a str {
        self.0
    }

    /// The key's own characters.
    pub fn chars(self) -> impl Iterator<Item = char> + 'a {
        let mut rest = self.0.chars();
        core::iter::from_fn(move || match rest.next()? {
            '~' => Some(match rest.next() {
                Some('1') => '/',
                Some('2') => '[',
                _ => '~',
            }),
            plain => Some(plain),
        })
    }
}

/// Why a text is no path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathError {
    /// It does not begin with `/` or `[`, or a step does not.
    NoStep,
    /// A `~` is not followed by 0, 1 or 2.
    BadEscape,
    /// A position is no decimal `u32` without leading zeros, or its bracket is not closed.
    BadIndex,
    /// It has more than [`PATH_STEPS_MAX`] steps.
    TooDeep,
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoStep => "a step of a path begins with `/` or `[`",
            Self::BadEscape => "a `~` in a path is followed by 0, 1 or 2",
            Self::BadIndex => "a list position in a path is a whole number in brackets",
            Self::TooDeep => "the path has too many steps",
        })
    }
}

impl core::error::Error for PathError {}

/// The steps of `path`, each checked as it is reached.
pub fn steps(path: &str) -> impl Iterator<Item = Result<Step<'_>, PathError>> {
    let mut rest = path;
    let mut taken = 0;
    core::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        taken += 1;
        let step = if taken > PATH_STEPS_MAX { Err(PathError::TooDeep) } else { first_step(rest) };
        rest = step.as_ref().map_or("", |(_, after)| after);
        Some(step.map(|(step, _)| step))
    })
}

/// Whether `path` is one, without looking at what it leads to.
pub fn check(path: &str) -> Result<(), PathError> {
    if path.is_empty() {
        return Err(PathError::NoStep);
    }
    steps(path).try_for_each(|step| step.map(drop))
}

/// Appends `/key` to a path, escaped.
pub fn write_key(path: &mut impl fmt::Write, key: &str) -> fmt::Result {
    path.write_char('/')?;
    key.chars().try_for_each(|c| match c {
        '~' => path.write_str("~0"),
        '/' => path.write_str("~1"),
        '[' => path.write_str("~2"),
        plain => path.write_char(plain),
    })
}

/// Appends `[index]` to a path.
pub fn write_index(path: &mut impl fmt::Write, index: u32) -> fmt::Result {
    write!(path, "[{index}]")
}

fn first_step(path: &str) -> Result<(Step<'_>, &str), PathError> {
    if let Some(rest) = path.strip_prefix('/') {
        let (key, rest) = rest.split_at(rest.find(['/', '[']).unwrap_or(rest.len()));
        return check_escapes(key).map(|()| (Step::Key(Key(key)), rest));
    }
    let rest = path.strip_prefix('[').ok_or(PathError::NoStep)?;
    let (digits, rest) = rest.split_once(']').ok_or(PathError::BadIndex)?;
    let canonical = digits.bytes().all(|b| b.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    let index = digits.parse().ok().filter(|_| canonical).ok_or(PathError::BadIndex)?;
    Ok((Step::Index(index), rest))
}

fn check_escapes(key: &str) -> Result<(), PathError> {
    let escapes = key.split('~').skip(1);
    let good = |after: &str| after.starts_with(['0', '1', '2']);
    if escapes.into_iter().all(good) { Ok(()) } else { Err(PathError::BadEscape) }
}
