//! A workload, drawn from a seed and played on a disk: what was acknowledged goes into a ledger.
//!
//! The same seed makes the same changes in the same order, but for [`Step::Crowd`], in which
//! threads race.

mod crowd;
mod logs;
mod tiers;

use core::cell::Cell;
use core::time::Duration;

use activemirror_core::time::Timestamp;
use activemirror_core::vault::{Key, KeyTree};
use activemirror_store::group::{Group, GroupError, Limits, WhenFull};
use activemirror_store::{Options, Store, StoreError};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use crate::check::notices;
use crate::disk::{Disk, KeysFile};
use crate::ledger::{Ledger, Person};
use crate::load::Talk;

/// Nobody is erased in this one's name, and notices belong to it.
const HOUSE: usize = 0;
const NAMES: [&str; 5] = ["ann", "ben", "cleo", "dora", "emil"];
/// Blocks are finished only when they are full or waited for: what happens depends on no clock.
const PATIENT: Limits = Limits {
    bytes: 1 << 20,
    when_full: WhenFull::Wait,
    linger: Duration::from_secs(3_600),
    merge_after: None,
};
/// Something that is done to a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A few records are appended.
    Append,
    /// More records are appended than one block holds.
    AppendMuch,
    /// A group takes loads small and large, an erasure and a new person in between.
    Group,
    /// Threads push into a group at the same time.
    Crowd,
    /// Somebody comes, or comes back.
    Meet,
    /// Somebody is erased.
    Erase,
    /// A device is enrolled.
    Enrol,
    /// What is hot, and what is loose, is packed.
    Pack,
    /// What is small at the log's end is merged.
    Merge,
    /// What is packed goes into the cold store.
    Cool,
    /// The payload of some blocks goes.
    LetGo,
    /// The log is closed, and another goes on from it.
    GoOn,
    /// The store is closed as a process that ends closes it, and opened again.
    Reopen,
    /// The same, after it gave back its free room.
    Close,
}

const STEPS: [Step; 21] = [
    Step::Append,
    Step::Append,
    Step::Append,
    Step::AppendMuch,
    Step::Group,
    Step::Group,
    Step::Group,
    Step::Meet,
    Step::Meet,
    Step::Meet,
    Step::Erase,
    Step::Erase,
    Step::Erase,
    Step::Enrol,
    Step::Pack,
    Step::Merge,
    Step::Cool,
    Step::LetGo,
    Step::GoOn,
    Step::Reopen,
    Step::Close,
];

/// The steps of a seed: the first make sure that there is something to lose.
#[must_use]
pub fn steps(seed: u64, count: usize) -> Vec<Step> {
    let mut dice = Xoshiro256PlusPlus::seed_from_u64(seed);
    let first = [Step::Meet, Step::Append, Step::Meet, Step::Group, Step::GoOn, Step::Erase];
    let drawn = core::iter::repeat_with(|| STEPS[dice.random_range(0..STEPS.len())]);
    first.into_iter().chain(drawn).take(count).collect()
}

/// Opens the store on this disk, or makes it.
pub fn open(disk: &Disk) -> Result<Store, StoreError> {
    let fresh = disk.files().log.is_empty();
    let options = Options { keys: KeyTree::new(&Key::new([1; 32])), entropy, cache_bytes: 1 << 20 };
    Store::open_on(disk.clone(), KeysFile(disk.clone()), fresh, options)
}

thread_local! {
    /// How often this thread drew random bytes since it began to play.
    static DRAWN: Cell<u64> = const { Cell::new(0) };
}

/// Random for the store, the same for each playing.
fn entropy(bytes: &mut [u8]) -> bool {
    let drawn = DRAWN.replace(DRAWN.get() + 1);
    Xoshiro256PlusPlus::seed_from_u64(drawn).fill(bytes);
    true
}

/// Why a step failed.
#[derive(Debug)]
pub enum Trouble {
    /// The store said so.
    Store(StoreError),
    /// The group said so.
    Group(GroupError),
    /// A block could not be read.
    Read(anyhow::Error),
}

impl core::fmt::Display for Trouble {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Group(error) => error.fmt(f),
            Self::Read(error) => error.fmt(f),
        }
    }
}

impl From<anyhow::Error> for Trouble {
    fn from(error: anyhow::Error) -> Self {
        Self::Read(error)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<GroupError> for Trouble {
    fn from(error: GroupError) -> Self {
        Self::Group(error)
    }
}

/// Plays steps.
#[derive(Debug)]
pub struct Player {
    disk: Disk,
    store: Option<Store>,
    dice: Xoshiro256PlusPlus,
    ledger: Ledger,
    talks: u64,
}

impl Player {
    /// Will play on this disk.
    #[must_use]
    pub fn new(disk: Disk, seed: u64) -> Self {
        let dice = Xoshiro256PlusPlus::seed_from_u64(seed);
        DRAWN.set(0);
        let mut ledger = Ledger::default();
        ledger.ends.insert(0);
        Self { disk, store: None, dice, ledger, talks: 0 }
    }

    /// Closes the store as a process that ends does; the next step opens it again.
    pub fn close(&mut self) {
        self.store = None;
    }

    /// Closes the store, and says what was acknowledged.
    #[must_use]
    pub fn end(self) -> Ledger {
        self.ledger
    }

    /// Does one thing. The store is opened if need be, and may be used on after an error.
    pub fn step(&mut self, step: Step) -> Result<(), Trouble> {
        let store = match self.store.take() {
            Some(store) => store,
            None => {
                let store = self.open()?;
                self.ledger.reopened(store.next_sequence(), &notices(&store)?);
                store
            }
        };
        let store = self.store.insert(store);
        if self.ledger.people.is_empty() || self.ledger.people[HOUSE].known.is_none() {
            self.ledger.people.clear();
            meet(&self.disk, &mut self.ledger, store, "the house")?;
        }
        match step {
            Step::Append => self.append(3, 200),
            Step::AppendMuch => self.append(9, 20_000),
            Step::Group => self.group(),
            Step::Crowd => self.crowd(),
            Step::Meet => self.meet(),
            Step::Erase => self.erase(),
            Step::Enrol => self.enrol(),
            Step::Pack => self.pack(),
            Step::Merge => Ok(self.store.as_ref().map_or(Ok(()), |store| store.merge(&mut 0, || false))?),
            Step::Cool => self.cool(),
            Step::LetGo => self.let_go(),
            Step::GoOn => self.go_on(),
            Step::Reopen => {
                self.store = None;
                self.store = Some(self.open()?);
                Ok(())
            }
            Step::Close => Ok(self.store.take().map_or(Ok(()), Store::close)?),
        }
    }

    /// Somebody who is here says something.
    fn talk(&mut self, most: usize, bytes: usize) -> (usize, Talk) {
        let present = self.ledger.present();
        let person = present[self.dice.random_range(0..present.len())];
        self.talks += 1;
        let count = self.dice.random_range(1..=most);
        let mut text = |place| {
            let length = self.dice.random_range(0..=bytes);
            // Text that does not shrink: a large load has to fill its blocks.
            let noise = (0..length).map(|_| char::from(self.dice.random_range(b'!'..=b'~')));
            format!("{} {place} {}", self.talks, noise.collect::<String>())
        };
        let texts = (0..count).map(&mut text).collect();
        let subject = self.ledger.people[person].subject;
        (person, Talk { subject, trace: format!("trace {}", self.talks), texts })
    }

    fn append(&mut self, most: usize, bytes: usize) -> Result<(), Trouble> {
        let (person, talk) = self.talk(most, bytes);
        let Some(store) = &self.store else { return Ok(()) };
        let first = store.next_sequence();
        self.ledger.hand_in(first, person, &talk.texts);
        let sequences = store.append(&talk.records())?;
        assert_eq!(sequences, first..first + talk.texts.len() as u64, "the sequences that were due");
        self.ledger.acknowledge(self.disk.changes(), sequences.end);
        Ok(())
    }

    fn meet(&mut self) -> Result<(), Trouble> {
        let name = NAMES[self.dice.random_range(0..NAMES.len())];
        let Some(store) = &self.store else { return Ok(()) };
        meet(&self.disk, &mut self.ledger, store, name)
    }

    fn erase(&mut self) -> Result<(), Trouble> {
        let Some(person) = self.whom() else { return Ok(()) };
        let Some(store) = &self.store else { return Ok(()) };
        Ok(erase(&self.disk, &mut self.ledger, store, person)?)
    }

    /// Somebody to erase.
    fn whom(&mut self) -> Option<usize> {
        let present = self.ledger.present();
        let draw = self.dice.random_range(0..present.len());
        Some(present[draw]).filter(|person| *person != HOUSE)
    }

    fn enrol(&mut self) -> Result<(), Trouble> {
        let root = [self.dice.random_range(2..=4); 32];
        let Some(store) = &self.store else { return Ok(()) };
        let log = store.enrol(&Key::new(root))?;
        self.ledger.devices.push((self.disk.changes(), log));
        Ok(())
    }

    fn group(&mut self) -> Result<(), Trouble> {
        let Some(store) = self.store.take() else { return Ok(()) };
        let group = Group::start(store, PATIENT).map_err(StoreError::from)?;
        for _ in 0..self.dice.random_range(1..=3) {
            let mut end = 0;
            for _ in 0..self.dice.random_range(1..=4) {
                end = self.push(&group, 3, 200)?;
            }
            group.wait(end - 1)?;
            self.ledger.acknowledge(self.disk.changes(), end);
            match self.dice.random_range(0..4) {
                0 => {
                    let end = self.push(&group, 12, 30_000)?;
                    group.flush()?;
                    self.ledger.acknowledge(self.disk.changes(), end);
                }
                1 => {
                    let name = NAMES[self.dice.random_range(0..NAMES.len())];
                    meet(&self.disk, &mut self.ledger, group.store(), name)?;
                }
                2 => {
                    if let Some(person) = self.whom() {
                        let (disk, ledger) = (&self.disk, &mut self.ledger);
                        group.exclusively(|store| erase(disk, ledger, store, person))?;
                    }
                }
                _ => {}
            }
        }
        // What nobody waits for is durable when the group ends.
        let end = self.push(&group, 3, 200)?;
        self.store = group.stop()?;
        self.ledger.acknowledge(self.disk.changes(), end);
        Ok(())
    }

    fn push(&mut self, group: &Group, most: usize, bytes: usize) -> Result<u64, Trouble> {
        let (person, talk) = self.talk(most, bytes);
        let sequences = group.push(&talk)?;
        self.ledger.hand_in(sequences.start, person, &talk.texts);
        Ok(sequences.end)
    }
}

/// Makes sure that somebody has a key.
fn meet(disk: &Disk, ledger: &mut Ledger, store: &Store, name: &str) -> Result<(), Trouble> {
    let subject = store.subject_ref(name);
    if ledger.present().iter().any(|person| ledger.people[*person].subject == subject) {
        return Ok(());
    }
    ledger.people.push(Person {
        name: name.to_owned(),
        subject,
        met: disk.changes(),
        known: None,
        wrapped: Vec::new(),
        erasing: None,
        erased: None,
    });
    store.ensure_subject(name)?;
    let changes = disk.changes();
    let slots = disk.files().keys.to_vec();
    let (slots, _) = slots.as_chunks::<128>();
    let slot = slots.iter().rev().find(|slot| slot[0] == 1 && slot[8..24] == subject.0);
    if let Some(person) = ledger.people.last_mut() {
        person.known = Some(changes);
        person.wrapped = slot.map(|slot| slot[24..].to_vec()).unwrap_or_default();
    }
    Ok(())
}

/// Erases somebody.
fn erase(disk: &Disk, ledger: &mut Ledger, store: &Store, person: usize) -> Result<(), StoreError> {
    let notice = store.next_sequence();
    let house = ledger.people[HOUSE].subject;
    ledger.people[person].erasing = Some((disk.changes(), notice));
    ledger.ends.insert(notice + 1);
    store.erase(ledger.people[person].subject, house, Timestamp::from_millis(9))?;
    ledger.people[person].erased = Some(disk.changes());
    ledger.acknowledge(disk.changes(), notice + 1);
    Ok(())
}
