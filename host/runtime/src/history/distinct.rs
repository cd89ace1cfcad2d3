//! Keys that masks made equal, told apart again.
//!
//! A token has six digits, and fewer where a key is gone or text was dropped, so two keys of one
//! object can come to look the same. Then the later one gets a number behind it: no object has a
//! key twice, and nothing of one member ends up in another.

use std::collections::HashMap;

use activemirror_core::value::path::{Step, steps, write_index, write_key};

use crate::document::Leaf;

/// Sees to it that leaves of different places are shown at different places. `originals` are the
/// paths of `shown`, before anything in them was masked.
pub(super) fn tell_apart<'a>(originals: impl Iterator<Item = &'a str>, shown: &mut [Leaf]) {
    let mut names = Names::default();
    for (original, leaf) in originals.zip(shown) {
        // What is no path is for the writer to refuse.
        if let Some(path) = names.of(original, &leaf.path) {
            leaf.path = path;
        }
    }
}

/// What each place is called.
#[derive(Default)]
struct Names {
    /// A shown place, and the original place that it stands for.
    taken: HashMap<String, String>,
    /// An original place, and how it is shown.
    given: HashMap<String, String>,
    /// How often a shown place was wanted by another than it stands for.
    wanted: HashMap<String, u32>,
}

impl Names {
    fn of(&mut self, original: &str, shown: &str) -> Option<String> {
        let originals = prefixes(original)?;
        let shown = steps(shown).collect::<Result<Vec<_>, _>>().ok()?;
        let mut path = String::new();
        for (place, step) in shown.iter().enumerate() {
            // A token may hide several steps; the last one stands for all that is left.
            let last = place + 1 == shown.len();
            let original = if last { original } else { originals.get(place).copied().unwrap_or(original) };
            path = self.step(path, original, *step);
        }
        Some(path)
    }

    fn step(&mut self, mut path: String, original: &str, step: Step<'_>) -> String {
        let key = match step {
            Step::Index(index) => {
                // A String takes every write, here and below.
                let _ = write_index(&mut path, index);
                return path;
            }
            Step::Key(key) => key.chars().collect::<String>(),
        };
        if let Some(given) = self.given.get(original) {
            return given.clone();
        }
        let _ = write_key(&mut path, &key);
        let mut name = path.clone();
        while self.taken.get(&name).is_some_and(|taken| taken != original) {
            let wanted = self.wanted.entry(path.clone()).or_insert(1);
            *wanted += 1;
            name = format!("{path}·{wanted}");
        }
        self.taken.insert(name.clone(), original.to_owned());
        self.given.insert(original.to_owned(), name.clone());
        name
    }
}

/// The path up to each of its steps.
fn prefixes(path: &str) -> Option<Vec<&str>> {
    steps(path).collect::<Result<Vec<_>, _>>().ok()?;
    let starts = path.match_indices(['/', '[']).map(|(at, _)| at).skip(1);
    Some(starts.chain([path.len()]).map(|end| &path[..end]).collect())
}

#[cfg(test)]
mod tests {
    use activemirror_core::value::OwnedValue;

    use super::*;

    #[track_caller]
    fn check(paths: &[(&str, &str)], expected: &[&str]) {
        let leaf = |path: &str| Leaf { path: path.to_owned(), value: OwnedValue::Null };
        let mut shown: Vec<Leaf> = paths.iter().map(|(_, shown)| leaf(shown)).collect();
        tell_apart(paths.iter().map(|(original, _)| *original), &mut shown);
        let shown: Vec<&str> = shown.iter().map(|leaf| &*leaf.path).collect();
        assert_eq!(shown, expected);
        assert!(
            crate::json::object_text(&expected.iter().map(|path| leaf(path)).collect::<Vec<_>>()).is_ok()
        );
    }

    #[test]
    fn what_is_apart_stays_as_it_is() {
        check(&[("/a", "/a"), ("/b/ann", "/b/⟦x⟧"), ("/b/c[0]", "/b/c[0]")], &["/a", "/b/⟦x⟧", "/b/c[0]"]);
    }

    #[test]
    fn equal_keys_get_numbers() {
        check(
            &[("/ann", "/⟦x⟧"), ("/ben", "/⟦x⟧"), ("/cleo", "/⟦x⟧"), ("/⟦x⟧·2", "/⟦x⟧·2")],
            &["/⟦x⟧", "/⟦x⟧·2", "/⟦x⟧·3", "/⟦x⟧·2·2"],
        );
    }

    #[test]
    fn members_stay_with_their_own() {
        check(
            &[
                ("/d/ann/age", "/d/⟦x⟧/age"),
                ("/d/ann/tags[0]", "/d/⟦x⟧/tags[0]"),
                ("/d/ann/tags[1]", "/d/⟦x⟧/tags[1]"),
                ("/d/ben/age", "/d/⟦x⟧/age"),
                ("/d/ben/tags[0]", "/d/⟦x⟧/tags[0]"),
            ],
            &["/d/⟦x⟧/age", "/d/⟦x⟧/tags[0]", "/d/⟦x⟧/tags[1]", "/d/⟦x⟧·2/age", "/d/⟦x⟧·2/tags[0]"],
        );
    }

    #[test]
    fn a_token_that_hides_whole_paths() {
        check(&[("/d/ann", "/⟦x⟧"), ("/d/ben[0]", "/⟦x⟧"), ("/e", "/⟦x⟧")], &["/⟦x⟧", "/⟦x⟧·2", "/⟦x⟧·3"]);
    }
}
