//! Compiled plugins on disk, authenticated: native code runs unchecked, and wasmtime accepts
//! almost any flipped bit in it.
//!
//! A file is named by the component's SHA-256 and the engine's fingerprint:
//!
//! | offset | size | what |
//! |---|---|---|
//! | 0 | 32 | HMAC-SHA-256 over label, component hash, fingerprint (8 bytes, little-endian) and code |
//! | 32 | rest | native code |
//!
//! The name is under the MAC too, so a file put in another's place is refused like a changed one.

use core::fmt;
use std::{
    fs,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use tempfile::NamedTempFile;

use super::NativeCode;

const LABEL: &[u8] = b"activemirror compiled plugin 1\0";
const MAC_BYTES: usize = 32;
/// More than any admitted component compiles to.
const FILE_BYTES_MAX: u64 = 1 << 30;

/// A folder of compiled plugins, and the key that only its owner has.
#[derive(Clone)]
pub struct Cache {
    folder: PathBuf,
    key: [u8; 32],
}

/// What was wrong with the cache; plugins load all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CacheFault {
    /// A file was changed, or written under another key. It was not used, and is replaced.
    Tampered {
        /// The file.
        path: PathBuf,
    },
    /// A file could not be read or written.
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why.
        what: String,
    },
}

impl fmt::Display for CacheFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tampered { path } => write!(
                f,
                "the compiled plugin {} was changed by somebody else; it was not used and is compiled anew",
                path.display()
            ),
            Self::Unusable { path, what } => {
                write!(f, "the compiled plugin {} cannot be kept: {what}", path.display())
            }
        }
    }
}

/// One compiled component.
#[derive(Clone, Copy)]
pub(super) struct Entry<'e> {
    pub(super) component: &'e [u8; 32],
    pub(super) engine: u64,
}

pub(super) enum Found {
    Code(NativeCode),
    Nothing,
    Fault(CacheFault),
}

impl Cache {
    /// A cache in a folder, which is made if it is not there. The key must be the same each time,
    /// and nobody's who may write to the folder.
    pub fn open(folder: impl Into<PathBuf>, key: [u8; 32]) -> io::Result<Self> {
        let folder = folder.into();
        fs::create_dir_all(&folder)?;
        Ok(Self { folder, key })
    }

    pub(super) fn find(&self, entry: Entry<'_>) -> Found {
        let path = self.path(entry);
        let file = match read(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Found::Nothing,
            Err(error) => return Found::Fault(unusable(path, &error)),
        };
        match self.authentic(entry, file) {
            Some(code) => Found::Code(code),
            None => Found::Fault(CacheFault::Tampered { path }),
        }
    }

    /// Writes an entry; readers see the old file or the new one, never a part.
    pub(super) fn keep(&self, entry: Entry<'_>, code: &[u8]) -> Result<(), CacheFault> {
        let path = self.path(entry);
        let mac = self.mac(entry, code).finalize().into_bytes();
        let write = || {
            let mut file = NamedTempFile::new_in(&self.folder)?;
            file.write_all(&mac)?;
            file.write_all(code)?;
            file.persist(&path)?;
            Ok(())
        };
        write().map_err(|error: io::Error| unusable(path.clone(), &error))
    }

    fn authentic(&self, entry: Entry<'_>, mut file: Vec<u8>) -> Option<NativeCode> {
        let (mac, code) = file.split_at_checked(MAC_BYTES)?;
        self.mac(entry, code).verify_slice(mac).ok()?;
        file.drain(..MAC_BYTES);
        Some(NativeCode(file))
    }

    fn mac(&self, entry: Entry<'_>, code: &[u8]) -> Hmac<Sha256> {
        Hmac::<Sha256>::new_from_slice(&self.key)
            .expect("invariant: HMAC takes keys of any length")
            .chain_update(LABEL)
            .chain_update(entry.component)
            .chain_update(entry.engine.to_le_bytes())
            .chain_update(code)
    }

    fn path(&self, entry: Entry<'_>) -> PathBuf {
        let component: String = entry.component.iter().map(|byte| format!("{byte:02x}")).collect();
        self.folder.join(format!("{component}-{:016x}.cwasm", entry.engine))
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("folder", &self.folder).finish_non_exhaustive()
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(FILE_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unusable(path: PathBuf, error: &io::Error) -> CacheFault {
    CacheFault::Unusable { path, what: error.to_string() }
}
