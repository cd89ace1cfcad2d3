//! Bad files: status 2, the place, what was expected, and what is stored all the same.

use std::fs::File;
use std::io::Write;

use crate::place::{Place, trace, two_traces};

/// Imports a file with these bytes and expects status 2 and these words.
#[track_caller]
fn refused(bytes: impl AsRef<[u8]>, words: &[&str]) -> Place {
    let place = Place::new();
    let file = place.file("input.jsonl", bytes);
    place.bad(&["--no-plugins", "import", file.to_str().unwrap()], 2, &[&["input.jsonl"], words].concat());
    place
}

fn stored(place: &Place) -> usize {
    place.json(&["traces"]).len()
}

#[test]
fn not_json() {
    refused("hello, world", &["line 1"]);
    refused([0xff, 0xfe, 0x00], &[]);
    refused("", &[]);
}

#[test]
fn cut_off_after_a_whole_trace() {
    let place = refused(two_traces() + "{\"trace_id\": \"thr", &["the 2 traces before it are stored"]);
    assert_eq!(stored(&place), 2);
    assert_eq!(place.json(&["verify"])[0]["holds"], true);
}

#[test]
fn a_wrong_type_names_line_and_field() {
    let wrong = trace("t", "u", "x").replace("\"look_up_order\"", "17");
    let place =
        refused(trace("first", "u", "x") + "\n" + &wrong, &["line 2", "action", "the 1 trace before it"]);
    assert_eq!(stored(&place), 1);
}

#[test]
fn an_unknown_format_says_which_are_known() {
    refused("{\"spans\": []}", &["mirrordna", "tau-bench"]);
}

#[test]
fn ten_thousand_levels_of_nesting() {
    let deep = format!("{{\"trace_id\": \"t\", \"events\": {}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let place = refused(deep, &["nest"]);
    assert_eq!(stored(&place), 0);
}

#[test]
fn a_string_of_a_gigabyte() {
    let place = Place::new();
    let path = place.path("huge.jsonl");
    let mut file = File::create(&path).unwrap();
    writeln!(file, "{}", trace("before", "u", "x")).unwrap();
    write!(file, "{{\"trace_id\": \"t\", \"agent_id\": \"").unwrap();
    let piece = vec![b'a'; 1 << 20];
    (0..1024).for_each(|_| file.write_all(&piece).unwrap());
    drop(file);
    let path = path.to_str().unwrap();
    place.bad(&["--no-plugins", "import", path], 2, &["line 2", "the 1 trace before it is stored"]);
    assert_eq!(stored(&place), 1);
}

#[test]
fn a_missing_file_and_a_wrong_flag() {
    let place = Place::new();
    place.bad(&["import", "/nowhere/at/all.jsonl"], 2, &["/nowhere/at/all.jsonl"]);
    place.bad(&["import"], 2, &["FILE"]);
    place.bad(&["traces", "--limt", "3"], 2, &["--limit"]);
    place.bad(&["verfy"], 2, &["verify"]);
}

#[test]
fn the_same_file_twice_adds_nothing() {
    let place = Place::with_two_traces();
    let file = place.file("two.jsonl", two_traces());
    let out = place.good(&["--no-plugins", "import", file.to_str().unwrap()]);
    assert!(out.contains("0 new traces") && out.contains("2 traces were here already"), "{out}");
    assert_eq!(stored(&place), 2);
}

#[cfg(unix)]
#[test]
fn nobody_reading_the_output_is_no_failure() {
    use std::process::Stdio;
    let place = Place::with_two_traces();
    for arguments in [&["traces"][..], &["show", "trace-one"], &["export"], &["completions", "bash"]] {
        let mut child =
            place.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        assert_eq!((ended.status.code(), &*ended.stderr), (Some(0), &b""[..]), "{arguments:?}");
    }
}

#[test]
fn failures_are_json_too_where_asked() {
    let place = Place::new();
    let ran = place.run(&["--json", "import", "/nowhere"]);
    let line: serde_json::Value = serde_json::from_str(ran.err.trim()).unwrap();
    assert_eq!(line["status"], 2);
}

#[test]
fn what_is_wrong_is_named_and_not_repeated() {
    let place = Place::new();
    for wrong in [
        r#"{"agent_id":"a","events":[{"type":"jane.doe@example.org"}]}"#,
        r#"{"agent_id":"a","events":[],"timestamp":"jane.doe@example.org"}"#,
        r#"{"jane.doe@example.org":1}"#,
    ] {
        let file = place.file("wrong.jsonl", wrong);
        let ran = place.bad(&["import", file.to_str().unwrap()], 2, &["20 characters"]);
        assert!(!ran.err.contains("jane"), "{}", ran.err);
    }
}

#[test]
fn events_without_times_at_the_end_of_the_calendar() {
    let place = Place::new();
    let event = r#"{"type":"output","content":"late"}"#;
    let trace = format!(
        r#"{{"trace_id":"t","agent_id":"a","timestamp":"9999-12-30T21:59:59.500Z","events":[{event},{event}]}}"#
    );
    let file = place.file("late.jsonl", trace);
    place.good(&["--no-plugins", "import", file.to_str().unwrap()]);
    assert!(place.good(&["export"]).contains("late"));
}
