//! The device's root key: a small file outside the data directory, for its owner's eyes only.
//!
//! ```text
//! activemirror device key 1
//! 3q2+7w…=                     32 bytes, base64
//! ```

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use activemirror_core::vault::Key;
use base64ct::{Base64, Encoding};
use tempfile::NamedTempFile;
use zeroize::Zeroizing;

use crate::error::KeyError;

const HEAD: &str = "activemirror device key 1\n";

/// Reads the key, or makes one where there is none and `store_exists` says that none is needed
/// yet. A key file that others may read, or that lies in `data`, is refused.
pub fn load(path: &Path, data: &Path, store_exists: bool) -> Result<Key, KeyError> {
    refuse_inside(path, data)?;
    match File::open(path) {
        Ok(file) => read(path, file),
        Err(error) if error.kind() == ErrorKind::NotFound && store_exists => {
            Err(KeyError::Missing(path.to_owned()))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => create(path),
        Err(error) => Err(KeyError::Io(path.to_owned(), error)),
    }
}

/// Reads a key file that must exist: an enrolled device's.
pub fn read_existing(path: &Path) -> Result<Key, KeyError> {
    match File::open(path) {
        Ok(file) => read(path, file),
        Err(error) => Err(KeyError::Io(path.to_owned(), error)),
    }
}

fn read(path: &Path, file: File) -> Result<Key, KeyError> {
    refuse_exposed(path, &file)?;
    let mut text = Zeroizing::new(String::new());
    let malformed = || KeyError::Malformed(path.to_owned());
    file.take(1024).read_to_string(&mut text).map_err(|error| match error.kind() {
        ErrorKind::InvalidData => malformed(),
        _ => KeyError::Io(path.to_owned(), error),
    })?;
    let encoded = text.strip_prefix(HEAD).ok_or_else(malformed)?;
    let mut bytes = Zeroizing::new([0; 32]);
    let decoded = Base64::decode(encoded.trim_end(), &mut *bytes).map_err(|_| malformed())?;
    if decoded.len() == 32 { Ok(Key::new(*bytes)) } else { Err(malformed()) }
}

/// The key appears whole or not at all: a process that begins at the same time, or comes after a
/// power loss, finds no half of one. Where another one was faster, its key is the key.
fn create(path: &Path) -> Result<Key, KeyError> {
    let failed = |error| KeyError::Io(path.to_owned(), error);
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed)?;
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *bytes).map_err(|_| KeyError::NoEntropy)?;
    let text = Zeroizing::new(format!("{HEAD}{}\n", Base64::encode_string(&*bytes)));
    let mut file = NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    match file.persist_noclobber(path) {
        Ok(_) => {
            sync_folder(folder).map_err(failed)?;
            Ok(Key::new(*bytes))
        }
        Err(lost) if lost.error.kind() == ErrorKind::AlreadyExists => read_existing(path),
        Err(lost) => Err(failed(lost.error)),
    }
}

/// The name must be as durable as the file: what is sealed under a key that is lost is lost.
pub(crate) fn sync_folder(folder: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

fn refuse_exposed(path: &Path, file: &File) -> Result<(), KeyError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let meta = file.metadata().map_err(|error| KeyError::Io(path.to_owned(), error))?;
        let mode = meta.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(KeyError::Exposed(path.to_owned(), mode));
        }
    }
    #[cfg(not(unix))]
    let _ = (path, file);
    Ok(())
}

fn refuse_inside(path: &Path, data: &Path) -> Result<(), KeyError> {
    let resolved = |path: &Path| -> PathBuf { fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()) };
    let here = Path::new(".");
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(here);
    let data = resolved(data);
    // Neither where it lies nor where a link leads.
    let inside = resolved(folder).starts_with(&data) || resolved(path).starts_with(&data);
    if inside { Err(KeyError::InDataDirectory(path.to_owned())) } else { Ok(()) }
}
