//! A device's stream, read as strictly as an import must: whose log, whose keys, which blocks, and
//! the signed checkpoints over them.
//!
//! Nothing is taken on trust: a block counts when it follows the one before, its bytes fit its
//! header, its seals open under the device's keys and every leaf is that of its record. What comes
//! before a fault is whole; nothing after it is taken.

use core::fmt;
use std::collections::BTreeMap;

use activemirror_core::hash::Digest;
use activemirror_core::log::LogId;
use activemirror_core::log::checkpoint::{self, CheckpointError};
use activemirror_core::log::header::{Header, HeaderError};
use activemirror_core::log::reader::{BlockError, OpenBlock, StoredBlock};
use activemirror_core::log::stream::{Frame, FrameError, FrameReader, VERSION};
use activemirror_core::log::tree::Frontier;
use activemirror_core::trace::SubjectRef;
use activemirror_core::vault::{Key, KeyRing, KeyTree, SealError, SubjectKey, WRAPPED_BYTES};

/// Why a frame is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is no frame.
    Frame(FrameError),
    /// The stream does not begin with a greeting.
    NoHello,
    /// Its version is not known.
    Version(u8),
    /// It is of another device than the enrolled one.
    OtherDevice,
    /// A wrapped key does not open.
    Key(SealError),
    /// A wrapped key has not the length of one.
    KeyLength,
    /// A header cannot be read.
    Header(HeaderError),
    /// A block does not follow the one before.
    Gap,
    /// A block does not open.
    Block(BlockError),
    /// A block holds records of somebody whose key never came.
    NoKey,
    /// A checkpoint cannot be trusted.
    Checkpoint(CheckpointError),
    /// A checkpoint speaks of another tree.
    OtherTree,
}

/// A stored block and its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its header.
    pub header: Header,
    /// Its stored form.
    pub stored: Vec<u8>,
}

/// What was received of a device's log.
#[derive(Debug)]
pub struct Received {
    /// The device's keys, and those of people as they came.
    pub ring: Ring,
    /// The blocks, whole and proven.
    pub blocks: Vec<Block>,
    /// Up to which block a checkpoint vouches.
    pub signed: u64,
    /// How many checkpoints there were.
    pub checkpoints: u64,
    /// Bytes at the end that are no whole frame.
    pub pending: usize,
    greeted: bool,
    tree: Frontier,
}

/// Keys of a device.
pub struct Ring {
    tree: KeyTree,
    people: BTreeMap<[u8; 16], SubjectKey>,
}

impl fmt::Debug for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ring").field("people", &self.people.len()).finish_non_exhaustive()
    }
}

impl Ring {
    /// The enrolled device's keys; nobody's else yet.
    #[must_use]
    pub fn of_device(root: [u8; 32]) -> Self {
        Self { tree: KeyTree::new(&Key::new(root)), people: BTreeMap::new() }
    }

    /// Who came with a key.
    pub fn people(&self) -> impl Iterator<Item = SubjectRef> {
        self.people.keys().copied().map(SubjectRef)
    }

    /// The device's own keys.
    #[must_use]
    pub const fn tree(&self) -> &KeyTree {
        &self.tree
    }

    /// Forgets somebody's key.
    pub fn forget(&mut self, subject: SubjectRef) {
        self.people.remove(&subject.0);
    }
}

impl KeyRing for Ring {
    fn structure(&self) -> &Key {
        self.tree.structure()
    }

    fn subject(&self, subject: SubjectRef) -> Option<&SubjectKey> {
        self.people.get(&subject.0)
    }
}

/// Reads a stream of the device with this root key. Returns what came before the first fault, and
/// the fault.
#[must_use]
pub fn receive(root: [u8; 32], stream: &[u8]) -> (Received, Option<Refusal>) {
    let mut received = Received::from(Ring::of_device(root));
    let mut reader = FrameReader::new();
    let read = reader.feed(stream, |frame| received.take(frame.map_err(Refusal::Frame)?));
    received.pending = reader.pending();
    (received, read.err())
}

impl Received {
    fn from(ring: Ring) -> Self {
        Self {
            ring,
            blocks: Vec::new(),
            signed: 0,
            checkpoints: 0,
            pending: 0,
            greeted: false,
            tree: Frontier::new(),
        }
    }

    /// The log.
    #[must_use]
    pub fn log(&self) -> LogId {
        self.ring.tree.log_id()
    }

    /// The root over all headers.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.tree.root()
    }

    /// The block, with its seals off.
    pub fn open(&self, block: &Block) -> Result<OpenBlock, BlockError> {
        StoredBlock::read(&block.header, &block.stored)?.open(&block.header, &self.ring)
    }

    fn take(&mut self, frame: Frame<'_>) -> Result<(), Refusal> {
        match frame {
            Frame::Hello { version, public_key } => self.greet(version, public_key),
            _ if !self.greeted => Err(Refusal::NoHello),
            Frame::Key { subject, wrapped } => self.take_key(subject, wrapped),
            Frame::Block { header, stored } => self.take_block(header, stored),
            Frame::Checkpoint { note } => self.take_checkpoint(note),
        }
    }

    fn greet(&mut self, version: u8, public_key: [u8; 32]) -> Result<(), Refusal> {
        match () {
            () if version != VERSION => Err(Refusal::Version(version)),
            () if public_key != self.ring.tree.public_key() => Err(Refusal::OtherDevice),
            () => {
                self.greeted = true;
                Ok(())
            }
        }
    }

    fn take_key(&mut self, subject: SubjectRef, wrapped: &[u8]) -> Result<(), Refusal> {
        let wrapped: &[u8; WRAPPED_BYTES] = wrapped.try_into().map_err(|_| Refusal::KeyLength)?;
        let key = self.ring.tree.unwrap(subject, wrapped).map_err(Refusal::Key)?;
        self.ring.people.insert(subject.0, key);
        Ok(())
    }

    fn take_block(&mut self, header: &[u8], stored: &[u8]) -> Result<(), Refusal> {
        let header = Header::from_bytes(header).map_err(Refusal::Header)?;
        let next = self.blocks.last().map_or(0, |block| block.header.end());
        let follows = header.log == self.log() && header.block == self.tree.size() && header.first == next;
        if !follows {
            return Err(Refusal::Gap);
        }
        let block = Block { header, stored: stored.to_vec() };
        let whole = self.open(&block).and_then(|open| open.verify(&self.ring)).map_err(Refusal::Block)?;
        if !whole {
            return Err(Refusal::NoKey);
        }
        self.tree.push(header.leaf_hash());
        self.blocks.push(block);
        Ok(())
    }

    fn take_checkpoint(&mut self, note: &str) -> Result<(), Refusal> {
        let key = self.ring.tree.public_key();
        let checkpoint = checkpoint::open(note, self.log(), &key).map_err(Refusal::Checkpoint)?;
        if (checkpoint.size, checkpoint.root) != (self.tree.size(), self.tree.root()) {
            return Err(Refusal::OtherTree);
        }
        (self.signed, self.checkpoints) = (checkpoint.size, self.checkpoints + 1);
        Ok(())
    }
}
