//! What a damaged keys' file still holds: each slot is sealed by itself.

use activemirror_core::log::LogId;
use activemirror_core::trace::SubjectRef;
use activemirror_core::vault::{KeyTree, SubjectKey, WRAPPED_BYTES};

use super::branch::Branch;
use super::{BEGUN, BLANK, BRANCH, DEVICE, ERASED, Keys, LIVE, MAGIC, SLOT, device_ref};
use crate::error::StoreError;

/// So many bits of a slot that should be zero may be damaged before it stands for nothing.
const FLIPPED_MAX: u32 = 8;

/// A keys' file with what could be saved of another.
pub(crate) struct SalvagedKeys {
    /// The file.
    pub(crate) bytes: Vec<u8>,
    /// How many slots it has.
    pub(crate) saved: usize,
    /// How many slots, or heads, were put right.
    pub(crate) mended: usize,
    /// How many slots could not be saved.
    pub(crate) lost: usize,
    /// The own logs behind the first, oldest first.
    pub(crate) branches: Vec<Branch>,
    /// The trees of enrolled devices.
    pub(crate) devices: Vec<KeyTree>,
}

/// Saves what opens under this device's key.
pub(crate) fn salvage(bytes: &[u8], tree: &KeyTree) -> Result<SalvagedKeys, StoreError> {
    if bytes.is_empty() {
        return Err(StoreError::KeysMissing);
    }
    let (slots, _) = bytes.as_chunks::<SLOT>();
    let begins = bytes.get(..BEGUN).unwrap_or_default();
    let right = begins.starts_with(MAGIC) && begins.ends_with(tree.fingerprint());
    let mut salvaged = SalvagedKeys {
        bytes: Keys::head_of(tree).to_vec(),
        saved: 0,
        mended: usize::from(!right),
        lost: 0,
        branches: Vec::new(),
        devices: Vec::new(),
    };
    salvaged.bytes[BEGUN] = 1;
    for slot in slots.iter().skip(1).filter(|slot| **slot != BLANK) {
        salvaged.take(slot, tree);
    }
    let opened = salvaged.saved > 0;
    match (right, opened) {
        (true, _) | (false, true) => Ok(salvaged),
        _ if begins.starts_with(MAGIC) => Err(StoreError::WrongKey),
        _ => Err(StoreError::KeysDamaged("nothing in it opens under this device key")),
    }
}

impl SalvagedKeys {
    fn take(&mut self, slot: &[u8; SLOT], tree: &KeyTree) {
        let Some(mut right) = self.put_right(slot, tree) else {
            self.lost += 1;
            return;
        };
        if right[0] == BRANCH && slot[1] == 1 {
            right[1] = 1;
        }
        self.mended += usize::from(right != *slot);
        self.saved += 1;
        // Where it is a later own log, it has not begun in the new store yet.
        right[1] = 0;
        self.bytes.extend(right);
    }

    /// The slot as it should be; `None` where nobody can tell.
    fn put_right(&mut self, slot: &[u8; SLOT], tree: &KeyTree) -> Option<[u8; SLOT]> {
        let (head, wrapped) = slot.split_last_chunk::<WRAPPED_BYTES>()?;
        let mut subject = SubjectRef([0; 16]);
        subject.0.copy_from_slice(&head[8..24]);
        let mut right = [0; SLOT];
        right[8..].copy_from_slice(&slot[8..]);
        match tree.unwrap(subject, wrapped) {
            Ok(key) => right[0] = self.kind(slot, subject, &key, tree),
            Err(_) => {
                let flipped = wrapped.iter().map(|byte| byte.count_ones()).sum::<u32>();
                if flipped > FLIPPED_MAX || subject.0 == [0; 16] {
                    return None;
                }
                right[0] = ERASED;
                right[24..].fill(0);
            }
        }
        Some(right)
    }

    /// What a slot holds whose key opens: its own bytes say so as well as its first one.
    fn kind(&mut self, slot: &[u8; SLOT], subject: SubjectRef, key: &SubjectKey, tree: &KeyTree) -> u8 {
        if let Some(branch) = Branch::read(0, slot, tree, key) {
            self.branches.push(branch);
            return BRANCH;
        }
        let device = KeyTree::new(key.sealing());
        if device_ref(device.log_id()) == subject {
            self.devices.push(device);
            return DEVICE;
        }
        LIVE
    }

    /// The own logs and the devices', each with the public key that its checkpoints are signed with.
    pub(crate) fn logs(&self, tree: &KeyTree) -> Vec<(LogId, [u8; 32])> {
        let own = self.branches.iter().map(|branch| &*branch.tree);
        let all = core::iter::once(tree).chain(own).chain(&self.devices);
        all.map(|tree| (tree.log_id(), tree.public_key())).collect()
    }

    /// Notes that a person was erased, as the log says where the file does not: in the slot that is
    /// damaged, or in one of their own.
    pub(crate) fn add_erased(&mut self, subject: SubjectRef) {
        let mut due = [0; SLOT];
        due[0] = ERASED;
        due[8..24].copy_from_slice(&subject.0);
        let (slots, _) = self.bytes.as_chunks_mut::<SLOT>();
        let near = |slot: &&mut [u8; SLOT]| slot[0] == ERASED && differ(&**slot, &due) <= FLIPPED_MAX;
        match slots.iter_mut().skip(1).find(near) {
            Some(slot) => {
                *slot = due;
                self.mended += 1;
            }
            None => self.bytes.extend(due),
        }
    }
}

impl Keys {
    /// Everybody who was erased, as the slots say.
    pub(crate) fn ever_erased(&self) -> impl Iterator<Item = SubjectRef> {
        self.erased.iter().copied()
    }

    /// Whether this person was erased, or somebody who would be called so but for a few damaged bits.
    pub(crate) fn may_have_been_erased(&self, subject: SubjectRef) -> bool {
        self.erased.iter().any(|erased| differ(&erased.0, &subject.0) <= FLIPPED_MAX)
    }
}

/// In how many bits these differ.
fn differ(one: &[u8], other: &[u8]) -> u32 {
    one.iter().zip(other).map(|(one, other)| (one ^ other).count_ones()).sum()
}
