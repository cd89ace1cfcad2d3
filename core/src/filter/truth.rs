//! Kleene's three truths, and sets of those that may come out.
//!
//! What is known of a record, or of a whole block of them, may leave open how a condition comes
//! out. A set of truths says what it can still be; one that holds a single truth is an answer.

/// What a condition comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    True,
    /// It does not.
    False,
    /// What it asks for is not there.
    Unknown,
}

impl From<bool> for Truth {
    fn from(truth: bool) -> Self {
        if truth { Self::True } else { Self::False }
    }
}

/// What a condition can still come to: at least one truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truths(u8);

impl Truths {
    /// It holds.
    pub const TRUE: Self = Self(1);
    /// It does not.
    pub const FALSE: Self = Self(2);
    /// What it asks for is not there.
    pub const UNKNOWN: Self = Self(4);
    /// Whatever.
    pub const ANY: Self = Self(7);

    /// Whether this is one of them.
    #[must_use]
    pub fn holds(self, truth: Truth) -> bool {
        self.0 & Self::from(truth).0 != 0
    }

    /// One of these or one of those.
    #[must_use]
    pub const fn or_else(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What both together can come to.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        let both = self.0 & other.0 & Self::TRUE.0;
        let not = (self.0 | other.0) & Self::FALSE.0;
        // The least of two truths is unknown where one is, and the other is not false.
        let not_false = Self::TRUE.0 | Self::UNKNOWN.0;
        let open = if self.0 & not_false != 0 && other.0 & not_false != 0 { Self::UNKNOWN.0 } else { 0 };
        Self(both | not | ((self.0 | other.0) & open))
    }

    /// What one of both can come to.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }

    /// What the opposite can come to.
    #[must_use]
    #[allow(clippy::should_implement_trait, reason = "a trait's method is not const")]
    pub const fn not(self) -> Self {
        Self((self.0 & Self::TRUE.0) << 1 | (self.0 & Self::FALSE.0) >> 1 | self.0 & Self::UNKNOWN.0)
    }
}

impl From<Truth> for Truths {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::True => Self::TRUE,
            Truth::False => Self::FALSE,
            Truth::Unknown => Self::UNKNOWN,
        }
    }
}

impl From<bool> for Truths {
    fn from(truth: bool) -> Self {
        Truth::from(truth).into()
    }
}
