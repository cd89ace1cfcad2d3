//! `query`: SQL and filters, what they print, and what they refuse.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::place::{Place, Ran, shared, trace};

const DOCUMENTED: &str = "SELECT * FROM traces WHERE agent_id = 'support-bot' AND timestamp > '2024-01-01' AND \
                          events.semantics.intent = 'refund' AND events.semantics.confidence < 0.7";

/// One trace with an unsure refund, and one in which the refund is sure and something else is not.
fn refunds() -> Place {
    let place = Place::new();
    let decision = |intent: &str, confidence: f64| {
        json!({ "type": "decision", "timestamp": "2024-05-01T10:00:00Z", "content": format!("{intent}!"),
                "semantics": { "intent": intent, "confidence": confidence } })
    };
    let trace = |id: &str, events: &[Value]| {
        json!({ "trace_id": id, "agent_id": "support-bot", "session_id": "s", "user_id": id,
                "timestamp": "2024-05-01T10:00:00Z", "events": events })
    };
    let lines = [
        trace("unsure", &[decision("refund", 0.5), decision("greet", 0.99)]),
        trace("apart", &[decision("refund", 0.9), decision("greet", 0.2)]),
    ];
    let file = place.file("refunds.jsonl", lines.map(|line| line.to_string()).join("\n"));
    place.good(&["--no-plugins", "import", file.to_str().unwrap()]);
    place
}

fn typed(place: &Place, arguments: &[&str], text: &str) -> Ran {
    let mut command = place.command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    Ran::from(child.wait_with_output().unwrap())
}

#[test]
fn the_documented_query() {
    let place = refunds();
    let rows = place.json(&["query", DOCUMENTED]);
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!((&rows[0]["trace_id"], &rows[0]["event_count"]), (&json!("unsure"), &json!(2)));
    let table = place.good(&["query", DOCUMENTED]);
    assert!(table.contains("trace_id") && table.contains("unsure") && !table.contains("apart"), "{table}");
}

#[test]
fn from_a_file_and_from_standard_input() {
    let place = refunds();
    let file = place.file("query.sql", "SELECT count(*) AS n\nFROM events -- all\n");
    assert_eq!(place.json(&["query", "--file", file.to_str().unwrap()]), [json!({ "n": 4 })]);
    let ran =
        typed(&place, &["--json", "query", "-"], "SELECT max(confidence) AS most, NULL AS none FROM events");
    assert_eq!((ran.status, ran.out.trim()), (0, r#"{"most":0.99,"none":null}"#), "{ran:?}");
    place.bad(&["query", "--file", "/nowhere.sql"], 2, &["/nowhere.sql"]);
    place.bad(&["query"], 2, &["SQL"]);
}

#[test]
fn numbers_are_numbers_and_names_are_apart() {
    let place = refunds();
    let out = place.good(&["--json", "query", "SELECT 1, 1.5, 'x', x'ff', 1 FROM events LIMIT 1"]);
    assert_eq!(out.trim(), r#"{"1":1,"1.5":1.5,"'x'":"x","x'ff'":"x'ff'","1:2":1}"#);
}

#[test]
fn an_error_points_at_its_place() {
    let place = refunds();
    let ran = place.bad(
        &["query", "SELECT *\nFROM events WHERE confidance < 1"],
        2,
        &["`confidence`", "line 2, column 19"],
    );
    let lines: Vec<&str> = ran.err.lines().collect();
    let at = lines.iter().position(|line| line.contains("FROM events WHERE")).unwrap();
    assert_eq!(lines[at].find("confidance"), lines[at + 1].find('^'), "{}", ran.err);
    place.bad(&["query", "SELECT * FROM event"], 2, &["`events`"]);
    let ran = place.run(&["--json", "query", "SELECT * FROM event"]);
    let line: Value = serde_json::from_str(ran.err.trim()).unwrap();
    assert_eq!(line["status"], 2);
}

#[test]
fn what_writes_loops_or_floods_ends_with_status_two() {
    let place = refunds();
    place.bad(&["query", "DELETE FROM events"], 2, &["reads only"]);
    place.bad(&["query", "ATTACH 'x' AS y"], 2, &["reads only"]);
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT";
    let counted = format!("{endless} count(*) FROM n");
    place.bad(&["query", "--timeout", "1", &counted], 2, &["time limit", "--timeout"]);
    let ran = place.bad(
        &["query", "--max-rows", "3", &format!("{endless} i FROM n")],
        2,
        &["row limit", "--max-rows"],
    );
    assert_eq!(
        ran.out.lines().map(str::trim).collect::<Vec<_>>(),
        ["i", "1", "2", "3"],
        "what came before is there"
    );
    place.bad(&["query", "SELECT zeroblob(1e9)"], 2, &["value limit"]);
    let sorted = format!("{endless} hex(randomblob(99999)) FROM n WHERE i < 9999 ORDER BY 1");
    place.bad(&["query", "--max-memory", "16", &sorted], 2, &["memory limit", "--max-memory"]);
}

#[test]
fn a_call_that_cannot_be_interrupted_ends_all_the_same() {
    let place = refunds();
    let long = "hex(zeroblob(4000000))";
    let sql = format!("SELECT instr({long}, substr({long}, 1, 4000000) || 'x')");
    place.bad(&["query", "--timeout", "1", &sql], 2, &["time limit"]);
    assert_eq!(place.json(&["verify"])[0]["holds"], true);
}

#[test]
fn a_filter_finds_events() {
    let place = refunds();
    let found = place.json(&["query", "--filter", "semantics.confidence < 0.7 and type = decision"]);
    let shown =
        found.iter().map(|event| (event["trace_id"].as_str().unwrap(), event["intent"].as_str().unwrap()));
    assert_eq!(shown.collect::<Vec<_>>(), [("unsure", "refund"), ("apart", "greet")]);
    assert_eq!(found[0]["confidence"], 0.5);
    assert_eq!(place.json(&["query", "--filter", "type = decision", "--limit", "1"]).len(), 1);
    assert_eq!(place.json(&["query", "--filter", "not intent = refund"]).len(), 2);
    assert_eq!(
        place.json(&["query", "--filter", "content like '%REFUND%' and confidence between 0.8 and 1"]).len(),
        1
    );
    let table = place.good(&["query", "--filter", "intent in (refund, nothing)"]);
    assert!(table.contains("refund!") && !table.contains("greet!"), "{table}");
}

#[test]
fn a_filter_with_an_unknown_field_names_those_that_are_near() {
    let place = refunds();
    place.bad(
        &["query", "--filter", "confidance < 0.7"],
        2,
        &["confidance", "`confidence`", "column 1", "^"],
    );
    place.bad(&["query", "--filter", "type = desicion"], 2, &["decision"]);
    place.bad(&["query", "--filter", "agent_id = support-bot"], 2, &["'support-bot'"]);
}

#[test]
fn masked_content_stays_masked_in_every_condition() {
    let place = Place::new();
    let said = "my card is 4111 1111 1111 1111, write to zoe@example.org";
    let whose = trace("t", "zoe", said).replace("\"user_id\":\"zoe\"", "\"user_id\":\"zoe@example.org\"");
    let file = place.file("one.jsonl", whose);
    place.good(&["--plugin", "pii", "import", file.to_str().unwrap()]);
    let count = |extra: &[&str], sql: &str| place.json(&[&["query"], extra, &[sql]].concat())[0]["n"].clone();
    for condition in [
        "content LIKE '%4111%'",
        "instr(content, '4111') > 0",
        "content GLOB '*zoe@*'",
        "content >= 'my card is 4' AND content < 'my card is 5'",
        "hex(content) LIKE '%' || hex('4111') || '%'",
        "content || '' LIKE '%4111%'",
        "event_id IN (SELECT event_id FROM events e WHERE e.content LIKE '%zoe@%')",
    ] {
        let sql = format!("SELECT count(*) AS n FROM events WHERE {condition}");
        assert_eq!(count(&[], &sql), 0, "{condition}");
        assert_eq!(count(&["--reveal"], &sql), 1, "{condition}");
    }
    let by_person =
        "SELECT count(*) AS n FROM traces WHERE user_id = 'zoe@example.org' OR user_id LIKE 'zoe%'";
    assert_eq!((count(&[], by_person), count(&["--reveal"], by_person)), (0.into(), 1.into()));
    assert_eq!(count(&[], "SELECT count(*) AS n FROM traces WHERE events.content LIKE '%4111%'"), 0);
    for filter in [
        "content like '%4111%'",
        "content glob 'my card is 4*'",
        "content > 'my card is 4' and content < 'my card is 5'",
    ] {
        assert_eq!(place.json(&["query", "--filter", filter]).len(), 0, "{filter}");
        assert_eq!(place.json(&["query", "--filter", filter, "--reveal"]).len(), 1, "{filter}");
    }
    let everything = [
        "SELECT * FROM events",
        "SELECT * FROM traces",
        "SELECT * FROM sessions",
        "SELECT * FROM findings",
        "SELECT * FROM verdicts",
    ];
    for sql in everything {
        for shown in [place.good(&["query", sql]), place.good(&["--json", "query", sql])] {
            assert!(!shown.contains("4111") && !shown.contains("zoe@"), "{sql}: {shown}");
        }
    }
    let tokens = place.good(&["query", "SELECT content FROM events WHERE content LIKE '%⟦email·%'"]);
    assert!(tokens.contains("⟦email·"), "{tokens}");
}

#[test]
fn the_log_notes_who_looked_once_a_query() {
    let place = Place::new();
    let file = place.file("one.jsonl", trace("t", "zoe", "write to zoe@example.org"));
    place.good(&["--plugin", "pii", "import", file.to_str().unwrap()]);
    let records = || place.json(&["verify"])[0]["records"].as_u64().unwrap();
    let before = records();
    place.good(&["query", "SELECT * FROM events"]);
    place.good(&["query", "--filter", "type = observation"]);
    assert_eq!(records(), before, "a masked look leaves no record");
    place.good(&["query", "--reveal", "SELECT * FROM traces, sessions WHERE events.content LIKE '%zoe%'"]);
    place.good(&["query", "--reveal", "SELECT a.content FROM events a, events b, traces c"]);
    place.good(&["query", "--filter", "type = observation", "--reveal"]);
    assert_eq!(records(), before + 3);
    place.bad(&["query", "--reveal", "SELECT * FROM event"], 2, &[]);
    place.bad(&["query", "--filter", "tpye = observation", "--reveal"], 2, &[]);
    assert_eq!(records(), before + 3, "what was refused showed nothing");
}

#[test]
fn verdicts_and_findings_join_events() {
    let place = Place::new();
    let file = place.file("one.jsonl", trace("t", "zoe", "write to zoe@example.org"));
    place.good(&["import", file.to_str().unwrap()]);
    let masked = "SELECT e.event_id, v.outcome FROM events e JOIN verdicts v USING (log, sequence) \
                  WHERE v.plugin LIKE 'pii@%' AND v.outcome = 'mask'";
    assert_eq!(place.json(&["query", masked]), [json!({ "event_id": "evt_001", "outcome": "mask" })]);
    let found =
        place.json(&["query", "SELECT control, state, severity, evidence FROM findings ORDER BY sequence"]);
    assert_eq!(found.len(), place.json(&["findings"]).len());
    let evidence = "SELECT DISTINCT e.trace_id AS t FROM findings f, json_each(f.evidence) AS shown \
                    JOIN events e ON e.sequence = shown.value AND e.log = f.log";
    assert!(place.json(&["query", evidence]).iter().all(|row| row["t"] == "t"));
}

#[test]
fn an_erased_person_is_there_without_content() {
    let place = Place::with_two_traces();
    place.good(&["vault", "erase", "--subject", "ann", "--yes"]);
    let rows = place
        .json(&["query", "SELECT trace_id, type, content, readable FROM events WHERE type = 'observation'"]);
    let of = |id: &str| rows.iter().find(|row| row["trace_id"] == id).unwrap().clone();
    assert_eq!(
        of("trace-one"),
        json!({ "trace_id": "trace-one", "type": "observation", "content": null, "readable": "erased" })
    );
    assert_eq!(of("trace-two")["content"], "the red lamp flickers");
    assert_eq!(place.json(&["query", "--filter", "content like '%kettle%'"]).len(), 0);
}

/// What `--explain` says of the tables.
fn explained(place: &Place, sql: &str) -> Vec<Value> {
    let ran = place.run(&["--json", "query", "--explain", sql]);
    assert_eq!(ran.status, 0, "{ran:?}");
    let line: Value = serde_json::from_str(ran.err.trim()).unwrap();
    line["explain"].as_array().unwrap().clone()
}

#[test]
fn constraints_reach_the_log_and_structure_alone_unseals_nothing() {
    let place = refunds();
    let traces = explained(&place, DOCUMENTED);
    let of = |table: &str| traces.iter().find(|scan| scan["table"] == table).unwrap();
    assert!(of("traces")["reached"].as_str().unwrap().contains("agent_id =, timestamp >"), "{traces:?}");
    let reached = of("events")["reached"].as_str().unwrap();
    for constraint in ["trace_id =", "log =", "intent =", "confidence <"] {
        assert!(reached.contains(constraint), "{reached}");
    }
    let structure = &explained(&place, "SELECT type, agent_id, avg(confidence) FROM events GROUP BY 1, 2")[0];
    assert_eq!(structure["unsealed"], 0, "{structure}");
    assert!(structure["opened"].as_u64().unwrap() > 0);
    let content = &explained(&place, "SELECT content FROM events")[0];
    assert!(content["unsealed"].as_u64().unwrap() > 0, "{content}");
    let nobody = &explained(&place, "SELECT count(*) FROM events WHERE agent_id = 'nobody'")[0];
    assert_eq!(
        (&nobody["opened"], &nobody["ruled_out_by_index"]),
        (&json!(0), &nobody["blocks"]),
        "{nobody}"
    );
    let later = &explained(&place, "SELECT count(*) FROM events WHERE timestamp > '2030-01-01'")[0];
    assert_eq!(later["opened"], 0, "{later}");
    let unknown = &explained(&place, "SELECT count(*) FROM events WHERE intent IN ('x', 'y')")[0];
    assert_eq!(unknown["opened"], 0, "{unknown}");
    let ran = place.run(&["query", "--explain", DOCUMENTED]);
    for word in ["EXISTS", "agent_id =", "ruled out by their zone", "unsealed"] {
        assert!(ran.err.contains(word), "{word}: {}", ran.err);
    }
    let ran = place.run(&["query", "--explain", "--filter", "confidence > 2"]);
    assert!(ran.err.contains("confidence > 2") && ran.err.contains("ruled out by their zone"), "{}", ran.err);
}

#[test]
fn terminal_sequences_do_nothing() {
    let place = Place::new();
    let file = place.file("one.jsonl", trace("t", "zoe", "\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}txt"));
    place.good(&["--no-plugins", "import", file.to_str().unwrap()]);
    for ran in [
        place.run(&["query", "SELECT content, content AS \"\u{1b}[31m\" FROM events"]),
        place.run(&["query", "SELECT \u{1b}[31m FROM events"]),
        place.run(&["query", "SELECT nothing FROM \"\u{1b}[31m\""]),
    ] {
        let all = format!("{}{}", ran.out, ran.err);
        assert!(
            !all.contains('\u{7}') && !all.contains('\u{202e}') && !all.contains("\u{1b}[31m\u{1b}"),
            "{all:?}"
        );
        assert!(!ran.out.contains('\u{1b}'), "{all:?}");
    }
}

#[test]
fn nothing_is_written_outside_of_the_log() {
    let place = refunds();
    let temporary = place.path("temporary");
    std::fs::create_dir(&temporary).unwrap();
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) \
               SELECT count(*) FROM (SELECT DISTINCT hex(randomblob(9000)) AS x FROM n ORDER BY x)";
    let mut command = place.command(&["query", sql]);
    command.env("SQLITE_TMPDIR", &temporary).env("TMPDIR", &temporary);
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0);
}

#[test]
fn a_block_that_cannot_be_read_is_said() {
    let place = refunds();
    // What compresses badly makes a payload that can be found in the file.
    let mut state = 1_u64;
    let mut letter = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'!' + (state >> 33) as u8 % 90)
    };
    let said: String = (0..300_000).map(|_| letter()).collect();
    let file = place.file("big.jsonl", trace("big", "zoe", &said));
    place.good(&["--no-plugins", "import", file.to_str().unwrap()]);
    let all = "SELECT count(*) AS n FROM events";
    let before = place.json(&["query", all])[0]["n"].as_u64().unwrap();
    damage_the_longest_payload(&place);
    let ran = place.bad(&["--json", "query", all], 3, &["not be all there is", "digest"]);
    let left: Value = serde_json::from_str(ran.out.trim()).unwrap();
    assert!(left["n"].as_u64().unwrap() < before, "{left}");
    place.bad(&["query", "--filter", "type = observation"], 3, &["not be all there is"]);
    let ran =
        place.run(&["query", "--explain", "SELECT trace_id FROM traces WHERE events.intent = 'refund'"]);
    assert!(ran.out.contains("unsure") && ran.out.contains("apart"), "what can be read is there: {ran:?}");
}

/// Changes a byte in the middle of the longest stretch of the log's file that looks sealed.
fn damage_the_longest_payload(place: &Place) {
    let path = place.data().join("log.redb");
    let mut bytes = std::fs::read(&path).unwrap();
    let looks_sealed = |page: &[u8]| page.iter().collect::<std::collections::HashSet<_>>().len() > 240;
    let pages: Vec<bool> = bytes.chunks(4_096).map(looks_sealed).collect();
    let (mut longest, mut run) = (0..0, 0..0);
    for (page, sealed) in pages.into_iter().enumerate() {
        run = if sealed { run.start..page + 1 } else { page + 1..page + 1 };
        longest = if run.len() > longest.len() { run.clone() } else { longest };
    }
    assert!(longest.len() > 20, "{longest:?}");
    bytes[(longest.start + longest.len() / 2) * 4_096] ^= 1;
    std::fs::write(&path, bytes).unwrap();
}

#[test]
fn real_runs_in_a_few_words() {
    let Some(path) = shared("tau-airline/trial0.json") else { return };
    let place = Place::new();
    place.good(&["--no-plugins", "import", path.to_str().unwrap()]);
    let booked = "SELECT count(*) AS n FROM traces WHERE events.action = 'book_reservation' AND \
                  events.parameters.cabin = 'economy'";
    let direct = "SELECT count(DISTINCT trace_id) AS n FROM events WHERE action = 'book_reservation' AND \
                  parameters ->> '$.cabin' = 'economy'";
    let counts = [booked, direct].map(|sql| place.json(&["query", sql])[0]["n"].as_u64().unwrap());
    assert!(counts[0] > 0 && counts[0] == counts[1], "{counts:?}");
    let filter = "action = book_reservation and parameters.cabin = economy";
    let events =
        "SELECT count(*) AS n FROM events WHERE action = 'book_reservation' AND parameters.cabin = 'economy'";
    assert_eq!(
        place.json(&["query", "--filter", filter]).len() as u64,
        place.json(&["query", events])[0]["n"].as_u64().unwrap()
    );
}
