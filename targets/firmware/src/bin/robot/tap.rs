//! A line that can be closed: what is measured is not to be sent.

use core::convert::Infallible;

use embedded_io::{ErrorType, Write};

/// A line, open at first.
#[derive(Debug)]
pub(crate) struct Tap<L> {
    line: L,
    open: bool,
}

impl<L> Tap<L> {
    pub(crate) const fn open(line: L) -> Self {
        Self { line, open: true }
    }

    /// From here on, what is written goes nowhere.
    pub(crate) const fn close(&mut self) {
        self.open = false;
    }
}

impl<L> ErrorType for Tap<L> {
    type Error = Infallible;
}

impl<L: Write<Error = Infallible>> Write for Tap<L> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        if self.open { self.line.write(bytes) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        if self.open { self.line.flush() } else { Ok(()) }
    }
}
