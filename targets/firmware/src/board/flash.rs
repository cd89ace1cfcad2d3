//! The page of flash that outlives a restart.
//!
//! In QEMU this flash is plain memory: a write is a copy. On hardware this is where the flash
//! controller's erase and program go.

use core::{ptr, slice};

unsafe extern "C" {
    static __journal_start: u8;
    static __journal_end: u8;
}

/// What the page holds.
#[must_use]
pub fn page() -> &'static [u8] {
    let start = &raw const __journal_start as usize;
    let len = &raw const __journal_end as usize - start;
    // SAFETY: the linker set these bytes aside for nothing else; `write` is the only writer, and
    // the device restarts after it, so no reference sees them change.
    unsafe { slice::from_raw_parts(ptr::with_exposed_provenance(start), len) }
}

/// Writes the beginning of the page; what does not fit is not written, and then it is `false`.
///
/// Restart after it: what [`page`] gave before is no longer what is there.
#[must_use]
pub fn write(bytes: &[u8]) -> bool {
    if bytes.len() > page().len() {
        return false;
    }
    let start = &raw const __journal_start as usize;
    for (byte, address) in bytes.iter().zip(start..) {
        // SAFETY: within the page, checked above.
        unsafe { ptr::with_exposed_provenance_mut::<u8>(address).write_volatile(*byte) }
    }
    true
}
