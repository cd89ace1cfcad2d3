//! Where the subjects' keys lie: a small file, or what stands for one in a browser.

use std::io;

/// A small file that is read whole and written in place.
///
/// In place, because an erased key must be overwritten where it lay; a file that is written anew
/// and renamed would leave the old one to the file system.
pub trait Medium: Send + Sync {
    /// All bytes.
    fn read(&mut self) -> io::Result<Vec<u8>>;
    /// Puts `bytes` at `offset`, which may extend the file.
    fn write(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;
    /// Returns when everything written so far is durable.
    fn sync(&mut self) -> io::Result<()>;
}

impl Medium for std::fs::File {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        use io::{Read, Seek};
        self.rewind()?;
        let mut bytes = Vec::new();
        self.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        use io::{Seek, Write};
        self.seek(io::SeekFrom::Start(offset))?;
        self.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

/// A medium in memory, for tests and for stores that are to be forgotten.
#[derive(Clone, Debug, Default)]
pub struct Memory(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl Memory {
    fn bytes(&self) -> io::Result<std::sync::MutexGuard<'_, Vec<u8>>> {
        self.0.lock().map_err(|_| io::Error::other("a thread panicked while it wrote"))
    }
}

impl Medium for Memory {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.bytes()?.clone())
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut file = self.bytes()?;
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let end = start + bytes.len();
        let len = file.len().max(end);
        file.resize(len, 0);
        file[start..end].copy_from_slice(bytes);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}
