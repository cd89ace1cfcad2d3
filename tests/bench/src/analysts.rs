//! What an analyst does with a log: take it out as tables, load it elsewhere, aggregate. The peers get
//! the very Parquet file that this project has exported.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::time::Instant;

use activemirror::{Ask, Error, Met, Reveal, What};
use activemirror_export::{Format, Table, WriteError, Writer};
use anyhow::{Result, ensure};

use crate::report::{Better, Row};
use crate::workload::Event;
use crate::{Arguments, PEER_BATCH, bytes, duckdb, ours, peers, rate};

/// The aggregate, in words that all peers understand.
const QUESTION: &str =
    "SELECT intent, type, count(*), avg(confidence) FROM events GROUP BY intent, type ORDER BY intent, type";

/// How often the aggregate is asked for.
const TIMES: usize = 9;

/// Rows of the table.
pub(crate) fn rows(arguments: &Arguments, events: &[Event]) -> Result<Vec<Row>> {
    let folder = arguments.folder()?;
    let ingested = ours::ingest(folder.path(), events, Vec::new())?;
    let size = bytes(&folder.path().join("data"))?;
    let count = events.len() as f64;
    let parquet = folder.path().join("events.parquet");
    let written = export(folder.path(), Format::Parquet, &parquet)?;
    let exported = parquet.metadata()?.len() as f64 / count;
    let csv = export(folder.path(), Format::Csv, &folder.path().join("events.csv"))?;
    let duckdb = duckdb::load(&parquet, &folder.path().join("events.duckdb"), QUESTION, TIMES)?;
    ensure!(duckdb.rows == events.len(), "DuckDB has {} rows of {}", duckdb.rows, events.len());
    let ours = aggregate(folder.path(), duckdb.groups)?;
    let sqlite = sqlite(arguments, events, duckdb.groups)?;
    let millis = |asked: &[f64]| asked[asked.len() / 2] * 1e3;
    Ok(vec![
        Row::new(
            "ingest S, beside a bulk load of Parquet",
            "events/s",
            Better::Higher,
            rate(events.len(), ingested.took),
        )
        .beside("DuckDB", count / duckdb.load),
        Row::new("stored size S, beside a bulk load", "B/event", Better::Lower, size / count)
            .beside("DuckDB", duckdb.size / count),
        Row::new("export S as Parquet", "events/s", Better::Higher, count / written),
        Row::new("size of that Parquet file, unsealed", "B/event", Better::Lower, exported),
        Row::new("export S as CSV", "events/s", Better::Higher, count / csv),
        Row::new("count and mean confidence by intent and type, a pass", "ms", Better::Lower, millis(&ours))
            .beside("SQLite", millis(&sqlite))
            .beside("DuckDB", millis(&duckdb.asked)),
    ])
}

const ALL: Ask<'static> =
    Ask { kinds: Table::Events.kinds(), traces: &[], reveal: Reveal::Masked, request: "bench" };

/// Exports all events; seconds.
fn export(folder: &Path, format: Format, to: &Path) -> Result<f64> {
    let runtime = ours::open(folder, Vec::new())?;
    let begun = Instant::now();
    let mut writer = Writer::begin(Table::Events, format, BufWriter::new(File::create(to)?))?;
    runtime.pass(&ALL, |met| -> Result<()> { Ok(writer.write(&met)?) }, |_, _| ())?;
    writer.finish()?.into_inner().map_err(|error| WriteError::Io(error.into_error()))?.sync_all()?;
    Ok(begun.elapsed().as_secs_f64())
}

/// The aggregate by one pass over everything; seconds each time, shortest first.
fn aggregate(folder: &Path, groups: usize) -> Result<Vec<f64>> {
    let runtime = ours::open(folder, Vec::new())?;
    let once = |_| {
        let begun = Instant::now();
        let mut all: BTreeMap<(Option<String>, &str), (u64, f64)> = BTreeMap::new();
        let take = |met: Met| -> Result<(), Error> {
            if let What::Event(met) = met.what {
                let kind = met.event.kind.event_name().unwrap_or_default();
                let group = all.entry((met.event.intent, kind)).or_default();
                *group = (group.0 + 1, group.1 + met.event.confidence.unwrap_or_default());
            }
            Ok(())
        };
        runtime.pass(&ALL, take, |_, _| ())?;
        ensure!(all.len() == groups, "{} groups here, and {groups} in DuckDB", all.len());
        Ok(begun.elapsed().as_secs_f64())
    };
    let mut asked: Vec<f64> = (0..TIMES).map(once).collect::<Result<_>>()?;
    asked.sort_unstable_by(f64::total_cmp);
    Ok(asked)
}

/// The same question to `SQLite`.
fn sqlite(arguments: &Arguments, events: &[Event], groups: usize) -> Result<Vec<f64>> {
    let folder = arguments.folder()?;
    let file = folder.path().join("events.db");
    peers::sqlite(&file, events, PEER_BATCH)?;
    let connection = rusqlite::Connection::open(&file)?;
    let mut question = connection.prepare(&QUESTION.replace("type", "kind"))?;
    let mut once = |_| {
        let begun = Instant::now();
        let rows = question.query_map([], |row| row.get::<_, f64>(3))?.collect::<Result<Vec<_>, _>>()?;
        ensure!(rows.len() == groups, "{} groups in SQLite, and {groups} in DuckDB", rows.len());
        Ok(begun.elapsed().as_secs_f64())
    };
    let mut asked: Vec<f64> = (0..TIMES).map(&mut once).collect::<Result<_>>()?;
    asked.sort_unstable_by(f64::total_cmp);
    Ok(asked)
}
