//! Reading and writing the few forms that rows and columns are made of.

use alloc::vec::Vec;

use super::CodecError;

/// What is left to read of a row of bytes. Whatever does not fit is [`CodecError::Damaged`].
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl<'a> Cursor<'a> {
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[inline]
    pub(super) fn take(&mut self, len: usize) -> Result<&'a [u8], CodecError> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or(CodecError::Damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    #[inline]
    pub(super) fn byte(&mut self) -> Result<u8, CodecError> {
        let (byte, rest) = self.0.split_first().ok_or(CodecError::Damaged)?;
        self.0 = rest;
        Ok(*byte)
    }

    /// A varint in its only shortest form: what is written again is then what was read.
    #[inline]
    pub(super) fn varint(&mut self) -> Result<u64, CodecError> {
        if let Some((byte @ 0..0x80, rest)) = self.0.split_first() {
            self.0 = rest;
            return Ok(u64::from(*byte));
        }
        let mut number = 0u64;
        for place in 0..10 {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << (7 * place);
            if byte < 0x80 {
                let longer = place > 0 && byte == 0;
                let overflows = place == 9 && byte > 1;
                return if longer || overflows { Err(CodecError::Damaged) } else { Ok(number) };
            }
        }
        Err(CodecError::Damaged)
    }

    /// A varint that counts something in memory, and no more than `most` of it.
    #[inline]
    pub(super) fn count(&mut self, most: usize) -> Result<usize, CodecError> {
        let count = usize::try_from(self.varint()?).map_err(|_| CodecError::Damaged)?;
        if count <= most { Ok(count) } else { Err(CodecError::Damaged) }
    }

    /// What stands behind its length.
    #[inline]
    pub(super) fn text(&mut self) -> Result<&'a [u8], CodecError> {
        let len = self.count(usize::MAX)?;
        self.take(len)
    }
}

/// Appends a varint.
#[inline]
pub(super) fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// A signed number as postcard's varints hold it: small ones of either sign are short.
pub(super) const fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// The other way round.
pub(super) const fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

/// The plaintext as it comes back, never more than there is room for.
#[derive(Debug)]
pub(super) struct Plain {
    bytes: Vec<u8>,
    room: usize,
}

impl Plain {
    /// For what `columns` bytes give back, which mostly is more.
    pub(super) fn new(columns: usize, room: usize) -> Self {
        Self { bytes: Vec::with_capacity(columns.min(room)), room }
    }

    #[inline]
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<(), CodecError> {
        if bytes.len() > self.room - self.bytes.len() {
            return Err(CodecError::TooLarge);
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    #[inline]
    pub(super) fn byte(&mut self, byte: u8) -> Result<(), CodecError> {
        if self.bytes.len() == self.room {
            return Err(CodecError::TooLarge);
        }
        self.bytes.push(byte);
        Ok(())
    }

    #[inline]
    pub(super) fn varint(&mut self, number: u64) -> Result<(), CodecError> {
        if number < 0x80 {
            return self.byte(number as u8);
        }
        if self.room - self.bytes.len() < 10 {
            let mut bytes = Vec::new();
            put_varint(&mut bytes, number);
            return self.put(&bytes);
        }
        put_varint(&mut self.bytes, number);
        Ok(())
    }

    #[inline]
    pub(super) fn text(&mut self, text: &[u8]) -> Result<(), CodecError> {
        self.varint(text.len() as u64)?;
        self.put(text)
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}
