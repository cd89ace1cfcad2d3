//! What strangers write into a log, on its way out as a table: it comes back as it was, breaks no reader,
//! and runs in no spreadsheet.

use std::fs;

use serde_json::{Value, json};

use crate::duckdb;
use crate::export::{FORMATS, events, unguarded, value};
use crate::place::Place;

/// Texts that somebody wrote to break a reader, or whoever opens a sheet.
fn hostile() -> Vec<String> {
    let long = "x\"\n,".repeat(100_000);
    [
        "",
        " ",
        "NULL",
        "null",
        "\\N",
        "\"",
        "\"\"",
        "a,b;c\td",
        "line\nbreak",
        "carriage\r\nreturn",
        "\n",
        "\r",
        "nul \u{0} inside",
        "\\ud800 and \\u0000",
        "⟦email·00ff00⟧",
        "grüße 🦀 \u{202e}txt",
        "=1+1",
        "=cmd|' /C calc'!A0",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "＝1",
        "'=1",
        "''",
        "'",
        "0123",
        "1e5",
        "2026-01-01",
        "#comment",
        "\u{feff}bom",
        &long,
    ]
    .map(str::to_owned)
    .into()
}

fn hostile_trace() -> String {
    let event = |text: &String| json!({ "type": "output", "timestamp": 1_768_473_000, "content": text });
    let mut events: Vec<Value> = hostile().iter().map(event).collect();
    events.push(json!({ "type": "output", "timestamp": 1_768_473_000 }));
    json!({ "trace_id": "t,\"\n", "agent_id": "=agent", "events": events }).to_string()
}

#[test]
fn hostile_texts_come_back_as_they_were_and_run_nowhere() {
    let place = Place::new();
    let file = place.file("one.jsonl", hostile_trace());
    place.good(&["--no-plugins", "import", file.to_str().unwrap()]);
    for format in FORMATS {
        let file = place.exported(format, &[]);
        let rows = duckdb::ask(&format!(
            "SELECT content, trace_id, agent_id, session_id FROM {} ORDER BY sequence",
            duckdb::table(&file)
        ));
        let (last, texts) = rows.split_last().unwrap();
        assert_eq!(texts.len(), hostile().len(), "{format}");
        for (row, text) in texts.iter().zip(hostile()) {
            let read = row[0].as_str().unwrap_or_else(|| panic!("{text:?} is NULL in {format}"));
            let read = if format == "csv" { unguarded(read) } else { read };
            assert_eq!(read, text, "{format}");
        }
        assert_eq!(last[0], Value::Null, "no text is none in {format}");
        assert_eq!((last[1].as_str(), &last[3]), (Some("t,\"\n"), &Value::Null));
        if format == "csv" {
            assert_eq!(last[2], "'=agent");
            runs_nothing(&rows);
        }
    }
}

#[track_caller]
fn runs_nothing(rows: &[Value]) {
    for cell in rows.iter().flat_map(|row| row.as_array().unwrap()).filter_map(Value::as_str) {
        let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
        assert!(!formula, "a spreadsheet may run {cell:?}");
    }
}

/// Fields that do not fit the usual columns, each with its exact text.
const FIELDS: &str = concat!(
    r#"{"trace_id":"t","agent_id":"a","timestamp":"2026-01-15T10:30:00.000Z","extra":{"k":[1,{"x":null}]},"events":["#,
    r#"{"type":"action","timestamp":"2026-01-15T10:30:00.123456Z","action":"do","parameters":"#,
    r#"{"big":12345678901234567890123,"e":1e400,"minus":-0,"one":1.0,"s":"\"q\"","a/b":{"~[0]":[]},"n":null},"#,
    r#""semantics":{"intent":"i","confidence":1,"alternatives":["x"]},"new_key":[true]},"#,
    r#"{"type":"thought","timestamp":"2026-01-15T10:30:01.000Z","semantics":{"confidence":"high"}},"#,
    r#"{"type":"observation","timestamp":"2026-01-15T10:30:02.000Z","data":[1,2],"metadata":{"source":"tool"}},"#,
    r#"{"type":"observation","timestamp":"2026-01-15T10:30:03.000Z","data":{},"#,
    r#""semantics":{"confidence":0.25}}]}"#
);

#[test]
fn every_field_has_its_place_and_numbers_their_digits() {
    let place = Place::new();
    let file = place.file("one.jsonl", FIELDS);
    place.good(&["--no-plugins", "import", file.to_str().unwrap()]);
    for format in ["parquet", "csv"] {
        let rows = events(&place.exported(format, &[]));
        let parameters = concat!(
            r#"{"big":12345678901234567890123,"e":1e400,"minus":-0,"one":1.0,"s":"\"q\"","#,
            r#""a/b":{"~[0]":[]},"n":null}"#
        );
        assert_eq!(rows[0][9], parameters);
        assert_eq!(rows[0][11], r#"{"confidence":1,"alternatives":["x"]}"#);
        let other = r#"{"timestamp":"2026-01-15T10:30:00.123456Z","new_key":[true]}"#;
        assert_eq!(value(&rows[0][13]), serde_json::from_str::<Value>(other).unwrap());
        assert_eq!((&rows[0][14], &rows[0][15]), (&"i".into(), &1.0.into()));
        assert_eq!((&rows[1][11], &rows[1][15]), (&r#"{"confidence":"high"}"#.into(), &Value::Null));
        assert_eq!((&rows[2][10], &rows[2][12]), (&"[1,2]".into(), &r#"{"source":"tool"}"#.into()));
        assert_eq!((&rows[3][10], &rows[3][15]), (&"{}".into(), &0.25.into()));
    }
    let traces = place.exported("parquet", &["--table", "traces"]);
    assert_eq!(
        duckdb::one(&format!("SELECT other FROM {}", duckdb::table(&traces))),
        r#"{"extra":{"k":[1,{"x":null}]}}"#
    );
    let lines = fs::read_to_string(place.exported("jsonl", &[])).unwrap();
    assert!(lines.contains(r#""big":12345678901234567890123,"e":1e400,"minus":-0,"one":1.0"#), "{lines}");
}
