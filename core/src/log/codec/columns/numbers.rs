//! Columns of numbers.
//!
//! Whole numbers stand as their distances from the least of them, in as many bytes as the largest
//! takes; first the lowest byte of each, then the next one of each, and so on. Bytes of one weight
//! are alike, and what is noise in them stays apart from what is not.
//!
//! | part | form |
//! |---|---|
//! | the least | zigzag varint |
//! | bytes a number | 1 byte, 0 to 8 |
//! | planes | one a byte |
//!
//! Floats stand as whole numbers of the same power of ten, where each of them comes back exactly
//! (12.34 is 1234 hundredths); before them goes its exponent. Others keep their bits ([`BITS`]).

#[cfg(feature = "zstd")]
use alloc::vec::Vec;

use super::CodecError;
use super::bytes::{Cursor, unzigzag};

/// In place of an exponent: the numbers are the floats' bits.
const BITS: u8 = 0xff;

/// The powers of ten that columns scale by; each is exact.
const POWERS: [f64; 19] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18];

/// A column of whole numbers, handed out in order.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Whole<'a> {
    least: i64,
    count: usize,
    planes: &'a [u8],
    at: usize,
}

impl<'a> Whole<'a> {
    /// The column of `count` numbers that begins here; nothing stands there for an empty one.
    pub(super) fn read(bytes: &mut Cursor<'a>, count: usize) -> Result<Self, CodecError> {
        if count == 0 {
            return Ok(Self::default());
        }
        let least = unzigzag(bytes.varint()?);
        let width = usize::from(bytes.byte()?);
        let len = count.checked_mul(width).filter(|_| width <= 8).ok_or(CodecError::Damaged)?;
        Ok(Self { least, count, planes: bytes.take(len)?, at: 0 })
    }

    #[inline]
    pub(super) fn next(&mut self) -> Result<i64, CodecError> {
        if self.at == self.count {
            return Err(CodecError::Damaged);
        }
        let plane = |number: u64, plane: &[u8]| number << 8 | u64::from(plane[self.at]);
        let distance = self.planes.rchunks_exact(self.count).fold(0, plane);
        self.at += 1;
        Ok(self.least.wrapping_add(distance as i64))
    }

    pub(super) const fn is_done(&self) -> bool {
        self.at == self.count
    }
}

/// A column of floats, handed out in order.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Floats<'a> {
    /// `None` where the numbers are the floats' bits.
    scale: Option<f64>,
    numbers: Whole<'a>,
}

impl<'a> Floats<'a> {
    /// The column of `count` floats that begins here; nothing stands there for an empty one.
    pub(super) fn read(bytes: &mut Cursor<'a>, count: usize) -> Result<Self, CodecError> {
        if count == 0 {
            return Ok(Self::default());
        }
        let scale = match bytes.byte()? {
            BITS => None,
            power => Some(*POWERS.get(usize::from(power)).ok_or(CodecError::Damaged)?),
        };
        Ok(Self { scale, numbers: Whole::read(bytes, count)? })
    }

    /// The bits of the next one.
    #[inline]
    pub(super) fn next(&mut self) -> Result<u64, CodecError> {
        let number = self.numbers.next()?;
        Ok(self.scale.map_or(number as u64, |scale| (number as f64 / scale).to_bits()))
    }

    pub(super) const fn is_done(&self) -> bool {
        self.numbers.is_done()
    }
}

#[cfg(feature = "zstd")]
mod write {
    use super::super::bytes::{put_varint, zigzag};
    use super::super::frame::Pieces;
    use super::{BITS, POWERS, Vec};

    /// Whole numbers from here on are not each a float of its own.
    const EXACT: f64 = (1u64 << 53) as f64;

    /// Appends a column of whole numbers.
    pub(in super::super) fn put_whole(out: &mut Pieces, numbers: &[i64]) {
        let (Some(least), Some(most)) = (numbers.iter().min(), numbers.iter().max()) else { return };
        let width = (64 - (most.wrapping_sub(*least) as u64).leading_zeros()).div_ceil(8);
        put_varint(&mut out.bytes, zigzag(*least));
        out.bytes.push(width as u8);
        for plane in 0..width {
            out.cut();
            out.bytes.extend(numbers.iter().map(|number| (number.wrapping_sub(*least) >> (8 * plane)) as u8));
        }
        out.cut();
    }

    /// Appends a column of floats, given by their bits.
    pub(in super::super) fn put_floats(out: &mut Pieces, floats: &[u64]) {
        if floats.is_empty() {
            return;
        }
        let (power, numbers) =
            decimal(floats).unwrap_or_else(|| (BITS, floats.iter().map(|bits| *bits as i64).collect()));
        out.bytes.push(power);
        put_whole(out, &numbers);
    }

    /// All of them as whole numbers of the largest power of ten that suits them all.
    fn decimal(floats: &[u64]) -> Option<(u8, Vec<i64>)> {
        let mut power = 0;
        for bits in floats {
            while scaled(*bits, *POWERS.get(power)?).is_none() {
                power += 1;
            }
        }
        let numbers = floats.iter().map(|bits| scaled(*bits, POWERS[power]));
        Some((power as u8, numbers.collect::<Option<_>>()?))
    }

    /// The float as a whole number of `1 / scale`, where it comes back exactly.
    fn scaled(bits: u64, scale: f64) -> Option<i64> {
        let scaled = f64::from_bits(bits) * scale;
        if !(scaled > -EXACT && scaled < EXACT) {
            return None;
        }
        let number = (scaled + if scaled < 0.0 { -0.5 } else { 0.5 }) as i64;
        ((number as f64 / scale).to_bits() == bits).then_some(number)
    }
}

#[cfg(feature = "zstd")]
pub(super) use write::{put_floats, put_whole};
