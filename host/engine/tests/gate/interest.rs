//! Which events a plugin is shown: what it says it looks at, kept by the gate.

use activemirror_engine::{
    CallError, Compliance, Config, Event, EventKind, LoadError, Point, Policy, Verdict,
};

use crate::{
    answers::{Record, allow, decision, finding, findings, observation, reasoning},
    engine, event,
    plugins::{self, answering_pack, answering_policy, component},
    policy,
};

/// What `looks-at` says of actions and of outputs, as the canonical ABI has it.
const ACTIONS: u8 = 0b10;
const OUTPUTS: u8 = 0b1_0000;

fn of_kind(kind: EventKind) -> Event {
    Event { kind, ..event() }
}

/// A component that says it looks at these kinds only; a policy that it rules on all of them.
fn looking_at(kinds: u8, component: &[u8]) -> Vec<u8> {
    let everything = [0, 0, 0x7f];
    let mut places = component.windows(3).enumerate().filter(|(_, bytes)| *bytes == everything);
    let (place, _) = places.next_back().expect("a description of a plugin that looks at everything");
    let mut changed = component.to_vec();
    let flags = changed[place + 2..].iter_mut().take_while(|flags| **flags == 0x7f);
    flags.for_each(|flags| *flags = kinds);
    changed
}

/// A policy that looks at actions only and gives these verdicts, in the state `s`, at the beginning.
fn on_actions(verdicts: Vec<Record>) -> Policy {
    policy(&engine(), &looking_at(ACTIONS, &answering_policy(&decision(verdicts, b"s"))))
}

#[test]
fn what_a_policy_does_not_look_at_it_allows_unseen() {
    let policy = policy(&engine(), &looking_at(ACTIONS, &plugins::policy("(unreachable)", "")));
    for kind in [EventKind::Thought, EventKind::Observation, EventKind::Error, EventKind::Start] {
        let call = policy.decide(b"before", Point::AgentStartup, &[of_kind(kind), of_kind(kind)]);
        assert_eq!(call.fuel, 0, "it was not called");
        let decision = call.result.expect("no call that could fail");
        assert_eq!((decision.verdicts, decision.state), (vec![Verdict::Allow; 2], b"before".to_vec()));
    }
    // What it does look at, it fails on; and a batch with such an event fails as a whole.
    for before in [&[][..], &[of_kind(EventKind::Thought)]] {
        let events = [before, &[of_kind(EventKind::Action)]].concat();
        let call = policy.decide(&[], Point::AgentStartup, &events);
        assert!(matches!(call.result, Err(CallError::Trap { .. })), "{call:?}");
    }
}

#[test]
fn verdicts_are_on_the_events_that_were_shown() {
    let events = [EventKind::Output, EventKind::Action, EventKind::Thought, EventKind::Action].map(of_kind);
    let decide = |verdicts| on_actions(verdicts).decide(b"", Point::AgentStartup, &events).result;
    let decided = decide(vec![allow(), reasoning(4, b"no")]).expect("two verdicts");
    let denied = Verdict::Deny("no".into());
    assert_eq!(decided.verdicts, [Verdict::Allow, Verdict::Allow, Verdict::Allow, denied]);
    assert_eq!(decided.state, b"s");
    // Verdicts on what it was not shown are no answer.
    for verdicts in [0, 1, 3, 4] {
        let bad = decide((0..verdicts).map(|_| allow()).collect()).expect_err("two were shown");
        assert_eq!(bad, CallError::BadOutput { what: format!("{verdicts} verdicts on 2 events") });
    }
}

#[test]
fn what_a_policy_does_not_rule_on_it_allows() {
    let ruling_on = |kinds: u8, verdicts: Vec<Record>| {
        let module = answering_policy(&decision(verdicts, b"s"));
        let everything = [0, 0, 0x7f, 0x7f];
        let place = module.windows(4).rposition(|bytes| bytes == everything).expect("a description");
        let mut changed = module;
        changed[place + 3] = kinds;
        Policy::load(&engine(), &changed, Config::default())
    };
    let events = [EventKind::Output, EventKind::Action].map(of_kind);
    let decide = |verdicts| {
        let policy = ruling_on(ACTIONS, verdicts).expect("a policy");
        policy.decide(b"", Point::AgentStartup, &events).result
    };
    let decided = decide(vec![allow(), reasoning(4, b"no")]).expect("it rules on actions");
    assert_eq!(decided.verdicts, [Verdict::Allow, Verdict::Deny("no".into())]);
    for stopped in [reasoning(4, b"no"), reasoning(3, b"ask")] {
        let bad = decide(vec![stopped, allow()]).expect_err("it does not rule on outputs");
        assert!(bad.to_string().contains("does not rule on"), "{bad}");
    }
    for kinds in [0, 0x80] {
        let error = ruling_on(kinds, vec![]).expect_err("a policy that rules on nothing");
        assert!(error.to_string().contains("does not rule on"), "{error}");
    }
    let blind = looking_at(OUTPUTS, &answering_policy(&decision(vec![], b"")));
    let place = blind.windows(3).rposition(|bytes| bytes == [0, OUTPUTS, OUTPUTS]).expect("a description");
    let mut changed = blind;
    changed[place + 2] = ACTIONS | OUTPUTS;
    Policy::load(&engine(), &changed, Config::default()).expect_err("it rules on what it does not see");
}

#[test]
fn marks_lie_in_the_event_that_was_shown() {
    use crate::answers::{mark, marking};
    let short = Event { content: Some("ab".into()), ..of_kind(EventKind::Action) };
    let policy = on_actions(vec![marking(1, vec![mark(0, 0, 0, 11, "email")])]);
    let decide = |events: &[Event]| policy.decide(b"", Point::AgentStartup, events).result;
    assert!(
        decide(&[of_kind(EventKind::Output), short.clone()]).is_err(),
        "it fits the event it does not see"
    );
    assert!(decide(&[short, of_kind(EventKind::Output)]).is_err());
    assert!(decide(&[of_kind(EventKind::Output), of_kind(EventKind::Action)]).is_ok());
}

#[test]
fn a_pack_finds_nothing_in_what_it_does_not_look_at() {
    let answer = observation(vec![finding("T-1", "m", &[7])], b"s");
    let component = looking_at(OUTPUTS, &answering_pack(&answer, &findings(65_536, vec![])));
    let pack = Compliance::load(&engine(), &component, Config::default()).expect("a pack");
    let unseen = pack.observe(b"before", &[of_kind(EventKind::Thought)], |_| false);
    assert_eq!((unseen.fuel, unseen.result.expect("no call").state), (0, b"before".to_vec()));
    let other = Event { sequence: 8, ..of_kind(EventKind::Thought) };
    let seen = pack.observe(b"", &[other.clone(), of_kind(EventKind::Output)], |_| false).result;
    assert_eq!(seen.expect("a finding").findings.len(), 1);
    // Event 7 is not evidence where it was not shown.
    let hidden =
        pack.observe(b"", &[of_kind(EventKind::Thought), Event { kind: EventKind::Output, ..other }], |_| {
            false
        });
    assert!(matches!(hidden.result, Err(CallError::BadOutput { .. })), "{hidden:?}");
}

#[test]
fn who_looks_at_nothing_is_refused() {
    let load = |kinds| {
        let module = plugins::policy_module("(unreachable)", "").replacen(
            "\\7f\\7f\")",
            &format!("\\{kinds:02x}\\{kinds:02x}\")"),
            1,
        );
        Policy::load(&engine(), &component("policy", &module), Config::default())
    };
    // The bit behind the last kind says nothing.
    for kinds in [0, 0x80] {
        let error = load(kinds).expect_err("a policy that is never asked");
        assert!(matches!(error, LoadError::BadDescription { .. }), "{error:?}");
        assert!(error.to_string().contains("no kind of event"), "{error}");
    }
    assert!(load(0xff).is_ok());
}
