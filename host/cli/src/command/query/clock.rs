//! Ends the program where a query does not end by itself.
//!
//! A query looks at the clock, but no single call of a function of SQLite's can be interrupted, and
//! one in a hostile query may take hours. Ending the program is harmless: nothing is being written,
//! and the store opens again after any end.

use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::process;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::Builder;

use activemirror_query::Limit;

use crate::failure::{Failure, Status};

/// How long after its time a query may be silent.
const GRACE: Duration = Duration::from_secs(3);

/// Runs while it is kept.
pub(super) struct Clock {
    beat: Beat,
    _running: Sender<()>,
}

/// Where rows leave a trace: even between two of them, odd while one is written, which takes as long
/// as whoever reads it likes.
#[derive(Clone, Default)]
pub(super) struct Beat(Arc<AtomicU64>);

impl Beat {
    pub(super) fn tick(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Clock {
    pub(super) fn start(time: Duration, json: bool) -> Self {
        let (running, stopped) = channel::<()>();
        let beat = Beat::default();
        let heard = beat.clone();
        let watch = move || {
            let over = |wait| stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout);
            if !over(time) {
                return;
            }
            let mut before = heard.count();
            while over(GRACE) {
                let now = heard.count();
                if now == before && now % 2 == 0 {
                    Failure::input(Limit::Time(time)).report(json);
                    process::exit(Status::Input as i32);
                }
                before = now;
            }
        };
        // Without a thread to spare, the query has its own looks at the clock.
        let _ = Builder::new().name("query clock".to_owned()).spawn(watch);
        Self { beat, _running: running }
    }

    pub(super) fn beat(&self) -> Beat {
        self.beat.clone()
    }
}
