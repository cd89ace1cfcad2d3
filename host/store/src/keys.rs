//! The subjects' keys, wrapped, in a file of their own.
//!
//! redb never overwrites a page, so a key that once lay in it could be found there after its
//! erasure. This file is written in place instead.
//!
//! | offset | size | meaning |
//! |---|---|---|
//! | 0 | 8 | magic `AMKEYS01` |
//! | 8 | 32 | fingerprint of the device's root key |
//! | 40 | 1 | 1 once the own log has a block: an emptied one is then known for what it is |
//! | 41 | 87 | zero |
//! | 128 × n | 128 | slot n, from 1 |
//!
//! | offset in slot | size | meaning |
//! |---|---|---|
//! | 0 | 1 | 1 a subject's key, 2 erased, 3 the root key of an enrolled device, 4 a later own log |
//! | 1 | 1 | of a later own log, 1 once it has a block; else zero |
//! | 2 | 6 | zero |
//! | 8 | 16 | subject reference; of a device, the first bytes of its log id; of a later own log, its branch |
//! | 24 | 104 | the wrapped key ([`activemirror_core::vault::KeyTree::wrap`]); of a later own log, its id |
//!
//! A slot is durable before any block needs it. A last slot that was cut off by a power loss was
//! therefore never needed, and is written over. A slot whose key is destroyed is first filled with
//! ones; power may be lost amid that, and the log then says whose slot it was.

mod branch;
mod people;
mod ring;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod salvage;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use activemirror_core::log::LogId;
use activemirror_core::trace::SubjectRef;
use activemirror_core::vault::{Key, KeyTree, Salt, SubjectKey, WRAPPED_BYTES};

use crate::device::DeviceError;
use crate::error::StoreError;
use crate::medium::Medium;

pub(crate) use branch::Branch;
pub(crate) use ring::Ring;

const MAGIC: &[u8; 8] = b"AMKEYS01";
const SLOT: usize = 128;
const LIVE: u8 = 1;
const ERASED: u8 = 2;
const DEVICE: u8 = 3;
const BRANCH: u8 = 4;
/// Where the head says that the log has begun.
const BEGUN: usize = 40;
/// A slot whose key was just destroyed.
const BLANK: [u8; SLOT] = [0xff; SLOT];

/// The keys of this device: the tree that grows from its root key, and everybody's random ones.
pub(crate) struct Keys {
    tree: Arc<KeyTree>,
    medium: Box<dyn Medium>,
    slots: usize,
    /// Whether the own log has, or had, a block.
    begun: bool,
    /// Looked into twice for each record: by whoever hands it in, and by whoever hashes it.
    subjects: hashbrown::HashMap<SubjectRef, Held>,
    erased: HashSet<SubjectRef>,
    /// The slot of an erasure that was cut short, by a power loss or by a disk that failed.
    blank: Option<usize>,
    /// A slot that cannot be read: of an erasure cut short, or the last one; any other is damage.
    torn: Option<usize>,
    devices: HashMap<LogId, KeyTree>,
    /// The own logs behind the first, oldest first.
    branches: Vec<Branch>,
    /// Whose content in an own log stays closed, since the key to it is gone.
    closed: HashSet<(LogId, SubjectRef)>,
    /// Keys of people who were erased here and whom a device's stream brings again: in memory only,
    /// and only while that stream lasts.
    passing: HashMap<(LogId, SubjectRef), SubjectKey>,
}

struct Held {
    slot: usize,
    key: SubjectKey,
}

impl core::fmt::Debug for Keys {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Keys").field("slots", &self.slots).finish_non_exhaustive()
    }
}

impl Keys {
    /// Reads the file, or begins it where `fresh` says that there is no store yet.
    pub(crate) fn open(tree: KeyTree, mut medium: Box<dyn Medium>, fresh: bool) -> Result<Self, StoreError> {
        let bytes = medium.read()?;
        let mut keys = Self {
            tree: Arc::new(tree),
            medium,
            slots: 1,
            begun: false,
            subjects: hashbrown::HashMap::new(),
            erased: HashSet::new(),
            blank: None,
            torn: None,
            devices: HashMap::new(),
            branches: Vec::new(),
            closed: HashSet::new(),
            passing: HashMap::new(),
        };
        match (bytes.is_empty(), fresh) {
            (true, true) => keys.begin()?,
            (true, false) => return Err(StoreError::KeysMissing),
            // Power was lost while the file was begun, before there was anything else.
            (false, true) if keys.was_begun(&bytes) => keys.begin()?,
            (false, _) => {
                keys.read(&bytes)?;
                // A process that was killed may have left slots that are not durable yet.
                keys.medium.sync()?;
            }
        }
        if fresh && !keys.is_new() {
            return Err(StoreError::StoreMissing);
        }
        Ok(keys)
    }

    /// Whether nobody has, or had, a key here.
    pub(crate) fn is_new(&self) -> bool {
        self.slots == 1
    }

    /// Whether the own log has, or had, a block.
    pub(crate) const fn log_has_begun(&self) -> bool {
        self.begun
    }

    /// Refuses a file with a slot that no erasure explains. To be asked once none is unfinished.
    pub(crate) fn settle(&mut self) -> Result<(), StoreError> {
        match self.torn.take() {
            Some(place) if place < self.slots => Err(damaged_slot()),
            _ => Ok(()),
        }
    }

    /// Notes that the own log has a block.
    pub(crate) fn note_log_has_begun(&mut self) -> Result<(), StoreError> {
        if !self.begun {
            self.medium.write(BEGUN as u64, &[1])?;
            self.medium.sync()?;
            self.begun = true;
        }
        Ok(())
    }

    /// What derives from the root key.
    pub(crate) fn tree(&self) -> Arc<KeyTree> {
        Arc::clone(&self.tree)
    }

    /// Makes sure that this person has a key; `random` is used where they have none.
    pub(crate) fn ensure(
        &mut self,
        subject: SubjectRef,
        random: [u8; 32],
        salt: &Salt,
    ) -> Result<(), StoreError> {
        if self.subjects.contains_key(&subject) {
            return Ok(());
        }
        self.insert(subject, SubjectKey::new(random), salt)
    }

    /// Keeps a key that came with an enrolled device's log. Of a person who was erased here it is
    /// held until the stream ends, and never written: it takes leaves to prove a block without them.
    pub(crate) fn adopt(
        &mut self,
        log: LogId,
        subject: SubjectRef,
        wrapped: &[u8; WRAPPED_BYTES],
        salt: &Salt,
    ) -> Result<(), DeviceError> {
        let device = self.devices.get(&log).ok_or(StoreError::UnknownLog)?;
        let key = device.unwrap(subject, wrapped).map_err(|_| DeviceError::Key)?;
        let passing = self.passing.get(&(log, subject));
        let known = self.subjects.get(&subject).map(|held| &held.key).or(passing);
        if let Some(known) = known {
            let same = known.sealing().fingerprint() == key.sealing().fingerprint();
            return if same { Ok(()) } else { Err(DeviceError::OtherKey(subject)) };
        }
        if self.was_erased(subject) {
            self.passing.insert((log, subject), key);
            return Ok(());
        }
        Ok(self.insert(subject, key, salt)?)
    }

    /// Wipes the keys that were held for one stream.
    pub(crate) fn end_stream(&mut self) {
        self.passing.clear();
    }

    /// Whose content this stream's blocks are kept without.
    pub(crate) fn passing(&self, log: LogId) -> Vec<SubjectRef> {
        self.passing.keys().filter(|(of, _)| *of == log).map(|(_, subject)| *subject).collect()
    }

    /// Keeps the root key of an enrolled device; it is wrapped as a subject's key is.
    pub(crate) fn enrol(&mut self, root: &Key, salt: &Salt) -> Result<LogId, StoreError> {
        let device = KeyTree::new(root);
        let log = device.log_id();
        if !self.devices.contains_key(&log) {
            self.write_slot(self.slots, DEVICE, device_ref(log), &SubjectKey::new(*root.expose()), salt)?;
            self.slots += 1;
            self.devices.insert(log, device);
        }
        Ok(log)
    }

    /// Destroys these people's keys: each slot is overwritten, twice, and the key in memory wiped.
    /// Whose key is not here any more was destroyed before power was lost. Where the disk fails, this
    /// is to be asked again.
    pub(crate) fn destroy(&mut self, subjects: &[SubjectRef]) -> Result<(), StoreError> {
        // Cut short between the two writes, or amid one: the key is gone, the mark of it is not there.
        if let Some(place) = self.blank.or(self.torn) {
            let mut gone = subjects.iter().filter(|subject| !self.has(**subject));
            let unmarked = gone.clone().find(|subject| !self.was_erased(**subject)).or(gone.next());
            if let Some(subject) = unmarked {
                self.mark_erased(place, *subject)?;
            }
        }
        for subject in subjects {
            if let Some(held) = self.subjects.remove(subject) {
                self.blank = Some(held.slot);
                self.medium.write((held.slot * SLOT) as u64, &BLANK)?;
                self.medium.sync()?;
                self.mark_erased(held.slot, *subject)?;
            }
        }
        Ok(())
    }

    fn mark_erased(&mut self, place: usize, subject: SubjectRef) -> Result<(), StoreError> {
        let mut slot = [0; SLOT];
        slot[0] = ERASED;
        slot[8..24].copy_from_slice(&subject.0);
        self.medium.write((place * SLOT) as u64, &slot)?;
        self.medium.sync()?;
        self.erased.insert(subject);
        self.slots = self.slots.max(place + 1);
        self.blank = None;
        self.torn = self.torn.filter(|torn| *torn != place);
        Ok(())
    }

    /// The keys to the blocks of this log.
    pub(crate) fn ring(&self, log: LogId) -> Ring<'_> {
        // All own logs have one structure key.
        let tree = self.devices.get(&log).unwrap_or(&self.tree);
        Ring { structure: tree.structure(), keys: self, log, stream: None }
    }

    /// The keys to the blocks that a stream of this log brings.
    pub(crate) fn stream_ring(&self, log: LogId) -> Ring<'_> {
        Ring { stream: Some(log), ..self.ring(log) }
    }

    fn begin(&mut self) -> Result<(), StoreError> {
        self.medium.write(0, &Self::head_of(&self.tree))?;
        Ok(self.medium.sync()?)
    }

    /// How the file begins.
    fn head_of(tree: &KeyTree) -> [u8; SLOT] {
        let mut head = [0; SLOT];
        head[..8].copy_from_slice(MAGIC);
        head[8..BEGUN].copy_from_slice(tree.fingerprint());
        head
    }

    /// Whether this is no more than a part of the head, under this very device key.
    fn was_begun(&self, bytes: &[u8]) -> bool {
        let fits = |(byte, due): (&u8, u8)| *byte == due || *byte == 0;
        bytes.len() <= SLOT && bytes.iter().zip(Self::head_of(&self.tree)).all(fits)
    }

    fn read(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let (slots, _cut_off) = bytes.as_chunks::<SLOT>();
        let (head, slots) = slots.split_first().ok_or(StoreError::KeysDamaged("its head is cut off"))?;
        if &head[..8] != MAGIC {
            return Err(StoreError::KeysDamaged("it does not begin as such a file does"));
        }
        if head[8..40] != *self.tree.fingerprint() {
            return Err(StoreError::WrongKey);
        }
        self.begun = head[BEGUN] == 1;
        let last = slots.len();
        for (place, slot) in (1..).zip(slots) {
            match self.read_slot(place, slot) {
                Ok(()) => self.slots = place + 1,
                // A last slot that was half written by a power loss was never needed.
                Err(_) if place == last => self.torn = self.torn.or(Some(place)),
                Err(_) if self.torn.is_none() => (self.torn, self.slots) = (Some(place), place + 1),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn read_slot(&mut self, place: usize, slot: &[u8; SLOT]) -> Result<(), StoreError> {
        if *slot == BLANK {
            self.blank = Some(place);
            return Ok(());
        }
        let (head, wrapped) = slot.split_last_chunk::<WRAPPED_BYTES>().ok_or(StoreError::WrongKey)?;
        let mut subject = SubjectRef([0; 16]);
        subject.0.copy_from_slice(&head[8..24]);
        match head[0] {
            LIVE => {
                let key = self.tree.unwrap(subject, wrapped).map_err(|_| damaged_slot())?;
                self.subjects.insert(subject, Held { slot: place, key });
            }
            // Its writing may have been cut short anywhere, and the key had to go first.
            ERASED if slot[1..8].iter().chain(wrapped).all(|byte| *byte == 0) => {
                self.erased.insert(subject);
            }
            DEVICE => {
                let key = self.tree.unwrap(subject, wrapped).map_err(|_| damaged_slot())?;
                let device = KeyTree::new(key.sealing());
                if subject != device_ref(device.log_id()) {
                    return Err(damaged_slot());
                }
                self.devices.insert(device.log_id(), device);
            }
            BRANCH => {
                let log = self.tree.unwrap(subject, wrapped).map_err(|_| damaged_slot())?;
                self.branches.push(Branch::read(place, slot, &self.tree, &log).ok_or_else(damaged_slot)?);
            }
            _ => return Err(damaged_slot()),
        }
        Ok(())
    }

    fn insert(&mut self, subject: SubjectRef, key: SubjectKey, salt: &Salt) -> Result<(), StoreError> {
        let slot = self.slots;
        self.write_slot(slot, LIVE, subject, &key, salt)?;
        self.slots += 1;
        self.subjects.insert(subject, Held { slot, key });
        Ok(())
    }

    fn write_slot(
        &mut self,
        place: usize,
        state: u8,
        subject: SubjectRef,
        key: &SubjectKey,
        salt: &Salt,
    ) -> Result<(), StoreError> {
        let mut slot = [0; SLOT];
        slot[0] = state;
        slot[8..24].copy_from_slice(&subject.0);
        slot[24..].copy_from_slice(&self.tree.wrap(subject, key, salt));
        self.medium.write((place * SLOT) as u64, &slot)?;
        Ok(self.medium.sync()?)
    }
}

fn damaged_slot() -> StoreError {
    StoreError::KeysDamaged("one of its slots cannot be opened")
}

/// How an enrolled device's slot is marked.
fn device_ref(log: LogId) -> SubjectRef {
    let mut short = [0; 16];
    short.copy_from_slice(&log.0[..16]);
    SubjectRef(short)
}
