//! What a filter can come to on the records of a block, by what is known of all of them.

use super::checked::Checked;
use super::compare::Sought;
use super::{Compare, Name, Sieve, Truth, Truths};
use crate::log::header::Header;
use crate::log::zone::{Names, Part, Span, Zone};

/// Whatever was asked, if it is there.
const EITHER: Truths = Truths::TRUE.or_else(Truths::FALSE);

impl Sieve {
    /// Whether no record of the block with this header can pass. What is not known rules nothing
    /// out: without a zone, the header does alone.
    #[must_use]
    pub fn rules_out(&self, header: &Header, zone: Option<&Zone>) -> bool {
        let may_pass = |times: Span, part: Option<&Part>| {
            self.truths(&|test: &Checked| on_block(test, header, times, part)).holds(Truth::True)
        };
        match zone {
            // Each part and each span by itself: what is after one time and before another is in no
            // span, perhaps, where it is between all of them.
            Some(zone) => {
                !zone.parts().any(|part| part.times.iter().any(|times| may_pass(times, Some(part))))
            }
            None => !may_pass((header.time_min, header.time_max), None),
        }
    }
}

/// What a test can come to on the records of a block that are of these times, and of this part.
fn on_block(test: &Checked, header: &Header, times: Span, zone: Option<&Part>) -> Truths {
    match (test, zone) {
        (Checked::Log(log), _) => (header.log == *log).into(),
        (Checked::Sequence(compare, sequence), _) => {
            between(*compare, (header.first, header.end() - 1), *sequence)
        }
        (Checked::Time(compare, time), _) => between(*compare, times, *time),
        (Checked::Kind(kinds), Some(zone)) => some(zone.kinds.meets(*kinds), !zone.kinds.within(*kinds)),
        (Checked::Confidence(compare, number), Some(zone)) => {
            let here = zone.confidence.ends.map(|ends| between(*compare, ends, *number));
            joined(here, zone.confidence.some_without)
        }
        (Checked::HasConfidence, Some(zone)) => {
            some(zone.confidence.ends.is_some(), zone.confidence.some_without)
        }
        (Checked::Name(name, sought), Some(zone)) => names(zone, *name).map_or(Truths::ANY, |names| {
            joined(names.some_with().then(|| on_names(sought, names)), names.some_without)
        }),
        (Checked::HasName(name), Some(zone)) => {
            names(zone, *name).map_or(EITHER, |names| some(names.some_with(), names.some_without))
        }
        _ => Truths::ANY,
    }
}

/// What is said of a name that is there.
fn on_names(sought: &Sought, names: &Names) -> Truths {
    let one_of = |found: bool| if found { EITHER } else { Truths::FALSE };
    match sought {
        Sought::Is(Compare::Equal, name) => one_of(names.may_hold(name)),
        Sought::Is(Compare::NotEqual, name) => one_of(names.may_hold(name)).not(),
        Sought::OneOf(wanted) => one_of(wanted.iter().any(|name| names.may_hold(name))),
        _ => EITHER,
    }
}

fn names(zone: &Part, name: Name) -> Option<&Names> {
    match name {
        Name::Agent => Some(&zone.agents),
        Name::Action => Some(&zone.actions),
        Name::Intent => Some(&zone.intents),
        Name::Trace | Name::Session | Name::Alias => None,
    }
}

/// What a comparison can come to with something between these.
fn between<T: PartialOrd>(compare: Compare, (least, most): (T, T), with: T) -> Truths {
    match compare {
        Compare::Equal => {
            let (within, always) = (least <= with && with <= most, least == with && with == most);
            some(within, !always)
        }
        Compare::NotEqual => between(Compare::Equal, (least, most), with).not(),
        Compare::Less => some(least < with, most >= with),
        Compare::AtMost => some(least <= with, most > with),
        Compare::More => between(Compare::AtMost, (least, most), with).not(),
        Compare::AtLeast => between(Compare::Less, (least, most), with).not(),
    }
}

fn joined(here: Option<Truths>, some_without: bool) -> Truths {
    match here {
        Some(truths) if some_without => truths.or_else(Truths::UNKNOWN),
        Some(truths) => truths,
        None => Truths::UNKNOWN,
    }
}

/// Those that may come out; whatever, where that would be none.
fn some(yes: bool, no: bool) -> Truths {
    match (yes, no) {
        (true, true) => EITHER,
        (true, false) => Truths::TRUE,
        (false, true) => Truths::FALSE,
        (false, false) => Truths::ANY,
    }
}
