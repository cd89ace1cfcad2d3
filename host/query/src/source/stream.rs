//! A scan that runs in a thread of its own, since the log hands out records and SQLite takes rows.
//!
//! A few batches of rows are on their way at any time, so memory stays bounded; who drops the stream
//! ends the scan.

use core::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use super::{Row, Wanted, scan};
use crate::error::{QueryError, Wrong};
use crate::reader::Reader;

/// Rows that are handed over together: the first few soon, later ones in numbers that make the
/// hand-over cost nothing.
const BATCH: [usize; 2] = [8, 512];

/// Batches on their way.
const BATCHES_AHEAD: usize = 2;

/// Rows of a scan, while it runs.
#[derive(Debug)]
pub(crate) struct Stream {
    reader: Arc<Reader>,
    rows: std::vec::IntoIter<Row>,
    batches: Option<Receiver<Batch>>,
    thread: Option<JoinHandle<()>>,
}

/// What a scan hands over: rows, and at the end why it ended, if not because it was done.
type Batch = Result<Vec<Row>, QueryError>;

impl Stream {
    pub(super) fn start(reader: &Arc<Reader>, wanted: Wanted) -> Result<Self, QueryError> {
        let (sender, batches) = sync_channel(BATCHES_AHEAD);
        let scanning = Arc::clone(reader);
        let thread =
            Builder::new().name("query scan".to_owned()).spawn(move || send(&scanning, &wanted, &sender));
        let thread = thread.map_err(|error| Wrong::Sql(format!("the system gives no thread: {error}")))?;
        let (batches, thread) = (Some(batches), Some(thread));
        Ok(Self { reader: Arc::clone(reader), rows: Vec::new().into_iter(), batches, thread })
    }

    pub(super) fn next(&mut self) -> Result<Option<Row>, QueryError> {
        loop {
            if let Some(row) = self.rows.next() {
                return Ok(Some(row));
            }
            let Some(batches) = &self.batches else { return Ok(None) };
            match batches.recv_timeout(self.reader.time_left()) {
                Ok(batch) => self.rows = batch?.into_iter(),
                Err(RecvTimeoutError::Timeout) => self.reader.check_time()?,
                Err(RecvTimeoutError::Disconnected) => return self.end().map(|()| None),
            }
        }
    }

    pub(super) fn coming(&self) -> &[Row] {
        self.rows.as_slice()
    }

    /// Waits for the scan, which ends at the next row that nobody takes. One that is late may be
    /// long in coming to that, and is left behind.
    fn end(&mut self) -> Result<(), QueryError> {
        self.batches = None;
        match self.thread.take().filter(|_| !self.reader.is_late()).map(JoinHandle::join) {
            Some(Err(_)) => Err(Wrong::Sql("a scan of the log failed".to_owned()).into()),
            _ => Ok(()),
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // Nobody waits for its rows any more.
        let _ = self.end();
    }
}

fn send(reader: &Reader, wanted: &Wanted, sender: &SyncSender<Batch>) {
    let (mut batch, mut size) = (Vec::new(), BATCH[0]);
    let done = scan::run(reader, wanted, &mut |row| {
        batch.push(row);
        if batch.len() < size {
            return ControlFlow::Continue(());
        }
        size = BATCH[1];
        match sender.send(Ok(core::mem::take(&mut batch))) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    });
    // Who takes no more has no need of an end.
    let _ = sender.send(Ok(batch));
    if let Err(error) = done {
        let _ = sender.send(Err(error));
    }
}
