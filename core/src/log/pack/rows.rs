//! Rows as they are put together, with the names that they refer to: those of a whole pack, or those of
//! one block that comes out of it.

use alloc::vec::Vec;

use crate::buffer::{Buffer, BufferFull};
use crate::log::block::Row;
use crate::log::block::names::Names;

/// Rows, and names.
pub(super) struct Rows {
    pub(super) names: Names<Vec<u8>>,
    rows: Vec<u8>,
    count: u32,
    /// The time of the last row.
    last: i64,
}

impl Rows {
    pub(super) fn new() -> Self {
        Self { names: Names::new(Vec::new()), rows: Vec::new(), count: 0, last: 0 }
    }

    /// The time that the next row's is counted from.
    pub(super) const fn last(&self) -> i64 {
        self.last
    }

    /// Bytes of all rows and names.
    pub(super) fn bytes(&self) -> usize {
        self.names.bytes().len() + self.rows.len()
    }

    /// Appends the row of a record of this time.
    pub(super) fn push(&mut self, row: &Row<'_>, time: i64) -> Result<(), BufferFull> {
        self.rows.append_postcard(row)?;
        (self.last, self.count) = (time, self.count + 1);
        Ok(())
    }

    /// The structure segment: the names, then the rows.
    pub(super) fn structure(&self) -> Result<Vec<u8>, BufferFull> {
        let mut structure = counted(self.names.count(), self.names.bytes())?;
        structure.append_postcard(&self.count)?;
        structure.extend_from_slice(&self.rows);
        Ok(structure)
    }
}

/// A list behind its count, as postcard writes it.
pub(super) fn counted(count: u32, items: &[u8]) -> Result<Vec<u8>, BufferFull> {
    let mut list = Vec::with_capacity(items.len() + 5);
    list.append_postcard(&count)?;
    list.extend_from_slice(items);
    Ok(list)
}
