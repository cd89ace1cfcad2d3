//! Look-ups: scans that name the trace that they want, as one within a loop over rows does, once for
//! each of them.
//!
//! The first rows are looked for by themselves: who asks only whether there is one (`EXISTS`) wants no
//! more. What comes to a few rows is kept for whoever asks the same again, as a join of many events
//! with their trace does.

use core::ops::ControlFlow;
use std::collections::HashMap;
use std::sync::Arc;

use activemirror::LogId;
use activemirror_core::filter::{Name, Sieve};

use super::stream::Stream;
use super::{Row, Wanted, scan};
use crate::error::QueryError;
use crate::reader::Reader;

/// Rows that are looked for first.
const FEW: usize = 8;

/// Rows that come at once; what is more comes bit by bit.
const AT_ONCE: usize = 2_048;

/// Bytes of one look-up's rows that are worth keeping, and of all that are kept.
const KEPT_BYTES: [usize; 2] = [16 << 10, 8 << 20];

/// The rows of a look-up, one by one.
#[derive(Debug)]
pub(crate) struct LookUp {
    reader: Arc<Reader>,
    rows: std::vec::IntoIter<Row>,
    /// What was asked, and what came of it so far, where that is not all.
    more: Option<(Wanted, Vec<(LogId, u64)>)>,
    stream: Option<Stream>,
}

/// What earlier look-ups of a query came to.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    rows: HashMap<String, Arc<[Row]>>,
    bytes: usize,
}

impl LookUp {
    /// Begins one, where a scan is one.
    pub(super) fn of(reader: &Arc<Reader>, wanted: &Wanted) -> Result<Option<Self>, QueryError> {
        if !names_one_trace(wanted) {
            return Ok(None);
        }
        let asked = wanted.key();
        let known = reader.recent().rows.get(&asked).cloned();
        let (rows, more) = match known {
            Some(known) => (known.to_vec(), None),
            None => match first(reader, wanted, FEW)? {
                (rows, true) => {
                    reader.recent().keep(asked, &rows);
                    (rows, None)
                }
                (rows, false) => {
                    let given = rows.iter().map(|row| (row.log, row.sequence)).collect();
                    (rows, Some((wanted.clone(), given)))
                }
            },
        };
        Ok(Some(Self { reader: Arc::clone(reader), rows: rows.into_iter(), more, stream: None }))
    }

    pub(super) fn next(&mut self) -> Result<Option<Row>, QueryError> {
        if let Some(row) = self.rows.next() {
            return Ok(Some(row));
        }
        let Some((wanted, given)) = &self.more else { return Ok(None) };
        let was_given = |row: &Row| given.contains(&(row.log, row.sequence));
        if let Some(stream) = &mut self.stream {
            loop {
                match stream.next()? {
                    Some(row) if was_given(&row) => {}
                    other => return Ok(other),
                }
            }
        }
        let (mut rows, all) = first(&self.reader, wanted, AT_ONCE)?;
        if all {
            rows.retain(|row| !was_given(row));
            (self.rows, self.more) = (rows.into_iter(), None);
        } else {
            self.stream = Some(Stream::start(&self.reader, wanted.clone())?);
        }
        self.next()
    }
}

impl Recent {
    fn keep(&mut self, asked: String, rows: &[Row]) {
        let bytes = asked.len() + rows.iter().map(Row::bytes).sum::<usize>();
        if bytes > KEPT_BYTES[0] {
            return;
        }
        if self.bytes + bytes > KEPT_BYTES[1] {
            *self = Self::default();
        }
        self.bytes += bytes;
        self.rows.insert(asked, rows.into());
    }
}

fn names_one_trace(wanted: &Wanted) -> bool {
    let sieve = Sieve::new(&wanted.filter);
    sieve.is_ok_and(|sieve| sieve.pinned(Name::Trace).is_some_and(|traces| traces.len() == 1))
}

/// The first rows of a scan, and whether they are all of them.
fn first(reader: &Arc<Reader>, wanted: &Wanted, most: usize) -> Result<(Vec<Row>, bool), QueryError> {
    let mut rows = Vec::new();
    scan::run(reader, wanted, &mut |row| {
        rows.push(row);
        if rows.len() > most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    let all = rows.len() <= most;
    Ok((rows, all))
}
