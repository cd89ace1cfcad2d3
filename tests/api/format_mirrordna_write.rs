//! MirrorDNA out: the documented order, verdicts and findings, masked events, and traces that
//! no JSON can say.

use activemirror::document::{Event, Finding, Mark, Trace, Value, Verdict};
use activemirror::format::WriteError;
use activemirror::format::mirrordna::Writer;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{ControlState, Kind, Outcome, Severity};

use crate::format_source::{leaf, text, traces};

fn event(kind: Kind) -> Event {
    Event {
        kind,
        time: Timestamp::from_millis(1),
        alias: None,
        text: None,
        action: None,
        intent: None,
        confidence: None,
        leaves: Vec::new(),
    }
}

fn trace_of(events: Vec<Event>) -> Trace {
    Trace {
        id: "t".to_owned(),
        agent: "a".to_owned(),
        session: Some("s".to_owned()),
        user: Some("u".to_owned()),
        time: Timestamp::default(),
        system: Some("y".to_owned()),
        leaves: vec![leaf("/z", Value::Null)],
        events,
    }
}

fn line(trace: &Trace, verdicts: &[Verdict], findings: &[Finding]) -> Result<String, WriteError> {
    let mut writer = Writer::new(Vec::new());
    let outcome = writer.write(trace, verdicts, findings);
    let written = String::from_utf8(writer.finish().unwrap()).unwrap();
    assert_eq!(outcome.is_err(), written.is_empty(), "a trace is written whole or not at all");
    outcome.map(|()| written)
}

#[test]
fn members_come_in_the_documented_order() {
    let mut action = event(Kind::Action);
    action.leaves = vec![
        leaf("/zebra", Value::Bool(true)),
        leaf("/metadata/m", Value::Null),
        leaf("/semantics/reasoning", text("r")),
        leaf("/data/d", Value::EmptyList),
        leaf("/parameters/p[0]", Value::Signed(1)),
    ];
    action.confidence = Some(0.5);
    action.intent = Some("i".to_owned());
    action.action = Some("n".to_owned());
    action.text = Some("c".to_owned());
    action.alias = Some("e".to_owned());
    let expected = "{\"trace_id\":\"t\",\"agent_id\":\"a\",\"session_id\":\"s\",\"user_id\":\"u\",\
         \"timestamp\":\"1970-01-01T00:00:00.000Z\",\"system\":\"y\",\"events\":[{\"event_id\":\"e\",\"type\":\"action\",\
         \"timestamp\":\"1970-01-01T00:00:00.001Z\",\"content\":\"c\",\"action\":\"n\",\"parameters\":{\"p\":[1]},\
         \"data\":{\"d\":[]},\"semantics\":{\"intent\":\"i\",\"confidence\":0.5,\"reasoning\":\"r\"},\
         \"metadata\":{\"m\":null},\"zebra\":true}],\"z\":null}\n";
    assert_eq!(line(&trace_of(vec![action]), &[], &[]).unwrap(), expected);
}

#[test]
fn verdicts_and_findings_stand_beside_the_events() {
    let mark =
        Mark { field: "/content".to_owned(), span: Some(3..9), category: "email".to_owned(), dropped: false };
    let hidden =
        Mark {
            field: "/data/⟦email·1⟧".to_owned(), span: None, category: "email".to_owned(), dropped: true
        };
    let verdict = Verdict {
        event: Some(0),
        plugin: "pii".to_owned(),
        outcome: Outcome::RequireApproval,
        reason: Some("why \"so\"".to_owned()),
        fuel: 7,
        marks: vec![mark, hidden],
    };
    let plain = Verdict { outcome: Outcome::Allow, reason: None, marks: Vec::new(), ..verdict.clone() };
    let finding = Finding {
        plugin: "gdpr".to_owned(),
        control: "GDPR-5.1.c".to_owned(),
        state: ControlState::NotAssessable,
        severity: Severity::Medium,
        message: "m".to_owned(),
        evidence: vec![0, 2],
    };
    let written = line(&trace_of(Vec::new()), &[verdict, plain], &[finding]).unwrap();
    let expected = "\"z\":null,\"verdicts\":[{\"event\":0,\"plugin\":\"pii\",\"outcome\":\"require-approval\",\
         \"reason\":\"why \\\"so\\\"\",\"fuel\":7,\"marks\":[{\"field\":\"/content\",\"start\":3,\"end\":9,\
         \"category\":\"email\",\"dropped\":false},{\"field\":\"/data/⟦email·1⟧\",\"category\":\"email\",\
         \"dropped\":true}]},{\"event\":0,\"plugin\":\"pii\",\"outcome\":\"allow\",\"fuel\":7}],\
         \"findings\":[{\"plugin\":\"gdpr\",\"control\":\"GDPR-5.1.c\",\"state\":\"not-assessable\",\
         \"severity\":\"medium\",\"message\":\"m\",\"events\":[0,2]}]}\n";
    assert!(written.ends_with(expected), "{written}");
}

#[test]
fn masked_events_are_written_as_they_are() {
    let mut masked = event(Kind::Observation);
    masked.text = Some("write to ⟦email·3fa90c⟧".to_owned());
    masked.leaves = vec![leaf("/data/⟦email·3fa90c⟧", text("⟦date-of-birth·00ab12⟧"))];
    let written = line(&trace_of(vec![masked.clone()]), &[], &[]).unwrap();
    assert_eq!(traces(&written)[0].events, [masked]);
}

/// Leaves of an event that contradict each other: the error, and where.
#[track_caller]
fn check_refused(leaves: &[(&str, Value)], expected: &str) {
    let mut forged = event(Kind::Thought);
    forged.intent = Some("i".to_owned());
    forged.leaves = leaves.iter().map(|(path, value)| leaf(path, value.clone())).collect();
    let error = line(&trace_of(vec![event(Kind::Output), forged]), &[], &[]).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot write event 1 of the trace: {expected}"));
}

#[test]
fn forged_leaves_are_refused() {
    let null = || Value::Null;
    let contradicts = |path: &str| format!("the value at `{path}` contradicts one before it");
    check_refused(&[("/a", null()), ("/a", null())], &contradicts("/a"));
    check_refused(&[("/a", null()), ("/a/b", null())], &contradicts("/a/b"));
    check_refused(&[("/a/b", null()), ("/a", null())], &contradicts("/a"));
    check_refused(&[("/a/b", null()), ("/c", null()), ("/a/d", null())], &contradicts("/a/d"));
    check_refused(&[("/a[0]", null()), ("/a/b", null())], &contradicts("/a/b"));
    check_refused(&[("/a/b", null()), ("/a[0]", null())], &contradicts("/a[0]"));
    check_refused(&[("/a[1]", null())], &contradicts("/a[1]"));
    check_refused(&[("/a[0]", null()), ("/a[0]", null())], &contradicts("/a[0]"));
    check_refused(&[("/a[4294967295]", null())], &contradicts("/a[4294967295]"));
    check_refused(&[("/a[0][0]", null()), ("/a[0]/b", null())], &contradicts("/a[0]/b"));
    check_refused(&[("[0]", null())], &contradicts("[0]"));
    check_refused(&[("/semantics", null())], &contradicts("/semantics"));
    check_refused(&[("/semantics[0]", null())], &contradicts("/semantics[0]"));
}

#[test]
fn forged_paths_and_numbers_are_refused() {
    let not_a_path = |path: &str, why: &str| format!("`{path}` is no path: {why}");
    check_refused(&[("", Value::Null)], &not_a_path("", "a step of a path begins with `/` or `[`"));
    check_refused(&[("a", Value::Null)], &not_a_path("a", "a step of a path begins with `/` or `[`"));
    check_refused(&[("/~", Value::Null)], &not_a_path("/~", "a `~` in a path is followed by 0, 1 or 2"));
    let deep = "/a".repeat(129);
    check_refused(&[(&deep, Value::Null)], &not_a_path(&deep, "the path has too many steps"));
    let not_a_number = "the value at `/n` is no number that JSON can spell";
    for number in ["", "01", "1,\"x\":2", "NaN", " 1"] {
        check_refused(&[("/n", Value::Decimal(number.to_owned()))], not_a_number);
    }
    check_refused(&[("/n", Value::Float(f64::NAN))], not_a_number);
    check_refused(&[("/n", Value::Float(f64::INFINITY))], not_a_number);
}

#[test]
fn what_is_no_event_or_no_time_is_refused() {
    let refused = |event: Event| line(&trace_of(vec![event]), &[], &[]).unwrap_err();
    assert!(matches!(refused(event(Kind::Verdict)), WriteError::NoEvent { event: 0 }));
    let late = Event { time: Timestamp::from_millis(i64::MAX), ..event(Kind::Output) };
    assert!(matches!(refused(late), WriteError::Time { event: Some(0), millis: i64::MAX }));
    let mut trace = trace_of(Vec::new());
    trace.leaves.push(leaf("/events/x", Value::Null));
    assert!(matches!(line(&trace, &[], &[]), Err(WriteError::Leaves { event: None, .. })));
}
