//! Group commit: whoever records goes on at once, and many records share one write to the disk.
//!
//! ```text
//!  recorders ─ push ─► queue ─► builder ─► full blocks ─► sealer ─► blocks ─► committer ─► disk
//!      ▲              (bounded) (a thread: leaves, rows) (a thread: columns, seals) (a thread) │
//!      └───────────────────────────────── wait(sequence) ◄────────────────────────────────────┘
//! ```
//!
//! A recorder's own thread writes its records in their canonical form into the queue, so that
//! nothing it allocated is freed elsewhere. A sequence is given when a load is pushed, and the order
//! of pushes is the order of the log. A block is finished when it is full, when somebody waits for
//! it, or when it has been open for [`Limits::linger`]; until then the builder lets loads come
//! together in the queue. While nobody waits, finished blocks share a commit, and the first of them
//! waits for others for 20 ms at most. Small blocks are merged into packs behind all that
//! ([`Store::merge`]), by a thread that sleeps until there are many. What the disk refuses ends the group: every later push and
//! every waiting caller gets the reason, what was durable stays, and the store opens again.

mod builder;
mod committer;
mod merger;
mod queue;
mod sealer;
mod state;

use core::cell::Cell;
use core::fmt;
use core::ops::Range;
use core::time::Duration;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use activemirror_core::limits::PACK_BLOCKS_MAX;
use activemirror_core::trace::Canonical;

use crate::error::StoreError;
use crate::open::Store;
use state::Shared;

/// What may lie between builder and sealer: full blocks are large, and a few keep both busy.
const FULL_AHEAD: usize = 2;
/// What may lie between sealer and committer: one commit's worth, so that neither waits for the
/// other.
const SEALED_AHEAD: usize = 64;

/// Records that belong together.
pub trait Load {
    /// Whether the store can take it: everybody in it has a key.
    fn fits(&self, store: &Store) -> Result<(), StoreError>;
    /// Whether its records name their own sequences.
    fn names_sequences(&self) -> bool {
        false
    }
    /// Puts its records behind those that are there, in order. `first` is the sequence that the first
    /// of them gets, where [`Load::names_sequences`] says that this matters.
    fn write(&self, first: u64, out: &mut Canonical) -> Result<(), StoreError>;
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
    /// After so many small blocks, or about a megabyte of them, they are merged into a pack while
    /// recording goes on; and whatever is small when a runtime is closed. `None`: every block stays as
    /// it was written, unless a rule of retention packs it.
    pub merge_after: Option<u64>,
}

/// As many blocks as a pack has for which it is not opened again: each is merged once.
const MERGE_AFTER: u64 = PACK_BLOCKS_MAX as u64 / 4;

impl Default for Limits {
    fn default() -> Self {
        // Some ten thousand events: enough for a disk that stalls, and so few that recorder and builder
        // share the processors all the time, where there are two, and not one after the other.
        Self {
            bytes: 8 << 20,
            when_full: WhenFull::Wait,
            linger: Duration::from_millis(100),
            merge_after: Some(MERGE_AFTER),
        }
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
    /// Everything is recorded, and small blocks could not be merged: they stay as they were written.
    Unmerged(Arc<StoreError>),
}

impl fmt::Display for GroupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("more is recorded than the disk takes, and the buffer is full"),
            Self::Load(error) => error.fmt(f),
            Self::Stopped(error) => {
                write!(f, "recording has stopped, since the log could not be written: {error}")
            }
            Self::Unmerged(error) => {
                write!(f, "everything is recorded, but small blocks could not be merged: {error}")
            }
        }
    }
}

impl core::error::Error for GroupError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Full => None,
            Self::Load(error) | Self::Stopped(error) | Self::Unmerged(error) => Some(&**error),
        }
    }
}

thread_local! {
    /// What a recorder's records are written into; kept, so that it need not grow again.
    static WRITTEN: Cell<Canonical> = const { Cell::new(Canonical::new()) };
}

/// Bytes of it that a thread keeps.
const WRITTEN_KEPT: usize = 64 << 10;

/// A store that is written by threads of its own.
#[derive(Debug)]
pub struct Group {
    store: Arc<Store>,
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    /// How many blocks the log had when this began.
    began: u64,
}

impl Group {
    /// Starts writing to `store`, which nobody else may append to meanwhile.
    pub fn start(store: Store, limits: Limits) -> std::io::Result<Self> {
        let store = Arc::new(store);
        let shared = Arc::new(Shared::new(store.next_sequence(), limits));
        let (full, to_seal) = mpsc::sync_channel(FULL_AHEAD);
        let (sealed, to_commit) = mpsc::sync_channel(SEALED_AHEAD);
        let began = store.block_count();
        let mut group = Self { store, shared, threads: Vec::new(), began };
        group.spawn("log-builder", move |store, shared| builder::run(store, shared, &full))?;
        group.spawn("log-sealer", move |store, shared| sealer::run(store, shared, &to_seal, &sealed))?;
        group.spawn("log-committer", move |store, shared| committer::run(store, shared, &to_commit))?;
        if limits.merge_after.is_some() {
            group.spawn("log-merger", merger::run)?;
        }
        Ok(group)
    }

    fn spawn(
        &mut self,
        name: &str,
        work: impl FnOnce(&Store, &Shared) + Send + 'static,
    ) -> std::io::Result<()> {
        let (store, shared) = (Arc::clone(&self.store), Arc::clone(&self.shared));
        let guarded = move || {
            let _guard = shared.guard();
            work(&store, &shared);
        };
        self.threads.push(std::thread::Builder::new().name(name.to_owned()).spawn(guarded)?);
        Ok(())
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
    pub fn push(&self, load: &impl Load) -> Result<Range<u64>, GroupError> {
        let mut written = WRITTEN.take();
        let pushed = self.shared.push(load, &mut written, &self.store);
        written.clear(WRITTEN_KEPT);
        WRITTEN.set(written);
        pushed
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

    /// Merges what is small at the end of the log, if it has grown since this began and the limits say
    /// so; tells as well where something could not be merged before.
    pub fn merge(&self) -> Result<(), GroupError> {
        if self.shared.limits().merge_after.is_none() || self.store.block_count() == self.began {
            return Ok(());
        }
        if let Err(error) = self.store.merge(&mut 0, || false) {
            self.shared.note_unmerged(error);
        }
        self.shared.unmerged().map_or(Ok(()), |error| Err(GroupError::Unmerged(error)))
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

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}
