//! Which records somebody wants: typed conditions on what a record's structure and content say.
//!
//! A [`Filter`] is a tree of [`Test`]s. [`Sieve::new`] checks that it keeps the limits and makes it
//! fast; a sieve answers three questions, each on less than the next:
//!
//! | question | looks at |
//! |---|---|
//! | [`Sieve::rules_out`] | what a block's header and [`Zone`](crate::log::zone::Zone) say of all its records |
//! | [`Sieve::on_structure`] | a record's structure, for which nobody's key is needed |
//! | [`Sieve::passes`] | the content as well, as its reader may see it ([`Shown`]) |
//!
//! # What a condition means
//!
//! Conditions have three values, as in SQL (Kleene's logic). A comparison with a field that is not
//! there is neither true nor false but unknown, and so is one with a value of another type; what
//! is not known is not known either way round, so `Not` of it is unknown as well. `All` is as true
//! as its least true part and `Any` as its most true one, where unknown lies between false and
//! true. Only what is true passes. [`Test::Has`] and [`LeafTest::Exists`] are how to ask whether a
//! field is there: they are never unknown, unless the content cannot be read.
//!
//! # Content is what its reader may see
//!
//! A filter that compared originals would give away what a mask hides, a letter at a time: whether
//! a card's number begins with 4, then with 41, and so on. So content is compared as it is shown:
//! with tokens in the place of what policies marked, unless originals are revealed to whoever asks.
//! This goes for the names of actions and intents too, where what was marked left the structure
//! for the content (rule 3 of [`draft`](crate::draft)).

mod checked;
mod compare;
mod range;
mod shown;
mod sieve;
mod truth;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::log::LogId;
use crate::time::Timestamp;
use crate::value::path::PathError;

pub use crate::trace::Kinds;
pub use compare::Number;
pub use shown::Shown;
pub use sieve::{Early, Facts, Sieve};
pub use truth::{Truth, Truths};

/// A condition on records.
///
/// Whoever builds one from what a stranger wrote counts how deep it gets while building it: also
/// to drop a tree takes as much stack as it is deep. [`Sieve::new`] refuses what is too deep.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Every one of them. Of none, this is true.
    All(Vec<Self>),
    /// At least one of them. Of none, this is false.
    Any(Vec<Self>),
    /// The opposite.
    Not(Box<Self>),
    /// One condition on one field.
    Is(Test),
}

impl Filter {
    /// What every record passes.
    pub const EVERYTHING: Self = Self::All(Vec::new());

    /// Everything that goes by this name.
    #[must_use]
    pub fn named(name: Name, value: &str) -> Self {
        Self::Is(Test::Name(name, Words::Is(Compare::Equal, String::from(value))))
    }

    /// Everything of this kind, or of one of these.
    #[must_use]
    pub fn of(kinds: impl Into<Kinds>) -> Self {
        Self::Is(Test::Kind(kinds.into()))
    }

    /// Both of them.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match self {
            Self::All(mut parts) => {
                parts.push(other);
                Self::All(parts)
            }
            one => Self::All(Vec::from([one, other])),
        }
    }

    /// One of them at least.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match self {
            Self::Any(mut parts) => {
                parts.push(other);
                Self::Any(parts)
            }
            one => Self::Any(Vec::from([one, other])),
        }
    }
}

/// The opposite.
impl core::ops::Not for Filter {
    type Output = Self;

    fn not(self) -> Self {
        Self::Not(Box::new(self))
    }
}

impl From<Test> for Filter {
    fn from(test: Test) -> Self {
        Self::Is(test)
    }
}

/// A condition on one field.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// What the record is: one of these.
    Kind(Kinds),
    /// In which log it stands.
    Log(LogId),
    /// Its number in its log.
    Sequence(Compare, u64),
    /// When.
    Time(Compare, Timestamp),
    /// How sure the agent was.
    Confidence(Compare, f64),
    /// One of the names that it goes by.
    Name(Name, Words),
    /// Whether this field is there.
    Has(Field),
    /// What was said.
    Text(Words),
    /// The leaf at this path, as [`path`](crate::value::path) writes them.
    Leaf(String, LeafTest),
}

/// A field that holds a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// The trace's id.
    Trace,
    /// The agent.
    Agent,
    /// The session's id.
    Session,
    /// What the source calls the event.
    Alias,
    /// The action's name.
    Action,
    /// What the agent wanted.
    Intent,
}

impl Name {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Trace, Self::Agent, Self::Session, Self::Alias, Self::Action, Self::Intent];
}

/// A field that may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// A name.
    Name(Name),
    /// How sure the agent was, where that is a number.
    Confidence,
    /// What was said.
    Text,
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// The same.
    Equal,
    /// Another.
    NotEqual,
    /// Less than what it is compared with.
    Less,
    /// That or less.
    AtMost,
    /// More than what it is compared with.
    More,
    /// That or more.
    AtLeast,
}

/// A condition on a text. Texts are in the order of their UTF-8 bytes, and `a` is not `A`, except
/// for [`Words::Contains`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Words {
    /// How it compares with this one.
    Is(Compare, String),
    /// One of these.
    OneOf(Vec<String>),
    /// It begins so.
    StartsWith(String),
    /// This stands somewhere in it, in large letters or small ones. Letters are folded one by one
    /// as Unicode folds them (`ß` is `ss`, `Σ` and `ς` are `σ`); a letter with a combining accent
    /// is another than the one letter that looks like it.
    Contains(String),
}

/// A condition on a leaf. Where several leaves have one path, one of them is enough.
#[derive(Clone, Debug, PartialEq)]
pub enum LeafTest {
    /// There is one, or there are some below this path.
    Exists,
    /// It is null.
    Null,
    /// It is this truth.
    Truth(bool),
    /// How it compares with this number, where it is one. A number that the source wrote in a way
    /// of its own (`1.10`, `1e400`) is compared as the float next to it.
    Number(Compare, Number),
    /// A condition on its text, where it is one.
    Text(Words),
}

/// Why a filter is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FilterError {
    /// Its conditions lie deeper within each other than
    /// [`FILTER_DEPTH_MAX`](crate::limits::FILTER_DEPTH_MAX).
    TooDeep,
    /// It has more conditions and values than [`FILTER_TESTS_MAX`](crate::limits::FILTER_TESTS_MAX).
    TooMany,
    /// Its texts are longer than [`FILTER_BYTES_MAX`](crate::limits::FILTER_BYTES_MAX) in all.
    TooLong,
    /// It compares with a float that is no number.
    NotANumber,
    /// It asks for a leaf at what is no path.
    Path(PathError),
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use crate::limits::{FILTER_BYTES_MAX, FILTER_DEPTH_MAX, FILTER_TESTS_MAX};
        match self {
            Self::TooDeep => write!(f, "the filter nests conditions more than {FILTER_DEPTH_MAX} deep"),
            Self::TooMany => write!(f, "the filter has more than {FILTER_TESTS_MAX} conditions and values"),
            Self::TooLong => write!(f, "the filter's texts have more than {FILTER_BYTES_MAX} bytes"),
            Self::NotANumber => f.write_str("the filter compares with something that is no number"),
            Self::Path(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for FilterError {}
