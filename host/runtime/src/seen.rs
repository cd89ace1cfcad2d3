//! The newest checkpoint of each log that this device has seen, kept beside the device key: a copy
//! of the data directory that was put back does not bring it along.
//!
//! One file a log, named by its id: a signed note, as the store has it. It is written when
//! something was made durable on request, and need not be durable itself: an older one only
//! notices less. Where an older copy is to go on, its owner says so, and the notes are made to fit.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use activemirror_core::limits::CHECKPOINT_BYTES_MAX;
use activemirror_core::log::LogId;
use activemirror_store::{Standing, Store};
use tempfile::NamedTempFile;

use crate::device_key::sync_folder;
use crate::error::Error;

/// What the folder's name adds to the device key's.
const SUFFIX: &str = ".seen";

/// Where checkpoints are kept.
#[derive(Clone, Debug)]
pub(crate) struct Seen(PathBuf);

impl Seen {
    /// Those beside this device key.
    pub(crate) fn beside(key_file: &Path) -> Self {
        let mut folder = key_file.as_os_str().to_owned();
        folder.push(SUFFIX);
        Self(folder.into())
    }

    /// Refuses a store that does not go on from where it was seen last.
    pub(crate) fn check(&self, store: &Store) -> Result<(), Error> {
        for (log, note, path) in self.notes()? {
            match stands(store, log, &note, &path)? {
                Standing::GoesOn => {}
                standing => return Err(Error::PutBack { log, standing, seen: path }),
            }
        }
        Ok(())
    }

    /// The logs that were seen otherwise than they are in this store.
    pub(crate) fn otherwise(&self, store: &Store) -> Result<Vec<(LogId, Standing)>, Error> {
        let mut otherwise = Vec::new();
        for (log, note, path) in self.notes()? {
            let standing = stands(store, log, &note, &path)?;
            otherwise.extend((standing != Standing::GoesOn).then_some((log, standing)));
        }
        Ok(otherwise)
    }

    /// Every note: whose log it is of, what it says, and its file.
    pub(crate) fn notes(&self) -> Result<Vec<(LogId, String, PathBuf)>, Error> {
        let Ok(files) = fs::read_dir(&self.0) else { return Ok(Vec::new()) };
        let mut notes = Vec::new();
        for path in files.flatten().map(|file| file.path()) {
            let Some(log) = path.file_name().and_then(|name| name.to_str()).and_then(LogId::parse) else {
                continue;
            };
            let unreadable = || Error::Seen(path.clone());
            let size = fs::metadata(&path).map_err(|_| unreadable())?.len();
            if size > CHECKPOINT_BYTES_MAX as u64 {
                return Err(unreadable());
            }
            let note = fs::read_to_string(&path).map_err(|_| unreadable())?;
            // What a loss of power leaves of a file that was new.
            if note.bytes().any(|byte| byte != 0) {
                notes.push((log, note, path));
            }
        }
        Ok(notes)
    }

    /// From now on this store is the newest that was seen, whatever was seen before: its owner says
    /// so. The log that it writes comes first, and is in no other copy, so from then on every other
    /// one is refused; where power is lost before the end, this one still is as well.
    pub(crate) fn accept(&self, store: &Store) -> Result<(), Error> {
        let failed = |error| Error::Data(self.0.clone(), error);
        fs::create_dir_all(&self.0).map_err(failed)?;
        let mut checkpoints = store.checkpoints()?;
        checkpoints.sort_by_key(|(log, _)| *log != store.log_id());
        for (log, note) in &checkpoints {
            self.write(*log, note, Durability::Now).map_err(failed)?;
        }
        for (log, _, path) in self.notes()? {
            if !checkpoints.iter().any(|(known, _)| *known == log) {
                fs::remove_file(path).map_err(failed)?;
            }
        }
        sync_folder(&self.0).map_err(failed)
    }

    /// Keeps what the store has signed by now. A place that cannot be written is no reason to stop:
    /// the key may lie on a medium that is read only.
    pub(crate) fn keep(&self, store: &Store) {
        let Ok(checkpoints) = store.checkpoints() else { return };
        if checkpoints.is_empty() || fs::create_dir_all(&self.0).is_err() {
            return;
        }
        for (log, note) in checkpoints {
            let path = self.0.join(log.to_string());
            let known = fs::read_to_string(&path).is_ok_and(|known| known == note);
            if !known {
                let _ = self.write(log, &note, Durability::Sometime);
            }
        }
    }

    fn write(&self, log: LogId, note: &str, durability: Durability) -> std::io::Result<()> {
        let mut file = NamedTempFile::new_in(&self.0)?;
        file.write_all(note.as_bytes())?;
        if durability == Durability::Now {
            file.as_file().sync_all()?;
        }
        file.persist(self.0.join(log.to_string())).map_err(|lost| lost.error)?;
        match durability {
            Durability::Now => sync_folder(&self.0),
            Durability::Sometime => Ok(()),
        }
    }
}

/// When a note has to be durable.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Durability {
    Now,
    Sometime,
}

fn stands(store: &Store, log: LogId, note: &str, path: &Path) -> Result<Standing, Error> {
    store.standing(log, note)?.map_err(|_| Error::Seen(path.to_owned()))
}
