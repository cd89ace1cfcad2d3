//! What analysts get: tables that another implementation reads, masked, whole, with nothing lost and
//! nothing that runs.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::duckdb;
use crate::place::{Place, shared, trace};

pub(crate) const FORMATS: [&str; 3] = ["parquet", "csv", "jsonl"];

/// The columns that are the same as members of an event, and how a question asks for them.
const EVENT: &str = "trace_id, agent_id, session_id, user_id, event_id, type, epoch_ms(timestamp), content, \
                     action, parameters, data, semantics, metadata, other, intent, confidence, readable, verdict";

impl Place {
    /// Exports a table to a file.
    #[track_caller]
    pub(crate) fn exported(&self, format: &str, arguments: &[&str]) -> PathBuf {
        let file = self.path(&format!("table.{format}"));
        let output = ["export", "--format", format, "--output", file.to_str().unwrap()];
        self.good(&[&output, arguments].concat());
        file
    }

    fn with(trace: &str) -> Self {
        let place = Self::new();
        let file = place.file("one.jsonl", trace);
        place.good(&["--plugin", "pii", "import", file.to_str().unwrap()]);
        place
    }
}

/// The events of a table, in order.
pub(crate) fn events(file: &Path) -> Vec<Value> {
    duckdb::ask(&format!("SELECT {EVENT} FROM {} ORDER BY log, sequence", duckdb::table(file)))
}

#[test]
fn real_runs_say_as_tables_what_they_say_as_json() {
    let Some(path) = shared("tau-airline/trial0.json") else { return };
    let place = Place::new();
    let imported = &place.json(&["import", path.to_str().unwrap()])[0];
    let traces = place.json(&["export", "--reveal"]);
    for format in FORMATS {
        let rows = events(&place.exported(format, &["--reveal"]));
        assert_eq!(Value::from(rows.len()), imported["events"], "{format}");
        let mut rows = rows.iter();
        for trace in &traces {
            for (place, event) in trace["events"].as_array().unwrap().iter().enumerate() {
                let row = rows.next().unwrap();
                compare(trace, place, event, &if format == "csv" { unguarded_row(row) } else { row.clone() });
            }
        }
    }
}

/// A row against its event in the exchange format.
#[track_caller]
fn compare(trace: &Value, place: usize, event: &Value, row: &Value) {
    let texts = ["trace_id", "agent_id", "session_id", "user_id"].map(|key| &trace[key]);
    assert_eq!(texts.to_vec(), row.as_array().unwrap()[..4].iter().collect::<Vec<_>>());
    let time: jiff::Timestamp = event["timestamp"].as_str().unwrap().parse().unwrap();
    assert_eq!(row[6], time.as_millisecond());
    for (at, key) in [(4, "event_id"), (5, "type"), (7, "content"), (8, "action")] {
        assert_eq!(row[at], event[key], "{key} of {event}");
    }
    for (at, key) in [(9, "parameters"), (10, "data"), (12, "metadata")] {
        assert_eq!(value(&row[at]), event[key], "{key} of {event}");
    }
    assert_eq!((&row[14], &row[15]), (&event["semantics"]["intent"], &event["semantics"]["confidence"]));
    assert_eq!(row[16], "open");
    assert_eq!(row[17], strongest(trace, place));
}

/// A row out of CSV, as the help says to read it.
fn unguarded_row(row: &Value) -> Value {
    let cell = |cell: &Value| match cell {
        Value::String(text) => unguarded(text).into(),
        other => other.clone(),
    };
    row.as_array().unwrap().iter().map(cell).collect()
}

/// A text out of CSV, the same way.
pub(crate) fn unguarded(text: &str) -> &str {
    text.strip_prefix('\'').unwrap_or(text)
}

/// What a cell of JSON stands for: `DuckDB` gives its text.
pub(crate) fn value(cell: &Value) -> Value {
    cell.as_str().map(|text| serde_json::from_str(text).unwrap()).unwrap_or_default()
}

/// The strongest verdict on an event, by the export of its trace.
fn strongest(trace: &Value, event: usize) -> Value {
    const ORDER: [&str; 5] = ["allow", "mask", "drop", "require-approval", "deny"];
    let verdicts = trace["verdicts"].as_array().into_iter().flatten();
    let outcomes = verdicts.filter(|verdict| verdict["event"] == event).map(|verdict| &verdict["outcome"]);
    let rank = |outcome: &&Value| ORDER.iter().position(|known| *outcome == known);
    outcomes.max_by_key(rank).cloned().unwrap_or_default()
}

#[test]
fn the_other_tables_join_with_the_events() {
    let Some(path) = shared("tau-airline/trial0.json") else { return };
    let place = Place::new();
    place.good(&["import", path.to_str().unwrap()]);
    let traces = place.json(&["export"]);
    let count = |list: &str| traces.iter().filter_map(|trace| trace[list].as_array()).map(Vec::len).sum();
    let [events, verdicts, findings]: [usize; 3] = ["events", "verdicts", "findings"].map(count);
    for (table, rows) in [("events", events), ("verdicts", verdicts), ("findings", findings), ("traces", 50)]
    {
        let file = place.path(&format!("{table}.parquet"));
        let to = file.to_str().unwrap();
        let said = &place.json(&["export", "--format", "parquet", "--table", table, "-o", to])[0];
        assert_eq!((&said["rows"], &said["erased"]), (&rows.into(), &0.into()), "{table}");
        assert_eq!(duckdb::one(&format!("SELECT count(*) FROM '{to}'")), rows);
    }
    let at = |table: &str| place.path(&format!("{table}.parquet")).display().to_string();
    let judged = duckdb::ask(&format!(
        "SELECT v.outcome, count(*) FROM '{}' v JOIN '{}' e ON v.log = e.log AND v.of_sequence = e.sequence \
         GROUP BY v.outcome ORDER BY ALL",
        at("verdicts"),
        at("events")
    ));
    let on_events = |outcome: &Value| {
        let all = traces.iter().filter_map(|trace| trace["verdicts"].as_array()).flatten();
        all.filter(|verdict| !verdict["event"].is_null() && verdict["outcome"] == *outcome).count()
    };
    assert!(judged.len() >= 3, "{judged:?}");
    judged.iter().for_each(|row| assert_eq!(row[1], on_events(&row[0]), "{row}"));
    let shown = duckdb::one(&format!(
        "SELECT count(*) FROM (SELECT log, unnest(CAST(evidence AS UBIGINT[])) AS sequence FROM '{}') \
         JOIN '{}' USING (log, sequence)",
        at("findings"),
        at("events")
    ));
    let evidence = |finding: &Value| finding["events"].as_array().unwrap().len();
    let all = traces.iter().filter_map(|trace| trace["findings"].as_array()).flatten();
    assert_eq!(shown, all.map(evidence).sum::<usize>());
}

#[test]
fn columns_have_their_types() {
    let place = Place::with(&trace("t", "zoe", "hello"));
    let types = |file: &Path| -> Value {
        let described = duckdb::ask(&format!("DESCRIBE SELECT * FROM {}", duckdb::table(file)));
        described.iter().map(|row| (row[0].as_str().unwrap().to_owned(), row[1].clone())).collect()
    };
    let packed = types(&place.exported("parquet", &[]));
    for (column, kind) in [
        ("log", "VARCHAR"),
        ("sequence", "UBIGINT"),
        ("timestamp", "TIMESTAMP WITH TIME ZONE"),
        ("content", "VARCHAR"),
        ("parameters", "JSON"),
        ("confidence", "DOUBLE"),
    ] {
        assert_eq!(packed[column], kind, "{column} in {packed}");
    }
    let csv = types(&place.exported("csv", &[]));
    assert_eq!((&csv["sequence"], &csv["content"]), (&"BIGINT".into(), &"VARCHAR".into()), "{csv}");
    assert!(csv["timestamp"].as_str().unwrap().starts_with("TIMESTAMP"), "{csv}");
}

#[test]
fn tables_are_masked_unless_revealing_is_asked_for_and_noted() {
    let said = "write to zoe.keller@example.org";
    let place = Place::with(&[trace("t", "zoe", said), trace("u", "zoe", said)].join("\n"));
    let records = || place.json(&["verify"])[0]["records"].as_u64().unwrap();
    let before = records();
    for format in FORMATS {
        let rows = events(&place.exported(format, &[]));
        assert!(rows.iter().all(|row| !row.to_string().contains("zoe.keller")), "{format}: {rows:?}");
        assert!(rows[0][7].as_str().unwrap().starts_with("write to ⟦email·"), "{format}: {rows:?}");
    }
    assert_eq!(records(), before, "a masked look leaves no record");
    for (place_in_row, format) in (1..).zip(FORMATS) {
        let rows = events(&place.exported(format, &["--reveal"]));
        assert_eq!(rows[0][7], said, "{format}");
        assert_eq!(records(), before + 2 * place_in_row, "one note a trace");
    }
    let marked = place.exported("parquet", &["t"]);
    let question = format!("SELECT marked, count(*) OVER () FROM {}", duckdb::table(&marked));
    assert_eq!(duckdb::ask(&question)[0], json!([r#"["email"]"#, 3]));
}

#[test]
fn an_erased_person_leaves_rows_that_say_so() {
    let place = Place::with_two_traces();
    place.good(&["vault", "erase", "--subject", "ann", "--yes"]);
    for format in FORMATS {
        let ran = place.run(&["export", "--format", format, "-o", place.path("t").to_str().unwrap()]);
        assert_eq!(ran.status, 0, "{ran:?}");
        assert!(ran.err.contains("3 of 6 rows have no content: their person was erased"), "{ran:?}");
        let file = place.exported(format, &[]);
        let rows = events(&file);
        let erased: Vec<&Value> = rows.iter().filter(|row| row[16] == "erased").collect();
        assert_eq!((rows.len(), erased.len()), (6, 3));
        assert!(
            erased.iter().all(|row| row[7].is_null() && row[9].is_null() && row[3].is_null()),
            "{rows:?}"
        );
        assert!(!String::from_utf8_lossy(&fs::read(&file).unwrap()).contains("kettle"));
    }
}

#[test]
fn a_file_appears_whole_or_not_at_all() {
    let place = Place::with_two_traces();
    let log = place.data().join("log.redb");
    let mut bytes = fs::read(&log).unwrap();
    let magics: Vec<usize> = (0..bytes.len() - 8).filter(|at| &bytes[*at..*at + 8] == b"AMBLOCK1").collect();
    magics.iter().for_each(|at| bytes[at + 80] ^= 1);
    fs::write(&log, bytes).unwrap();
    for format in ["mirrordna", "jsonl", "parquet", "csv"] {
        let (new, old) = (place.path("new"), place.file("old", "what was there"));
        for file in [&new, &old] {
            place.bad(&["export", "--format", format, "-o", file.to_str().unwrap()], 3, &["block"]);
        }
        assert!(!new.exists(), "{format}");
        assert_eq!(fs::read_to_string(&old).unwrap(), "what was there", "{format}");
    }
    let left = fs::read_dir(place.path(".")).unwrap();
    let names = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(names.into_iter().all(|name| !name.contains("export")), "something half written is left");
}

#[test]
fn standard_output_gets_it_as_it_comes() {
    let place = Place::with_two_traces();
    let out = place.command(&["export", "--format", "parquet"]).output().unwrap();
    assert!(out.stdout.starts_with(b"PAR1") && out.stdout.ends_with(b"PAR1"));
    let file = place.file("piped.parquet", out.stdout);
    assert_eq!(duckdb::one(&format!("SELECT count(*) FROM {}", duckdb::table(&file))), 6);
    let csv = place.good(&["export", "--format", "csv", "trace-one"]);
    assert_eq!(csv.lines().count(), 4, "{csv}");
    assert!(csv.starts_with("log,sequence,trace_id,"), "{csv}");
}

#[test]
fn an_export_that_makes_no_sense() {
    let place = Place::with_two_traces();
    place.bad(&["export", "--table", "findings"], 2, &["--table", "parquet"]);
    place.bad(&["export", "--format", "csv", "nothing"], 2, &["no trace nothing"]);
    place.bad(&["export", "--format", "csv", "-o", place.path(".").to_str().unwrap()], 2, &["cannot write"]);
    let nowhere = place.path("no/such/folder/t.csv");
    place.bad(&["export", "--format", "csv", "-o", nowhere.to_str().unwrap()], 2, &["cannot write"]);
}

/// A whole trace is held where one trace is one line. Tables hold a few blocks of it, or a pack of what
/// was small blocks: the shorter trace fills more than one of those.
#[cfg(target_os = "linux")]
#[test]
fn a_long_trace_takes_no_more_memory_than_a_shorter_one() {
    let peaks = |events: usize| {
        let said = "the kettle leaks, and it did so yesterday and the day before, all over the table";
        let event = |n: usize| json!({ "type": "output", "timestamp": n, "content": format!("{n}: {said}") });
        let events: Vec<Value> = (0..events).map(event).collect();
        let place = Place::new();
        let long = json!({ "trace_id": "t", "agent_id": "a", "events": events }).to_string();
        let file = place.file("long.jsonl", long);
        place.good(&["--no-plugins", "import", file.to_str().unwrap()]);
        let to = place.path("table");
        let output = ["-o", to.to_str().unwrap()];
        ["csv", "jsonl", "parquet", "mirrordna"].map(|format| {
            duckdb::peak(&place.command(&[&["export", "--format", format][..], &output].concat()))
        })
    };
    let (short, long) = (peaks(90_000), peaks(240_000));
    // Parquet holds a row group, which the shorter one does not fill.
    for (format, room) in [8 << 20, 8 << 20, 48 << 20].into_iter().enumerate() {
        assert!(long[format] < short[format] + room, "{short:?} {long:?}");
    }
    assert!(long[3] > short[3] + (48 << 20), "a trace of this length is no test: {short:?} {long:?}");
}

#[test]
fn an_empty_log_is_an_empty_table() {
    let place = Place::new();
    for format in ["parquet", "csv"] {
        let file = place.exported(format, &[]);
        assert_eq!(duckdb::one(&format!("SELECT count(*) FROM {}", duckdb::table(&file))), 0, "{format}");
    }
    assert_eq!(fs::read(place.exported("jsonl", &[])).unwrap(), b"");
}
