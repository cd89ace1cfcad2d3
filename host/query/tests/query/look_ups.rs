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

/// Traces with as many events as their number says.
fn numbered(count: usize, events: impl Fn(usize) -> usize) -> World {
    let traces: Vec<Json> = (0..count)
        .map(|number| {
            let said: Vec<Json> = (0..events(number)).map(|n| action("send", json!({ "n": n }))).collect();
            let mut told = trace(&format!("{number:04}"), AT, &said);
            told["system"] = format!("You are {number}.").into();
            told
        })
        .collect();
    World::with(&traces)
}

#[test]
fn the_rest_of_a_trace_is_its_own_however_many_are_asked_for() {
    let world = numbered(700, |number| number % 5);
    let expected = |number: usize| {
        vec![json!(format!("{number:04}")), json!(number % 5), json!(format!("You are {number}.")), json!(0)]
    };
    let columns = "trace_id, event_count, system, governed";
    for (condition, is_due) in [
        ("true", (|_| true) as fn(usize) -> bool),
        ("trace_id LIKE '%7'", |number| number % 10 == 7),
        ("trace_id LIKE '%7' OR trace_id LIKE '05%'", |number| number % 10 == 7 || number / 100 == 5),
        ("event_count = 3", |number| number % 5 == 3),
        ("system = 'You are 3.'", |number| number == 3),
        ("sequence < 0", |_| false),
    ] {
        for order in ["1", "1 DESC", "event_count, 1"] {
            let sql = format!("SELECT {columns} FROM traces WHERE {condition} ORDER BY {order}");
            let mut rows = world.rows(&sql);
            rows.sort_by_key(|row| row[0].to_string());
            let due: Vec<_> = (0..700).filter(|number| is_due(*number)).map(expected).collect();
            assert_eq!(rows, due, "{sql}");
        }
    }
}

#[test]
fn a_join_tells_the_rest_of_each_trace() {
    let world = numbered(50, |_| 3);
    let sql = "SELECT t.trace_id, t.event_count, t.system, count(*) FROM events e JOIN traces t USING (log, trace_id) \
               GROUP BY 1, 2, 3 ORDER BY 1";
    let (rows, scan) = scan(&world, sql, "traces");
    let due =
        |number| vec![json!(format!("{number:04}")), json!(3), json!(format!("You are {number}.")), json!(3)];
    assert_eq!(rows, (0..50).map(due).collect::<Vec<_>>());
    assert!(scan.opened <= 150, "{scan}");
}

#[test]
fn the_rest_of_a_trace_is_looked_up_where_the_query_lets_it_through() {
    let common: Vec<Json> = (0..20_000).map(|n| action("send", json!({ "n": n }))).collect();
    let mut rare = common.clone();
    rare.push(decision("refund", 0.5));
    let world =
        World::with(&[trace("one", AT, &common), trace("two", AT, &rare), trace("three", AT, &common)]);
    let (rows, report) = world.ask("SELECT * FROM traces WHERE events.intent = 'refund'", Limits::default());
    assert_eq!(rows.rows.len(), 1);
    let report = report.unwrap();
    let scan = report.scans.iter().find(|scan| scan.table == "traces").unwrap();
    // What begins each, and all of one.
    assert!(scan.opened < 3 + scan.blocks * 2 / 3, "{scan}");
}

#[test]
fn the_rest_of_many_traces_is_looked_up_together() {
    let world = numbered(1_000, |_| 1);
    let (rows, report) = world.ask("SELECT sum(event_count), count(system) FROM traces", Limits::default());
    assert_eq!(rows.rows, [[json!(1_000), json!(1_000)]]);
    let scan = &report.unwrap().scans[0];
    assert!(scan.opened < 50 * scan.blocks, "{scan}");
}
