//! `activemirror query`: SQL, or a filter, over the log.

mod clock;
mod lines;

use core::time::Duration;
use std::fs::File;
use std::io::{self, Read, Write};

use activemirror::{Reveal, Runtime};
use activemirror_query::{
    Ask, Limits, Lookup, QueryError, Report, Wrong, event_columns, find, run as run_sql,
};
use serde_json::json;

use self::clock::Clock;
use self::lines::Lines;
use crate::arguments::{Arguments, QueryArguments};
use crate::command::{left_out, request};
use crate::failure::Failure;
use crate::output::harmless;
use crate::place;
use crate::plugins::Governing;

/// Bytes of a query that are read; more than a query may have, so that it is told so.
const TEXT_BYTES: u64 = 1 << 20;

/// What a table of events shows.
const SHOWN: [&str; 8] =
    ["timestamp", "trace_id", "sequence", "type", "action", "intent", "confidence", "content"];

pub(crate) fn run(arguments: &Arguments, query: &QueryArguments) -> Result<(), Failure> {
    let text = text(query)?;
    let runtime = place::open(arguments, Governing::Nothing)?;
    let limits = Limits {
        rows: query.max_rows,
        time: Duration::from_secs(query.timeout),
        memory_bytes: query.max_memory << 20,
    };
    let clock = Clock::start(limits.time, arguments.json);
    let mut lines = Lines::new(arguments.json, clock.beat());
    let done = answer(&runtime, query, &text, limits, arguments.json, &mut lines);
    let done = done.map_err(|error| failure(&error, &text));
    // What came before a limit was reached is worth seeing.
    lines.finish()?;
    drop(clock);
    left_out::say(&runtime, arguments.json);
    let report = done?;
    if query.explain {
        explain(&report, arguments.json)?;
    }
    match report.unread() {
        unread if unread.is_empty() => Ok(()),
        unread => {
            let list: Vec<String> = unread.into_iter().map(harmless).collect();
            Err(Failure::system(format_args!(
                "what is above may not be all there is; blocks could not be read:\n  {}",
                list.join("\n  ")
            )))
        }
    }
}

fn answer(
    runtime: &Runtime,
    query: &QueryArguments,
    text: &str,
    limits: Limits,
    json: bool,
    lines: &mut Lines,
) -> Result<Report, QueryError> {
    let reveal = if query.reveal { Reveal::Originals } else { Reveal::Masked };
    let request = &*request();
    if query.filter.is_none() {
        return run_sql(runtime, &Ask { sql: text, reveal, request, limits }, lines);
    }
    let all: Vec<&str> = event_columns().collect();
    let columns = if json { &*all } else { &SHOWN };
    find(runtime, &Lookup { filter: text, columns, limit: query.limit, reveal, request, limits }, lines)
}

/// The query, or the filter.
fn text(query: &QueryArguments) -> Result<String, Failure> {
    match (&query.filter, &query.file, query.sql.as_deref()) {
        (Some(filter), _, _) => Ok(filter.clone()),
        (_, Some(path), _) => {
            let cannot = |error| Failure::input(format_args!("cannot read {}: {error}", path.display()));
            read(File::open(path).map_err(cannot)?).map_err(cannot)
        }
        (_, _, Some("-")) => read(io::stdin().lock())
            .map_err(|error| Failure::input(format_args!("cannot read the query: {error}"))),
        (_, _, sql) => Ok(sql.unwrap_or_default().to_owned()),
    }
}

fn read(source: impl Read) -> io::Result<String> {
    let mut text = String::new();
    source.take(TEXT_BYTES).read_to_string(&mut text)?;
    Ok(text)
}

fn failure(error: &QueryError, text: &str) -> Failure {
    let place = error.place_in(text).map(|place| format!("\n{}", harmless(&place)));
    let message = format!("{}{}", harmless(&error.to_string()), place.unwrap_or_default());
    match &error.wrong {
        Wrong::Output(error) => Failure::of_output(error),
        _ if error.is_of_the_query() => Failure::input(message),
        _ => Failure::system(message),
    }
}

fn explain(report: &Report, json: bool) -> Result<(), Failure> {
    let mut err = anstream::stderr().lock();
    if json {
        let scans = report.scans.iter().map(|scan| {
            json!({
                "table": scan.table, "reached": scan.reached, "runs": scan.runs, "rows": scan.rows,
                "blocks": scan.blocks, "ruled_out_by_index": scan.ruled_out_by_index,
                "ruled_out_by_header": scan.ruled_out_by_header, "ruled_out_by_zone": scan.ruled_out_by_zone,
                "opened": scan.opened, "unsealed": scan.unsealed, "looked_at": scan.looked_at,
                "left_out": scan.left_out,
                "unread": scan.unread,
            })
        });
        let scans: Vec<_> = scans.collect();
        writeln!(err, "{}", json!({ "explain": scans, "rewritten": report.rewritten, "rows": report.rows }))?;
        return Ok(());
    }
    if let Some(rewritten) = &report.rewritten {
        writeln!(err, "\nas SQLite ran it: {}", harmless(rewritten))?;
    }
    report.scans.iter().try_for_each(|scan| writeln!(err, "\n{}", harmless(&scan.to_string())))?;
    Ok(())
}
