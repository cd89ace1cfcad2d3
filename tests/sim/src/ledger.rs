//! What a store acknowledged, and after which change to its files: what a power cut after that
//! change must leave.

use std::collections::{BTreeMap, BTreeSet};

use activemirror_core::log::LogId;
use activemirror_core::trace::SubjectRef;

use crate::shelf::Shelf;

/// A record that was handed to the store.
#[derive(Clone, Debug)]
pub struct Said {
    /// Its text.
    pub text: String,
    /// Whose it is: a place in [`Ledger::people`].
    pub person: usize,
}

/// Somebody with a key. Who comes back after an erasure is somebody else.
#[derive(Clone, Debug)]
pub struct Person {
    /// Their name.
    pub name: String,
    /// What the log calls them.
    pub subject: SubjectRef,
    /// How many changes there were before they got their key.
    pub met: usize,
    /// How many there were when it was acknowledged.
    pub known: Option<usize>,
    /// Their wrapped key, as it lies in the keys' file.
    pub wrapped: Vec<u8>,
    /// How many changes there were before their erasure, and the sequence of its notice.
    pub erasing: Option<(usize, u64)>,
    /// How many there were when it was acknowledged.
    pub erased: Option<usize>,
}

impl Person {
    /// Whether the log has the notice of their erasure.
    #[must_use]
    pub fn is_erased(&self, notices: &Notices) -> bool {
        self.erasing.is_some_and(|(_, notice)| notices.get(&notice) == Some(&self.subject))
    }
}

/// Who was erased, by the sequence of the notice in the log.
pub type Notices = BTreeMap<u64, SubjectRef>;

/// What was handed in, and what was acknowledged.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// Records by their sequence; notices of erasures are not among them.
    pub said: BTreeMap<u64, Vec<Said>>,
    /// Sequences at which the log may end: what was handed in whole is there whole.
    pub ends: BTreeSet<u64>,
    /// After so many changes, everything before the sequence was acknowledged.
    pub durable: Vec<(usize, u64)>,
    /// Everybody, in the order in which they came.
    pub people: Vec<Person>,
    /// Devices, and after how many changes they were acknowledged.
    pub devices: Vec<(usize, LogId)>,
    /// What lies in the cold store.
    pub shelf: Shelf,
    /// Blocks that were to go, and sequences at which the log may say that some went.
    pub going: (BTreeSet<u64>, BTreeSet<u64>),
    /// After so many changes, it was acknowledged that these blocks went.
    pub gone: Vec<(usize, Vec<u64>)>,
}

impl Ledger {
    /// Takes the log for what it is: it ends at `end` and has notices of these erasures. What failed
    /// did not get there, and its sequences are given anew.
    pub fn reopened(&mut self, end: u64, notices: &Notices) {
        self.said.split_off(&end);
        self.ends.split_off(&(end + 1));
        self.ends.insert(end);
        for person in self.people.iter_mut().filter(|person| !person.is_erased(notices)) {
            person.erasing = None;
        }
    }

    /// Writes down what is handed in. Where it fails, something else may be handed in after it under
    /// the same sequence, and either may be what is stored.
    pub fn hand_in(&mut self, first: u64, person: usize, texts: &[String]) {
        for (sequence, text) in (first..).zip(texts) {
            self.said.entry(sequence).or_default().push(Said { text: text.clone(), person });
        }
        self.ends.insert(first + texts.len() as u64);
    }

    /// Everything before the sequence is durable after so many changes.
    pub fn acknowledge(&mut self, changes: usize, end: u64) {
        self.durable.push((changes, end));
    }

    /// What was acknowledged after so many changes.
    #[must_use]
    pub fn durable_after(&self, changes: usize) -> u64 {
        let acknowledged = self.durable.iter().filter(|(at, _)| *at <= changes);
        acknowledged.map(|(_, end)| *end).max().unwrap_or(0)
    }

    /// People who are here and are not being erased.
    #[must_use]
    pub fn present(&self) -> Vec<usize> {
        let here = |person: &Person| person.known.is_some() && person.erasing.is_none();
        (0..self.people.len()).filter(|place| here(&self.people[*place])).collect()
    }
}
