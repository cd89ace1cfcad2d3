//! What a query says of the events of its traces.

use serde_json::json;

use crate::world::{World, action, decision, trace};

/// Four traces whose events differ in what a conjunction can tell apart.
fn world() -> World {
    World::with(&[
        // One unsure refund.
        trace("unsure", "2024-05-01T10:00:00.000Z", &[decision("refund", 0.5), decision("greet", 0.99)]),
        // A sure refund, and something else that is unsure.
        trace("apart", "2024-05-02T10:00:00.000Z", &[decision("refund", 0.9), decision("greet", 0.2)]),
        // No refund.
        trace(
            "other",
            "2024-05-03T10:00:00.000Z",
            &[decision("greet", 0.2), action("send", json!({"to": "a"}))],
        ),
        // Nothing happened.
        trace("empty", "2024-05-04T10:00:00.000Z", &[]),
        // An unsure refund of long ago.
        trace("old", "2023-12-31T23:59:59.999Z", &[decision("refund", 0.1)]),
    ])
}

#[track_caller]
fn check(condition: &str, expected: &[&str]) {
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(
        world().set(&format!("SELECT trace_id FROM traces WHERE {condition}")),
        expected,
        "{condition}"
    );
}

#[test]
fn the_documented_query() {
    let world = world();
    let (table, report) = world.ask(
        "SELECT * FROM traces WHERE agent_id = 'support-bot' AND timestamp > '2024-01-01' AND \
         events.semantics.intent = 'refund' AND events.semantics.confidence < 0.7",
        activemirror_query::Limits::default(),
    );
    let rewritten = report.unwrap().rewritten.unwrap();
    assert_eq!(rewritten.matches("EXISTS").count(), 1, "{rewritten}");
    let id = table.columns.iter().position(|name| name == "trace_id").unwrap();
    let ids: Vec<_> = table.rows.iter().map(|row| row[id].as_str().unwrap()).collect();
    assert_eq!(ids, ["unsure"], "not the one in which two events share it, and not the old one");
}

#[test]
fn and_is_about_one_event() {
    check("events.intent = 'refund' AND events.confidence < 0.7", &["unsure", "old"]);
    check("(events.intent = 'refund') AND (events.confidence < 0.7 AND timestamp > '2024')", &["unsure"]);
    check("events.intent = 'refund' AND trace_id <> 'old' AND events.confidence < 0.7", &["unsure"]);
}

#[test]
fn each_side_of_or_is_about_an_event_of_its_own() {
    check("events.intent = 'refund' OR events.action = 'send'", &["unsure", "apart", "other", "old"]);
    check("trace_id = 'empty' OR events.action = 'send'", &["empty", "other"]);
    check(
        "(events.intent = 'refund' AND events.confidence > 0.8) OR events.type = 'action'",
        &["apart", "other"],
    );
    // Beside something else that is said of events, it is about that one.
    check(
        "events.intent = 'greet' AND (events.confidence = 0.2 OR events.confidence = 0.1)",
        &["apart", "other"],
    );
    check("events.intent = 'refund' AND (events.confidence > 0.8 OR trace_id = 'old')", &["apart", "old"]);
    // Alone with what is said of the trace, each side stands by itself.
    check("timestamp > '2024' AND (trace_id = 'empty' OR events.action = 'send')", &["empty", "other"]);
}

#[test]
fn not_is_about_every_event() {
    check("NOT events.intent = 'refund'", &["other", "empty"]);
    check("NOT (events.intent = 'refund' AND events.confidence < 0.7)", &["apart", "other", "empty"]);
    check("NOT (events.intent = 'refund' OR events.action = 'send')", &["empty"]);
    check("events.intent = 'greet' AND NOT events.intent = 'refund'", &["other"]);
    check("NOT NOT events.action = 'send'", &["other"]);
    check(
        "events.intent = 'greet' AND events.confidence < 0.5 AND (NOT events.intent = 'refund' OR trace_id = 'apart')",
        &["other", "apart"],
    );
}

#[test]
fn operators_that_deny_are_about_one_event() {
    check("events.intent <> 'refund' AND events.confidence < 0.7", &["apart", "other"]);
    check("events.intent NOT IN ('refund')", &["unsure", "apart", "other"]);
    check("events.confidence IS NULL", &["other"]);
    check("events.content NOT LIKE '%refund%' AND events.confidence > 0.9", &["unsure"]);
}

#[test]
fn columns_of_the_trace_stay_the_traces() {
    // Within the EXISTS, `timestamp` alone must not become the event's.
    check(
        "events.type = 'decision' AND (events.timestamp < timestamp OR trace_id = 'old')",
        &["apart", "other", "old"],
    );
    check(
        "events.type = 'decision' AND events.session_id = session_id || ''",
        &["unsure", "apart", "other", "old"],
    );
}

#[test]
fn fields_within_objects() {
    check("events.parameters.to = 'a' AND events.type = 'action'", &["other"]);
    check("events.parameters.to = 'b'", &[]);
    check("events.parameters ->> '$.to' = 'a'", &["other"]);
}

#[test]
fn in_queries_within_queries() {
    let world = world();
    let sql = "SELECT count(*) FROM (SELECT trace_id FROM traces WHERE events.intent = 'refund') AS r";
    assert_eq!(world.value(sql), 3);
    let sql = "SELECT trace_id FROM traces WHERE trace_id IN (SELECT t.trace_id FROM traces t WHERE \
               events.intent = 'greet') AND events.confidence < 0.7 AND events.intent = 'refund'";
    assert_eq!(world.set(sql), ["unsure"]);
    let sql =
        "WITH unsure AS (SELECT * FROM traces WHERE events.confidence < 0.3) SELECT trace_id FROM unsure";
    assert_eq!(world.set(sql), ["apart", "old", "other"]);
    let sql = "SELECT t.trace_id FROM traces t WHERE EXISTS (SELECT 1 FROM events WHERE events.trace_id = t.trace_id \
               AND events.intent = 'refund') AND NOT EXISTS (SELECT 1 FROM events e WHERE e.trace_id = t.trace_id AND \
               e.confidence < 0.5)";
    assert_eq!(world.set(sql), ["unsure"], "what names events itself is left as it is");
}

#[test]
fn with_events_in_from_it_is_plain_sql() {
    let world = world();
    let sql = "SELECT trace_id FROM traces JOIN events USING (log, trace_id) WHERE events.semantics.intent = 'refund' \
               AND events.semantics.confidence < 0.7";
    assert_eq!(world.set(sql), ["old", "unsure"]);
    let sql = "SELECT e.trace_id FROM traces AS t, events AS e WHERE e.trace_id = t.trace_id AND NOT e.intent = 'refund'";
    assert_eq!(world.set(sql), ["apart", "other", "unsure"], "NOT is of this row");
}
