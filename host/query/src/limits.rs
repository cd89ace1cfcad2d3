//! What a query may take, each with its reason. A query is a stranger's text, run by an engine that
//! would gladly count to a billion.

use core::fmt;
use core::time::Duration;

/// Bytes of a query's text: more than people write, and few enough to parse in milliseconds.
pub(crate) const TEXT_BYTES_MAX: usize = 64 << 10;

/// Operators in a query. A row of them (`1+1+…`) becomes a tree as deep as the row is long, and
/// whoever walks or drops that tree needs stack for it.
pub(crate) const OPERATORS_MAX: usize = 900;

/// How deep a query may nest parentheses and subqueries.
pub(crate) const NESTING_MAX: usize = 50;

/// Bytes of one value that a query makes or reads: the longest text that an event holds, and then
/// some. `zeroblob(1e9)` stops here.
pub(crate) const VALUE_BYTES_MAX: i32 = 20 << 20;

/// Columns of a result.
pub(crate) const COLUMNS_MAX: i32 = 500;

/// Parts of a compound (`UNION`).
pub(crate) const COMPOUND_MAX: i32 = 100;

/// Bytes of a pattern of LIKE or GLOB: matching takes as long as text times pattern.
pub(crate) const PATTERN_BYTES_MAX: i32 = 1_000;

/// Steps of SQLite's machine for one statement: what a query of this length compiles to.
pub(crate) const STEPS_MAX: i32 = 250_000;

/// How often the clock is looked at, in steps of SQLite's machine: every fraction of a millisecond.
pub(crate) const STEPS_BETWEEN_LOOKS: i32 = 5_000;

/// What one query may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Rows of the result.
    pub rows: u64,
    /// Time from beginning to end.
    pub time: Duration,
    /// Bytes that SQLite may hold for it: sorting and grouping happen in memory, since what lies in
    /// temporary files would lie there unsealed.
    pub memory_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { rows: 100_000, time: Duration::from_secs(30), memory_bytes: 256 << 20 }
    }
}

/// A limit that a query reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// [`Limits::rows`].
    Rows(u64),
    /// [`Limits::time`].
    Time(Duration),
    /// [`Limits::memory_bytes`].
    Memory(u64),
    /// The length of the query's text: how long it is.
    Text(usize),
    /// How deep it nests.
    Nesting,
    /// How many operators it has.
    Operators,
    /// How long a value may be.
    Value,
    /// How long a pattern may be.
    Pattern,
    /// How much one statement may be: columns, parts of a compound, arguments.
    Size,
}

impl Limit {
    /// Its name, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rows(_) => "rows",
            Self::Time(_) => "time",
            Self::Memory(_) => "memory",
            Self::Text(_) => "text",
            Self::Nesting => "nesting",
            Self::Operators => "operators",
            Self::Value => "value",
            Self::Pattern => "pattern",
            Self::Size => "size",
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rows(rows) => write!(
                f,
                "row limit: the result has more than {rows} rows; ask for fewer with LIMIT, or raise --max-rows"
            ),
            Self::Time(time) => write!(
                f,
                "time limit: the query took longer than {} s; narrow it down, or raise --timeout",
                time.as_secs_f64()
            ),
            Self::Memory(bytes) => write!(
                f,
                "memory limit: the query needs more than {} MiB to sort, group or keep rows; narrow it down, or \
                 raise --max-memory",
                bytes >> 20
            ),
            Self::Text(bytes) => write!(
                f,
                "text limit: the query has {bytes} bytes, and {TEXT_BYTES_MAX} are as many as it may have"
            ),
            Self::Nesting => {
                write!(f, "nesting limit: the query nests more than {NESTING_MAX} levels deep")
            }
            Self::Operators => write!(
                f,
                "operator limit: the query has more than {OPERATORS_MAX} operators; `x IN (…)` says many in one"
            ),
            Self::Value => write!(f, "value limit: a value gets longer than {} MiB", VALUE_BYTES_MAX >> 20),
            Self::Pattern => {
                write!(f, "pattern limit: a pattern of LIKE or GLOB has more than {PATTERN_BYTES_MAX} bytes")
            }
            Self::Size => f.write_str("size limit: the statement has too many columns, arguments or parts"),
        }
    }
}
