//! What a record may take, each with its reason. A reader refuses more before it has allocated
//! it, so that no file can take the memory of the machine.

use activemirror_core::limits::{BLOCK_BYTES_MAX, PATH_STEPS_MAX};

/// Objects and lists inside each other in one record: each is a step of a path.
pub const NESTING_MAX: usize = PATH_STEPS_MAX;

/// Bytes of one record, such as a trace: it is committed whole, so it has to fit a block.
pub const RECORD_BYTES_MAX: usize = BLOCK_BYTES_MAX;

/// Bytes of one text, key or number: more than any prompt that a model accepts, and few enough
/// for a small machine to hold several at once.
pub const TEXT_BYTES_MAX: usize = 16 << 20;

/// Values in one record: each takes about 200 bytes while it is read, though `0,` takes two.
pub const VALUES_MAX: usize = 1 << 20;

/// Bytes of all paths of one record: under one long key, every value repeats that key.
pub const PATH_BYTES_MAX: usize = BLOCK_BYTES_MAX;

/// What is left for the rest of a record, texts in it that are JSON themselves included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Values.
    pub(crate) values: usize,
    /// Bytes of their paths.
    pub(crate) path_bytes: usize,
}

impl Budget {
    /// What one record has.
    #[must_use]
    pub const fn of_record() -> Self {
        Self { values: VALUES_MAX, path_bytes: PATH_BYTES_MAX }
    }

    /// Takes one value with a path of this length; `None` if that is too much.
    pub(crate) fn spend(&mut self, path_bytes: usize) -> Option<()> {
        self.values = self.values.checked_sub(1)?;
        self.path_bytes = self.path_bytes.checked_sub(path_bytes)?;
        Some(())
    }
}
