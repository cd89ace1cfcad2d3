//! Where bytes go: a `Vec` on hosts, a caller's slice on devices.

use serde::Serialize;

/// The buffer has no room for what should be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufferFull;

impl core::fmt::Display for BufferFull {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the buffer is full")
    }
}

impl core::error::Error for BufferFull {}

/// An append-only row of bytes.
pub trait Buffer {
    /// Appends `bytes`, or nothing.
    fn append(&mut self, bytes: &[u8]) -> Result<(), BufferFull>;
    /// All bytes so far.
    fn bytes(&self) -> &[u8];
    /// All bytes so far, to be changed in place.
    fn bytes_mut(&mut self) -> &mut [u8];
    /// How many more bytes it takes.
    fn room(&self) -> usize;
    /// Forgets the bytes from `len` on.
    fn truncate(&mut self, len: usize);

    /// Appends the postcard form of `value`, or nothing.
    fn append_postcard<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), BufferFull>
    where
        Self: Sized,
    {
        let start = self.bytes().len();
        let written = postcard::serialize_with_flavor::<T, _, ()>(value, Appending(self));
        written.map_err(|_| {
            self.truncate(start);
            BufferFull
        })
    }
}

/// postcard's view of what is appended to a [`Buffer`].
struct Appending<'b, B>(&'b mut B);

impl<B: Buffer> postcard::ser_flavors::Flavor for Appending<'_, B> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.try_extend(&[byte])
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.append(bytes).map_err(|BufferFull| postcard::Error::SerializeBufferFull)
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

/// A caller's slice, filled from the front.
#[derive(Debug)]
pub struct Slice<'b> {
    room: &'b mut [u8],
    len: usize,
}

impl<'b> Slice<'b> {
    /// An empty buffer with this room.
    pub const fn new(room: &'b mut [u8]) -> Self {
        Self { room, len: 0 }
    }
}

impl Buffer for Slice<'_> {
    fn append(&mut self, bytes: &[u8]) -> Result<(), BufferFull> {
        let end = self.len.checked_add(bytes.len()).ok_or(BufferFull)?;
        self.room.get_mut(self.len..end).ok_or(BufferFull)?.copy_from_slice(bytes);
        self.len = end;
        Ok(())
    }

    fn bytes(&self) -> &[u8] {
        &self.room[..self.len]
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.room[..self.len]
    }

    fn room(&self) -> usize {
        self.room.len() - self.len
    }

    fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }
}

#[cfg(feature = "alloc")]
impl Buffer for alloc::vec::Vec<u8> {
    #[inline]
    fn append(&mut self, bytes: &[u8]) -> Result<(), BufferFull> {
        self.extend_from_slice(bytes);
        Ok(())
    }

    #[inline]
    fn bytes(&self) -> &[u8] {
        self
    }

    #[inline]
    fn bytes_mut(&mut self) -> &mut [u8] {
        self
    }

    #[inline]
    fn room(&self) -> usize {
        usize::MAX - self.len()
    }

    #[inline]
    fn truncate(&mut self, len: usize) {
        Self::truncate(self, len);
    }

    /// What is short is written to the stack first: a `Vec` takes it faster at once than byte by byte.
    fn append_postcard<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), BufferFull> {
        if let Ok(short) = postcard::to_slice(value, &mut [0; 512]) {
            self.extend_from_slice(short);
            return Ok(());
        }
        let start = self.len();
        postcard::serialize_with_flavor::<T, _, ()>(value, Appending(self)).map_err(|_| {
            Self::truncate(self, start);
            BufferFull
        })
    }
}
