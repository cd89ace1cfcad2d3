//! Sets of kinds: which a filter asks for, which a block holds.

use super::Kind;

impl Kind {
    /// All of them, by number.
    pub const ALL: [Self; 12] = [
        Self::Thought,
        Self::Action,
        Self::Observation,
        Self::Decision,
        Self::Output,
        Self::Error,
        Self::TraceStart,
        Self::System,
        Self::Verdict,
        Self::Finding,
        Self::Session,
        Self::Notice,
    ];

    /// The kind with this number in the canonical form.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

/// A set of kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Kinds(u16);

impl Kinds {
    /// The six kinds that are events of a trace.
    pub const EVENTS: Self = Self::of(&[
        Kind::Thought,
        Kind::Action,
        Kind::Observation,
        Kind::Decision,
        Kind::Output,
        Kind::Error,
    ]);

    /// Every kind.
    pub const ALL: Self = Self::of(&Kind::ALL);

    /// The set with these bits, by [`Kind`]'s numbers; `None` where one is no kind's.
    #[must_use]
    pub const fn from_bits(bits: u16) -> Option<Self> {
        if bits & !Self::ALL.0 == 0 { Some(Self(bits)) } else { None }
    }

    /// Its bits.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// The set of these.
    #[must_use]
    pub const fn of(kinds: &[Kind]) -> Self {
        let (mut set, mut at) = (0, 0);
        while at < kinds.len() {
            set |= 1 << kinds[at] as u16;
            at += 1;
        }
        Self(set)
    }

    /// The set with this one in it as well.
    #[must_use]
    pub const fn with(self, kind: Kind) -> Self {
        Self(self.0 | 1 << kind as u16)
    }

    /// Whether this one is in the set.
    #[must_use]
    pub const fn holds(self, kind: Kind) -> bool {
        self.0 & 1 << kind as u16 != 0
    }

    /// Whether one of these is in the set.
    #[must_use]
    pub const fn meets(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    /// Whether none is in the set that is not one of these.
    #[must_use]
    pub const fn within(self, others: Self) -> bool {
        self.0 & !others.0 == 0
    }
}

impl From<Kind> for Kinds {
    fn from(kind: Kind) -> Self {
        Self::of(&[kind])
    }
}
