//! Everything that a file can be but should not: each ends in its own error, which says where and
//! what was expected, and every trace before it comes whole.

use core::iter;
use std::io::{self, Read};

use activemirror::format::{Fault, Format, FormatError, Reader, WriteError};
use activemirror::json::{self, Position, limits};

use crate::format_source::{MIRRORDNA, TAU_BENCH, event_line, fault, read, traces, write};

/// A good line, and then this: the error, as a person reads it, is at this column of the second
/// line and says this.
#[track_caller]
fn check_after_a_trace(bad: impl AsRef<[u8]>, column: u64, expected: &str) -> FormatError {
    let good = event_line("\"type\":\"output\"");
    let source = [good.as_bytes(), bad.as_ref()].concat();
    let (error, before) = fault(source.as_slice());
    assert_eq!((before, error.trace), (1, 1), "{error}");
    let byte = good.len() as u64 + column - 1;
    assert_eq!(error.to_string(), format!("line 2, column {column} (byte {byte}), trace 2{expected}"));
    assert_eq!(error.at, Position { line: 2, column, byte });
    error
}

/// The second line is a trace around these members of its event; so many characters of them are
/// good.
#[track_caller]
fn check_event(members: &str, good: usize, field: &str, expected: &str) {
    let line = event_line(members);
    let column = line.find(members).unwrap() + good + 1;
    check_after_a_trace(&line, column as u64, &format!(", field /events[0]{field}: {expected}"));
}

#[test]
fn not_json() {
    let values = "this is not JSON: expected an object, a list or another value";
    let error = check_after_a_trace("hello", 1, &format!(": {values}"));
    assert!(matches!(error.fault, Fault::Json(json::Fault::Syntax { .. })));
    let literals = "`true`, `false` or `null`";
    check_after_a_trace("{\"a\":tru}", 6, &format!(", field /a: this is not JSON: expected {literals}"));
    check_after_a_trace("{'a':1}", 2, ": this is not JSON: expected a key in double quotes or `}`");
    check_after_a_trace("{\"a\":[1,]}", 8, ", field /a: this is not JSON: expected a value after the comma");
    check_after_a_trace(
        "{\"a\":01}",
        6,
        ", field /a: this is not JSON: expected a number as JSON spells them",
    );
    check_after_a_trace(" // end", 2, ": this is not JSON: expected a value, since JSON has no comments");
    let (error, _) = fault(&b"\x89PNG\r\n\x1a\n"[..]);
    assert_eq!(error.to_string(), format!("line 1, column 1 (byte 0), trace 1: {values}"));
}

/// However a file is cut off, that is what the error says, unless what is left is whole.
#[test]
fn truncated_anywhere() {
    let whole: Vec<usize> = MIRRORDNA.match_indices('\n').map(|(end, _)| end).collect();
    for cut in (0..MIRRORDNA.len()).filter(|cut| MIRRORDNA.is_char_boundary(*cut)) {
        let (found, error) = read(&MIRRORDNA.as_bytes()[..cut], None);
        assert_eq!(found.len(), whole.iter().filter(|end| **end <= cut).count());
        match error.map(|error| error.fault) {
            None => assert!(whole.iter().any(|end| cut == *end || cut == end + 1), "byte {cut}"),
            Some(Fault::Json(json::Fault::Empty)) => assert_eq!(cut, 0),
            Some(Fault::Json(json::Fault::Truncated)) => {}
            Some(other) => panic!("byte {cut}: {other}"),
        }
    }
}

#[test]
fn a_truncated_list_keeps_what_is_whole() {
    let cut = TAU_BENCH.rfind("Thirty").unwrap();
    let (error, before) = fault(&TAU_BENCH.as_bytes()[..cut]);
    assert_eq!(before, 1);
    assert!(matches!(error.fault, Fault::Json(json::Fault::Truncated)));
    assert_eq!(error.field, "/traj[3]/content");
}

#[test]
fn empty() {
    for nothing in ["", "\n", " \r\n\t\n"] {
        let (error, _) = fault(nothing.as_bytes());
        assert!(matches!(error.fault, Fault::Json(json::Fault::Empty)), "{error}");
    }
}

#[test]
fn unknown_format() {
    let check = |text: &str, column: u64, found: &str| {
        let (error, _) = fault(text.as_bytes());
        assert!(matches!(error.fault, Fault::UnknownFormat { .. }));
        let known = "mirrordna (with `events` and `agent_id`) or tau-bench (with `traj`)";
        let place = format!("line 1, column {column} (byte {}), trace 1", column - 1);
        assert_eq!(error.to_string(), format!("{place}: expected a trace as {known}, found {found}"));
    };
    check("{\"resourceSpans\":[],\"x\\n\":1}", 1, "an object with `resourceSpans`, a name of 2 characters");
    check("{}", 1, "an object");
    check("42", 1, "a number");
    check("\"text\"", 1, "a text");
    check("[[]]", 2, "a list");
    let many: Vec<String> = (0..20).map(|key| format!("\"k{key}\":0")).collect();
    let shown = "`k0`, `k1`, `k2`, `k3`, `k4`, `k5`, `k6`, `k7`, …";
    check(&format!("{{{}}}", many.join(",")), 1, &format!("an object with {shown}"));
}

#[test]
fn the_format_that_was_asked_for_is_the_one_that_is_read() {
    let (_, error) = read(TAU_BENCH.as_bytes(), Some(Format::MirrorDna));
    assert_eq!(error.unwrap().field, "/agent_id");
    let (_, error) = read(MIRRORDNA.as_bytes(), Some(Format::TauBench));
    assert_eq!(error.unwrap().field, "/traj");
    assert_eq!(Format::ALL.map(Format::name).map(Format::from_name), Format::ALL.map(Some));
    assert_eq!(Format::from_name("csv"), None);
}

#[test]
fn a_wrong_type_in_a_field() {
    let kinds = "expected thought, action, observation, decision, output or error, found another name of 6 characters";
    check_event("\"type\":5", 7, "/type", "expected a text, found a number");
    check_event("\"type\":\"speech\"", 7, "/type", kinds);
    check_event("\"type\":\"output\",\"content\":[1]", 26, "/content", "expected a text, found a list");
    check_event("\"type\":\"action\",\"action\":{}", 25, "/action", "expected a text, found an object");
    check_event(
        "\"type\":\"action\",\"parameters\":\"x\"",
        29,
        "/parameters",
        "expected an object, found a text",
    );
    check_event(
        "\"type\":\"action\",\"semantics\":true",
        28,
        "/semantics",
        "expected an object, found true or false",
    );
    let time = |found: &str| format!("expected a time such as `2024-01-15T10:30:00.100Z`, found {found}");
    check_event(
        "\"type\":\"action\",\"timestamp\":\"soon\"",
        28,
        "/timestamp",
        &time("a text of 4 characters"),
    );
    check_event("\"type\":\"action\",\"timestamp\":[]", 28, "/timestamp", &time("a list"));
    check_event(
        "\"type\":\"action\",\"timestamp\":{\"a\":1}",
        28,
        "/timestamp",
        "expected a time, found an object",
    );
    let id = "{\"trace_id\":7,\"agent_id\":\"a\",\"events\":[]}";
    check_after_a_trace(id, 13, ", field /trace_id: expected a text, found a number");
    let events = ", field /events: expected a list, found an object";
    check_after_a_trace("{\"agent_id\":\"a\",\"events\":{}}", 26, events);
    let event = ", field /events[1]: expected an object, found a number";
    check_after_a_trace("{\"agent_id\":\"a\",\"events\":[{\"type\":\"output\"},3]}", 45, event);
}

#[test]
fn a_missing_field() {
    let line = event_line("\"x\":1");
    let event = line.find("{\"x\"").unwrap() as u64 + 1;
    let name = "expected a text that is not empty, found nothing";
    check_after_a_trace(&line, event, &format!(", field /events[0]/type: {name}"));
    check_after_a_trace("{\"agent_id\":\"\",\"events\":[]}", 1, &format!(", field /agent_id: {name}"));
    check_after_a_trace("{\"agent_id\":null,\"events\":[]}", 13, &format!(", field /agent_id: {name}"));
    check_after_a_trace("{\"agent_id\":\"a\"}", 1, ", field /events: expected a list, found nothing");
}

#[test]
fn times_that_are_none() {
    for time in ["1e300", "-1e300", "\"\"", "\"2024-13-01T00:00:00Z\"", "true", "1e30"] {
        let (error, _) = fault(event_line(&format!("\"type\":\"output\",\"timestamp\":{time}")).as_bytes());
        assert!(matches!(error.fault, Fault::Time { .. }), "{time}: {error}");
    }
}

#[test]
fn a_wrong_type_in_a_run() {
    let check = |traj: &str, field: &str, what: &str| {
        let (error, _) = fault(format!("{{\"traj\":{traj}}}").as_bytes());
        assert_eq!((error.field.as_str(), error.fault.to_string().as_str()), (field, what));
    };
    check("{}", "/traj", "expected a list, found an object");
    check("[1]", "/traj[0]", "expected an object, found a number");
    check("[{}]", "/traj[0]/role", "expected a text that is not empty, found nothing");
    check(
        "[{\"role\":\"boss\"}]",
        "/traj[0]/role",
        "expected system, user, assistant or tool, found another name of 4 characters",
    );
    check("[{\"role\":\"user\",\"content\":5}]", "/traj[0]/content", "expected a text, found a number");
    let call = |call: &str| format!("[{{\"role\":\"assistant\",\"tool_calls\":[{call}]}}]");
    check(&call("{}"), "/traj[0]/tool_calls[0]/function", "expected an object, found nothing");
    check(
        &call("{\"function\":{}}"),
        "/traj[0]/tool_calls[0]/function/name",
        "expected a text that is not empty, found nothing",
    );
    check(
        &call("{\"function\":{\"name\":\"n\",\"arguments\":[]}}"),
        "/traj[0]/tool_calls[0]/function/arguments",
        "expected an object, or the text of one, found a list",
    );
}

#[test]
fn a_duplicate_key() {
    let members = "\"type\":\"output\",\"data\":{\"a\":1,\"b\":{\"a\":1},\"\\u0061\":2}";
    let second = members.find("\"\\u").unwrap();
    check_event(members, second, "/data/a", "expected a new key, found one that the object has already");
}

#[test]
fn bytes_that_are_no_text() {
    let utf8 = ", field /a: expected UTF-8, found other bytes: save the file as UTF-8";
    let error = check_after_a_trace(b"{\"a\":\"\xff\"}", 7, utf8);
    assert!(matches!(error.fault, Fault::Json(json::Fault::InvalidUtf8)));
    for mark in [&b"\xef\xbb\xbf{}"[..], b"\xff\xfe{\0}\0", b"\xfe\xff\0{\0}"] {
        let (error, _) = fault(mark);
        assert!(matches!(error.fault, Fault::Json(json::Fault::ByteOrderMark)), "{error}");
    }
    for nul in [&b"\0\0\0\0"[..], b"{\"a\":\"\0\"}", b"{\0}"] {
        let error = check_nul(nul);
        assert_eq!(error.at.line, 2);
    }
    let error = check_nul(&b"{\"a\":"[..]);
    assert_eq!(error.field, "/a");
}

/// After a good line come these bytes, and then nothing but zeros, as after a power cut.
#[track_caller]
fn check_nul(bytes: &[u8]) -> FormatError {
    let good = event_line("\"type\":\"output\"");
    let (error, before) = fault(good.as_bytes().chain(bytes).chain(io::repeat(0).take(5000)));
    assert_eq!(before, 1);
    assert!(matches!(error.fault, Fault::Json(json::Fault::NulByte)), "{error}");
    error
}

#[test]
fn one_zero_byte_is_never_stepped_over() {
    let good = event_line("\"type\":\"output\"");
    for between in ["\0", "\0\n", " \0 "] {
        let (error, before) = fault(format!("{good}{between}{good}").as_bytes());
        assert_eq!(before, 1);
        assert!(matches!(error.fault, Fault::Json(json::Fault::NulByte)), "{error}");
    }
}

/// A source that counts what is read of it.
struct Counted<R>(R, u64);

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(buffer)?;
        self.1 += count as u64;
        Ok(count)
    }
}

/// A gigabyte of one byte behind this beginning of a trace is refused after so many bytes.
#[track_caller]
fn check_gigabyte(beginning: &str, byte: u8, limit: usize) -> json::Fault {
    let good = event_line("\"type\":\"output\"");
    let start = format!("{good}{beginning}");
    let mut source = Counted(start.as_bytes().chain(io::repeat(byte).take(1 << 30)), 0);
    let (error, before) = fault(&mut source);
    assert_eq!(before, 1);
    assert!(source.1 < (start.len() + limit + 4096) as u64, "{} bytes were read", source.1);
    match error.fault {
        Fault::Json(fault) => fault,
        other => panic!("{other}"),
    }
}

#[test]
fn a_gigabyte_of_one_text() {
    let limit = limits::TEXT_BYTES_MAX;
    let event = "{\"agent_id\":\"a\",\"events\":[{\"content\":\"";
    assert!(matches!(check_gigabyte(event, b'a', limit), json::Fault::TextTooLong));
    assert!(matches!(check_gigabyte("{\"", b'k', limit), json::Fault::TextTooLong));
    assert!(matches!(check_gigabyte("{\"n\":", b'1', limit), json::Fault::TextTooLong));
    assert!(matches!(
        check_gigabyte("{\"agent_id\":", b' ', limits::RECORD_BYTES_MAX),
        json::Fault::RecordTooLong
    ));
    assert!(matches!(check_gigabyte("", b'\n', limits::RECORD_BYTES_MAX), json::Fault::RecordTooLong));
}

#[test]
fn the_longest_text_is_read_and_the_next_is_not() {
    let line = |length| event_line(&format!("\"type\":\"output\",\"content\":\"{}\"", "x".repeat(length)));
    assert_eq!(
        traces(&line(limits::TEXT_BYTES_MAX))[0].events[0].text.as_ref().unwrap().len(),
        limits::TEXT_BYTES_MAX
    );
    let (error, _) = fault(line(limits::TEXT_BYTES_MAX + 1).as_bytes());
    assert!(matches!(error.fault, Fault::Json(json::Fault::TextTooLong)));
    assert_eq!(error.field, "/events[0]/content");
}

#[test]
fn a_record_too_long() {
    let texts = iter::repeat_n(format!("\"{}\"", "x".repeat(limits::TEXT_BYTES_MAX - 8)), 5);
    let (error, _) =
        fault(event_line(&format!("\"data\":[{}]", texts.collect::<Vec<_>>().join(","))).as_bytes());
    assert!(matches!(error.fault, Fault::Json(json::Fault::RecordTooLong)), "{error}");
}

#[test]
fn the_longest_record_is_read_and_the_next_is_not() {
    let record = "{\"agent_id\":\"a\",\"events\":[]";
    let padded = |length: usize| format!("{record}{}}}", " ".repeat(length - record.len() - 1));
    assert_eq!(traces(&padded(limits::RECORD_BYTES_MAX)).len(), 1);
    let (error, _) = fault(padded(limits::RECORD_BYTES_MAX + 1).as_bytes());
    assert!(matches!(error.fault, Fault::Json(json::Fault::RecordTooLong)), "{error}");
}

#[test]
fn what_moves_down_must_not_go_too_deep() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let verdicts = |depth| format!("{{\"agent_id\":\"a\",\"events\":[],\"verdicts\":{}}}", nested(depth));
    let task = |depth| format!("{{\"traj\":[],\"task_id\":{}}}", nested(depth));
    for (field, trace) in [("/verdicts", &verdicts as &dyn Fn(usize) -> String), ("/task_id", &task)] {
        let deepest = limits::NESTING_MAX - 2;
        assert_eq!(traces(&write(&traces(&trace(deepest)))).len(), 1);
        let (error, _) = fault(trace(deepest + 1).as_bytes());
        assert_eq!(error.field, field);
        assert!(matches!(error.fault, Fault::Json(json::Fault::TooDeep)), "{error}");
    }
}

#[test]
fn many_values_or_long_paths() {
    let check = |data: &str| {
        let (error, _) = fault(event_line(&format!("\"data\":{data}")).as_bytes());
        assert!(matches!(error.fault, Fault::Json(json::Fault::TooManyValues)), "{error}");
    };
    check(&format!("[0{}]", ",0".repeat(limits::VALUES_MAX)));
    check(&format!("{{\"{}\":[0{}]}}", "k".repeat(1 << 20), ",0".repeat(64)));
}

#[test]
fn ten_thousand_levels() {
    let bad = format!("{{\"agent_id\":{}", "[".repeat(10_000));
    let limit = "expected at most 128 levels of nesting, found more";
    // A long path is shown from its end.
    let error = check_after_a_trace(bad, 140, &format!(", field …]{}: {limit}", "[0]".repeat(53)));
    assert!(matches!(error.fault, Fault::Json(json::Fault::TooDeep)));
    let (error, _) = fault("{\"a\":".repeat(10_000).as_bytes());
    assert_eq!(error.fault.to_string(), limit);
}

#[test]
fn an_unreadable_source() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the cable is out"))
        }
    }
    let good = event_line("\"type\":\"output\"");
    let (error, before) = fault(good.as_bytes().chain(Broken));
    assert_eq!(before, 1);
    assert!(error.to_string().ends_with("cannot read on: the cable is out"), "{error}");
    assert!(matches!(error.fault, Fault::Json(json::Fault::Io(_))));
}

#[test]
fn a_source_that_comes_byte_by_byte() {
    struct Drop<'a>(&'a [u8]);
    impl Read for Drop<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(buffer.len()).min(1);
            self.0.read(&mut buffer[..count])
        }
    }
    let (found, error) = read(Drop(MIRRORDNA.as_bytes()), None);
    assert!(error.is_none());
    assert_eq!(found, traces(MIRRORDNA));
}

#[test]
fn errors_and_readers_show_no_content() {
    let secret = "4111 1111 1111 1111";
    let mut reader = Reader::new(MIRRORDNA.as_bytes(), None);
    reader.next();
    assert!(!format!("{reader:?}").contains("greenhouse"));
    let long = format!("{}{secret}", "x".repeat(60));
    let (error, _) = fault(event_line(&format!("\"type\":\"{long}\"")).as_bytes());
    assert!(!format!("{error} {error:?}").contains(secret));
}

#[test]
fn errors_stay_small() {
    assert!(size_of::<FormatError>() <= 96);
    assert!(size_of::<WriteError>() <= 48);
}
