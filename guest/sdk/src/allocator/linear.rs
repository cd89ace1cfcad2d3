//! The heap in a plugin's own memory.

use core::arch::wasm32;

use super::{Heap, Memory, PAGE_BYTES};

#[global_allocator]
static HEAP: Heap<Linear> = Heap::new(Linear);

// SAFETY: a plugin has one thread.
unsafe impl Sync for Heap<Linear> {}

/// The one memory that a plugin has, which nobody else grows.
#[derive(Debug)]
struct Linear;

impl Memory for Linear {
    fn bounds(&self) -> (usize, usize) {
        let base = (&raw const __heap_base).cast_mut();
        (base.expose_provenance(), wasm32::memory_size::<0>() * PAGE_BYTES)
    }

    fn grow(&self, pages: usize) -> bool {
        wasm32::memory_grow::<0>(pages) != usize::MAX
    }
}

unsafe extern "C" {
    /// Where stack and data end.
    static __heap_base: u8;
}
