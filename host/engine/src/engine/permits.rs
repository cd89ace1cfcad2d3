//! How many calls run at once: as many as there are memory slots. More wait, and not for long,
//! since fuel bounds each call.

use std::sync::{Condvar, Mutex, PoisonError};

pub(super) struct Permits {
    left: Mutex<u32>,
    returned: Condvar,
}

/// One running call.
pub(super) struct Permit<'p>(&'p Permits);

impl Permits {
    pub(super) fn new(count: u32) -> Self {
        Self { left: Mutex::new(count), returned: Condvar::new() }
    }

    /// A count cannot be left half changed, so a poisoned lock is as good as any.
    pub(super) fn wait(&self) -> Permit<'_> {
        let left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let mut left =
            self.returned.wait_while(left, |left| *left == 0).unwrap_or_else(PoisonError::into_inner);
        *left -= 1;
        Permit(self)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        *self.0.left.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.returned.notify_one();
    }
}
