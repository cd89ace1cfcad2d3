//! What no file of the project says: where somebody's machine keeps things, which server a
//! package came from, and what is left to do.

use crate::files::File;

/// Folders that exist on one machine. (Put together here, so that this file does not say them.)
const MACHINE_FOLDERS: [&str; 4] =
    [concat!("/wo", "rk/"), concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/Us", "ers/")];

/// Work that belongs into an issue.
const LEFTOVERS: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

/// What npm writes beside a package to say which server it came from.
const SERVER: &str = "\"resolved\": \"http";

/// What the file says that it should not, by line.
#[must_use]
pub fn violations(file: &File) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        let at = |what: String| format!("{}:{}: {what}", file.path, number + 1);
        found.extend(machine_folder(line).map(|folder| at(format!("`{folder}` is one machine's"))));
        found.extend(leftover(line).map(|word| at(format!("`{word}`: do it, or open an issue"))));
        if line.contains(SERVER) {
            found.push(at("a lock file names no server (npm: omit-lockfile-registry-resolved)".to_owned()));
        }
    }
    found
}

/// A machine's folder at the beginning of a path.
fn machine_folder(line: &str) -> Option<&'static str> {
    let begins = |at: usize| {
        !line[..at].ends_with(|letter: char| letter.is_alphanumeric() || "._-)}/".contains(letter))
    };
    MACHINE_FOLDERS.into_iter().find(|folder| line.match_indices(folder).any(|(at, _)| begins(at)))
}

/// A word of its own that says what is left to do.
fn leftover(line: &str) -> Option<&'static str> {
    let words: Vec<&str> = line.split(|letter: char| !letter.is_alphanumeric()).collect();
    LEFTOVERS.into_iter().find(|leftover| words.contains(leftover))
}
