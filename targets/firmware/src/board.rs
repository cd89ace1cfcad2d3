//! The machine's edge: serial line, instruction count, memory, semihosting. All `unsafe` is here.
//!
//! The board is the Arm MPS2 with image AN386 as QEMU models it. On other hardware this module is
//! what changes.

#![allow(unsafe_code, reason = "registers, linker symbols and the stack are reached by address")]

pub mod console;
pub mod counter;
pub mod flash;
pub mod memory;
pub mod uart;

/// Starts the board again, as a watchdog or an update would.
pub fn restart() -> ! {
    cortex_m::peripheral::SCB::sys_reset()
}

unsafe extern "C" {
    fn DefaultHandler();
}

/// The board's interrupts, of which the robot uses none.
// SAFETY: cortex-m-rt asks for a table of this name in this section, one handler an interrupt.
#[unsafe(link_section = ".vector_table.interrupts")]
#[unsafe(no_mangle)]
pub static __INTERRUPTS: [unsafe extern "C" fn(); 32] = [DefaultHandler; 32];
