//! What recorders, builder and committer share: the queue, and how far the log is durable.

use core::ops::Range;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use activemirror_core::trace::Canonical;

use super::merger::Loose;
use super::queue::{Loads, Queue};
use super::{GroupError, Limits, Load, WhenFull};
use crate::error::StoreError;
use crate::open::Store;

/// Bytes in the queue for which a builder that has a block open is woken: waking it for each record
/// costs its recorder more than the record.
const ENOUGH: usize = 8 << 10;

/// What a group's threads share.
#[derive(Debug)]
pub(super) struct Shared {
    limits: Limits,
    state: Mutex<State>,
    /// There is something for the builder to do.
    work: Condvar,
    /// Something was taken from the queue, or became durable, or failed.
    progress: Condvar,
    /// There is something to be merged.
    loose: Condvar,
}

/// The state of a group; whoever holds it sees all of it at rest.
#[derive(Debug)]
pub(super) struct State {
    queue: Queue,
    /// The sequence that the next load gets.
    pub(super) next_sequence: u64,
    /// Everything before this sequence is durable.
    pub(super) durable: u64,
    /// Somebody waits for everything before this sequence.
    wanted: u64,
    /// Whether the log has grown otherwise since the builder looked.
    moved: bool,
    /// What the builder sleeps for.
    builder: Builder,
    closed: bool,
    failed: Option<Arc<StoreError>>,
    /// Small blocks that came since the last merge.
    loose: Loose,
    /// Why the first of them that were not merged were not.
    unmerged: Option<Arc<StoreError>>,
}

/// What the builder sleeps for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Builder {
    /// It is awake, or about to be.
    Awake,
    /// Any load: with the first of them a block's time begins.
    Idle,
    /// Enough loads, somebody who waits, or the time at which its open block is finished.
    Collecting,
}

impl State {
    /// The log has grown otherwise, while nothing was on its way.
    pub(super) fn moved_to(&mut self, sequence: u64) {
        (self.next_sequence, self.durable, self.moved) = (sequence, sequence, true);
    }

    fn check(&self) -> Result<(), GroupError> {
        match &self.failed {
            Some(error) => Err(GroupError::Stopped(Arc::clone(error))),
            None => Ok(()),
        }
    }
}

/// What the builder is to do next.
pub(super) enum Task {
    /// Put the loads that it was given into blocks; those of a log that has grown otherwise if
    /// `moved`.
    Build { moved: bool },
    /// Finish the open block.
    Finish,
    /// End.
    End,
}

impl Shared {
    pub(super) fn new(next_sequence: u64, limits: Limits) -> Self {
        let state = State {
            queue: Queue::default(),
            next_sequence,
            durable: next_sequence,
            wanted: next_sequence,
            moved: false,
            builder: Builder::Awake,
            closed: false,
            failed: None,
            loose: Loose::default(),
            unmerged: None,
        };
        let (work, progress, loose) = (Condvar::new(), Condvar::new(), Condvar::new());
        Self { limits, state: Mutex::new(state), work, progress, loose }
    }

    /// The state. No code panics while it holds this, so a poisoned lock is as good as any.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a load in; `written` is empty room to write it into.
    pub(super) fn push(
        &self,
        load: &impl Load,
        written: &mut Canonical,
        store: &Store,
    ) -> Result<Range<u64>, GroupError> {
        let refused = |error| GroupError::Load(Arc::new(error));
        if !load.names_sequences() {
            load.write(0, written).map_err(refused)?;
        }
        let mut state = self.room_for(written.bytes())?;
        // Asked with the queue in hand: an erasure must not come in between.
        load.fits(store).map_err(refused)?;
        let first = state.next_sequence;
        if load.names_sequences() {
            load.write(first, written).map_err(refused)?;
        }
        let count = written.len() as u64;
        state.next_sequence += count;
        state.queue.push(written);
        let wake = match state.builder {
            Builder::Awake => false,
            Builder::Idle => true,
            Builder::Collecting => state.queue.bytes() >= ENOUGH,
        };
        if wake {
            state.builder = Builder::Awake;
            drop(state);
            self.work.notify_one();
        }
        Ok(first..first + count)
    }

    /// The state, once the queue has room for so many bytes.
    fn room_for(&self, bytes: usize) -> Result<MutexGuard<'_, State>, GroupError> {
        let mut state = self.state();
        loop {
            state.check()?;
            // A load that is larger than the buffer goes through alone.
            if state.queue.is_empty() || state.queue.bytes().saturating_add(bytes) <= self.limits.bytes {
                return Ok(state);
            }
            self.work.notify_one();
            if self.limits.when_full == WhenFull::Refuse {
                return Err(GroupError::Full);
            }
            state = self.progress.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Returns once everything before `sequence` is durable.
    pub(super) fn wait(&self, sequence: u64) -> Result<(), GroupError> {
        self.wait_in(self.state(), sequence).map(drop)
    }

    /// The state, once nothing is on its way.
    pub(super) fn drained(&self) -> Result<MutexGuard<'_, State>, GroupError> {
        let mut state = self.state();
        while state.durable < state.next_sequence {
            let all = state.next_sequence;
            state = self.wait_in(state, all)?;
        }
        state.check()?;
        Ok(state)
    }

    fn wait_in<'s>(
        &'s self,
        mut state: MutexGuard<'s, State>,
        sequence: u64,
    ) -> Result<MutexGuard<'s, State>, GroupError> {
        state.wanted = state.wanted.max(sequence);
        self.work.notify_one();
        while state.durable < sequence {
            state.check()?;
            state = self.progress.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        Ok(state)
    }

    /// What the builder is to do next. `open` is since when its block is open, and the sequence of
    /// the block's first record; `loads` is empty, and is filled with what is to be built.
    ///
    /// While the committer is busy, a block that somebody waits for goes on taking records: they
    /// share the next commit.
    pub(super) fn next_task(&self, open: Option<(Instant, u64)>, loads: &mut Loads) -> Task {
        let mut state = self.state();
        loop {
            if state.failed.is_some() {
                return Task::End;
            }
            if state.queue.take(loads) {
                self.progress.notify_all();
                return Task::Build { moved: core::mem::take(&mut state.moved) };
            }
            let Some((since, first)) = open else {
                if state.closed {
                    return Task::End;
                }
                state.builder = Builder::Idle;
                state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.builder = Builder::Awake;
                continue;
            };
            let left = self.limits.linger.saturating_sub(since.elapsed());
            let all_else_is_durable = state.durable >= first;
            if state.closed || left.is_zero() || (state.wanted > first && all_else_is_durable) {
                return Task::Finish;
            }
            state.builder = Builder::Collecting;
            let (woken, _) = self.work.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
            state = woken;
            state.builder = Builder::Awake;
        }
    }

    /// Whether somebody waits for something that is not durable yet.
    pub(super) fn is_waited_for(&self) -> bool {
        let state = self.state();
        state.closed || state.failed.is_some() || state.wanted > state.durable
    }

    /// Everything before this sequence is durable, in blocks of which these are small.
    pub(super) fn durable(&self, sequence: u64, loose: Loose) {
        let mut state = self.state();
        state.durable = state.durable.max(sequence);
        state.loose.add(loose);
        let merge = self.is_to_merge(&state);
        drop(state);
        self.progress.notify_all();
        self.work.notify_one();
        if merge {
            self.loose.notify_one();
        }
    }

    /// Returns once there is enough to be merged, which is then counted from nothing again; `false` once
    /// the group ends.
    pub(super) fn wait_for_loose(&self) -> bool {
        let mut state = self.state();
        while !state.closed && state.failed.is_none() {
            if self.is_to_merge(&state) {
                state.loose = Loose::default();
                return true;
            }
            state = self.loose.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        false
    }

    fn is_to_merge(&self, state: &State) -> bool {
        self.limits.merge_after.is_some_and(|enough| state.loose.are_many(enough))
    }

    /// Whether the group is about to end.
    pub(super) fn is_closed(&self) -> bool {
        let state = self.state();
        state.closed || state.failed.is_some()
    }

    /// Small blocks were not merged.
    pub(super) fn note_unmerged(&self, error: StoreError) {
        self.state().unmerged.get_or_insert_with(|| Arc::new(error));
    }

    /// Why small blocks were not merged, if some were not.
    pub(super) fn unmerged(&self) -> Option<Arc<StoreError>> {
        self.state().unmerged.clone()
    }

    /// What the group may take.
    pub(super) const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Nothing more can be written.
    pub(super) fn fail(&self, error: StoreError) {
        let mut state = self.state();
        state.failed.get_or_insert_with(|| Arc::new(error));
        state.queue.clear();
        drop(state);
        self.progress.notify_all();
        self.work.notify_all();
        self.loose.notify_all();
    }

    /// Nothing more will be pushed.
    pub(super) fn close(&self) {
        self.state().closed = true;
        self.work.notify_all();
        self.loose.notify_all();
    }
}

/// Ends the group when its thread panics: nobody must wait for what will never be.
pub(super) struct Guard<'s>(&'s Shared);

impl Shared {
    /// To be held by a thread for as long as it works.
    pub(super) const fn guard(&self) -> Guard<'_> {
        Guard(self)
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.fail(std::io::Error::other("a thread of the log panicked").into());
        }
    }
}
