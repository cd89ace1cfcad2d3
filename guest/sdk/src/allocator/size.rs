//! Sizes of blocks: all that are asked for, rounded up so that few differ.
//!
//! Up to 128 bytes they are 16 bytes apart; beyond, four lie between a power of two and the next, so
//! that at most a fifth of a block is unused.

/// What every block is aligned to, and the smallest is large.
pub(super) const ALIGN: usize = 16;

/// Bytes up to which sizes are [`ALIGN`] apart.
const SMALL: usize = 128;
/// How many of those there are.
const SMALL_COUNT: usize = SMALL / ALIGN;

/// The size of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    place: usize,
    bytes: usize,
}

impl Size {
    /// How many there are.
    pub(super) const COUNT: usize = SMALL_COUNT + 4 * (usize::BITS - SMALL.ilog2()) as usize;

    /// The smallest size that holds so many bytes, of which there are at most `isize::MAX`.
    pub(super) const fn of(bytes: usize) -> Self {
        // One below, so that a block of exactly a size has that size.
        let last = bytes.saturating_sub(1);
        if last < SMALL {
            let place = last / ALIGN;
            return Self { place, bytes: (place + 1) * ALIGN };
        }
        let power = last.ilog2();
        let quarter = (last >> (power - 2)) & 3;
        let place = SMALL_COUNT + 4 * (power - SMALL.ilog2()) as usize + quarter;
        Self { place, bytes: (quarter + 5) << (power - 2) }
    }

    /// Its place among all.
    pub(super) const fn place(self) -> usize {
        self.place
    }

    /// What a block of it holds.
    pub(super) const fn bytes(self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_holds_what_was_asked_for_and_a_quarter_more_at_most() {
        let powers = (7..isize::BITS as usize - 1).flat_map(|power| {
            let around = (1_usize << power) - 2..(1 << power) + 3;
            around.chain([(5 << power) / 4, (5 << power) / 4 + 1, (7 << power) / 4 + 1])
        });
        let mut before = Size::of(0);
        assert_eq!((before.place(), before.bytes()), (0, ALIGN));
        let mut all: Vec<usize> = (0..5_000).chain(powers).collect();
        all.sort_unstable();
        for bytes in all {
            let size = Size::of(bytes);
            assert!(size.bytes() >= bytes && size.bytes().is_multiple_of(ALIGN), "{bytes}: {size:?}");
            assert!(bytes <= SMALL || size.bytes() <= bytes + bytes / 4, "{bytes}: {size:?}");
            assert!((size == before) == (size.place() == before.place()), "{bytes}: {size:?}");
            assert!(size.place() >= before.place() && size.place() < Size::COUNT, "{bytes}: {size:?}");
            before = size;
        }
        assert!(Size::of(isize::MAX as usize).place() < Size::COUNT);
    }
}
