//! The newest checkpoint of each log that this device has seen, kept beside the device key: a copy
//! of the data directory that was put back does not bring it along.
//!
//! One file a log, named by its id: a signed note, as the store has it. It is written when
//! something was made durable on request, and need not be durable itself: an older one only
//! notices less.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use activemirror_core::limits::CHECKPOINT_BYTES_MAX;
use activemirror_core::log::LogId;
use activemirror_store::{Standing, Store};
use tempfile::NamedTempFile;

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
        let Ok(files) = fs::read_dir(&self.0) else { return Ok(()) };
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
            if note.bytes().all(|byte| byte == 0) {
                continue;
            }
            match store.standing(log, &note)?.map_err(|_| unreadable())? {
                Standing::GoesOn => {}
                standing => return Err(Error::PutBack { log, standing, seen: path }),
            }
        }
        Ok(())
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
            if !known && let Ok(mut file) = NamedTempFile::new_in(&self.0) {
                let written = file.write_all(note.as_bytes());
                let _ = written.and_then(|()| file.persist(&path).map(drop).map_err(|lost| lost.error));
            }
        }
    }
}
