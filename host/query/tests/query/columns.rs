//! What the tables hold, and what SQL can do with it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::world::{World, action, decision, trace};

fn world() -> World {
    let mut told = trace(
        "told",
        "2024-05-01T10:00:00.000Z",
        &[
            json!({ "event_id": "said", "type": "observation", "timestamp": "2024-05-01T10:00:00.500Z",
                    "content": "where is it?", "metadata": { "source": "user" }, "mood": "cross" }),
            action("find", json!({ "order_id": "A-17", "list": [1, { "deep \"key\"": null }], "n": 2.50 })),
            json!({ "event_id": "seen", "type": "observation", "timestamp": "2024-05-01T10:00:02.000Z",
                    "data": [{ "at": "depot" }] }),
            json!({ "event_id": "chose", "type": "decision", "timestamp": "2024-05-01T10:00:03.000Z", "content": "wait",
                    "semantics": { "intent": "wait", "confidence": 0.75, "privacy": { "level": "low" } } }),
        ],
    );
    told["system"] = "Be kind.".into();
    told["metadata"] = json!({ "reward": 1 });
    told["colour"] = "blue".into();
    World::with(&[told, trace("short", "2024-06-01T00:00:00.000Z", &[decision("refund", 1.0)])])
}

#[test]
fn traces() {
    let row = &world().rows(
        "SELECT trace_id, agent_id, session_id, user_id, timestamp, time_ms, length(log), readable, governed, \
         event_count, system, metadata, other FROM traces WHERE trace_id = 'told'",
    )[0];
    let expected = json!([
        "told",
        "support-bot",
        "session-told",
        "user-told",
        "2024-05-01T10:00:00.000Z",
        1_714_557_600_000_i64,
        64,
        "open",
        0,
        4,
        "Be kind.",
        "{\"reward\":1}",
        "{\"colour\":\"blue\"}"
    ]);
    assert_eq!(&json!(row), &expected);
}

#[test]
fn events() {
    let world = world();
    let row = &world.rows(
        "SELECT event_id, type, timestamp, action, intent, confidence, content, parameters, data, semantics, metadata, \
         other, readable FROM events WHERE trace_id = 'told' ORDER BY sequence",
    );
    let expected = json!([
        [
            "said",
            "observation",
            "2024-05-01T10:00:00.500Z",
            null,
            null,
            null,
            "where is it?",
            null,
            null,
            null,
            "{\"source\":\"user\"}",
            "{\"mood\":\"cross\"}",
            "open"
        ],
        [
            "find",
            "action",
            "2024-05-01T10:00:01.000Z",
            "find",
            null,
            null,
            null,
            "{\"list\":[1,{\"deep \\\"key\\\"\":null}],\"n\":2.5,\"order_id\":\"A-17\"}",
            null,
            null,
            null,
            null,
            "open"
        ],
        [
            "seen",
            "observation",
            "2024-05-01T10:00:02.000Z",
            null,
            null,
            null,
            null,
            null,
            "[{\"at\":\"depot\"}]",
            null,
            null,
            null,
            "open"
        ],
        [
            "chose",
            "decision",
            "2024-05-01T10:00:03.000Z",
            null,
            "wait",
            0.75,
            "wait",
            null,
            null,
            "{\"privacy\":{\"level\":\"low\"},\"intent\":\"wait\",\"confidence\":0.75}",
            null,
            null,
            "open"
        ],
    ]);
    assert_eq!(&json!(row), &expected);
}

#[test]
fn confidence_is_a_number() {
    assert_eq!(world().value("SELECT typeof(confidence) FROM events WHERE intent = 'refund'"), "real");
}

#[test]
fn fields_of_objects() {
    let world = world();
    let row = &world.rows(
        "SELECT parameters.order_id, e.parameters.n, parameters ->> '$.list[0]', json_type(parameters, '$.list'), \
         e.parameters.nothing FROM events AS e WHERE action = 'find'",
    )[0];
    assert_eq!(json!(row), json!(["A-17", 2.5, 1, "array", null]));
    let row = &world.rows(
        "SELECT semantics.intent, semantics.confidence, semantics.privacy.level, metadata.source FROM events \
         WHERE semantics.privacy.level = 'low'",
    )[0];
    assert_eq!(json!(row), json!(["wait", 0.75, "low", null]));
    assert_eq!(
        world.value("SELECT value FROM events, json_each(events.parameters) WHERE key = 'order_id'"),
        "A-17"
    );
    assert_eq!(world.value("SELECT metadata.reward FROM traces WHERE metadata.reward IS NOT NULL"), 1);
}

#[test]
fn times_compare_as_texts_and_as_numbers() {
    let world = world();
    let count = |condition: &str| world.value(&format!("SELECT count(*) FROM events WHERE {condition}"));
    for (condition, expected) in [
        ("timestamp > '2024-05-01'", 5),
        ("timestamp >= '2024-05-01T10:00:02.000Z'", 2),
        ("timestamp > '2024-05-01T10:00:02.000Z'", 1),
        ("timestamp < '2024-05-01T10:00:01'", 2),
        ("timestamp = '2024-05-01T10:00:01.000Z'", 1),
        ("timestamp BETWEEN '2024-05-01T10:00:01.000Z' AND '2024-05-01T10:00:02.000Z'", 2),
        ("timestamp LIKE '2024-05%'", 5),
        ("timestamp > '2025'", 0),
        ("timestamp < 'tomorrow'", 5),
        ("timestamp > 5", 0),
        ("time_ms > 1714557601000", 2),
        ("date(timestamp) = '2024-05-01'", 5),
    ] {
        assert_eq!(count(condition), expected, "{condition}");
    }
}

#[test]
fn constraints_mean_what_they_mean_in_sql() {
    let world = world();
    let count = |condition: &str| world.value(&format!("SELECT count(*) FROM events WHERE {condition}"));
    for (condition, expected) in [
        ("type = 'decision'", 2),
        ("type IN ('decision', 'action')", 3),
        ("type IN ('decision', NULL, 7)", 2),
        ("type NOT IN ('decision')", 3),
        ("type = 'no such type'", 0),
        ("type = 'DECISION' COLLATE NOCASE", 2),
        ("action GLOB 'fi*'", 1),
        ("action LIKE 'FI%'", 1),
        ("confidence < 0.8", 1),
        ("confidence <= '0.75'", 1),
        ("confidence >= 1", 1),
        ("confidence = 1", 1),
        ("intent > 'refund'", 1),
        ("intent >= 'refund'", 2),
        ("intent IS NULL", 3),
        ("trace_id IN (SELECT trace_id FROM traces WHERE timestamp > '2024-05-15')", 1),
        ("sequence > 1e300", 0),
        ("sequence < 'x'", 5),
        ("agent_id = 'support-bot' AND session_id = 'session-short'", 1),
        ("trace_id = 'told' OR action = 'find' OR intent = 'refund'", 5),
        ("log = 'x'", 0),
    ] {
        assert_eq!(count(condition), expected, "{condition}");
    }
}

#[test]
fn joins_windows_and_expressions_of_its_own() {
    let world = world();
    let sql = "WITH counted AS (SELECT trace_id, type, count(*) AS n FROM events GROUP BY trace_id, type) \
               SELECT trace_id, type, n, sum(n) OVER (PARTITION BY trace_id ORDER BY type) FROM counted \
               WHERE n > 0 ORDER BY trace_id, type";
    let expected = json!([
        ["short", "decision", 1, 1],
        ["told", "action", 1, 1],
        ["told", "decision", 1, 2],
        ["told", "observation", 2, 4],
    ]);
    assert_eq!(json!(world.rows(sql)), expected);
    let sql = "SELECT t.user_id, count(e.sequence) FROM traces t LEFT JOIN events e USING (log, trace_id) \
               GROUP BY t.trace_id ORDER BY 1";
    assert_eq!(json!(world.rows(sql)), json!([["user-short", 1], ["user-told", 4]]));
    let sql = "SELECT event_id, lag(type) OVER w FROM events WHERE trace_id = 'told' WINDOW w AS (ORDER BY sequence) \
               LIMIT 1 OFFSET 1";
    assert_eq!(json!(world.rows(sql)), json!([["find", "observation"]]));
    let sql = "SELECT agent_id FROM events UNION SELECT 'x' EXCEPT SELECT 'y' ORDER BY 1";
    assert_eq!(world.set(sql), ["support-bot", "x"]);
    assert_eq!(world.value("SELECT 0x1F + 1"), 32);
    assert_eq!(world.value("VALUES (1)"), 1);
    assert_eq!(world.value("SELECT count(*) FILTER (WHERE type = 'decision') FROM events"), 2);
    assert!(!world.rows("EXPLAIN QUERY PLAN SELECT * FROM traces WHERE events.type = 'x'").is_empty());
}

#[test]
fn sessions() {
    let world = world();
    let id = world.runtime.create_session("Parcels", Some("ann")).unwrap();
    let rows = world.rows("SELECT session_id, title, user_id, status, parent_session_id FROM sessions");
    assert_eq!(json!(rows), json!([[id, "Parcels", "ann", "active", null]]));
}

#[test]
fn real_runs() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/tau-airline/trial0.json");
    if !path.exists() {
        println!("not run on {}: it is not there", path.display());
        return;
    }
    let runs: Vec<Json> = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let world = World::reading(File::open(&path).unwrap());
    let messages = || runs.iter().flat_map(|run| run["traj"].as_array().unwrap());
    let said_by = |role: &str| messages().filter(|message| message["role"] == role).count();
    assert_eq!(world.value("SELECT count(*) FROM traces"), runs.len());
    let observations = "SELECT count(*) FROM events WHERE type = 'observation' AND metadata.source ";
    assert_eq!(world.value(&format!("{observations} = 'user'")), said_by("user"));
    assert_eq!(world.value(&format!("{observations} IS NOT 'user'")), said_by("tool"));

    let mut calls: BTreeMap<String, i64> = BTreeMap::new();
    for call in messages().filter_map(|message| message["tool_calls"].as_array()).flatten() {
        *calls.entry(call["function"]["name"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    calls.remove("think");
    let counted = world
        .rows("SELECT action, count(*) FROM events WHERE type = 'action' GROUP BY action ORDER BY action");
    let expected: Vec<Json> = calls.iter().map(|(name, count)| json!([name, count])).collect();
    assert_eq!(json!(counted), json!(expected));

    let rewards: f64 = runs.iter().map(|run| run["reward"].as_f64().unwrap()).sum();
    assert_eq!(world.value("SELECT sum(metadata.reward) FROM traces").as_f64(), Some(rewards));
    let cancelled = |run: &&Json| run["traj"].to_string().contains("\"name\":\"cancel_reservation\"");
    let by_dots = world.value("SELECT count(*) FROM traces WHERE events.action = 'cancel_reservation'");
    assert_eq!(by_dots, runs.iter().filter(cancelled).count());
    let longest = "SELECT max(n) FROM (SELECT count(*) AS n FROM events GROUP BY trace_id)";
    let by_window = "SELECT max(n) FROM (SELECT row_number() OVER (PARTITION BY trace_id) AS n FROM events)";
    assert_eq!(world.value(longest), world.value(by_window));
}
