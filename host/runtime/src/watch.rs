//! Step 5 of the pipeline: compliance packs look at what was recorded.
//!
//! Packs stop nothing, so no recorder waits for them. What was recorded waits to be looked at until
//! there are [`TOGETHER`] events of its trace, when their recorder shows them to the packs itself, or
//! for [`LINGER`], when a thread does. A call for many costs a fraction of a call for each, and what
//! waits is bounded by what recorders are open.
//!
//! Whoever flushes looks at all that waits first, so that findings are as durable as what they are
//! about. A power loss before that takes findings of the last moments and leaves their events.

use core::time::Duration;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use activemirror_core::draft::Draft;
use activemirror_engine::Compliance;
use activemirror_store::StoreError;
use activemirror_store::group::{Group, GroupError};

use crate::audit::{Audit, Found};
use crate::plan::{Context, Planned};
use crate::plugins::Numbered;
use crate::recording::Recording;
use crate::runtime::now;

/// Events of a trace that are looked at together, where so many come before they have waited long. With
/// usual texts they fit into the first page of a pack's memory, which then does not have to grow.
const TOGETHER: usize = 16;
/// How long an event waits to be looked at.
const LINGER: Duration = Duration::from_millis(20);
/// Findings of a trace that are kept for whoever asks its recorder; the log has all of them.
const FOUND_KEPT: usize = 256;

/// The packs, what waits for them, and the thread that sees to it that nothing waits long.
#[derive(Debug)]
pub(crate) struct Watch {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What recorders and the thread share.
#[derive(Debug)]
struct Shared {
    packs: Vec<Numbered<Compliance>>,
    group: Arc<Group>,
    queue: Mutex<Queue>,
    /// The first trace has come into the queue, or the thread is to end.
    work: Condvar,
    /// Held by who empties the queue: whoever has it and finds the queue empty knows that all was looked
    /// at.
    emptying: Mutex<()>,
}

/// Traces of which something waits.
#[derive(Debug, Default)]
struct Queue {
    traces: VecDeque<Arc<Watched>>,
    ended: bool,
    /// Why findings were not recorded; for who flushes next.
    failed: Option<GroupError>,
}

/// A trace that packs look at.
#[derive(Debug)]
pub(crate) struct Watched {
    context: Arc<Context>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    audit: Audit,
    /// What was recorded and not looked at.
    pending: Vec<(u64, Draft)>,
    is_queued: bool,
    found: VecDeque<Found>,
}

impl Watched {
    pub(crate) fn new(context: &Arc<Context>, audit: Audit) -> Arc<Self> {
        let (pending, found) = (Vec::new(), VecDeque::new());
        let state = Mutex::new(State { audit, pending, is_queued: false, found });
        Arc::new(Self { context: Arc::clone(context), state })
    }

    /// The state. A pack that panics does so in its sandbox, so a poisoned lock is as good as any.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch {
    /// Begins to watch, where there is anybody who does.
    pub(crate) fn start(packs: &[Numbered<Compliance>], group: &Arc<Group>) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            packs: packs.to_vec(),
            group: Arc::clone(group),
            queue: Mutex::default(),
            work: Condvar::new(),
            emptying: Mutex::default(),
        });
        let mut watch = Self { shared, thread: None };
        if !packs.is_empty() {
            let shared = Arc::clone(&watch.shared);
            let thread = std::thread::Builder::new().name("watch".to_owned());
            watch.thread = Some(thread.spawn(move || shared.run())?);
        }
        Ok(watch)
    }

    /// Takes in what was recorded of a trace.
    pub(crate) fn push(&self, trace: &Arc<Watched>, events: impl IntoIterator<Item = (u64, Draft)>) {
        if self.shared.packs.is_empty() {
            return;
        }
        let mut state = trace.state();
        state.pending.extend(events);
        if state.pending.len() >= TOGETHER {
            let looked = self.shared.look(trace, &mut state);
            self.shared.note(looked);
        } else if !state.is_queued {
            state.is_queued = true;
            self.shared.queue(trace);
        }
    }

    /// What the packs found in a trace, as far as it was recorded, that was not handed out before.
    pub(crate) fn found(&self, trace: &Watched) -> Result<Vec<Found>, GroupError> {
        let mut state = trace.state();
        self.shared.look(trace, &mut state)?;
        Ok(state.found.drain(..).collect())
    }

    /// What the packs make of a trace that has ended.
    pub(crate) fn finish(&self, trace: &Watched) -> Result<Vec<Found>, GroupError> {
        let mut state = trace.state();
        self.shared.look(trace, &mut state)?;
        let found = state.audit.finish(&self.shared.packs);
        self.shared.record(trace, &found)?;
        Ok(found)
    }

    /// Looks at all that waits.
    pub(crate) fn look_at_all(&self) -> Result<(), GroupError> {
        self.shared.empty()?;
        self.shared.waiting().failed.take().map_or(Ok(()), Err)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.shared.waiting().ended = true;
        self.shared.work.notify_all();
        if let Some(thread) = self.thread.take() {
            // One that panicked has nothing left to do.
            let _ = thread.join();
        }
        // The group takes what is recorded until it ends itself; there is nobody to hear of an error.
        let _ = self.shared.empty();
    }
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn queue(&self, trace: &Arc<Watched>) {
        let mut queue = self.waiting();
        queue.traces.push_back(Arc::clone(trace));
        if queue.traces.len() == 1 {
            drop(queue);
            self.work.notify_one();
        }
    }

    /// Looks at what has waited long enough, until it is told to end.
    fn run(&self) {
        while self.linger() {
            self.note(self.empty());
        }
    }

    /// Keeps why findings were not recorded: their events are, so it is not their recorder's to hear.
    fn note(&self, looked: Result<(), GroupError>) {
        if let Err(error) = looked {
            self.waiting().failed = Some(error);
        }
    }

    /// Returns once something has waited long enough; `false` at the end.
    fn linger(&self) -> bool {
        let mut queue = self.waiting();
        while queue.traces.is_empty() && !queue.ended {
            queue = self.work.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        let begun = Instant::now();
        while !queue.ended {
            let left = LINGER.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return true;
            }
            (queue, _) = self.work.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner);
        }
        false
    }

    /// Looks at what waits, trace by trace.
    fn empty(&self) -> Result<(), GroupError> {
        let _only = self.emptying.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let Some(trace) = self.waiting().traces.pop_front() else { return Ok(()) };
            let mut state = trace.state();
            state.is_queued = false;
            self.look(&trace, &mut state)?;
        }
    }

    /// Shows the packs what waits of a trace, and records what they find.
    fn look(&self, trace: &Watched, state: &mut State) -> Result<(), GroupError> {
        let events = core::mem::take(&mut state.pending);
        let tags = |text: &str| self.group.store().token_tag(trace.context.subject, text);
        let found = state.audit.observe(&self.packs, &events, &tags);
        self.record(trace, &found)?;
        state.found.extend(found);
        let too_many = state.found.len().saturating_sub(FOUND_KEPT);
        state.found.drain(..too_many);
        Ok(())
    }

    fn record(&self, trace: &Watched, found: &[Found]) -> Result<(), GroupError> {
        if found.is_empty() {
            return Ok(());
        }
        let planned = found.iter().cloned().map(Planned::Finding).collect();
        let recording = Recording::new(&trace.context, planned, now());
        loop {
            match self.group.push(&recording) {
                // There is room for what the findings are about: they are not what is refused.
                Err(GroupError::Full) => self.group.flush()?,
                // What was found goes with the person in whose data it was.
                Err(GroupError::Load(error)) if matches!(*error, StoreError::UnknownSubject(_)) => {
                    return Ok(());
                }
                pushed => return pushed.map(drop),
            }
        }
    }
}
