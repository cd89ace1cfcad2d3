//! The two files of a store in memory: every change is kept in the order of both, and any call can
//! be made to fail.

use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use activemirror_store::{Medium, StorageBackend};

use crate::pages::Pages;

/// One of a store's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum File {
    /// The tables.
    Log,
    /// The subjects' keys.
    Keys,
}

/// What a store did to its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Bytes were written.
    Write {
        /// Into this file.
        file: File,
        /// Where.
        offset: usize,
        /// These.
        bytes: Arc<[u8]>,
    },
    /// The log's length was set.
    SetLen(usize),
    /// Everything written into this file is durable.
    Sync(File),
}

impl Change {
    /// The file that it changes, or makes durable.
    #[must_use]
    pub const fn file(&self) -> File {
        match self {
            Self::Write { file, .. } | Self::Sync(file) => *file,
            Self::SetLen(_) => File::Log,
        }
    }
}

/// Both files.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// The tables.
    pub log: Pages,
    /// The subjects' keys.
    pub keys: Pages,
}

impl Files {
    /// One of them.
    pub const fn file(&mut self, file: File) -> &mut Pages {
        match file {
            File::Log => &mut self.log,
            File::Keys => &mut self.keys,
        }
    }

    /// Makes a change.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Write { file, offset, bytes } => self.file(*file).write(*offset, bytes),
            Change::SetLen(len) => self.log.set_len(*len),
            Change::Sync(_) => {}
        }
    }
}

/// What a disk says when it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Any call fails.
    Io,
    /// There is no room: writes fail, and so do syncs.
    Full,
    /// Nothing may be written.
    ReadOnly,
}

/// When a disk fails.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// At the first call from this one on that can fail so, counted from 0.
    pub call: u64,
    /// How.
    pub failure: Failure,
    /// Whether later calls fail as well.
    pub lasting: bool,
}

#[derive(Debug, Default)]
struct State {
    files: Files,
    /// What a power cut leaves at the least.
    durable: Files,
    history: Vec<Change>,
    calls: u64,
    fault: Option<Fault>,
    /// Whether the fault was met.
    struck: bool,
}

/// A disk with the files of one store. Clones are the same disk.
#[derive(Clone, Debug, Default)]
pub struct Disk(Arc<Mutex<State>>);

impl Disk {
    /// A disk that holds these files, both durable.
    #[must_use]
    pub fn holding(files: Files) -> Self {
        let state = State { durable: files.clone(), files, ..State::default() };
        Self(Arc::new(Mutex::new(state)))
    }

    /// From now on the disk fails so.
    pub fn fail(&self, fault: Fault) {
        self.state().fault = Some(fault);
    }

    /// From now on the disk works. Returns whether it has failed.
    pub fn heal(&self) -> bool {
        let mut state = self.state();
        state.fault = None;
        state.struck
    }

    /// How many calls there were.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.state().calls
    }

    /// How many changes there were.
    #[must_use]
    pub fn changes(&self) -> usize {
        self.state().history.len()
    }

    /// Everything that was done to the files.
    #[must_use]
    pub fn history(&self) -> Vec<Change> {
        self.state().history.clone()
    }

    /// The files, as programs see them.
    #[must_use]
    pub fn files(&self) -> Files {
        self.state().files.clone()
    }

    /// The files, as they are where nothing is written that was not synced.
    #[must_use]
    pub fn durable(&self) -> Files {
        self.state().durable.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: Change) -> io::Result<()> {
        let mut state = self.state();
        if let Err(error) = state.call(true) {
            // A write that fails may have come some way.
            if let Change::Write { file, offset, bytes } = &change {
                let half =
                    Change::Write { file: *file, offset: *offset, bytes: bytes[..bytes.len() / 2].into() };
                state.files.apply(&half);
            }
            return Err(error);
        }
        state.files.apply(&change);
        if let Change::Sync(file) = change {
            *state.durable.file(file) = state.files.file(file).clone();
        }
        state.history.push(change);
        Ok(())
    }
}

impl State {
    fn call(&mut self, changes: bool) -> io::Result<()> {
        let call = self.calls;
        self.calls += 1;
        let Some(fault) = self.fault.filter(|fault| call >= fault.call) else { return Ok(()) };
        if !changes && fault.failure != Failure::Io {
            return Ok(());
        }
        self.struck = true;
        if !fault.lasting {
            self.fault = None;
        }
        Err(match fault.failure {
            Failure::Io => io::Error::other("input/output error"),
            Failure::Full => ErrorKind::StorageFull.into(),
            Failure::ReadOnly => ErrorKind::ReadOnlyFilesystem.into(),
        })
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        let mut state = self.state();
        state.call(false)?;
        Ok(state.files.log.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let mut state = self.state();
        state.call(false)?;
        let read = state.files.log.read(offset as usize, out);
        if read { Ok(()) } else { Err(ErrorKind::UnexpectedEof.into()) }
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.change(Change::SetLen(len as usize))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.change(Change::Sync(File::Log))
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.change(Change::Write { file: File::Log, offset: offset as usize, bytes: data.into() })
    }
}

/// The keys' file of a disk.
#[derive(Clone, Debug)]
pub struct KeysFile(pub Disk);

impl Medium for KeysFile {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut state = self.0.state();
        state.call(false)?;
        Ok(state.files.keys.to_vec())
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.change(Change::Write { file: File::Keys, offset: offset as usize, bytes: bytes.into() })
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.change(Change::Sync(File::Keys))
    }
}
