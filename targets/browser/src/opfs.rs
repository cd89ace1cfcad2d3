//! The store's two files in the origin-private file system.
//!
//! A synchronous access handle belongs to the Worker that opened it, but redb wants its backend to
//! be `Send`. So the handles stay in this thread's own table, and what goes around is their name.

use core::cell::RefCell;
use std::io;

use activemirror_store::{Medium, StorageBackend};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DomException, FileSystemReadWriteOptions, FileSystemSyncAccessHandle};

thread_local! {
    static HANDLES: RefCell<[Option<FileSystemSyncAccessHandle>; 2]> = const { RefCell::new([None, None]) };
}

/// One of the two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum File {
    /// The log.
    Log,
    /// The subjects' keys.
    Keys,
}

impl File {
    /// Gives the file its handle; the last one counts.
    pub(crate) fn attach(self, handle: FileSystemSyncAccessHandle) {
        HANDLES.with_borrow_mut(|handles| handles[self as usize] = Some(handle));
    }

    /// How many bytes it has.
    pub(crate) fn size(self) -> io::Result<u64> {
        self.with(|handle| Ok(handle.get_size()? as u64))
    }

    fn read_at(self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let read = self.with(|handle| handle.read_with_u8_array_and_options(out, &at(offset)))?;
        if read as usize == out.len() { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    fn write_at(self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let written = self.with(|handle| handle.write_with_u8_array_and_options(bytes, &at(offset)))?;
        if written as usize == bytes.len() { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
    }

    fn flush(self) -> io::Result<()> {
        self.with(FileSystemSyncAccessHandle::flush)
    }

    fn with<T>(self, work: impl FnOnce(&FileSystemSyncAccessHandle) -> Result<T, JsValue>) -> io::Result<T> {
        HANDLES.with_borrow(|handles| {
            let handle = handles[self as usize].as_ref().ok_or(io::ErrorKind::NotConnected)?;
            work(handle).map_err(error)
        })
    }
}

impl StorageBackend for File {
    fn len(&self) -> io::Result<u64> {
        self.size()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.read_at(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.with(|handle| handle.truncate_with_f64(len as f64))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.flush()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.write_at(offset, data)
    }
}

impl Medium for File {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        let size = usize::try_from(self.size()?).map_err(io::Error::other)?;
        let mut bytes = vec![0; size];
        self.read_at(0, &mut bytes)?;
        Ok(bytes)
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.write_at(offset, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.flush()
    }
}

fn at(offset: u64) -> FileSystemReadWriteOptions {
    let options = FileSystemReadWriteOptions::new();
    options.set_at(offset as f64);
    options
}

fn error(thrown: JsValue) -> io::Error {
    let Some(exception) = thrown.dyn_ref::<DomException>() else {
        return io::Error::other(thrown.as_string().unwrap_or_else(|| "it threw".to_owned()));
    };
    let kind = match exception.name().as_str() {
        "QuotaExceededError" => io::ErrorKind::StorageFull,
        "NoModificationAllowedError" => io::ErrorKind::PermissionDenied,
        "InvalidStateError" => io::ErrorKind::NotConnected,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, exception.message())
}
