//! Cutting a fuzzer's bytes into what a target needs; where they end, there are zeros.

/// The rest of the bytes.
#[derive(Debug)]
pub(crate) struct Bytes<'b>(pub(crate) &'b [u8]);

impl<'b> Bytes<'b> {
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.array::<1>()[0]
    }

    pub(crate) fn array<const N: usize>(&mut self) -> [u8; N] {
        let (now, rest) = self.0.split_at(self.0.len().min(N));
        self.0 = rest;
        let mut array = [0; N];
        array[..now.len()].copy_from_slice(now);
        array
    }

    /// A piece behind its length in two bytes.
    pub(crate) fn piece(&mut self) -> &'b [u8] {
        let length = usize::from(u16::from_le_bytes(self.array()));
        let (piece, rest) = self.0.split_at(self.0.len().min(length));
        self.0 = rest;
        piece
    }
}

/// A piece as [`Bytes::piece`] reads it.
pub(crate) fn piece(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    [&length.to_le_bytes()[..], &bytes[..usize::from(length)]].concat()
}
