//! Counting instructions by SysTick.
//!
//! Under `-icount shift=0` QEMU lets one instruction take one nanosecond, and SysTick runs at the
//! board's 25 MHz: one tick is 40 instructions. On hardware the same code counts cycles of the
//! core clock, one by one.

use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;

/// Instructions in a tick.
pub const INSTRUCTIONS_PER_TICK: u32 = 40;

const RELOAD: u32 = 0x00ff_ffff;

/// A running SysTick.
#[derive(Debug)]
pub struct Counter(());

impl Counter {
    /// Starts it.
    #[must_use]
    pub fn start(mut timer: SYST) -> Self {
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(RELOAD);
        timer.clear_current();
        timer.enable_counter();
        Self(())
    }

    /// Instructions that `work` took, to 40; at most 671 million.
    pub fn count<R>(&self, work: impl FnOnce() -> R) -> (u32, R) {
        let begin = SYST::get_current();
        let result = work();
        let ticks = begin.wrapping_sub(SYST::get_current()) & RELOAD;
        (ticks * INSTRUCTIONS_PER_TICK, result)
    }
}
