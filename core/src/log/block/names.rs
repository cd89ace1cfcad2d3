//! The list of names that a block's rows refer to by number.

use super::row::Named;
use crate::buffer::{Buffer, BufferFull};
use crate::trace::Structure;

use index::Index;

/// Names, each once, as a row of postcard strings.
#[derive(Debug)]
pub(in crate::log) struct Names<B> {
    buffer: B,
    count: u32,
    index: Index,
}

/// How long the list was.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    bytes: usize,
    count: u32,
}

impl<B: Buffer> Names<B> {
    pub(in crate::log) fn new(buffer: B) -> Self {
        Self { buffer, count: 0, index: Index::new() }
    }

    pub(in crate::log) fn bytes(&self) -> &[u8] {
        self.buffer.bytes()
    }

    pub(in crate::log) const fn count(&self) -> u32 {
        self.count
    }

    /// The numbers of a record's names.
    pub(in crate::log) fn numbers(&mut self, structure: &Structure<'_>) -> Result<Named<u32>, BufferFull> {
        Named::of(structure).try_map(|name| self.number(name))
    }

    /// The number of this name, which is put into the list if need be; 0 for none.
    pub(in crate::log) fn number(&mut self, name: Option<&str>) -> Result<u32, BufferFull> {
        let Some(name) = name else { return Ok(0) };
        if let Some(number) = self.index.find(self.buffer.bytes(), name.as_bytes()) {
            return Ok(number);
        }
        self.buffer.append_postcard(name)?;
        self.count += 1;
        self.index.note(self.buffer.bytes(), name.as_bytes());
        Ok(self.count)
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { bytes: self.bytes().len(), count: self.count }
    }

    /// Forgets the names since.
    pub(super) fn rewind(&mut self, mark: Mark) {
        if mark.count < self.count {
            self.index.truncate(mark.count);
        }
        self.buffer.truncate(mark.bytes);
        self.count = mark.count;
    }

    /// Forgets all names.
    pub(super) fn clear(&mut self) {
        self.rewind(Mark { bytes: 0, count: 0 });
    }
}

#[cfg(feature = "alloc")]
mod index {
    //! With a heap, a name is found by its hash: a big block has hundreds of names, and five to be
    //! found in each record.

    use alloc::vec::Vec;
    use core::hash::BuildHasher as _;

    use hashbrown::{DefaultHashBuilder, HashTable};

    #[derive(Debug, Default)]
    pub(super) struct Index {
        hasher: DefaultHashBuilder,
        /// Numbers of names, by the names' hashes.
        numbers: HashTable<u32>,
        /// Where each name's text begins and ends, and its hash.
        places: Vec<(usize, usize, u64)>,
    }

    impl Index {
        pub(super) fn new() -> Self {
            Self::default()
        }

        pub(super) fn find(&self, bytes: &[u8], name: &[u8]) -> Option<u32> {
            let is_name = |number: &u32| {
                let (begin, end, _) = self.places[*number as usize - 1];
                &bytes[begin..end] == name
            };
            self.numbers.find(self.hasher.hash_one(name), is_name).copied()
        }

        /// Notes the name that `bytes` ends with.
        pub(super) fn note(&mut self, bytes: &[u8], name: &[u8]) {
            let hash = self.hasher.hash_one(name);
            self.places.push((bytes.len() - name.len(), bytes.len(), hash));
            let places = &self.places;
            self.numbers.insert_unique(hash, places.len() as u32, |number| places[*number as usize - 1].2);
        }

        pub(super) fn truncate(&mut self, count: u32) {
            if count == 0 {
                self.numbers.clear();
            } else {
                self.numbers.retain(|number| *number <= count);
            }
            self.places.truncate(count as usize);
        }
    }
}

#[cfg(not(feature = "alloc"))]
mod index {
    //! Without one, a block has a few names, and they are looked through.

    #[derive(Debug)]
    pub(super) struct Index;

    impl Index {
        pub(super) const fn new() -> Self {
            Self
        }

        pub(super) fn find(&self, bytes: &[u8], name: &[u8]) -> Option<u32> {
            texts(bytes).position(|known| known == name).map(|place| place as u32 + 1)
        }

        pub(super) const fn note(&mut self, _: &[u8], _: &[u8]) {}

        pub(super) const fn truncate(&mut self, _: u32) {}
    }

    /// The texts in a row of postcard strings that this program wrote: UTF-8, without a second look.
    fn texts(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
        core::iter::from_fn(move || {
            let (text, rest) = postcard::take_from_bytes::<&[u8]>(bytes).ok()?;
            bytes = rest;
            Some(text)
        })
    }
}
