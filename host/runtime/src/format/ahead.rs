//! Reading traces while others are recorded: on more than one processor, a file takes as long as the
//! slower of both.

use core::fmt;
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{Builder, JoinHandle};

use super::{FormatError, Reader};
use crate::document::Trace;

/// The traces of a [`Reader`], of which the next one is read while one is in use.
pub struct Ahead {
    traces: Receiver<Result<Trace, FormatError>>,
    thread: Option<JoinHandle<()>>,
}

impl<R: Read + Send + 'static> Reader<R> {
    /// Reads on in a thread of its own; no more than one trace is in memory beside the one that is in
    /// use.
    pub fn ahead(self) -> io::Result<Ahead> {
        let (sender, traces) = sync_channel(0);
        let read = move || {
            for trace in self {
                // Nobody wants more.
                if sender.send(trace).is_err() {
                    return;
                }
            }
        };
        let thread = Some(Builder::new().name("trace-reader".to_owned()).spawn(read)?);
        Ok(Ahead { traces, thread })
    }
}

impl Iterator for Ahead {
    type Item = Result<Trace, FormatError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Ok(trace) = self.traces.recv() {
            return Some(trace);
        }
        // It has read everything, unless it panicked: then this would not be all there is.
        if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join) {
            std::panic::resume_unwind(panic);
        }
        None
    }
}

impl fmt::Debug for Ahead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ahead").finish_non_exhaustive()
    }
}
