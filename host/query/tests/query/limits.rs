//! What takes too much is stopped, and says which limit it was.

use core::time::Duration;

use activemirror_query::{Limit, Limits};

use crate::world::{World, action, decision, trace};

fn world() -> World {
    let big = "x".repeat(1 << 16);
    let events: Vec<_> = (0..50).map(|_| action("store", serde_json::json!({ "text": big }))).collect();
    World::with(&[
        trace("t", "2024-05-01T10:00:00.000Z", &[decision("refund", 0.5)]),
        trace("big", "2024-05-01T10:00:00.000Z", &events),
    ])
}

const SHORT: Limits = Limits { rows: 1_000, time: Duration::from_millis(200), memory_bytes: 32 << 20 };

#[track_caller]
fn stopped_by(world: &World, sql: &str, name: &str) {
    stopped_by_one_of(world, sql, &[name]);
}

/// Which of several limits comes first is the machine's.
#[track_caller]
fn stopped_by_one_of(world: &World, sql: &str, names: &[&str]) {
    let (_, report) = world.ask(sql, SHORT);
    let error = report.expect_err(sql);
    assert!(error.limit().is_some_and(|limit| names.contains(&limit.name())), "{sql}: {error}");
    assert!(error.to_string().contains(" limit: "), "{error}");
}

#[test]
fn endless_recursion() {
    let world = world();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)";
    stopped_by(&world, &format!("{endless} SELECT count(*) FROM n"), "time");
    stopped_by(&world, &format!("{endless} SELECT i FROM n"), "rows");
    stopped_by_one_of(&world, &format!("{endless} SELECT i FROM n ORDER BY -i"), &["time", "memory"]);
    stopped_by(&world, &format!("{endless} SELECT group_concat(i) FROM n WHERE i < 0"), "time");
}

#[test]
fn a_billion_rows() {
    let world = world();
    let digits = "WITH d(i) AS (VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9))";
    let cross = "d a, d b, d c, d e, d f, d g, d h, d j, d k";
    stopped_by(&world, &format!("{digits} SELECT a.i FROM {cross}"), "rows");
    stopped_by(&world, &format!("{digits} SELECT count(*) FROM {cross}"), "time");
    stopped_by(
        &world,
        "SELECT count(*) FROM events a, events b, events c, events d, events e, events f",
        "time",
    );
}

#[test]
fn the_rows_before_the_limit_are_given() {
    let world = world();
    let numbers =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM n";
    let (table, report) = world.ask(numbers, Limits { rows: 3, ..SHORT });
    assert_eq!(report.unwrap_err().limit(), Some(Limit::Rows(3)));
    assert_eq!(table.rows.len(), 3);
    let (table, report) = world.ask(numbers, Limits { rows: 5, ..SHORT });
    assert_eq!((table.rows.len(), report.unwrap().rows), (5, 5));
}

#[test]
fn values_that_fill_the_memory() {
    let world = world();
    stopped_by(&world, "SELECT zeroblob(1000000000)", "value");
    stopped_by(&world, "SELECT randomblob(1e9)", "value");
    stopped_by(&world, "SELECT length(hex(zeroblob(15000000)))", "value");
    stopped_by(&world, "SELECT printf('%1000000000d', 1)", "value");
    stopped_by(&world, "SELECT replace(hex(zeroblob(500000)), '00', hex(zeroblob(100)))", "value");
}

#[test]
fn sorting_and_grouping_in_memory_only() {
    let world = world();
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)";
    let long = Limits { time: Duration::from_secs(60), ..SHORT };
    for sql in [
        "SELECT i FROM n ORDER BY hex(randomblob(100000))",
        "SELECT hex(randomblob(100000)) FROM n GROUP BY 1",
        "SELECT DISTINCT hex(randomblob(100000)) FROM n",
        "SELECT group_concat(substr(hex(randomblob(9000)), 1, 9000)) FROM n, n m",
    ] {
        let (_, report) = world.ask(&format!("{many} {sql}"), long);
        let error = report.expect_err(sql);
        let limit = error.limit().map(Limit::name);
        assert!(matches!(limit, Some("memory" | "value")), "{sql}: {error}");
    }
    let kept = "SELECT count(*) FROM (SELECT a.parameters FROM events a, events b ORDER BY a.parameters || b.sequence)";
    let (_, report) = world.ask(kept, long);
    assert_eq!(report.unwrap_err().limit().map(Limit::name), Some("memory"));
}

#[test]
fn deep_nesting_and_long_rows_of_operators() {
    let world = world();
    for (open, close) in [("(", ")"), ("abs(", ")"), ("(SELECT ", ")"), ("1 IN (SELECT ", ")"), ("- ", "")] {
        for depth in [200, 10_000] {
            let sql = format!("SELECT {}1{}", open.repeat(depth), close.repeat(depth));
            let limit = world.refused(&sql).limit().map(Limit::name);
            assert!(matches!(limit, Some("nesting" | "operators" | "text")), "{open} {depth}: {limit:?}");
        }
    }
    for row in ["+1", " OR 1", " AND events.type = 'x'", " || 'x'", " UNION SELECT 1", " IS NULL"] {
        let sql = format!("SELECT 1 FROM traces WHERE 1{}", row.repeat(5_000));
        let limit = world.refused(&sql[..sql.len().min(60_000)]).limit().map(Limit::name);
        assert_eq!(limit, Some("operators"), "{row}");
    }
    let from = format!("SELECT * FROM {}traces{}", "(SELECT * FROM ".repeat(300), ")".repeat(300));
    assert_eq!(world.refused(&from).limit(), Some(Limit::Nesting));
    let compound = format!("SELECT 1{}", " UNION ALL SELECT 1".repeat(300));
    assert_eq!(world.refused(&compound).limit(), Some(Limit::Size));
}

#[test]
fn as_deep_as_is_allowed_fits_the_stack_of_a_thread() {
    let world = world();
    let longest = format!("SELECT 1{}", "+1".repeat(899));
    assert_eq!(world.value(&longest), 900);
    let events = format!("SELECT count(*) FROM traces WHERE 0{}", " OR events.type = 'x'".repeat(440));
    assert_eq!(world.value(&events), 0);
    let nested = format!("SELECT {}1{}", "(".repeat(20), ")".repeat(20));
    assert_eq!(world.value(&nested), 1);
}

#[test]
fn patterns() {
    let world = world();
    let pattern = format!("SELECT 'x' LIKE '{}'", "%a".repeat(2_000));
    assert_eq!(world.refused(&pattern).limit(), Some(Limit::Pattern));
}

#[test]
fn one_query_after_another_has_all_of_the_memory_again() {
    let world = world();
    for _ in 0..20 {
        let (table, report) = world.ask("SELECT hex(zeroblob(4000000))", SHORT);
        report.unwrap();
        assert_eq!(table.rows[0][0].as_str().unwrap().len(), 8_000_000);
    }
}
