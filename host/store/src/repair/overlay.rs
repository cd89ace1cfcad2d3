//! A file that is only read: what redb writes while it recovers stays in memory.
//!
//! redb writes when it closes, and goes through pages that may be damaged, which may end the process. While
//! a thread unwinds it does not: so what was opened here is closed then.

use core::panic::AssertUnwindSafe;
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::panic::{catch_unwind, resume_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use redb::{Database, ReadTransaction, ReadableDatabase, StorageBackend};

use crate::error::StoreError;
use crate::pages::guarded;

/// What is kept of what was written, at once.
const PAGE: usize = 4_096;

/// The tables in a file that is only read.
pub(super) struct Tables {
    /// It is there until this is dropped.
    database: Option<Database>,
}

impl Tables {
    /// Opens the tables in a file, if they can be.
    pub(super) fn open(file: File) -> Result<Self, StoreError> {
        let overlay = Overlay::over(file)?;
        if StorageBackend::len(&overlay)? == 0 {
            return Err(StoreError::NotAStore("the file is empty".into()));
        }
        let database = guarded(|| -> Result<Database, StoreError> {
            Ok(Database::builder().set_cache_size(16 << 20).create_with_backend(overlay)?)
        })?;
        Ok(Self { database: Some(database) })
    }

    pub(super) fn begin_read(&self) -> Result<ReadTransaction, StoreError> {
        Ok(self.database.as_ref().ok_or(StoreError::Failed)?.begin_read()?)
    }

    /// Whether the pages are what was written. Reads all of the file.
    pub(super) fn are_sound(&mut self) -> bool {
        let database = self.database.as_mut();
        let check = || Ok::<_, StoreError>(database.ok_or(StoreError::Failed)?.check_integrity()?);
        guarded(check).unwrap_or(false)
    }
}

impl Drop for Tables {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let database = self.database.take();
        let unwound = catch_unwind(AssertUnwindSafe(move || {
            let _closed = database;
            resume_unwind(Box::new(()))
        }));
        debug_assert!(unwound.is_err());
    }
}

/// A file, and what would have been written into it.
#[derive(Debug)]
struct Overlay {
    file: File,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    len: u64,
    /// What of the file's own length still counts.
    file_len: u64,
    pages: HashMap<u64, Box<[u8; PAGE]>>,
}

impl Overlay {
    fn over(file: File) -> io::Result<Self> {
        let len = file.metadata()?.len();
        Ok(Self { file, state: Mutex::new(State { len, file_len: len, pages: HashMap::new() }) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A page as it is now.
    fn page(&self, state: &State, number: u64) -> io::Result<Box<[u8; PAGE]>> {
        if let Some(page) = state.pages.get(&number) {
            return Ok(page.clone());
        }
        let mut page = Box::new([0; PAGE]);
        let start = number * PAGE as u64;
        let there = state.file_len.saturating_sub(start).min(PAGE as u64) as usize;
        read_at(&self.file, start, &mut page[..there])?;
        Ok(page)
    }
}

impl StorageBackend for Overlay {
    fn len(&self) -> io::Result<u64> {
        Ok(self.state().len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.state();
        if offset.checked_add(out.len() as u64).is_none_or(|end| end > state.len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        for (number, within, place) in parts(offset, out.len()) {
            out[place.clone()].copy_from_slice(&self.page(&state, number)?[within..within + place.len()]);
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = self.state();
        state.len = len;
        state.file_len = state.file_len.min(len);
        state.pages.retain(|number, _| number * (PAGE as u64) < len);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        for (number, within, place) in parts(offset, data.len()) {
            let mut page = self.page(&state, number)?;
            page[within..within + place.len()].copy_from_slice(&data[place]);
            state.pages.insert(number, page);
        }
        Ok(())
    }
}

/// The pages of a stretch: each one's number, where in it the stretch goes on, and what part it is.
fn parts(offset: u64, len: usize) -> impl Iterator<Item = (u64, usize, core::ops::Range<usize>)> {
    let mut done = 0;
    core::iter::from_fn(move || {
        let at = offset + done as u64;
        let within = (at % PAGE as u64) as usize;
        let part = (PAGE - within).min(len - done);
        let place = done..done + part;
        done += part;
        (part > 0).then_some((at / PAGE as u64, within, place))
    })
}

/// Reads what lies at a place of a file.
pub(super) fn read_at(file: &File, offset: u64, out: &mut [u8]) -> io::Result<()> {
    use io::{Read, Seek};
    let mut file = file;
    file.seek(io::SeekFrom::Start(offset))?;
    file.read_exact(out)
}
