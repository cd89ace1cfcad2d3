//! MirrorDNA: what comes in goes out, and what each member means.

use activemirror_core::trace::Kind;

use crate::format_source::{MIRRORDNA, event, event_line, leaf, text, trace, traces, write};
use activemirror::document::{Trace, Value};

/// What is written in the documented order comes back byte for byte.
#[track_caller]
fn check_comes_back(line: &str) {
    assert_eq!(write(&traces(line)), line);
}

#[test]
fn fixture_comes_back_byte_for_byte() {
    check_comes_back(MIRRORDNA);
}

#[test]
fn unknown_keys_survive_at_every_level() {
    check_comes_back(
        "{\"trace_id\":\"t\",\"agent_id\":\"a\",\"timestamp\":\"2025-01-01T00:00:00.000Z\",\"events\":[\
         {\"type\":\"output\",\"timestamp\":\"2025-01-01T00:00:00.000Z\",\"content\":\"x\",\
         \"semantics\":{\"intent\":\"i\",\"confidence\":0.5,\"custom\":{\"a\":[{\"b\":null}]}},\
         \"metadata\":{\"m\":1},\"unknown\":{\"k\":[true,false]}}],\
         \"unknown\":{\"list\":[[],[[]],{}],\"\":\"empty key\"},\"tags\":[\"a\",\"b\"]}\n",
    );
}

#[test]
fn odd_keys_and_texts_survive() {
    check_comes_back(&event_line(
        "\"type\":\"output\",\"timestamp\":\"2025-01-01T00:00:00.000Z\",\"content\":\"\\u0000\\t\\\"\\\\ é 🌱 \u{202e}\",\
         \"a/b~c[0]\":{\"\":1,\"[\":{\"0\":\"no index\"},\"~1\":2,\"ключ\":3,\"a]b\":4}",
    ));
}

#[test]
fn numbers_come_back_as_written() {
    check_comes_back(&event_line(
        "\"type\":\"output\",\"timestamp\":\"2025-01-01T00:00:00.000Z\",\"n\":[0,1,-1,-0,0.0,-0.0,1.0,1.00,0.1,-2.5,1e5,1E5,\
         1e+5,1e-7,1e400,-1e-400,9223372036854775807,-9223372036854775808,9223372036854775808,18446744073709551615,\
         18446744073709551616,1234567890123456789012345678901234567890,0.1000000000000000055511151231257827]",
    ));
}

#[test]
fn numbers_are_what_they_say() {
    let event = event("\"type\":\"output\",\"n\":[7,-7,18446744073709551615,0.5,1.0,1e5,-0]");
    let values: Vec<_> =
        event.leaves.iter().filter(|leaf| leaf.path.starts_with("/n")).map(|leaf| &leaf.value).collect();
    let decimal = |text: &str| Value::Decimal(text.to_owned());
    let expected = [
        Value::Signed(7),
        Value::Signed(-7),
        Value::Unsigned(u64::MAX),
        Value::Float(0.5),
        Value::Float(1.0),
        decimal("1e5"),
        decimal("-0"),
    ];
    assert_eq!(values, expected.iter().collect::<Vec<_>>());
}

#[test]
fn escapes_are_normalised() {
    let line = event_line(
        "\"type\":\"output\",\"timestamp\":\"2025-01-01T00:00:00.000Z\",\"content\":\"\\u0041\\/\\ud83c\\udf31\"",
    );
    assert_eq!(write(&traces(&line)), line.replace("\\u0041\\/\\ud83c\\udf31", "A/🌱"));
}

#[test]
fn documented_members_become_fields() {
    let event = event(
        "\"event_id\":\"evt_1\",\"type\":\"action\",\"timestamp\":\"2025-01-01T00:00:01.500Z\",\"content\":\"c\",\
         \"action\":\"pay\",\"parameters\":{\"amount\":5},\"semantics\":{\"intent\":\"i\",\"confidence\":0.25,\"x\":1}",
    );
    assert_eq!(event.kind, Kind::Action);
    assert_eq!(event.time.as_millis(), 1_735_689_601_500);
    let texts = [&event.alias, &event.text, &event.action, &event.intent].map(Option::as_deref);
    assert_eq!(texts, [Some("evt_1"), Some("c"), Some("pay"), Some("i")]);
    assert_eq!(event.confidence, Some(0.25));
    let left = [leaf("/parameters/amount", Value::Signed(5)), leaf("/semantics/x", Value::Signed(1))];
    assert_eq!(event.leaves, left);
}

#[test]
fn fields_of_the_trace_are_read() {
    let traces = traces(MIRRORDNA);
    assert_eq!(traces.len(), 2);
    assert_eq!(traces[0].agent, "greenhouse-keeper");
    assert_eq!(traces[0].session.as_deref(), Some("sess_tomatoes01"));
    assert_eq!(traces[0].user, None);
    assert_eq!(traces[0].system.as_deref(), Some("You keep a greenhouse. Never open the roof in a storm."));
    assert_eq!(traces[0].leaves, [leaf("/greenhouse/rows", Value::Signed(12))]);
    assert_eq!(traces[1].user.as_deref(), Some("grower-7"));
    assert_eq!(traces[1].time.as_millis(), 1_743_577_200_000);
}

/// A member of `semantics` named confidence: the column, and whether its spelling is kept.
#[track_caller]
fn check_confidence(spelling: &str, column: Option<f64>, kept: Option<Value>) {
    let members = format!(
        "\"type\":\"output\",\"timestamp\":\"2025-01-01T00:00:00.000Z\",\"semantics\":{{\"confidence\":{spelling}}}"
    );
    let read = event(&members);
    assert_eq!(read.confidence, column);
    assert_eq!(
        read.leaves,
        kept.map(|value| leaf("/semantics/confidence", value)).into_iter().collect::<Vec<_>>()
    );
    check_comes_back(&event_line(&members));
}

#[test]
fn confidence_is_a_number_in_any_spelling() {
    check_confidence("0.9", Some(0.9), None);
    check_confidence("1.0", Some(1.0), None);
    check_confidence("1", Some(1.0), Some(Value::Signed(1)));
    check_confidence("0.90", Some(0.9), Some(Value::Decimal("0.90".to_owned())));
    check_confidence("1e999", None, Some(Value::Decimal("1e999".to_owned())));
    check_confidence("\"high\"", None, Some(text("high")));
    check_confidence("null", None, Some(Value::Null));
    check_confidence("{}", None, Some(Value::EmptyObject));
}

#[test]
fn older_metadata_is_semantics() {
    let old = event_line(
        "\"type\":\"thought\",\"timestamp\":\"2025-01-01T00:00:00.000Z\",\
         \"metadata\":{\"confidence\":0.92,\"intent\":\"refund\",\"citations\":[\"p\"],\"shown\":true}",
    );
    let new = event_line(
        "\"type\":\"thought\",\"timestamp\":\"2025-01-01T00:00:00.000Z\",\
         \"semantics\":{\"intent\":\"refund\",\"confidence\":0.92,\"citations\":[\"p\"]},\"metadata\":{\"shown\":true}",
    );
    assert_eq!(trace(&old).events, trace(&new).events);
    assert_eq!(write(&traces(&old)), new);
}

#[test]
fn metadata_beside_semantics_is_metadata() {
    check_comes_back(&event_line(
        "\"type\":\"thought\",\"timestamp\":\"2025-01-01T00:00:00.000Z\",\
         \"semantics\":{},\"metadata\":{\"intent\":\"mine\",\"confidence\":0.1}",
    ));
}

#[test]
fn null_is_given_back() {
    let line = "{\"trace_id\":\"t\",\"agent_id\":\"a\",\"session_id\":null,\"user_id\":null,\
         \"timestamp\":\"2025-01-01T00:00:00.000Z\",\"system\":null,\"events\":[{\"event_id\":null,\"type\":\"output\",\
         \"timestamp\":\"2025-01-01T00:00:00.000Z\",\"content\":null,\"action\":null,\"parameters\":null,\"data\":null,\
         \"semantics\":null,\"metadata\":null}]}\n";
    check_comes_back(line);
    let trace = trace(line);
    assert_eq!((trace.session, trace.user, trace.system), (None, None, None));
}

/// A time as an event's timestamp: the milliseconds, and that its spelling comes back.
#[track_caller]
fn check_time(spelling: &str, millis: i64) {
    let members = format!("\"type\":\"output\",\"timestamp\":{spelling},\"content\":\"x\"");
    assert_eq!(event(&members).time.as_millis(), millis, "{spelling}");
    check_comes_back(&event_line(&members));
}

#[test]
fn times_are_read_in_many_spellings_and_given_back() {
    for (spelling, millis) in [
        ("\"2024-01-15T10:30:00.100Z\"", 1_705_314_600_100),
        ("\"2024-01-15T10:30:00Z\"", 1_705_314_600_000),
        ("\"2024-01-15T10:30:00.123456Z\"", 1_705_314_600_123),
        ("\"2024-01-15T12:30:00.100+02:00\"", 1_705_314_600_100),
        ("\"2024-01-15T10:30:00.123456\"", 1_705_314_600_123),
        ("\"2024-01-15 10:30:00\"", 1_705_314_600_000),
        ("\"2024-01-15\"", 1_705_276_800_000),
        ("\"1969-12-31T23:59:59.999Z\"", -1),
        ("1705314600", 1_705_314_600_000),
        ("1705314600.25", 1_705_314_600_250),
        ("1705314600123", 1_705_314_600_123),
        ("1705314600123456", 1_705_314_600_123),
        ("1705314600123456789", 1_705_314_600_123),
        ("0", 0),
    ] {
        check_time(spelling, millis);
    }
}

#[test]
fn only_another_spelling_is_kept() {
    let plain = event("\"type\":\"output\",\"timestamp\":\"2024-01-15T10:30:00.100Z\"");
    assert_eq!(plain.leaves, []);
    let micros = event("\"type\":\"output\",\"timestamp\":\"2024-01-15T10:30:00.100000Z\"");
    assert_eq!(micros.leaves, [leaf("/timestamp", text("2024-01-15T10:30:00.100000Z"))]);
    let number = event("\"type\":\"output\",\"timestamp\":1705314600123");
    assert_eq!(number.leaves, [leaf("/timestamp", Value::Signed(1_705_314_600_123))]);
}

#[test]
fn missing_times_are_made_and_said_to_be() {
    let trace = trace(
        "{\"trace_id\":\"t\",\"agent_id\":\"a\",\"events\":[{\"type\":\"thought\",\"metadata\":{}},{\"type\":\"output\"}]}",
    );
    let times: Vec<_> = trace.events.iter().map(|event| event.time.as_millis()).collect();
    assert_eq!((trace.time.as_millis(), times), (0, vec![0, 1000]));
    let said = [leaf("/metadata/synthetic_time", Value::Bool(true))];
    assert_eq!(trace.leaves, said);
    assert!(trace.events.iter().all(|event| event.leaves == said));
}

#[test]
fn a_trace_without_a_time_begins_with_its_first_event() {
    let trace = trace(
        "{\"agent_id\":\"a\",\"session_id\":\"s\",\"events\":[{\"type\":\"output\",\"timestamp\":1705314600}]}",
    );
    assert_eq!(trace.time.as_millis(), 1_705_314_600_000);
}

#[test]
fn a_trace_without_an_id_is_named_by_what_it_holds() {
    let id = |text: &str| trace(text).id;
    let first = id("{\"agent_id\":\"a\",\"events\":[{\"type\":\"output\",\"content\":\"A\"}]}");
    let other_text =
        "[ {\"events\" : [{\"content\":\"\\u0041\",\n\"type\":\"output\"}], \"agent_id\":\"a\"} ]";
    assert_eq!(first, id(other_text));
    assert_ne!(first, id("{\"agent_id\":\"a\",\"events\":[{\"type\":\"output\",\"content\":\"B\"}]}"));
    // A UUIDv5 never changes: a trace that was imported once is known for good.
    assert_eq!(first, "a53d9aa4-5834-590c-80a6-730d55f920c6");
}

#[test]
fn judgements_of_others_are_set_aside() {
    let foreign = "{\"trace_id\":\"t\",\"agent_id\":\"a\",\"timestamp\":\"2025-01-01T00:00:00.000Z\",\"events\":[],\
                   \"verdicts\":[{\"outcome\":\"allow\"}],\"findings\":[]}\n";
    let once = write(&traces(foreign));
    assert!(
        once.ends_with(
            "\"events\":[],\"imported\":{\"verdicts\":[{\"outcome\":\"allow\"}],\"findings\":[]}}\n"
        ),
        "{once}"
    );
    check_comes_back(&once);
    let again = once.replace("\"imported\"", "\"findings\":[1],\"imported\"");
    let twice = write(&traces(&again));
    assert!(twice.ends_with("\"imported\":{\"findings\":[1],\"imported\":{\"verdicts\":[{\"outcome\":\"allow\"}],\"findings\":[]}}}\n"), "{twice}");
}

#[test]
fn every_shape_of_a_file_reads_the_same() {
    let expected = traces(MIRRORDNA);
    let values: Vec<serde_json::Value> =
        MIRRORDNA.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let pretty: Vec<String> =
        values.iter().map(|value| serde_json::to_string_pretty(value).unwrap()).collect();
    let json = |traces: &[Trace]| {
        write(traces)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect::<Vec<serde_json::Value>>()
    };
    assert_eq!(json(&traces(&pretty.join("\n"))), values);
    assert_eq!(json(&traces(&format!("[{}]", pretty.join(",")))), values);
    assert_eq!(json(&traces(&format!("{}[{}]", pretty[0], pretty[1]))), values);
    assert_eq!(traces(&MIRRORDNA.replace('\n', "\r\n\r\n")), expected);
    assert_eq!(traces(MIRRORDNA.trim_end()), expected);
    assert_eq!(traces("[]"), []);
}
