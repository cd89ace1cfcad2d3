//! Group commit: whoever records goes on at once, and many records share one write to the disk.
//!
//! ```text
//!  recorders ── push ──► queue ──► builder ──► blocks ──► committer ──► disk
//!      ▲                (bounded)  (a thread)             (a thread)      │
//!      └──────────────────────── wait(sequence) ◄────────────────────────┘
//! ```
//!
//! A sequence is given when a load is pushed, and the order of pushes is the order of the log. A
//! block is finished when it is full, when somebody waits for it, or when it has been open for
//! [`Limits::linger`]. What the disk refuses ends the group: every later push and every waiting
//! caller gets the reason, what was durable stays, and the store opens again.

mod builder;
mod committer;
mod state;

use core::fmt;
use core::ops::Range;
use core::time::Duration;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use activemirror_core::trace::Record;

use crate::error::StoreError;
use crate::open::Store;
use state::Shared;

/// Blocks between builder and committer: one commit's worth, so that neither waits for the other.
const BLOCKS_AHEAD: usize = 64;

/// Records that belong together, and what they borrow from.
pub trait Load: Send + 'static {
    /// How many records it holds; at least one.
    fn count(&self) -> u64;
    /// About how many bytes it keeps in memory.
    fn bytes(&self) -> usize;
    /// Whether the store can take it: everybody in it has a key.
    fn fits(&self, store: &Store) -> Result<(), StoreError>;
    /// Says which sequence its first record gets.
    fn placed(&mut self, first: u64);
    /// Hands over its records, in order.
    fn each(&self, take: &mut dyn FnMut(&Record<'_>) -> Result<(), StoreError>) -> Result<(), StoreError>;
}

/// What happens to a load that finds no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenFull {
    /// The caller waits until there is some.
    #[default]
    Wait,
    /// The caller gets [`GroupError::Full`]; the load is not recorded.
    Refuse,
}

/// What a group may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of loads that are not yet in blocks.
    pub bytes: usize,
    /// What happens beyond that.
    pub when_full: WhenFull,
    /// How long a block waits for more records while nobody waits for it.
    pub linger: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 64 << 20, when_full: WhenFull::Wait, linger: Duration::from_millis(100) }
    }
}

/// Why a load is not recorded, or not durable.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum GroupError {
    /// There is no room, and the limits say not to wait.
    Full,
    /// The load cannot be stored.
    Load(Arc<StoreError>),
    /// The disk, or what stands for it, refused an earlier load; nothing more is recorded.
    Stopped(Arc<StoreError>),
}

impl fmt::Display for GroupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("more is recorded than the disk takes, and the buffer is full"),
            Self::Load(error) => error.fmt(f),
            Self::Stopped(error) => {
                write!(f, "recording has stopped, since the log could not be written: {error}")
            }
        }
    }
}

impl core::error::Error for GroupError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Full => None,
            Self::Load(error) | Self::Stopped(error) => Some(&**error),
        }
    }
}

/// A store that is written by one thread of its own.
#[derive(Debug)]
pub struct Group<L: Load> {
    store: Arc<Store>,
    shared: Arc<Shared<L>>,
    threads: Vec<JoinHandle<()>>,
}

impl<L: Load> Group<L> {
    /// Starts writing to `store`, which nobody else may append to meanwhile.
    pub fn start(store: Store, limits: Limits) -> std::io::Result<Self> {
        let store = Arc::new(store);
        let shared = Arc::new(Shared::new(store.next_sequence(), limits));
        let (blocks, finished) = mpsc::sync_channel(BLOCKS_AHEAD);
        let builder = {
            let (store, shared) = (Arc::clone(&store), Arc::clone(&shared));
            let work = move || builder::run(&store, &shared, &blocks);
            std::thread::Builder::new().name("log-builder".to_owned()).spawn(work)?
        };
        let committer = {
            let (store, shared) = (Arc::clone(&store), Arc::clone(&shared));
            let work = move || committer::run(&store, &shared, &finished);
            std::thread::Builder::new().name("log-committer".to_owned()).spawn(work)?
        };
        Ok(Self { store, shared, threads: vec![builder, committer] })
    }

    /// The store, to read from.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Everything before this sequence is durable.
    #[must_use]
    pub fn durable(&self) -> u64 {
        self.shared.state().durable
    }

    /// Hands a load in. It gets these sequences, and is durable once [`Group::wait`] for the last of
    /// them returns.
    pub fn push(&self, load: L) -> Result<Range<u64>, GroupError> {
        self.shared.push(load, &self.store)
    }

    /// Returns once the record with this sequence is durable.
    pub fn wait(&self, sequence: u64) -> Result<(), GroupError> {
        self.shared.wait(sequence + 1)
    }

    /// Returns once everything that was pushed so far is durable.
    pub fn flush(&self) -> Result<(), GroupError> {
        let pushed = self.shared.state().next_sequence;
        self.shared.wait(pushed)
    }

    /// Does something that appends to the store by itself, while nothing is on its way.
    pub fn exclusively<R>(
        &self,
        work: impl FnOnce(&Store) -> Result<R, StoreError>,
    ) -> Result<R, GroupError> {
        let mut state = self.shared.drained()?;
        let done = work(&self.store).map_err(|error| GroupError::Load(Arc::new(error)));
        state.moved_to(self.store.next_sequence());
        done
    }

    /// Makes everything durable, ends the threads and gives the store back, if nobody else has it.
    pub fn stop(mut self) -> Result<Option<Store>, GroupError> {
        let flushed = self.flush();
        self.end();
        flushed?;
        let Self { store, .. } = &mut self;
        let store = core::mem::replace(store, Arc::clone(store));
        drop(self);
        Ok(Arc::into_inner(store))
    }

    fn end(&mut self) {
        self.shared.close();
        for thread in self.threads.drain(..) {
            // A thread that panicked has nothing left to do.
            let _ = thread.join();
        }
    }
}

impl<L: Load> Drop for Group<L> {
    fn drop(&mut self) {
        self.end();
    }
}
