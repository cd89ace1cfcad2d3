//! Look-ups: scans that name the trace that they want, as one within a loop over rows does, once for
//! each of them.
//!
//! The first rows are looked for by themselves: who asks only whether there is one (`EXISTS`) wants no
//! more. What comes to a few rows is kept for whoever asks the same again, as a join of many events
//! with their trace does.

use core::ops::ControlFlow;
use std::sync::Arc;

use activemirror::LogId;
use activemirror_core::filter::{Name, Sieve};

use super::recent::Recent;
use super::stream::Stream;
use super::{Row, Wanted, scan};
use crate::error::QueryError;
use crate::reader::Reader;

/// Rows that are looked for first: as many as most traces have, and no more than lie close together.
const FEW: usize = 64;

/// Bytes of one look-up's rows that are worth keeping.
const KEPT_BYTES: usize = 16 << 10;

/// What earlier look-ups of a query came to.
pub(crate) type Rows = Recent<String, Arc<[Row]>>;

/// The rows of a look-up, one by one.
#[derive(Debug)]
pub(crate) struct LookUp {
    reader: Arc<Reader>,
    rows: std::vec::IntoIter<Row>,
    rest: Rest,
}

/// What comes behind the first rows.
#[derive(Debug)]
enum Rest {
    /// There is nothing.
    Nothing,
    /// What was asked, where nobody wanted more yet, and which rows came first.
    Unasked(Wanted, Vec<(LogId, u64)>),
    /// All rows, and which came first.
    Coming(Stream, Vec<(LogId, u64)>),
}

impl LookUp {
    /// Begins one, where a scan is one.
    pub(super) fn of(reader: &Arc<Reader>, wanted: &Wanted) -> Result<Option<Self>, QueryError> {
        if !names_one_trace(wanted) {
            return Ok(None);
        }
        let asked = wanted.key();
        let known = reader.looked_up().known(&asked);
        let (rows, rest) = match known {
            Some(known) => (known.to_vec(), Rest::Nothing),
            None => match first(reader, wanted)? {
                (rows, true) => {
                    let bytes = asked.len() + rows.iter().map(Row::bytes).sum::<usize>();
                    if bytes <= KEPT_BYTES {
                        reader.looked_up().keep(asked, rows.as_slice().into(), bytes);
                    }
                    (rows, Rest::Nothing)
                }
                (rows, false) => {
                    let given = rows.iter().map(|row| (row.log, row.sequence)).collect();
                    (rows, Rest::Unasked(wanted.clone(), given))
                }
            },
        };
        Ok(Some(Self { reader: Arc::clone(reader), rows: rows.into_iter(), rest }))
    }

    /// The first rows that nobody took yet.
    pub(super) fn coming(&self) -> &[Row] {
        self.rows.as_slice()
    }

    pub(super) fn next(&mut self) -> Result<Option<Row>, QueryError> {
        if let Some(row) = self.rows.next() {
            return Ok(Some(row));
        }
        if let Rest::Unasked(wanted, given) = &mut self.rest {
            let stream = Stream::start(&self.reader, wanted.clone())?;
            self.rest = Rest::Coming(stream, core::mem::take(given));
        }
        let Rest::Coming(stream, given) = &mut self.rest else { return Ok(None) };
        while let Some(row) = stream.next()? {
            let came = given.iter().position(|given| *given == (row.log, row.sequence));
            match came {
                Some(place) => drop(given.swap_remove(place)),
                None => return Ok(Some(row)),
            }
        }
        Ok(None)
    }
}

fn names_one_trace(wanted: &Wanted) -> bool {
    let sieve = Sieve::new(&wanted.filter);
    sieve.is_ok_and(|sieve| sieve.pinned(Name::Trace).is_some_and(|traces| traces.len() == 1))
}

/// The first rows of a scan, and whether they are all of them.
fn first(reader: &Arc<Reader>, wanted: &Wanted) -> Result<(Vec<Row>, bool), QueryError> {
    let mut rows = Vec::new();
    scan::run(reader, wanted, &mut |row| {
        rows.push(row);
        if rows.len() > FEW { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    let all = rows.len() <= FEW;
    Ok((rows, all))
}
