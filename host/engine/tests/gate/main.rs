//! The gate from outside: what gets in, what a plugin may take, what its answers must be.
//!
//! Most plugins here are hostile in one way at the point `agent-startup` and harmless elsewhere,
//! so that each test can show the next call being handled normally, by the same loaded plugin.

mod admission;
mod answers;
mod calls;
mod checks;
mod compiling;
mod interest;
mod plugins;

use activemirror_engine::{
    Call, Config, Decision, Engine, Event, EventKind, Leaf, Limits, Point, Policy, Setup, Source, Value,
    Verdict,
};

/// An engine with the default limits.
fn engine() -> Engine {
    engine_with(Limits::default())
}

fn engine_with(limits: Limits) -> Engine {
    Engine::new(Setup { limits, ..Setup::default() }).expect("an engine")
}

fn policy(engine: &Engine, component: &[u8]) -> Policy {
    Policy::load(engine, component, Config::default()).expect("a policy")
}

/// The hostile call of a test policy, on one event.
fn hostile(policy: &Policy) -> Call<Decision> {
    policy.decide(&[], Point::AgentStartup, &[event()])
}

/// The same plugin does its work on the next event.
#[track_caller]
fn check_works(policy: &Policy) {
    let call = policy.decide(&[], Point::Input, &[event()]);
    assert_eq!(call.result, Ok(Decision { verdicts: vec![Verdict::Allow], state: vec![] }));
}

/// Event 7: content of 11 bytes in 8 characters, a text leaf and a number.
fn event() -> Event {
    Event {
        sequence: 7,
        time: 0,
        kind: EventKind::Action,
        source: Source::Unknown,
        content: Some("Grüße, ü".into()),
        action: Some("refund".into()),
        intent: None,
        confidence: None,
        leaves: vec![
            Leaf { path: "/parameters/name".into(), value: Value::Text("Ada".into()) },
            Leaf { path: "/parameters/age".into(), value: Value::Signed(36) },
        ],
        marks: vec![],
    }
}
