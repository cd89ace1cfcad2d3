//! The files that belong to the project: all that git would not ignore.

use std::{fs, io};

use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use ignore::WalkBuilder;

/// A text file and what it says.
#[derive(Clone, Debug)]
pub struct File {
    /// Relative to the root of the workspace.
    pub path: Utf8PathBuf,
    /// Its text.
    pub text: String,
}

impl File {
    /// Whether it is Rust.
    #[must_use]
    pub fn is_rust(&self) -> bool {
        self.path.extension() == Some("rs")
    }
}

/// Every text file under `root`, dotfiles too, in order of path.
pub fn read(root: &Utf8Path) -> io::Result<Vec<File>> {
    let own = |entry: &ignore::DirEntry| entry.file_name() != ".git";
    let mut files = Vec::new();
    for entry in WalkBuilder::new(root).hidden(false).require_git(false).filter_entry(own).build() {
        let entry = entry.map_err(io::Error::other)?;
        if entry.file_type().is_some_and(|kind| kind.is_file()) {
            let path = Utf8Path::from_path(entry.path()).ok_or(io::ErrorKind::InvalidFilename)?;
            files.extend(read_text(root, path)?);
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(files)
}

/// The file, if it is text.
fn read_text(root: &Utf8Path, path: &Utf8Path) -> io::Result<Option<File>> {
    let relative = path.strip_prefix(root).unwrap_or(path).to_owned();
    Ok(String::from_utf8(fs::read(path)?).ok().map(|text| File { path: relative, text }))
}
