//! How many calls run at once: as many as there are memory slots. More wait, and not for long,
//! since fuel bounds each call.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

pub(super) struct Permits {
    counts: Mutex<Counts>,
    returned: Condvar,
}

struct Counts {
    left: u32,
    /// Who waits: telling nobody costs a system call all the same.
    waiting: u32,
}

/// One running call.
pub(super) struct Permit<'p>(&'p Permits);

impl Permits {
    pub(super) fn new(left: u32) -> Self {
        Self { counts: Mutex::new(Counts { left, waiting: 0 }), returned: Condvar::new() }
    }

    pub(super) fn wait(&self) -> Permit<'_> {
        let mut counts = self.lock();
        while counts.left == 0 {
            counts.waiting += 1;
            counts = self.returned.wait(counts).unwrap_or_else(PoisonError::into_inner);
            counts.waiting -= 1;
        }
        counts.left -= 1;
        Permit(self)
    }

    /// Counts cannot be left half changed, so a poisoned lock is as good as any.
    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut counts = self.0.lock();
        counts.left += 1;
        if counts.waiting > 0 {
            self.0.returned.notify_one();
        }
    }
}
