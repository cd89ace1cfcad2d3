//! Semihosting: what the device tells the person at its debugger, and how a run ends.

use core::panic::PanicInfo;

use cortex_m_semihosting::debug::{self, EXIT_FAILURE, EXIT_SUCCESS};

pub use cortex_m_semihosting::hprintln as say;

/// Ends the run: QEMU exits with 0.
pub fn succeed() -> ! {
    debug::exit(EXIT_SUCCESS);
    halt()
}

/// Ends the run: QEMU exits with 1.
pub fn fail() -> ! {
    debug::exit(EXIT_FAILURE);
    halt()
}

/// Says what happened and where, and ends the run.
pub fn fail_by(panic: &PanicInfo<'_>) -> ! {
    say!("{panic}");
    fail()
}

/// Without a debugger to end the run.
fn halt() -> ! {
    loop {
        cortex_m::asm::wfi();
    }
}
