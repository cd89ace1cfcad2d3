//! What all scans of one query share: whose eyes it has, how long it may take, what it met.

use core::ops::ControlFlow;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use activemirror::session::Session;
use activemirror::{Error, Explain, LogId, Noted, Query, Reveal, Row, Runtime};

use crate::error::QueryError;
use crate::limits::{Limit, Limits};
use crate::report::ScanReport;
use crate::schema::Table;
use crate::source::{Known, LookedUp};

/// The readable side of a runtime, for one query.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) runtime: Runtime,
    /// That originals are shown, which the log was told of.
    noted: Option<Noted>,
    time: Duration,
    began: Instant,
    /// Nanoseconds that went into the output, which are not the query's.
    outside: AtomicU64,
    met: Mutex<Met>,
    looked_up: Mutex<LookedUp>,
    told: Mutex<Known>,
}

/// What the scans of a query met.
#[derive(Debug, Default)]
struct Met {
    /// Why one of them failed: SQLite hands on no errors but texts.
    failure: Option<QueryError>,
    scans: Vec<ScanReport>,
    logs: Vec<LogId>,
}

impl Reader {
    /// Where originals are shown, the log is told first, once for the query.
    pub(crate) fn new(
        runtime: &Runtime,
        (reveal, request): (Reveal, &str),
        limits: &Limits,
    ) -> Result<Self, Error> {
        let noted = match reveal {
            Reveal::Masked => None,
            Reveal::Originals => Some(runtime.note_revealed(request)?),
        };
        let runtime = runtime.clone();
        Ok(Self {
            runtime,
            noted,
            time: limits.time,
            began: Instant::now(),
            outside: AtomicU64::new(0),
            met: Mutex::default(),
            looked_up: Mutex::default(),
            told: Mutex::default(),
        })
    }

    /// Searches the log as the query's reader may see it.
    pub(crate) fn find(
        &self,
        query: &Query,
        found: &mut dyn FnMut(&Row<'_>) -> ControlFlow<()>,
    ) -> Result<Explain, Error> {
        match &self.noted {
            None => self.runtime.find(query, found),
            Some(noted) => self.runtime.find_noted(query, noted, found),
        }
    }

    /// The sessions as the query's reader may see them.
    pub(crate) fn sessions(&self) -> Result<Vec<Session>, Error> {
        match &self.noted {
            None => self.runtime.sessions(),
            Some(noted) => self.runtime.sessions_noted(noted),
        }
    }

    /// Whether there is time left.
    pub(crate) fn check_time(&self) -> Result<(), QueryError> {
        if self.is_late() { Err(Limit::Time(self.time).into()) } else { Ok(()) }
    }

    pub(crate) fn time_left(&self) -> Duration {
        self.time.saturating_sub(self.taken())
    }

    pub(crate) fn is_late(&self) -> bool {
        self.taken() > self.time
    }

    /// Does something that takes none of the query's time, such as to wait for whoever reads its rows.
    pub(crate) fn without_time<R>(&self, work: impl FnOnce() -> R) -> R {
        let began = Instant::now();
        let done = work();
        let nanos = u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.outside.fetch_add(nanos, Ordering::Relaxed);
        done
    }

    fn taken(&self) -> Duration {
        self.began.elapsed().saturating_sub(Duration::from_nanos(self.outside.load(Ordering::Relaxed)))
    }

    /// A number for a log, the same throughout the query.
    pub(crate) fn number_of(&self, log: LogId) -> usize {
        let mut met = self.met();
        met.logs.iter().position(|known| *known == log).unwrap_or_else(|| {
            met.logs.push(log);
            met.logs.len() - 1
        })
    }

    /// Keeps why a scan failed.
    pub(crate) fn fail(&self, error: QueryError) {
        self.met().failure.get_or_insert(error);
    }

    pub(crate) fn take_failure(&self) -> Option<QueryError> {
        self.met().failure.take()
    }

    /// Adds to what is reported of scans of this table with these constraints.
    pub(crate) fn report(&self, table: Table, reached: &str, add: impl FnOnce(&mut ScanReport)) {
        let mut met = self.met();
        let known = met.scans.iter().position(|scan| scan.table == table.name() && scan.reached == reached);
        let place = known.unwrap_or_else(|| {
            met.scans.push(ScanReport::new(table.name(), reached));
            met.scans.len() - 1
        });
        add(&mut met.scans[place]);
    }

    pub(crate) fn take_scans(&self) -> Vec<ScanReport> {
        core::mem::take(&mut self.met().scans)
    }

    /// What look-ups came to so far.
    pub(crate) fn looked_up(&self) -> MutexGuard<'_, LookedUp> {
        self.looked_up.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was told of traces so far.
    pub(crate) fn told(&self) -> MutexGuard<'_, Known> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn met(&self) -> MutexGuard<'_, Met> {
        self.met.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
