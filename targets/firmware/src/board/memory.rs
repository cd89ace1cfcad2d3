//! What the program occupies: flash and static RAM by the linker's symbols, stack by painting.

use core::ptr;

unsafe extern "C" {
    static __sdata: u8;
    static __edata: u8;
    static __sidata: u8;
    static __ebss: u8;
    static __vector_table: u8;
}

const PAINT: u32 = 0xdead_beef;
/// How far below the painter the paint goes: more than the program should ever need.
const PAINTED_BYTES: usize = 32 << 10;
/// What the painter itself may stand on.
const MARGIN_BYTES: usize = 128;

/// Bytes of flash: vectors, code, constants and the initial values of static RAM.
#[must_use]
pub fn flash_bytes() -> usize {
    let data = &raw const __edata as usize - &raw const __sdata as usize;
    &raw const __sidata as usize + data - &raw const __vector_table as usize
}

/// Bytes of RAM that static variables occupy.
#[must_use]
pub fn static_bytes() -> usize {
    &raw const __ebss as usize - &raw const __sdata as usize
}

/// The free stack, painted.
#[derive(Debug)]
pub struct Painted {
    top: usize,
    bottom: usize,
}

impl Painted {
    /// Paints the stack below the caller.
    #[inline(never)]
    #[must_use]
    pub fn below_here() -> Self {
        let top = cortex_m::register::msp::read() as usize & !3;
        let bottom = top - PAINTED_BYTES;
        for address in (bottom..top - MARGIN_BYTES).step_by(4) {
            // SAFETY: RAM that the linker left to the stack, below everything on it: the margin
            // is more than this function needs.
            unsafe { ptr::with_exposed_provenance_mut::<u32>(address).write_volatile(PAINT) }
        }
        Self { top, bottom }
    }

    /// How far the stack reached below the painter's caller since; `None` where the paint is gone
    /// entirely.
    #[must_use]
    pub fn depth(&self) -> Option<usize> {
        let mut words = (self.bottom..self.top).step_by(4);
        // SAFETY: RAM that was painted, or that the painter stood on.
        let word = |address: usize| unsafe { ptr::with_exposed_provenance::<u32>(address).read_volatile() };
        let deepest = words.find(|address| word(*address) != PAINT)?;
        (deepest > self.bottom).then_some(self.top - deepest)
    }
}
