//! A filter that keeps the limits, ready to be held against many records.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::checked::Checked;
use super::compare::Sought;
use super::{Compare, Filter, FilterError, Name, Shown, Truth, Truths, Words};
use crate::limits::{FILTER_BYTES_MAX, FILTER_DEPTH_MAX, FILTER_TESTS_MAX};
use crate::log::LogId;
use crate::trace::{Kind, Kinds, Structure};

/// A filter, checked.
#[derive(Clone, Debug)]
pub struct Sieve(Node);

/// What can be said of a record before its content is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Early {
    /// It is wanted, whatever its content says.
    Passes,
    /// It is not.
    Fails,
    /// Its content decides.
    NeedsContent,
}

/// What can be known of a record without its person's key.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The log that it stands in.
    pub log: LogId,
    /// Its number there.
    pub sequence: u64,
    /// The rest.
    pub structure: &'a Structure<'a>,
}

impl Sieve {
    /// Checks a filter.
    pub fn new(filter: &Filter) -> Result<Self, FilterError> {
        let mut room = Room { tests: FILTER_TESTS_MAX, bytes: FILTER_BYTES_MAX };
        Node::new(filter, FILTER_DEPTH_MAX, &mut room).map(Self)
    }

    /// What can be said of a record by its structure alone.
    #[must_use]
    pub fn on_structure(&self, facts: &Facts<'_>) -> Early {
        let truths = self.0.truths(&|test: &Checked| test.on_structure(facts));
        match () {
            () if truths == Truths::TRUE => Early::Passes,
            () if truths.holds(Truth::True) => Early::NeedsContent,
            () => Early::Fails,
        }
    }

    /// Whether a record is wanted, with its content as its reader may see it.
    #[must_use]
    pub fn passes(&self, facts: &Facts<'_>, shown: &Shown<'_>) -> bool {
        self.truth(facts, shown) == Truth::True
    }

    /// What the filter comes to on a record.
    #[must_use]
    pub fn truth(&self, facts: &Facts<'_>, shown: &Shown<'_>) -> Truth {
        let truths = self.0.truths(&|test: &Checked| test.on_content(facts, shown));
        match () {
            () if truths.holds(Truth::True) => Truth::True,
            () if truths.holds(Truth::False) => Truth::False,
            () => Truth::Unknown,
        }
    }

    /// Whether it asks for content anywhere.
    #[must_use]
    pub fn asks_for_content(&self) -> bool {
        self.0.any(&|test| matches!(test, Checked::Text(_) | Checked::HasText | Checked::Leaf(..)))
    }

    /// All that this name is in records that pass, where the filter says that it is one of a few.
    #[must_use]
    pub fn pinned(&self, name: Name) -> Option<Vec<&str>> {
        self.0.pinned(name)
    }

    /// The kinds of records that can pass.
    #[must_use]
    pub fn kinds(&self) -> Kinds {
        let can_pass = |kind: &Kind| {
            let tell = |test: &Checked| match test {
                Checked::Kind(kinds) => kinds.holds(*kind).into(),
                _ => Truths::ANY,
            };
            self.truths(&tell).holds(Truth::True)
        };
        Kind::ALL.into_iter().filter(can_pass).fold(Kinds::default(), Kinds::with)
    }

    /// What it can come to on records of which `tell` says what each condition can come to.
    pub(super) fn truths(&self, tell: &impl Fn(&Checked) -> Truths) -> Truths {
        self.0.truths(tell)
    }
}

/// What is left of the limits.
pub(super) struct Room {
    tests: usize,
    bytes: usize,
}

impl Room {
    pub(super) fn take_tests(&mut self, count: usize) -> Result<(), FilterError> {
        self.tests = self.tests.checked_sub(count).ok_or(FilterError::TooMany)?;
        Ok(())
    }

    pub(super) fn take_text(&mut self, text: &str) -> Result<(), FilterError> {
        self.bytes = self.bytes.checked_sub(text.len()).ok_or(FilterError::TooLong)?;
        Ok(())
    }

    pub(super) fn take_words(&mut self, words: &Words) -> Result<Sought, FilterError> {
        match words {
            Words::Is(_, text) | Words::StartsWith(text) | Words::Contains(text) => self.take_text(text)?,
            Words::OneOf(texts) => {
                self.take_tests(texts.len())?;
                texts.iter().try_for_each(|text| self.take_text(text))?;
            }
        }
        Ok(Sought::new(words))
    }
}

#[derive(Clone, Debug)]
enum Node {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Is(Checked),
}

impl Node {
    fn new(filter: &Filter, depth: usize, room: &mut Room) -> Result<Self, FilterError> {
        let depth = depth.checked_sub(1).ok_or(FilterError::TooDeep)?;
        room.take_tests(1)?;
        let mut all = |parts: &[Filter]| {
            parts.iter().map(|part| Self::new(part, depth, room)).collect::<Result<_, _>>()
        };
        Ok(match filter {
            Filter::All(parts) => Self::All(all(parts)?),
            Filter::Any(parts) => Self::Any(all(parts)?),
            Filter::Not(part) => Self::Not(Self::new(part, depth, room)?.into()),
            Filter::Is(test) => Self::Is(Checked::new(test, room)?),
        })
    }

    /// As deep as [`FILTER_DEPTH_MAX`] at most, and no further than it takes.
    fn truths(&self, tell: &impl Fn(&Checked) -> Truths) -> Truths {
        match self {
            Self::Is(test) => tell(test),
            Self::Not(part) => part.truths(tell).not(),
            Self::All(parts) => {
                let mut truths = Truths::TRUE;
                for part in parts {
                    truths = truths.and(part.truths(tell));
                    if truths == Truths::FALSE {
                        break;
                    }
                }
                truths
            }
            Self::Any(parts) => {
                let mut truths = Truths::FALSE;
                for part in parts {
                    truths = truths.or(part.truths(tell));
                    if truths == Truths::TRUE {
                        break;
                    }
                }
                truths
            }
        }
    }

    fn any(&self, wanted: &impl Fn(&Checked) -> bool) -> bool {
        match self {
            Self::Is(test) => wanted(test),
            Self::Not(part) => part.any(wanted),
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.any(wanted)),
        }
    }

    fn pinned(&self, name: Name) -> Option<Vec<&str>> {
        match self {
            Self::Is(Checked::Name(known, sought)) if *known == name => match sought {
                Sought::Is(Compare::Equal, text) => Some(Vec::from([&**text])),
                Sought::OneOf(texts) => Some(texts.iter().map(|text| &**text).collect()),
                _ => None,
            },
            Self::Is(_) | Self::Not(_) => None,
            Self::All(parts) => parts.iter().filter_map(|part| part.pinned(name)).min_by_key(Vec::len),
            Self::Any(parts) => {
                let each: Option<Vec<_>> = parts.iter().map(|part| part.pinned(name)).collect();
                each.map(|each| each.concat())
            }
        }
    }
}
