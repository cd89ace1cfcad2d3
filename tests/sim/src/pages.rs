//! A file's content, in pages that copies share: a thousand images of one disk differ in a few.

use std::sync::Arc;

const PAGE: usize = 4_096;

/// The bytes of a file.
#[derive(Clone, Debug, Default)]
pub struct Pages {
    len: usize,
    pages: Vec<Arc<[u8; PAGE]>>,
}

impl Pages {
    /// How many bytes there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Cuts the file, or extends it with zeros.
    pub fn set_len(&mut self, len: usize) {
        if len < self.len && !len.is_multiple_of(PAGE) {
            Arc::make_mut(&mut self.pages[len / PAGE])[len % PAGE..].fill(0);
        }
        self.pages.resize_with(len.div_ceil(PAGE), || Arc::new([0; PAGE]));
        self.len = len;
    }

    /// Puts bytes into the file, which is extended where they do not fit.
    pub fn write(&mut self, offset: usize, bytes: &[u8]) {
        self.set_len(self.len.max(offset + bytes.len()));
        let (mut at, mut rest) = (offset, bytes);
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(PAGE - at % PAGE));
            let page = Arc::make_mut(&mut self.pages[at / PAGE]);
            page[at % PAGE..at % PAGE + now.len()].copy_from_slice(now);
            (at, rest) = (at + now.len(), later);
        }
    }

    /// Fills `out`; `false` where the file ends before it.
    pub fn read(&self, offset: usize, out: &mut [u8]) -> bool {
        if offset + out.len() > self.len {
            return false;
        }
        let (mut at, mut rest) = (offset, out);
        while !rest.is_empty() {
            let length = rest.len().min(PAGE - at % PAGE);
            let (now, later) = rest.split_at_mut(length);
            now.copy_from_slice(&self.pages[at / PAGE][at % PAGE..at % PAGE + length]);
            (at, rest) = (at + length, later);
        }
        true
    }

    /// All bytes.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.len];
        self.read(0, &mut bytes);
        bytes
    }
}
