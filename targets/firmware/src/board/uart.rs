//! UART 0 of the board, an Arm CMSDK UART: what it is given goes out, one byte at a time.
//!
//! | offset | register | used here |
//! |---|---|---|
//! | 0x0 | DATA | writing it sends a byte |
//! | 0x4 | STATE | bit 0: the transmit buffer is full |
//! | 0x8 | CTRL | bit 0: transmit enable |
//! | 0x10 | BAUDDIV | clock cycles a bit, at least 16 |

use core::convert::Infallible;
use core::ptr;

use embedded_io::{ErrorType, Write};

const BASE: usize = 0x4000_4000;
const DATA: usize = BASE;
const STATE: usize = BASE + 0x4;
const CTRL: usize = BASE + 0x8;
const BAUDDIV: usize = BASE + 0x10;

const TRANSMIT_FULL: u32 = 1;
const TRANSMIT_ENABLE: u32 = 1;
const CYCLES_PER_BIT: u32 = 16;

/// The transmitting half of UART 0.
#[derive(Debug)]
pub struct Uart(());

impl Uart {
    /// Switches it on. What else wrote to it before is its own fault: bytes would mix.
    #[must_use]
    pub fn new() -> Self {
        write(BAUDDIV, CYCLES_PER_BIT);
        write(CTRL, TRANSMIT_ENABLE);
        Self(())
    }
}

impl Default for Uart {
    fn default() -> Self {
        Self::new()
    }
}

impl ErrorType for Uart {
    type Error = Infallible;
}

impl Write for Uart {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        for byte in bytes {
            while read(STATE) & TRANSMIT_FULL != 0 {}
            write(DATA, u32::from(*byte));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        while read(STATE) & TRANSMIT_FULL != 0 {}
        Ok(())
    }
}

fn write(register: usize, value: u32) {
    // SAFETY: the constants above are 32-bit registers of this board's UART 0; writing them has
    // no effect on memory.
    unsafe { ptr::with_exposed_provenance_mut::<u32>(register).write_volatile(value) }
}

fn read(register: usize) -> u32 {
    // SAFETY: as for `write`.
    unsafe { ptr::with_exposed_provenance::<u32>(register).read_volatile() }
}
