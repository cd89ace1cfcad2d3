//! redb trusts its pages: what it meets in a damaged one may end in a panic. Here that is an error,
//! as any other damage is.

use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

use crate::error::StoreError;

/// Does this work on the tables. After a panic nothing of it is used: what it read is dropped, and
/// what it wrote was not committed.
pub(crate) fn guarded<R, E: From<StoreError>>(work: impl FnOnce() -> Result<R, E>) -> Result<R, E> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason was given");
        Err(StoreError::NotAStore(format!("its pages contradict each other ({said})")).into())
    })
}
