//! Where an export goes. A file appears under its name once it is whole and on the disk; standard
//! output, a pipe or a device gets it as it comes.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::failure::Failure;

/// Writes to `output`, or to standard output where there is none.
pub(super) fn write<R>(
    output: Option<&Path>,
    write: impl FnOnce(&mut (dyn Write + Send)) -> Result<R, Failure>,
) -> Result<R, Failure> {
    let Some(path) = output else { return stream(io::stdout(), write) };
    let cannot = |error| Failure::input(format_args!("cannot write {}: {error}", path.display()));
    match fs::metadata(path) {
        Ok(there) if there.is_dir() => Err(cannot(io::ErrorKind::IsADirectory.into())),
        Ok(there) if !there.is_file() => {
            stream(File::options().write(true).open(path).map_err(cannot)?, write)
        }
        // What a link leads to is replaced, not the link.
        Ok(_) => replace(&fs::canonicalize(path).map_err(cannot)?, write, cannot),
        Err(_) => replace(path, write, cannot),
    }
}

fn stream<R>(
    output: impl Write + Send,
    write: impl FnOnce(&mut (dyn Write + Send)) -> Result<R, Failure>,
) -> Result<R, Failure> {
    let mut output = BufWriter::new(output);
    let written = write(&mut output)?;
    output.flush()?;
    Ok(written)
}

fn replace<R>(
    path: &Path,
    write: impl FnOnce(&mut (dyn Write + Send)) -> Result<R, Failure>,
    cannot: impl Fn(io::Error) -> Failure,
) -> Result<R, Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = beside(folder).map_err(&cannot)?;
    let written = stream(file.as_file(), write)?;
    file.as_file().sync_all().map_err(&cannot)?;
    file.persist(path).map_err(|error| cannot(error.error))?;
    Ok(written)
}

/// A file without a name of its own yet, as accessible as any new one.
fn beside(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".activemirror-export-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}
