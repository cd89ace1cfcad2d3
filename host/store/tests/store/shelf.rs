//! A cold store in memory, which can be told to fail, and to lie.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use activemirror_core::time::Timestamp;
use activemirror_store::{Author, BlockRef, Cold, ColdError, Store, Tier, Unit};

/// What a shelf does from a call on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Nothing answers.
    Silent,
    /// Nothing may be done.
    Refusing,
}

#[derive(Debug, Default)]
struct Shelves {
    objects: BTreeMap<String, Vec<u8>>,
    calls: usize,
    mood: Option<(usize, Mood)>,
}

/// A cold store in memory. Clones are the same one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shelf(Arc<Mutex<Shelves>>);

impl Shelf {
    /// From this call on, counted from 0, it fails so.
    pub(crate) fn fail_from(&self, call: usize, mood: Mood) {
        let mut shelves = self.0.lock().unwrap();
        shelves.mood = Some((call, mood));
        shelves.calls = 0;
    }

    pub(crate) fn heal(&self) -> usize {
        let mut shelves = self.0.lock().unwrap();
        shelves.mood = None;
        shelves.calls
    }

    /// All that is in it now, in a place of its own.
    pub(crate) fn fork(&self) -> Self {
        let objects = self.0.lock().unwrap().objects.clone();
        Self(Arc::new(Mutex::new(Shelves { objects, ..Shelves::default() })))
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.0.lock().unwrap().objects.keys().cloned().collect()
    }

    /// Changes every object.
    pub(crate) fn change(&self, change: impl Fn(&mut Vec<u8>)) {
        self.0.lock().unwrap().objects.values_mut().for_each(change);
    }

    pub(crate) fn put_there(&self, name: &str, bytes: &[u8]) {
        self.0.lock().unwrap().objects.insert(name.to_owned(), bytes.to_vec());
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().objects.values().flatten().copied().collect()
    }

    fn called<R>(&self, work: impl FnOnce(&mut Shelves) -> Result<R, ColdError>) -> Result<R, ColdError> {
        let mut shelves = self.0.lock().unwrap();
        let call = shelves.calls;
        shelves.calls += 1;
        match shelves.mood {
            Some((from, Mood::Silent)) if call >= from => Err(ColdError::Timeout),
            Some((from, Mood::Refusing)) if call >= from => Err(ColdError::Refused),
            _ => work(&mut shelves),
        }
    }
}

impl Cold for Shelf {
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), ColdError> {
        self.called(|shelves| {
            shelves.objects.entry(name.to_owned()).or_insert_with(|| bytes.to_vec());
            Ok(())
        })
    }

    fn get(&self, name: &str, bytes_max: u64) -> Result<Vec<u8>, ColdError> {
        self.called(|shelves| {
            let object = shelves.objects.get(name).ok_or(ColdError::Missing)?;
            if object.len() as u64 > bytes_max { Err(ColdError::TooLarge) } else { Ok(object.clone()) }
        })
    }

    fn delete(&self, name: &str) -> Result<(), ColdError> {
        self.called(|shelves| {
            shelves.objects.remove(name);
            Ok(())
        })
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, ColdError> {
        let beginning = format!("{folder}/");
        self.called(|shelves| {
            Ok(shelves.objects.keys().filter(|name| name.starts_with(&beginning)).cloned().collect())
        })
    }
}

/// The trace that retention speaks in.
pub(crate) const TRACE: &str = "the house itself";

pub(crate) fn author(store: &Store) -> Author<'static> {
    let by = store.ensure_subject("namespace").unwrap();
    Author { by, trace: TRACE, time: Timestamp::from_millis(77) }
}

/// The units of the own log in this tier.
pub(crate) fn units(store: &Store, tier: Tier) -> Vec<Unit> {
    store.units().unwrap().into_iter().filter(|unit| unit.tier == tier && store.is_own(unit.at)).collect()
}

/// Packs the first blocks of the own log together.
pub(crate) fn warm(store: &Store, blocks: usize) {
    let hot = &units(store, Tier::Hot)[..blocks];
    assert_eq!(store.pack(hot).unwrap(), blocks);
}

/// Moves all that is warm into the cold store.
pub(crate) fn cool(store: &Store) {
    let author = author(store);
    for unit in units(store, Tier::Warm) {
        let sent = store.send_cold(&unit).unwrap();
        assert!(store.moved_cold(sent, &author).unwrap());
    }
}

pub(crate) fn at(block: u64) -> BlockRef {
    BlockRef { log: 0, block }
}
