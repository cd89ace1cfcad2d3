//! An error points at the place in the query as it was typed, and names what is near.

use activemirror_query::{QueryError, Spot};

use crate::world::{World, decision, trace};

fn world() -> World {
    World::with(&[trace("t", "2024-05-01T10:00:00.000Z", &[decision("refund", 0.5)])])
}

/// What lies at the error's place.
fn at<'q>(error: &QueryError, sql: &'q str) -> Option<&'q str> {
    let Spot { line, column, length } = error.spot?;
    let line = sql.lines().nth(line - 1)?;
    let from = line.char_indices().nth(column - 1)?.0;
    let until = line.char_indices().nth(column - 1 + length).map_or(line.len(), |(at, _)| at);
    line.get(from..until)
}

#[track_caller]
fn check(sql: &str, place: &str, words: &[&str]) {
    let error = world().refused(sql);
    assert_eq!(at(&error, sql), Some(place), "{sql}: {error}");
    for word in words {
        assert!(error.to_string().contains(word), "{sql}: {word} is not in {error}");
    }
    let shown = error.place_in(sql).unwrap();
    assert!(shown.contains('^') && shown.contains("line "), "{shown}");
}

#[test]
fn names_that_are_not_known() {
    check("SELECT confidance FROM events", "confidance", &["`confidence`"]);
    check("SELECT e.timestmap FROM events AS e", "timestmap", &["`e`", "`timestamp`"]);
    check("SELECT *\nFROM trace", "trace", &["`traces`"]);
    check("SELECT 'grüße', 1\n  FROM events\n WHERE intnet = 'x'", "intnet", &["`intent`"]);
    check("SELECT x FROM verdicts v WHERE v.outcom = 'deny'", "x", &["no `x`"]);
    check("SELECT count(*) FROM evnts e JOIN traces USING (trace_id)", "evnts", &["`events`"]);
    check("SELECT * FROM events WHERE paramters.order_id = 1", "paramters", &["`parameters`"]);
    check("SELECT agent_id FROM traces ORDER BY timestmp", "timestmp", &["`timestamp`"]);
    check("SELECT * FROM events WHERE intent = \"refund\"", "\"refund\"", &["single quotes"]);
    check("SELECT intent FROM traces", "intent", &["`events.intent`"]);
}

#[test]
fn in_what_a_rewritten_query_says_of_events() {
    let before = "SELECT * FROM traces WHERE events.semantics.intent = 'refund' AND ";
    check(&format!("{before}events.confidense < 0.7"), "confidense", &["`confidence`"]);
    check(&format!("{before}agnt_id = 'x'"), "agnt_id", &["`agent_id`"]);
    check(&format!("{before}evnts.confidence < 0.7"), "evnts", &[]);
    check(&format!("{before}events.content.deep = 1"), "deep", &["no fields"]);
}

#[test]
fn what_only_sqlite_knows_of_a_rewritten_query() {
    let before = "SELECT trace_id FROM traces WHERE events.semantics.intent = 'refund' AND events.confidence < 0.7 AND ";
    check(&format!("{before}uper(agent_id) = 'X'"), "uper", &["no such function"]);
    check(&format!("{before}substr(agent_id) = 'X'"), "substr", &["SUBSTR"]);
    check(
        "WITH one AS (SELECT * FROM traces WHERE events.type = 'decision')\nSELECT trace_id FROM one WHERE tracer = 1",
        "tracer",
        &["`tracer`"],
    );
    check("SELECT parameters.a, coun(*) FROM events", "coun", &["no such function"]);
}

#[test]
fn what_only_sqlite_knows_of_a_query_as_it_was_typed() {
    check("SELECT\n  uper(agent_id)\nFROM events", "uper", &["no such function"]);
    check("SELECT trace_id FROM events, traces", "trace_id", &["ambiguous"]);
    check("WITH x(a) AS (SELECT 1) SELECT a, b FROM x", "b", &["`b`"]);
}

#[test]
fn syntax() {
    check("SELECT type, FROM events WHERE x", "FROM", &[]);
    check("SELECT *\nFROM events\nWHERE )", ")", &["xpected"]);
    check("SELECT * FROM events WHERE (type = 'a' LIMIT 3", "LIMIT", &["expected )"]);
    check("SELECT a b c FROM events", "c", &[]);
    let open = "SELECT * FROM events WHERE type = 'a";
    let error = world().refused(open);
    assert_eq!(error.spot, Some(Spot { line: 1, column: 35, length: 1 }), "{error}");
    let ends = world().refused("SELECT * FROM events WHERE");
    assert_eq!(ends.spot.map(|spot| spot.column), Some(27), "{ends}");
}

#[test]
fn events_where_they_mean_nothing() {
    for sql in [
        "SELECT events.type FROM traces",
        "SELECT trace_id FROM traces ORDER BY events.confidence",
        "SELECT count(*) FROM traces GROUP BY events.type",
    ] {
        check(sql, "events", &["JOIN events"]);
    }
    check(
        "SELECT a.trace_id FROM traces a, traces b WHERE events.type = 'x'",
        "events.type = 'x'",
        &["twice"],
    );
}
