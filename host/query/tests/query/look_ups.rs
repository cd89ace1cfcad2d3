//! What a query looks up trace by trace: each row once, and nothing twice that is known.

use activemirror_query::{Limits, ScanReport};
use serde_json::{Value as Json, json};

use crate::world::{World, action, decision, trace};

const AT: &str = "2024-05-01T10:00:00.000Z";

fn scan(world: &World, sql: &str, table: &str) -> (Vec<Vec<Json>>, ScanReport) {
    let (rows, report) = world.ask(sql, Limits::default());
    let mut scans = report.unwrap().scans.into_iter().filter(|scan| scan.table == table && scan.runs > 1);
    (rows.rows, scans.next().unwrap())
}

#[test]
fn a_join_looks_each_trace_up_once() {
    let decisions: Vec<Json> = (0..50).map(|n| decision("refund", f64::from(n) / 100.0)).collect();
    let world = World::with(&[trace("one", AT, &decisions), trace("two", AT, &decisions)]);
    let sql = "SELECT t.agent_id, e.confidence FROM events e LEFT JOIN traces t USING (log, trace_id)";
    let (rows, scan) = scan(&world, sql, "traces");
    assert_eq!((rows.len(), scan.runs, scan.rows, scan.opened), (100, 100, 2, 2));
}

#[test]
fn exists_takes_no_more_than_it_needs() {
    let actions: Vec<Json> = (0..500).map(|n| action("send", json!({ "n": n }))).collect();
    let world = World::with(&[trace("one", AT, &actions), trace("two", AT, &actions)]);
    let (rows, scan) = scan(&world, "SELECT trace_id FROM traces WHERE events.type = 'action'", "events");
    assert_eq!((rows.len(), scan.runs), (2, 2));
    assert!(scan.rows < 200, "{scan}");
}

/// As many as come first, and those behind them.
#[test]
fn every_row_of_a_trace_comes_once() {
    for count in [0, 1, 63, 64, 65, 66, 2_000_i64] {
        let actions: Vec<Json> = (0..count).map(|n| action("send", json!({ "n": n }))).collect();
        let world = World::with(&[trace("one", AT, &actions), trace("other", AT, &[])]);
        let sql = "SELECT parameters.n FROM events WHERE trace_id = 'one'";
        let numbers: Vec<i64> = world.rows(sql).iter().map(|row| row[0].as_i64().unwrap()).collect();
        assert!(numbers.into_iter().eq(0..count), "{count}");
    }
}

#[test]
fn what_begins_a_trace_is_found_without_the_rest_of_it() {
    let actions: Vec<Json> = (0..20_000).map(|n| action("send", json!({ "n": n }))).collect();
    let world = World::with(&[trace("one", AT, &actions), trace("two", AT, &actions)]);
    for condition in ["trace_id = 'two'", "trace_id IN ('none', 'two')", "agent_id = 'support-bot'"] {
        let sql = format!("SELECT trace_id FROM traces WHERE {condition}");
        let (rows, report) = world.ask(&sql, Limits::default());
        let scan = &report.unwrap().scans[0];
        assert!(scan.blocks > 3, "{scan}");
        assert_eq!(scan.opened, rows.rows.len() as u64, "{scan}");
    }
}
