//! What answers must be.

use activemirror_engine::{
    CallError, Compliance, Config, ControlState, Engine, Event, Finding, LoadError, Mark, Pattern, Persona,
    Place, Review, Severity, Span, Verdict, not_assessable,
};

use crate::{
    answers::{
        Answer, Record, accept, allow, decision, finding, findings, frame, mark, marking, observation,
        reasoning, revise,
    },
    engine, event, hostile, plugins, policy,
};

/// What becomes of a policy's verdicts on one event.
fn verdicts(verdicts: Vec<Record>) -> Result<Vec<Verdict>, CallError> {
    let policy = policy(&engine(), &plugins::answering_policy(&decision(verdicts, b"")));
    hostile(&policy).result.map(|decision| decision.verdicts)
}

#[track_caller]
fn check_bad<T: core::fmt::Debug>(result: Result<T, CallError>, words: &str) {
    match result {
        Err(CallError::BadOutput { what }) => assert!(what.contains(words), "{what}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_verdict_an_event() {
    check_bad(verdicts(vec![]), "0 verdicts on 1 events");
    check_bad(verdicts(vec![allow(), allow()]), "2 verdicts on 1 events");
    assert_eq!(verdicts(vec![allow()]), Ok(vec![Verdict::Allow]));
}

/// A mark the event does not bear.
#[track_caller]
fn check_mark(place: u8, leaf: u32, range: (u32, u32), words: &str) {
    check_bad(verdicts(vec![marking(1, vec![mark(place, leaf, range.0, range.1, "email")])]), words);
}

#[test]
fn marks_lie_in_their_text() {
    // "Grüße, ü" has 11 bytes; the characters at 2, 4 and 9 have two.
    check_mark(0, 0, (0, 12), "Content 0..12 of event 7 does not lie on characters");
    check_mark(0, 0, (3, 6), "does not lie on characters");
    check_mark(0, 0, (0, 10), "does not lie on characters");
    check_mark(0, 0, (4, 4), "does not lie on characters");
    check_mark(0, 0, (6, 4), "does not lie on characters");
    check_mark(0, 0, (u32::MAX, 1), "does not lie on characters");
    check_mark(1, 0, (0, 4), "does not lie on characters");
    check_mark(1, 1, (0, 2), "does not lie on characters"); // a number is marked as a whole
    check_mark(1, 2, (0, 0), "does not have");
    check_mark(2, 9, (0, 1), "does not have");
}

#[test]
fn marks_lie_in_a_text_that_is_there() {
    let policy = policy(
        &engine(),
        &plugins::answering_policy(&decision(vec![marking(1, vec![mark(0, 0, 0, 1, "a")])], b"")),
    );
    let event = Event { content: None, ..event() };
    let call = policy.decide(&[], activemirror_engine::Point::AgentStartup, &[event]);
    check_bad(call.result, "does not have");
}

#[test]
fn categories_are_plain() {
    for category in ["", "E-Mail", "e mail", "e\u{1b}[2J", "a-category-that-is-longer-than-32"] {
        check_bad(verdicts(vec![marking(2, vec![mark(0, 0, 0, 1, category)])]), "no plain category");
    }
}

fn content(start: u32, end: u32, category: &str) -> Mark {
    Mark { span: Span { place: Place::Content, start, end }, category: category.into() }
}

#[test]
fn marks_come_out_in_order_and_apart() {
    let marks = vec![
        mark(2, 0, 12, 16, "key"),
        mark(1, 1, 0, 0, "age"),
        mark(0, 0, 9, 11, "last"),
        mark(0, 0, 1, 4, "second"),
        mark(0, 0, 0, 2, "first"),
        mark(0, 0, 4, 6, "next"),
        mark(1, 1, 0, 0, "age"),
    ];
    let settled = vec![
        content(0, 4, "first"), // and second, which overlaps it
        content(4, 6, "next"),
        content(9, 11, "last"),
        Mark { span: Span { place: Place::LeafValue(1), start: 0, end: 0 }, category: "age".into() },
        Mark { span: Span { place: Place::LeafPath(0), start: 12, end: 16 }, category: "key".into() },
    ];
    assert_eq!(verdicts(vec![marking(1, marks)]), Ok(vec![Verdict::Mask(settled)]));
}

#[test]
fn no_marks_are_no_mask() {
    assert_eq!(verdicts(vec![marking(1, vec![])]), Ok(vec![Verdict::Allow]));
    assert_eq!(verdicts(vec![marking(2, vec![])]), Ok(vec![Verdict::Allow]));
}

#[test]
fn reasons_are_clean_and_short() {
    let reason = verdicts(vec![reasoning(4, "no\u{1b}[31m\nway".as_bytes())]);
    assert_eq!(reason, Ok(vec![Verdict::Deny("no\\u{1b}[31m\\nway".into())]));
    let long = verdicts(vec![reasoning(3, &[b'a'; 10_000])]).expect("a verdict");
    let cut = "a".repeat(500) + "…";
    assert_eq!(long, [Verdict::RequireApproval(cut)]);
}

fn pack(engine: &Engine, observe: &Answer, finish: &Answer) -> Compliance {
    Compliance::load(engine, &plugins::answering_pack(observe, finish), Config::default()).expect("a pack")
}

/// What becomes of a finding on event 7, with event 3 seen before.
fn observed(found: Record) -> Result<Vec<Finding>, CallError> {
    let pack = pack(&engine(), &observation(vec![found], b"s"), &findings(65_536, vec![]));
    pack.observe(&[], &[event()], |sequence| sequence == 3).result.map(|observation| observation.findings)
}

#[test]
fn findings_name_controls_of_their_pack_and_events_they_were_shown() {
    let expected = Finding {
        control: "T-2".into(),
        state: ControlState::NotSatisfied,
        severity: Severity::Medium,
        message: "seen\\u{7}".into(),
        evidence: vec![3, 7],
    };
    assert_eq!(observed(finding("T-2", "seen\u{7}", &[7, 3, 7])), Ok(vec![expected]));
    check_bad(observed(finding("T-3", "", &[])), "`T-3`, which is none of its controls");
    check_bad(observed(finding("T-1", "", &[7, 8])), "evidence 8, which it was not shown");
}

#[test]
fn findings_at_the_end_name_events_seen_before() {
    let pack = pack(
        &engine(),
        &observation(vec![], &[1; 4_097]),
        &findings(65_536, vec![finding("T-1", "m", &[5])]),
    );
    assert_eq!(pack.finish(b"s", |sequence| sequence == 5).result.expect("a finding").len(), 1);
    check_bad(pack.finish(b"s", |_| false).result, "evidence 5");
    let observed = pack.observe(&[], &[event()], |_| false).result;
    assert_eq!(observed, Err(CallError::StateTooLarge { bytes: 4_097 }));
}

#[test]
fn a_pack_that_failed_assesses_nothing() {
    let pack = pack(&engine(), &observation(vec![], b""), &findings(65_536, vec![]));
    let found = not_assessable(pack.description(), &[7], &CallError::StackOverflow);
    let controls: Vec<_> = found.iter().map(|finding| finding.control.as_str()).collect();
    assert_eq!(controls, ["T-1", "T-2"]);
    assert!(found.iter().all(|finding| finding.state == ControlState::NotAssessable));
    assert!(found.iter().all(|finding| finding.evidence == [7]));
    assert!(found[0].message.contains("test-pack"), "{}", found[0].message);
}

fn persona(engine: &Engine, frame: &Answer, review: &Answer) -> Persona {
    Persona::load(engine, &plugins::answering_persona(frame, review), Config::default()).expect("a persona")
}

#[test]
fn personas_frame_and_review() {
    let engine = engine();
    let persona = persona(&engine, &frame("Be kind.\nBe brief.\u{1b}", &["No advice."]), &accept());
    let described = persona.description();
    assert_eq!((described.name.as_str(), described.version.as_str()), ("test-persona", "1.2.3"));
    assert_eq!(
        (described.traits.as_slice(), described.limits.as_slice()),
        (&["patient".into()][..], &["lies".into()][..])
    );
    let framed = persona.frame(&[event()], "hello").result.expect("a frame");
    assert_eq!(framed.pattern, Pattern::Analytical);
    assert_eq!((framed.system.as_str(), framed.constraints.len()), ("Be kind.\nBe brief.\\u{1b}", 1));
    assert_eq!(persona.review(&[event()], "draft").result, Ok(Review::Accept));
}

#[test]
fn reviews_give_reasons() {
    let engine = engine();
    let persona = persona(&engine, &frame("", &[]), &revise(&["too\u{8}long"]));
    let reasons = vec!["too\\u{8}long".to_owned()];
    assert_eq!(persona.review(&[], "draft").result, Ok(Review::Revise(reasons)));
}

#[test]
fn texts_for_a_model_are_whole_or_refused() {
    let engine = engine();
    let long = "a".repeat(16_385);
    check_bad(persona(&engine, &frame(&long, &[]), &accept()).frame(&[], "").result, "16384 characters");
    let frame_of = |constraints: &[&str]| frame("", constraints);
    let long = "a".repeat(501);
    check_bad(
        persona(&engine, &frame_of(&[&long]), &accept()).frame(&[], "").result,
        "longer than a sentence",
    );
    check_bad(persona(&engine, &frame_of(&["a"; 65]), &accept()).frame(&[], "").result, "65 constraints");
}

#[test]
fn controls_are_plain_and_come_once() {
    let component = plugins::answering_pack(&observation(vec![], b""), &findings(65_536, vec![]));
    let at = component.windows(6).position(|bytes| bytes == b"T-1T-2").expect("the controls");
    for controls in [b"T-1T-1", b"T-1T 2", b"T-1\x1b-2"] {
        let mut changed = component.clone();
        changed[at..at + 6].copy_from_slice(controls);
        let error = Compliance::load(&engine(), &changed, Config::default()).expect_err("controls");
        assert!(matches!(error, LoadError::BadDescription { .. }), "{error:?}");
    }
}
