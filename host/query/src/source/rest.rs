//! The rest of a trace: the columns of `traces` that other records tell than the one that begins it.
//!
//! They are looked up when SQLite asks for one of them, which is of rows that the query lets through:
//! `WHERE events.…` passes over most traces, and says so only after they were given. Where row after
//! row is asked for, those that come next are looked up with it, ever more of them, since traces that
//! lie in one block then take one look at it.

use core::cell::Cell as Shared;
use core::ops::ControlFlow;
use std::collections::HashMap;
use std::sync::Arc;

use activemirror::{Kind, LogId, Row as Found, Said};
use activemirror_core::filter::{Filter, Kinds, Name, Test, Words};

use super::recent::Recent;
use super::scan::search;
use super::{Row, Wanted};
use crate::cell::Cell;
use crate::error::QueryError;
use crate::reader::Reader;
use crate::schema::Table;

/// What the rest of a trace is looked up by.
const ID: &str = "trace_id";

/// The most traces that are looked up together.
const TOGETHER: usize = 200;

/// What earlier look-ups of a query came to: what records of these kinds say of a trace.
pub(crate) type Known = Recent<Trace, Arc<Told>>;

/// A trace of a log, and the kinds of records that were asked of it.
type Trace = (LogId, String, Kinds);

/// What is told of a trace.
#[derive(Debug, Default)]
pub(crate) struct Told {
    events: u64,
    system: Option<String>,
    ungoverned: bool,
}

/// The rest of the rows of a scan.
#[derive(Debug)]
pub(crate) struct Rest {
    reader: Arc<Reader>,
    wanted: Wanted,
    counted: Shared<Reached>,
    opened: Shared<Reached>,
}

/// How far the last look-up reached.
#[derive(Clone, Copy, Debug, Default)]
struct Reached {
    /// The number of the first row behind it.
    next: u64,
    rows: usize,
}

/// A row of a scan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'r> {
    pub(crate) row: &'r Row,
    /// How many came before it.
    pub(crate) number: u64,
    /// Rows that come next, as far as they are here.
    pub(crate) coming: &'r [Row],
}

impl Rest {
    /// Where a scan wants some of it; has the scan give what it is looked up by.
    pub(crate) fn of(reader: &Arc<Reader>, wanted: &mut Wanted) -> Option<Self> {
        let id = Table::Traces.place(ID).filter(|_| wanted.table == Table::Traces)?;
        if !wanted.columns.have(Table::Traces, &["event_count", "system", "governed"]) {
            return None;
        }
        wanted.columns = wanted.columns.with(id);
        let (counted, opened) = <(Shared<_>, Shared<_>)>::default();
        Some(Self { reader: Arc::clone(reader), wanted: wanted.clone(), counted, opened })
    }

    /// What a column holds, where it is one of these.
    pub(crate) fn cell(&self, column: usize, place: Place<'_>) -> Result<Option<Cell>, QueryError> {
        Ok(Some(match Table::Traces.columns().get(column).map(|column| column.name) {
            // Events are counted by their structure; the others have to be opened.
            Some("event_count") => self.told(Kinds::EVENTS, &self.counted, place)?.events.into(),
            Some("system") => self.told(self.opened(), &self.opened, place)?.system.as_deref().into(),
            Some("governed") => {
                let told = self.told(self.opened(), &self.opened, place)?;
                Cell::Whole((!told.ungoverned).into())
            }
            _ => return Ok(None),
        }))
    }

    /// Records that tell what is wanted and is no count.
    fn opened(&self) -> Kinds {
        let tell = [("system", Kind::System), ("governed", Kind::Notice)];
        let tell = tell.into_iter().filter(|(name, _)| self.wanted.columns.have(Table::Traces, &[name]));
        tell.map(|(_, kind)| kind).fold(Kinds::default(), Kinds::with)
    }

    /// What these records tell of a row: known, or looked up with what comes next.
    fn told(
        &self,
        kinds: Kinds,
        reached: &Shared<Reached>,
        place: Place<'_>,
    ) -> Result<Arc<Told>, QueryError> {
        let asked = trace(place.row, kinds);
        if let Some(told) = self.reader.told().known(&asked) {
            return Ok(told);
        }
        let last = reached.get();
        let rows = if last.next == place.number { (2 * last.rows).clamp(1, TOGETHER) } else { 1 };
        let together: Vec<Trace> =
            place.coming.iter().take(rows - 1).map(|row| trace(row, kinds)).chain([asked.clone()]).collect();
        let rows = together.len();
        reached.set(Reached { next: place.number + rows as u64, rows });
        let found = self.look_up(kinds, together)?;
        let told = found.get(&asked).cloned().unwrap_or_default();
        let mut known = self.reader.told();
        for (trace, told) in found {
            let bytes = size_of::<Told>() + trace.1.len() + told.system.as_ref().map_or(0, String::len);
            known.keep(trace, told, bytes);
        }
        Ok(told)
    }

    fn look_up(&self, kinds: Kinds, traces: Vec<Trace>) -> Result<HashMap<Trace, Arc<Told>>, QueryError> {
        let ids = traces.iter().map(|(_, id, _)| id.clone()).collect();
        let filter = Filter::from(Test::Name(Name::Trace, Words::OneOf(ids)));
        let about = Wanted { filter, limit: None, ..self.wanted.clone() };
        let mut told: HashMap<Trace, Told> =
            traces.into_iter().map(|trace| (trace, Told::default())).collect();
        search(&self.reader, &about, (kinds, kinds != Kinds::EVENTS), &mut |record| {
            let trace = record.trace.map(|id| (record.log, id.to_owned(), kinds));
            if let Some(told) = trace.and_then(|trace| told.get_mut(&trace)) {
                told.add(record);
            }
            ControlFlow::Continue(())
        })?;
        // A search that is late stops short.
        self.reader.check_time()?;
        Ok(told.into_iter().map(|(trace, told)| (trace, Arc::new(told))).collect())
    }
}

impl Told {
    fn add(&mut self, record: &Found<'_>) {
        match (&record.said, record.event.kind) {
            (Said::Ungoverned, _) => self.ungoverned = true,
            (_, Kind::System) => self.system.clone_from(&record.event.text),
            (_, kind) => self.events += u64::from(kind.event_name().is_some()),
        }
    }
}

fn trace(row: &Row, kinds: Kinds) -> Trace {
    let id = Table::Traces.place(ID).and_then(|place| row.cells.get(place));
    let id = if let Some(Cell::Text(id)) = id { id.clone() } else { String::new() };
    (row.log, id, kinds)
}
