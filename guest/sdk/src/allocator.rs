//! A plugin's heap: what the linker left of its first pages, and more only where that is used up.
//!
//! Every call gets a fresh instance, whose memory is gone with its answer. So a heap needs no order
//! that lasts: blocks are cut off the rest of memory, and one that is given back waits for the next
//! request of its size ([`size`]). What lies at the end grows and shrinks in place, as a list does
//! that is being filled.
//!
//! The standard library's allocator grows memory at the first allocation, always, and the host
//! would change the protection of its pages twice a call. Here a usual call grows nothing.
#![allow(unsafe_code, reason = "an allocator is given memory that nobody else uses")]

#[cfg(target_family = "wasm")]
mod linear;
mod size;

use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;
use core::ptr::{self, NonNull};

use size::Size;

/// Memory that grows.
trait Memory {
    /// The first byte that is free, and the one behind the last.
    fn bounds(&self) -> (usize, usize);
    /// Makes memory longer by so many pages; whether it did.
    fn grow(&self, pages: usize) -> bool;
}

/// The unit in which memory grows.
const PAGE_BYTES: usize = 64 << 10;

/// Blocks of memory.
#[derive(Debug)]
struct Heap<M> {
    memory: M,
    /// Where the next block is cut off, and where memory ends; both 0 at first.
    next: Cell<usize>,
    end: Cell<usize>,
    /// For each size the block that was given back last; in it, the one before.
    free: [Cell<Option<NonNull<Free>>>; Size::COUNT],
}

/// A block that was given back.
#[derive(Debug)]
struct Free {
    before: Option<NonNull<Self>>,
}

impl<M: Memory> Heap<M> {
    const fn new(memory: M) -> Self {
        Self { memory, next: Cell::new(0), end: Cell::new(0), free: [const { Cell::new(None) }; Size::COUNT] }
    }

    /// Cuts a block off the rest.
    fn cut(&self, bytes: usize, align: usize) -> *mut u8 {
        let align = align.max(size::ALIGN);
        let Some(start) = self.next.get().checked_next_multiple_of(align) else { return ptr::null_mut() };
        match start.checked_add(bytes) {
            Some(end) if end <= self.end.get() => {
                self.next.set(end);
                ptr::with_exposed_provenance_mut(start)
            }
            Some(end) if self.reach(end) => self.cut(bytes, align),
            _ => ptr::null_mut(),
        }
    }

    /// Makes memory reach up to here, but for what its beginning takes.
    fn reach(&self, end: usize) -> bool {
        if self.end.get() == 0 {
            let (first, end) = self.memory.bounds();
            self.next.set(first);
            self.end.set(end);
            return true;
        }
        let pages = end.wrapping_sub(self.end.get()).div_ceil(PAGE_BYTES);
        let grown = self.memory.grow(pages);
        if grown {
            self.end.set(self.memory.bounds().1);
        }
        grown
    }

    /// Whether the block of so many bytes was the last to be cut off.
    fn is_last(&self, block: *mut u8, bytes: usize) -> bool {
        block.addr().wrapping_add(bytes) == self.next.get()
    }
}

// SAFETY: a block lies between `next` and `end` when it is cut off, and `next` goes behind it; a block
// that is given back is used for requests of the same size only, and by nobody else meanwhile.
unsafe impl<M: Memory> GlobalAlloc for Heap<M> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let size = Size::of(layout.size());
        if layout.align() <= size::ALIGN
            && let Some(block) = self.free[size.place()].get()
        {
            // SAFETY: whoever gave it back left this in it.
            self.free[size.place()].set(unsafe { block.read() }.before);
            return block.as_ptr().cast();
        }
        self.cut(size.bytes(), layout.align())
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let size = Size::of(layout.size());
        if self.is_last(block, size.bytes()) {
            self.next.set(block.addr());
        } else if let Some(free) = NonNull::new(block.cast::<Free>()) {
            // SAFETY: the block is as large and as aligned as the smallest, and nobody uses it now.
            unsafe { free.write(Free { before: self.free[size.place()].get() }) };
            self.free[size.place()].set(Some(free));
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        let (old, new) = (Size::of(layout.size()), Size::of(bytes));
        let end = block.addr().wrapping_add(new.bytes());
        if self.is_last(block, old.bytes()) && (block.addr()..=self.end.get()).contains(&end) {
            self.next.set(end);
            return block;
        }
        if new.bytes() <= old.bytes() {
            return block;
        }
        // SAFETY: the caller's layout was good, and its size is no larger than the caller says.
        unsafe {
            let moved = self.alloc(Layout::from_size_align_unchecked(bytes, layout.align()));
            if !moved.is_null() {
                ptr::copy_nonoverlapping(block, moved, layout.size().min(bytes));
                self.dealloc(block, layout);
            }
            moved
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Memory of two pages that may grow by two.
    struct Pages {
        bytes: Box<[Cell<u128>]>,
        pages: Cell<usize>,
    }

    impl Pages {
        fn new() -> Self {
            Self { bytes: vec![Cell::new(0); 4 * PAGE_BYTES / 16].into(), pages: Cell::new(2) }
        }
    }

    impl Memory for Pages {
        fn bounds(&self) -> (usize, usize) {
            let base = self.bytes.as_ptr().cast_mut().expose_provenance();
            (base + 100, base + self.pages.get() * PAGE_BYTES)
        }

        fn grow(&self, pages: usize) -> bool {
            let grown = self.pages.get() + pages;
            let fits = grown <= 4;
            self.pages.set(if fits { grown } else { self.pages.get() });
            fits
        }
    }

    /// Blocks in use, each full of its own byte.
    struct Held(Vec<(*mut u8, Layout, u8)>);

    impl Held {
        fn check(&self) {
            for (block, layout, byte) in &self.0 {
                assert!(block.addr().is_multiple_of(layout.align()));
                // SAFETY: the block is in use, and this large.
                let bytes = unsafe { core::slice::from_raw_parts(*block, layout.size()) };
                assert!(bytes.iter().all(|found| found == byte), "a block of {layout:?} was written over");
            }
        }

        fn put(&mut self, block: *mut u8, layout: Layout, byte: u8) {
            // SAFETY: the block was just given, and is this large.
            unsafe { block.write_bytes(byte, layout.size()) };
            self.0.push((block, layout, byte));
        }
    }

    /// Numbers that look as if at random.
    fn numbers(seed: u64) -> impl FnMut(usize) -> usize {
        let mut state = seed;
        move |below| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        }
    }

    #[test]
    fn no_block_lies_in_another_whatever_is_asked_for() {
        for seed in 0..200 {
            let heap = Heap::new(Pages::new());
            let (mut held, mut number) = (Held(Vec::new()), numbers(seed));
            for step in 0..400 {
                let (power, align) = (number(12), 1 << number(6));
                let layout = Layout::from_size_align(1 + number(1 << power), align).unwrap();
                // SAFETY: layouts are those that blocks were asked for with.
                unsafe {
                    match (number(3), held.0.len()) {
                        (0, 1..) => {
                            let (block, layout, _) = held.0.swap_remove(number(held.0.len()));
                            heap.dealloc(block, layout);
                        }
                        (1, 1..) => {
                            let (block, old, byte) = held.0.swap_remove(number(held.0.len()));
                            let moved = heap.realloc(block, old, layout.size());
                            let new = Layout::from_size_align(layout.size(), old.align()).unwrap();
                            let kept = if moved.is_null() { (block, old) } else { (moved, new) };
                            let same = core::slice::from_raw_parts(kept.0, old.size().min(kept.1.size()));
                            assert!(same.iter().all(|found| *found == byte), "what it held goes with it");
                            held.put(kept.0, kept.1, byte);
                        }
                        _ => {
                            let block = heap.alloc(layout);
                            if !block.is_null() {
                                held.put(block, layout, step as u8);
                            }
                        }
                    }
                }
                held.check();
            }
        }
    }

    #[test]
    fn memory_that_has_an_end_is_said_to_have_one() {
        let heap = Heap::new(Pages::new());
        let layout = |bytes| Layout::from_size_align(bytes, 8).unwrap();
        // SAFETY: nothing is read or written.
        unsafe {
            assert!(heap.alloc(layout(isize::MAX as usize - 7)).is_null());
            assert!(heap.alloc(layout(4 * PAGE_BYTES)).is_null());
            assert!(!heap.alloc(layout(3 * PAGE_BYTES)).is_null(), "what was refused took nothing");
        }
    }

    #[test]
    fn a_list_that_is_filled_stays_where_it_is() {
        let heap = Heap::new(Pages::new());
        let layout = |bytes| Layout::from_size_align(bytes, 4).unwrap();
        // SAFETY: nothing is read or written.
        unsafe {
            let block = heap.alloc(layout(16));
            for doubled in 1..8 {
                assert_eq!(heap.realloc(block, layout(8 << doubled), 16 << doubled), block);
            }
            heap.dealloc(block, layout(8 << 8));
            assert_eq!(heap.alloc(layout(16)), block, "nothing is lost");
        }
    }
}
