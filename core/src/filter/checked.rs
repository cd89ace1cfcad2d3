//! Single tests that keep the limits, and how each comes out on a record.

use alloc::string::String;

use super::compare::Sought;
use super::sieve::Room;
use super::{Compare, Facts, Field, FilterError, Kinds, LeafTest, Name, Number, Shown, Test, Truths};
use crate::draft;
use crate::log::LogId;
use crate::time::Timestamp;
use crate::trace::Structure;
use crate::value::{Value, path};

/// A test that keeps the limits.
#[derive(Clone, Debug)]
pub(crate) enum Checked {
    Kind(Kinds),
    Log(LogId),
    Sequence(Compare, u64),
    Time(Compare, Timestamp),
    Confidence(Compare, f64),
    Name(Name, Sought),
    HasName(Name),
    HasConfidence,
    HasText,
    Text(Sought),
    Leaf(String, CheckedLeaf),
}

#[derive(Clone, Debug)]
pub(crate) enum CheckedLeaf {
    Exists,
    Null,
    Truth(bool),
    Number(Compare, Number),
    Text(Sought),
}

impl Checked {
    pub(super) fn new(test: &Test, room: &mut Room) -> Result<Self, FilterError> {
        Ok(match test {
            Test::Kind(kinds) => Self::Kind(*kinds),
            Test::Log(log) => Self::Log(*log),
            Test::Sequence(compare, sequence) => Self::Sequence(*compare, *sequence),
            Test::Time(compare, time) => Self::Time(*compare, *time),
            Test::Confidence(_, number) if number.is_nan() => return Err(FilterError::NotANumber),
            Test::Confidence(compare, number) => Self::Confidence(*compare, *number),
            Test::Name(name, words) => Self::Name(*name, room.take_words(words)?),
            Test::Has(Field::Name(name)) => Self::HasName(*name),
            Test::Has(Field::Confidence) => Self::HasConfidence,
            Test::Has(Field::Text) => Self::HasText,
            Test::Text(words) => Self::Text(room.take_words(words)?),
            Test::Leaf(path, test) => {
                room.take_text(path)?;
                path::check(path).map_err(FilterError::Path)?;
                Self::Leaf(path.clone(), CheckedLeaf::new(test, room)?)
            }
        })
    }

    /// What it can come to by the structure alone.
    pub(super) fn on_structure(&self, facts: &Facts<'_>) -> Truths {
        match self {
            Self::Text(_) | Self::HasText | Self::Leaf(..) => Truths::ANY,
            Self::Name(name, sought) if is_apart(*name, name_in(facts.structure, *name)) => {
                // Whatever stands there, it is none of no names.
                let none = matches!(sought, Sought::OneOf(names) if names.is_empty());
                if none { Truths::FALSE } else { Truths::TRUE.or_else(Truths::FALSE) }
            }
            _ => self.on_content(facts, &Shown::nothing()),
        }
    }

    /// What it comes to.
    pub(super) fn on_content(&self, facts: &Facts<'_>, shown: &Shown<'_>) -> Truths {
        let structure = facts.structure;
        match self {
            Self::Kind(kinds) => kinds.holds(structure.kind).into(),
            Self::Log(log) => (facts.log == *log).into(),
            Self::Sequence(compare, sequence) => compare.holds(facts.sequence.cmp(sequence)).into(),
            Self::Time(compare, time) => compare.holds(structure.time.cmp(time)).into(),
            // One that is no number compares with nothing, and is as good as none.
            Self::Confidence(compare, number) => {
                let order = structure.confidence.and_then(|sure| sure.partial_cmp(number));
                order.map_or(Truths::UNKNOWN, |order| compare.holds(order).into())
            }
            Self::Name(name, sought) => on(name_shown(structure, *name, shown), sought),
            Self::HasName(name) => name_in(structure, *name).is_some().into(),
            Self::HasConfidence => structure.confidence.is_some_and(|sure| !sure.is_nan()).into(),
            Self::HasText if shown.is_readable() => shown.text().is_some().into(),
            Self::HasText => Truths::UNKNOWN,
            Self::Text(sought) => on(shown.text(), sought),
            Self::Leaf(path, test) => test.on(path, shown),
        }
    }
}

impl CheckedLeaf {
    fn new(test: &LeafTest, room: &mut Room) -> Result<Self, FilterError> {
        Ok(match test {
            LeafTest::Exists => Self::Exists,
            LeafTest::Null => Self::Null,
            LeafTest::Truth(truth) => Self::Truth(*truth),
            LeafTest::Number(_, number) if !number.is_number() => return Err(FilterError::NotANumber),
            LeafTest::Number(compare, number) => Self::Number(*compare, *number),
            LeafTest::Text(words) => Self::Text(room.take_words(words)?),
        })
    }

    fn on(&self, path: &str, shown: &Shown<'_>) -> Truths {
        if matches!(self, Self::Exists) && shown.is_readable() {
            return shown.leaves().any(|leaf| lies_in(leaf.path, path)).into();
        }
        let here = shown.leaves().filter(|leaf| leaf.path == path);
        here.map(|leaf| self.on_value(&leaf.value)).reduce(Truths::or).unwrap_or(Truths::UNKNOWN)
    }

    fn on_value(&self, value: &Value<'_>) -> Truths {
        match (self, value) {
            (Self::Exists, _) => Truths::TRUE,
            (Self::Null, value) => matches!(value, Value::Null).into(),
            (Self::Truth(truth), Value::Bool(value)) => (truth == value).into(),
            (Self::Text(sought), Value::Text(text)) => sought.holds(text).into(),
            (Self::Number(compare, number), value) => {
                let order = Number::of(value).and_then(|value| value.order(*number));
                order.map_or(Truths::UNKNOWN, |order| compare.holds(order).into())
            }
            _ => Truths::UNKNOWN,
        }
    }
}

fn on(text: Option<&str>, sought: &Sought) -> Truths {
    text.map_or(Truths::UNKNOWN, |text| sought.holds(text).into())
}

fn name_in<'s>(structure: &Structure<'s>, name: Name) -> Option<&'s str> {
    match name {
        Name::Trace => structure.trace,
        Name::Agent => structure.agent,
        Name::Session => structure.session,
        Name::Alias => structure.alias,
        Name::Action => structure.action,
        Name::Intent => structure.intent,
    }
}

/// The name as its reader may see it, who sees the stand-in where the content cannot be read.
fn name_shown<'r>(structure: &Structure<'r>, name: Name, shown: &'r Shown<'_>) -> Option<&'r str> {
    let known = name_in(structure, name)?;
    let [action, intent] = shown.names();
    match name {
        Name::Action if is_apart(name, Some(known)) => action.or(Some(known)),
        Name::Intent if is_apart(name, Some(known)) => intent.or(Some(known)),
        _ => Some(known),
    }
}

/// Whether the name may have left the structure for the content.
fn is_apart(name: Name, known: Option<&str>) -> bool {
    matches!(name, Name::Action | Name::Intent) && known.is_some_and(draft::stands_in)
}

/// Whether a leaf's path is this one, or leads on from it.
fn lies_in(leaf: &str, path: &str) -> bool {
    leaf.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '[']))
}
