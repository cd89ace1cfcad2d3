//! A plugin's heap: what the linker left of its first pages, and more only where that is used up.
//!
//! The standard library's allocator grows memory at the first allocation, always. Since every call
//! gets a fresh instance, the host would change the protection of its pages twice a call, which
//! costs more than most verdicts. Here a usual call grows nothing.
#![allow(unsafe_code, reason = "an allocator is given memory that nobody else uses")]

use core::alloc::Layout;
use core::arch::wasm32;
use core::ptr::NonNull;

use talc::base::Talc;
use talc::base::binning::Binning;
use talc::cell::TalcSyncCell;
use talc::source::Source;
use talc::wasm::WasmBinning;

#[global_allocator]
static HEAP: TalcSyncCell<Pages, WasmBinning> = TalcSyncCell::new_wasm(Pages::Untouched);

/// Where memory comes from.
#[derive(Debug)]
enum Pages {
    /// Nothing was allocated yet.
    Untouched,
    /// There is a heap, and where it ends.
    Claimed(Option<NonNull<u8>>),
}

// SAFETY: nothing here allocates.
unsafe impl Source for Pages {
    fn acquire<B: Binning>(talc: &mut Talc<Self, B>, layout: Layout) -> Result<(), ()> {
        let end = match talc.source {
            Self::Untouched => claim_rest(talc),
            Self::Claimed(end) => grow(talc, end, layout)?,
        };
        talc.source = Self::Claimed(end);
        Ok(())
    }
}

/// Takes what lies between the module's own data and the end of its memory.
fn claim_rest<B: Binning>(talc: &mut Talc<Pages, B>) -> Option<NonNull<u8>> {
    let base = (&raw const __heap_base).cast_mut();
    let rest = (wasm32::memory_size::<0>() * PAGE_BYTES).checked_sub(base.addr())?;
    // SAFETY: the linker put stack and data below this symbol, and nobody else grows memory.
    unsafe { talc.claim(base, rest) }
}

/// Asks for pages that hold an allocation, and puts them behind the heap where that is possible.
fn grow<B: Binning>(
    talc: &mut Talc<Pages, B>,
    end: Option<NonNull<u8>>,
    layout: Layout,
) -> Result<Option<NonNull<u8>>, ()> {
    let bytes = layout.size().checked_add(layout.align()).and_then(|bytes| bytes.checked_add(OVERHEAD_BYTES));
    let pages = bytes.ok_or(())?.div_ceil(PAGE_BYTES);
    let before = wasm32::memory_grow::<0>(pages);
    if before == usize::MAX {
        return Err(());
    }
    let base = core::ptr::with_exposed_provenance_mut::<u8>(before * PAGE_BYTES);
    // SAFETY: the host has just given these pages to this allocator, which has said where its heap
    // ended before.
    unsafe {
        match end {
            Some(end) if end.as_ptr() == base => {
                Ok(Some(talc.extend(end, base.wrapping_add(pages * PAGE_BYTES))))
            }
            _ => Ok(talc.claim(base, pages * PAGE_BYTES)),
        }
    }
}

unsafe extern "C" {
    /// Where stack and data end.
    static __heap_base: u8;
}

/// The unit of linear memory.
const PAGE_BYTES: usize = 64 << 10;
/// What the allocator keeps of memory for itself: a list for each size at the heap's beginning, and
/// the bounds of each allocation.
const OVERHEAD_BYTES: usize = 1 << 10;
