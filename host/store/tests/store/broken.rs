//! A damaged store in files, and the one that a repair makes of it, held to what was there before.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use activemirror_core::log::LogId;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::Lost;
use activemirror_core::vault::Key;
use activemirror_store::{Cold, Repair, Repaired, Scope, Store, StoreError};
use tempfile::TempDir;

use crate::kinds::exported;
use crate::shelf::Shelf;
use crate::world::{entropy, options};

/// The root key of the stores that are damaged.
pub(crate) const ROOT: [u8; 32] = [7; 32];

/// A damaged store in files, and a place for the new one.
pub(crate) struct Broken {
    folder: TempDir,
    /// What could be read before, each record behind the log and the sequence.
    before: Vec<String>,
    /// The cold store.
    cold: Option<Shelf>,
}

impl Broken {
    pub(crate) fn of(before: &[String], log: &[u8], keys: &[u8]) -> Self {
        // In memory where there is such a place: thousands of stores are made here, and none has to last.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        fs::create_dir(folder.path().join("old")).unwrap();
        fs::write(folder.path().join("old/log.redb"), log).unwrap();
        fs::write(folder.path().join("old/subjects.keys"), keys).unwrap();
        Self { folder, before: before.to_vec(), cold: None }
    }

    /// The same, with a cold store that can be reached.
    pub(crate) fn with(self, shelf: &Shelf) -> Self {
        Self { cold: Some(shelf.clone()), ..self }
    }

    /// The new store, open.
    pub(crate) fn open_new(&self) -> Store {
        let store = Store::open(&self.new_store(), options(ROOT)).unwrap();
        if let Some(shelf) = &self.cold {
            store.attach_cold(Arc::new(shelf.clone()));
        }
        store
    }

    pub(crate) fn old(&self) -> PathBuf {
        self.folder.path().join("old")
    }

    pub(crate) fn new_store(&self) -> PathBuf {
        self.folder.path().join("new")
    }

    pub(crate) fn repair_with(
        &self,
        root: [u8; 32],
        seen: &[(LogId, String)],
    ) -> Result<Repaired, StoreError> {
        let (from, into) = (self.old(), self.new_store());
        let (root, time) = (Key::new(root), Timestamp::from_millis(9_000));
        let cold = self.cold.as_ref().map(|shelf| shelf as &dyn Cold);
        let besides = &["rules.toml"];
        let (from, into, root, owner) = (&from, &into, &root, "the house");
        let repair = Repair { from, into, root, entropy, seen, owner, cold, besides, time };
        repair.run(|_| ())
    }

    /// Repairs, and holds the new store to what was there before: it verifies, what it reads was there,
    /// and what it does not read any more lies in blocks that are said to be gone.
    #[track_caller]
    pub(crate) fn repaired(&self) -> (Repaired, Store) {
        let old = |file: &str| fs::read(self.old().join(file)).unwrap();
        let bytes = (old("log.redb"), old("subjects.keys"));
        let repaired = self.repair_with(ROOT, &[]).unwrap();
        assert!(bytes == (old("log.redb"), old("subjects.keys")), "the damaged store is not touched");
        let store = self.open_new();
        for scope in [Scope::Structure, Scope::Everything] {
            let report = store.verify(scope, || ()).unwrap();
            assert_eq!(report.fault().map(|(log, fault)| (log.log, fault)), None, "{repaired:#?}");
        }
        self.compare(&repaired, &store);
        (repaired, store)
    }

    /// The same where the new store may have what could not be read before.
    #[track_caller]
    pub(crate) fn repaired_more(&self) -> (Repaired, Store) {
        let repaired = self.repair_with(ROOT, &[]).unwrap();
        let store = self.open_new();
        let report = store.verify(Scope::Everything, || ()).unwrap();
        assert_eq!(report.fault().map(|(log, fault)| (log.log, fault)), None, "{repaired:#?}");
        let after = exported(&store).unwrap();
        assert!(self.before.iter().all(|line| line.starts_with('[') || after.contains(line)));
        (repaired, store)
    }

    #[track_caller]
    fn compare(&self, repaired: &Repaired, store: &Store) {
        let new = format!("{}", repaired.log);
        let after: Vec<String> = exported(store).unwrap();
        let records = |lines: &[String]| -> BTreeSet<String> {
            let own = |line: &&String| {
                !line.starts_with(&new) && !line.starts_with('[') && !line.starts_with("trace ")
            };
            lines.iter().filter(own).cloned().collect()
        };
        let (before, after) = (records(&self.before), records(&after));
        if repaired.closed.is_empty() {
            let new: Vec<_> = after.difference(&before).collect();
            assert!(new.is_empty(), "nothing is there that was not: {new:#?}");
        }
        for gone in before.difference(&after) {
            let is_said =
                repaired.logs.iter().filter(|log| gone.starts_with(&log.log.to_string())).any(|log| {
                    let listed = log.gone.iter().any(|range| {
                        let there = match (number(gone, "sequence: "), number(gone, "block: ")) {
                            (Some(sequence), _) => range.sequences.contains(&sequence),
                            (None, block) => block.is_some_and(|block| range.blocks.contains(&block)),
                        };
                        there || range.what == Lost::Everything
                    });
                    let sequence = number(gone, "sequence: ").unwrap_or(u64::MAX);
                    listed || (!log.end_known && sequence >= log.records())
                });
            assert!(
                is_said || !repaired.closed.is_empty(),
                "{gone} is gone, and nothing says so: {repaired:#?}"
            );
        }
    }
}

/// The number behind a word in an exported record.
fn number(record: &str, word: &str) -> Option<u64> {
    let from = record.find(word)? + word.len();
    record[from..].split(',').next()?.parse().ok()
}
