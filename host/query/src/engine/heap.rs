//! How much memory SQLite may hold: one number for all of a process.
//!
//! Each running query brings its own room, and what all of them have together is the limit.

use std::sync::{Mutex, PoisonError};

/// The rooms of all running queries, in bytes.
static TAKEN: Mutex<u64> = Mutex::new(0);

/// The room of a query, for as long as it runs.
#[derive(Debug)]
pub(super) struct Room(u64);

impl Room {
    pub(super) fn take(bytes: u64) -> Self {
        set(|taken| taken.saturating_add(bytes));
        Self(bytes)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        set(|taken| taken.saturating_sub(self.0));
    }
}

fn set(change: impl FnOnce(u64) -> u64) {
    let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    *taken = change(*taken);
    // Without queries there is no limit: other users of SQLite in this process are their own.
    let limit = i64::try_from(*taken).unwrap_or(i64::MAX);
    // SAFETY: it takes a number, may be called at any time, and locks for itself.
    #[allow(unsafe_code, reason = "the binding has no safe form of this call")]
    unsafe {
        rusqlite::ffi::sqlite3_hard_heap_limit64(limit);
    }
}
