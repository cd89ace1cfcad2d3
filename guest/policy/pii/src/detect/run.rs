//! Digits in groups: the raw form of card numbers, telephone numbers and much that is neither.

use crate::character::digit_value;
use crate::page::{Gap, Page};

/// A row of digits with single separators between its groups, as `+46 (0)8 928 571 38`. After the
/// first group only enclosed ones and those behind them have a single digit: a row of single
/// digits is a list.
pub(crate) struct Run {
    values: [u8; DIGITS_MAX],
    groups: [Group; GROUPS_MAX],
    count: usize,
    /// Whether a plus sign leads it.
    pub(crate) plus: bool,
}

/// One group of digits.
#[derive(Clone, Copy, Default)]
pub(crate) struct Group {
    /// How many digits the run has up to the end of this group.
    pub(crate) digits: usize,
    /// How many digits this group has.
    pub(crate) length: usize,
    /// The token after it.
    pub(crate) next: usize,
    /// What stands before it: a blank, `-`, `.` or `/`; 0 for nothing.
    pub(crate) separator: u8,
    /// Whether it stands in parentheses.
    pub(crate) enclosed: bool,
}

/// The first groups of a run.
#[derive(Clone, Copy)]
pub(crate) struct Cut<'r> {
    /// The digits' values.
    pub(crate) digits: &'r [u8],
    /// The groups; at least one.
    pub(crate) groups: &'r [Group],
}

const DIGITS_MAX: usize = 24;
const GROUPS_MAX: usize = 8;

impl Run {
    /// The run that starts at this token.
    pub(crate) fn read(page: &Page<'_>, at: usize) -> Option<Self> {
        let plus = page.is_mark(at, b'+');
        let mut run =
            Self { values: [0; DIGITS_MAX], groups: [Group::default(); GROUPS_MAX], count: 0, plus };
        let first = at + usize::from(plus);
        if plus && !page.is_tight(first) {
            return None;
        }
        let mut next = run.push_group(page, first, 0)?;
        while let Some((separator, group)) = separated(page, next) {
            match run.push_group(page, group, separator) {
                Some(after) => next = after,
                None => break,
            }
        }
        Some(run)
    }

    /// Every way to end the run at the end of a group, the longest first.
    pub(crate) fn cuts(&self) -> impl Iterator<Item = Cut<'_>> {
        (1..=self.count).rev().map(|count| {
            let groups = &self.groups[..count];
            Cut { digits: &self.values[..groups[count - 1].digits], groups }
        })
    }

    /// How many digits it has.
    pub(crate) fn length(&self) -> usize {
        self.groups[..self.count].last().map_or(0, |group| group.digits)
    }

    /// Takes up the group at this token, in parentheses or not; returns the token after it.
    fn push_group(&mut self, page: &Page<'_>, at: usize, separator: u8) -> Option<usize> {
        let enclosed = page.is_mark(at, b'(');
        let at = at + usize::from(enclosed);
        let before = self.groups[..self.count].last().map_or(0, |group| group.digits);
        let length = page.digit_count(at);
        let closes = !enclosed || (page.is_tight(at) && page.is_mark(at + 1, b')') && page.is_tight(at + 1));
        if length == 0
            || length == 1 && separator != 0 && !enclosed
            || before + length > DIGITS_MAX
            || self.count == GROUPS_MAX
            || !closes
        {
            return None;
        }
        let values = page.word(at).chars().filter_map(digit_value);
        self.values[before..before + length].iter_mut().zip(values).for_each(|(slot, value)| *slot = value);
        let next = at + 1 + usize::from(enclosed);
        self.groups[self.count] = Group { digits: before + length, length, next, separator, enclosed };
        self.count += 1;
        Some(next)
    }
}

impl Cut<'_> {
    /// The token after the cut.
    pub(crate) fn next(&self) -> usize {
        self.groups[self.groups.len() - 1].next
    }

    /// The digits of its groups, counted: `[3, 3, 4]` has this for `555-123-4567`.
    pub(crate) fn has_lengths(&self, lengths: &[usize]) -> bool {
        self.groups.iter().map(|group| group.length).eq(lengths.iter().copied())
    }

    /// Whether blanks, hyphens or nothing else separate all of its groups alike.
    pub(crate) fn is_uniform(&self) -> bool {
        let separator = self.groups.get(1).map_or(b' ', |group| group.separator);
        matches!(separator, b' ' | b'-')
            && self.groups[1..].iter().all(|group| group.separator == separator && !group.enclosed)
    }
}

/// The separator at this token, and the token at which the next group starts.
fn separated(page: &Page<'_>, at: usize) -> Option<(u8, usize)> {
    let narrow = page.start(at).saturating_sub(page.end(at.saturating_sub(1))) <= 2;
    match page.gap(at) {
        Gap::Line => None,
        Gap::Space if narrow && (page.is_digits(at) || page.is_mark(at, b'(')) => Some((b' ', at)),
        Gap::None if page.is_mark(at, b'(') || page.is_mark(at - 1, b')') && page.is_digits(at) => {
            Some((0, at))
        }
        Gap::None if page.is_tight(at + 1) && page.is_digits(at + 1) => {
            [b'-', b'.', b'/'].into_iter().find(|&mark| page.is_mark(at, mark)).map(|mark| (mark, at + 1))
        }
        _ => None,
    }
}
