//! One search of the log for the rows of a table.

use core::ops::ControlFlow;

use activemirror::{Explain, Kind, Query, Row as Found, Said};
use activemirror_core::filter::{Filter, Kinds, Sieve, Test};

use super::view::{Head, event_cell, finding_cell, row, session_cell, trace_cell, verdict_cell};
use super::{Row, Wanted};
use crate::error::QueryError;
use crate::reader::Reader;
use crate::schema::Table;

/// Takes a row; breaks where no more are wanted.
pub(super) type Give<'g> = dyn FnMut(Row) -> ControlFlow<()> + 'g;

/// Gives every row that may be wanted: none is missing that the filter lets through.
pub(super) fn run(reader: &Reader, wanted: &Wanted, give: &mut Give<'_>) -> Result<(), QueryError> {
    let mut given = 0;
    let mut counted = |row: Row| {
        given += 1;
        give(row)
    };
    match wanted.table {
        Table::Sessions => sessions(reader, wanted, &mut counted)?,
        Table::Traces | Table::Events | Table::Findings | Table::Verdicts => {
            records(reader, wanted, &mut counted)?;
        }
    }
    reader.report(wanted.table, &wanted.shape, |scan| scan.rows += given);
    Ok(())
}

/// A search for records of these kinds that pass the scan's filter.
pub(super) fn search(
    reader: &Reader,
    wanted: &Wanted,
    (kinds, content): (Kinds, bool),
    found: &mut dyn FnMut(&Found<'_>) -> ControlFlow<()>,
) -> Result<(), QueryError> {
    let of_kinds = Filter::from(Test::Kind(kinds));
    // A filter beyond core's limits, such as of a long list, is left to SQLite.
    let narrowed = of_kinds.clone().and(wanted.filter.clone());
    let filter = if Sieve::new(&narrowed).is_ok() { narrowed } else { of_kinds };
    let query = Query { filter, limit: wanted.limit, content, ..Query::default() };
    let explain = reader.find(&query, &mut |record| {
        if reader.is_late() { ControlFlow::Break(()) } else { found(record) }
    })?;
    add(reader, wanted, &explain);
    Ok(())
}

fn add(reader: &Reader, wanted: &Wanted, explain: &Explain) {
    reader.report(wanted.table, &wanted.shape, |scan| scan.add(explain));
}

fn records(reader: &Reader, wanted: &Wanted, give: &mut Give<'_>) -> Result<(), QueryError> {
    let (kinds, own): (Kinds, &[&str]) = match wanted.table {
        Table::Traces => (Kind::TraceStart.into(), &["user_id", "metadata", "other"]),
        Table::Findings => {
            (Kind::Finding.into(), &["plugin", "control", "state", "severity", "message", "evidence"])
        }
        Table::Verdicts => (Kind::Verdict.into(), &["sequence", "plugin", "outcome", "reason", "fuel"]),
        _ => (Kinds::EVENTS, &["content", "parameters", "data", "semantics", "metadata", "other"]),
    };
    let content = wanted.columns.have(wanted.table, own);
    search(reader, wanted, (kinds, content), &mut |record| give(row_of(wanted, record)))
}

fn row_of(wanted: &Wanted, record: &Found<'_>) -> Row {
    let head = Head::of(record);
    row(wanted.table, wanted.columns, (record.log, record.sequence), |column| {
        match (wanted.table, &record.said) {
            (Table::Traces, _) => trace_cell(&head, &record.event, column),
            (Table::Events, _) => event_cell(&head, &record.event, column),
            (Table::Verdicts, said) => {
                let ruled = if let Said::Verdict(on, verdict) = said { Some((*on, verdict)) } else { None };
                verdict_cell(&head, ruled, column)
            }
            (_, Said::Finding(finding)) => finding_cell(&head, Some(finding), column),
            (_, _) => finding_cell(&head, None, column),
        }
    })
}

fn sessions(reader: &Reader, wanted: &Wanted, give: &mut Give<'_>) -> Result<(), QueryError> {
    let log = reader.runtime.log_id()?;
    for (session, sequence) in reader.sessions()?.into_iter().zip(0..) {
        let made =
            row(wanted.table, wanted.columns, (log, sequence), |column| session_cell(&session, column));
        if give(made).is_break() {
            break;
        }
    }
    Ok(())
}
