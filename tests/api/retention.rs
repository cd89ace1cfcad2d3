//! Retention as an embedder meets it: rules, holds, clocks that are wrong, a cold store that fails at any
//! call, and recording that goes on meanwhile.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use activemirror::document::Event;
use activemirror::retention::{Age, Asked, HoldOn, Moves, Outcome, Rule, Trouble};
use activemirror::{Cold, ColdError, Error, Options, Reveal, Runtime, Scope, Start, Tier, Timestamp};
use tempfile::TempDir;

/// A cold store in memory that fails from a call on.
#[derive(Clone, Debug, Default)]
struct Shelf(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    objects: BTreeMap<String, Vec<u8>>,
    calls: u32,
    fails_from: Option<u32>,
}

impl Shelf {
    fn fail_from(&self, call: Option<u32>) -> u32 {
        let mut shelf = self.0.lock().unwrap();
        shelf.fails_from = call;
        core::mem::take(&mut shelf.calls)
    }

    fn len(&self) -> usize {
        self.0.lock().unwrap().objects.len()
    }

    fn called<R>(
        &self,
        work: impl FnOnce(&mut BTreeMap<String, Vec<u8>>) -> Result<R, ColdError>,
    ) -> Result<R, ColdError> {
        let mut shelf = self.0.lock().unwrap();
        shelf.calls += 1;
        let fails = shelf.fails_from.is_some_and(|from| shelf.calls > from);
        if fails { Err(ColdError::Timeout) } else { work(&mut shelf.objects) }
    }
}

impl Cold for Shelf {
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), ColdError> {
        self.called(|shelf| {
            shelf.entry(name.to_owned()).or_insert_with(|| bytes.to_vec());
            Ok(())
        })
    }

    fn get(&self, name: &str, _: u64) -> Result<Vec<u8>, ColdError> {
        self.called(|shelf| shelf.get(name).cloned().ok_or(ColdError::Missing))
    }

    fn delete(&self, name: &str) -> Result<(), ColdError> {
        self.called(|shelf| {
            shelf.remove(name);
            Ok(())
        })
    }

    fn list(&self, _: &str) -> Result<Vec<String>, ColdError> {
        self.called(|shelf| Ok(shelf.keys().cloned().collect()))
    }
}

struct House {
    folder: TempDir,
    shelf: Shelf,
}

impl House {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), shelf: Shelf::default() }
    }

    fn open(&self) -> Runtime {
        let (data, key_file) = (self.folder.path().join("data"), self.folder.path().join("keys/key"));
        let cold: Arc<dyn Cold> = Arc::new(self.shelf.clone());
        Runtime::open(Options { data, key_file, cold: Some(cold), ..Options::default() }).unwrap()
    }
}

/// A trace of this person, durable.
fn say(runtime: &Runtime, trace: &str, user: &str) {
    let (trace, user) = (Some(trace.to_owned()), Some(user.to_owned()));
    let mut recorder = runtime.begin(Start { trace, user, agent: "a".into(), ..Start::default() }).unwrap();
    recorder.record(Event::output("what was said")).unwrap();
    recorder.end().unwrap();
}

fn with_traces(house: &House, count: usize) -> Runtime {
    let runtime = house.open();
    (0..count).for_each(|number| say(&runtime, &format!("trace-{number}"), ["ann", "ben"][number % 2]));
    runtime
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp::from_millis(since.as_millis() as i64)
}

fn days(days: i64) -> i64 {
    days * 86_400_000
}

fn later(by: i64) -> Timestamp {
    Timestamp::from_millis(now().as_millis() + by)
}

fn after(text: &str) -> Option<Rule> {
    Some(Rule { after: Some(Age::parse(text).unwrap()), over: None })
}

fn asked(moves: Moves, now: Timestamp) -> Asked {
    Asked { moves, now, clock_is_right: false }
}

fn run(runtime: &Runtime, moves: Moves, now: Timestamp) -> Outcome {
    runtime.run_retention(&asked(moves, now), |_| ()).unwrap()
}

fn blocks(runtime: &Runtime, tier: Tier) -> u64 {
    runtime.retention().unwrap().total(tier).blocks
}

#[track_caller]
fn holds(runtime: &Runtime) {
    let report = runtime.verify(Scope::Everything, || ()).unwrap();
    assert_eq!(report.fault().map(|(_, fault)| fault.to_string()), None);
}

const GONE: Moves = Moves { warm: None, cold: None, gone: None };

#[test]
fn what_is_younger_stays() {
    let house = House::new();
    let runtime = with_traces(&house, 4);
    let moves = Moves { warm: after("7d"), cold: after("20d"), gone: after("30d") };
    assert_eq!(run(&runtime, moves, later(days(6))).moved, []);
    run(&runtime, moves, later(days(8)));
    assert_eq!((blocks(&runtime, Tier::Hot), blocks(&runtime, Tier::Warm)), (0, 4));
    say(&runtime, "young", "ann");
    run(&runtime, moves, later(days(21)));
    assert!(blocks(&runtime, Tier::Cold) >= 4);
    holds(&runtime);
    let planned = runtime.plan_retention(&asked(moves, later(days(31)))).unwrap();
    let went = run(&runtime, moves, later(days(31)));
    assert_eq!(planned.moved, went.moved);
    assert!(blocks(&runtime, Tier::Gone) >= 4);
    assert_eq!(house.shelf.len() as u64, 0);
    assert!(
        matches!(runtime.read("trace-1", Reveal::Masked, "test"), Err(Error::GoneTrace(id, ..)) if id == "trace-1")
    );
    holds(&runtime);
}

#[test]
fn a_clock_that_is_far_ahead_lets_nothing_go() {
    let house = House::new();
    let runtime = with_traces(&house, 2);
    let moves = Moves { warm: after("1d"), gone: after("30d"), ..GONE };
    let far = later(days(40_000));
    let outcome = run(&runtime, moves, far);
    assert!(matches!(outcome.troubles[..], [Trouble::Clock(_)]), "{outcome:?}");
    assert_eq!((blocks(&runtime, Tier::Gone), blocks(&runtime, Tier::Warm)), (0, 2), "packing can be undone");
    // That run is not what later ones are measured by.
    assert!(matches!(run(&runtime, moves, far).troubles[..], [Trouble::Clock(_)]));
    // Weeks go by, run by run.
    for day in [10, 20, 29] {
        assert_eq!(run(&runtime, moves, later(days(day))).troubles, []);
    }
    assert_eq!(blocks(&runtime, Tier::Gone), 0);
    assert_eq!(run(&runtime, moves, later(days(31))).troubles, []);
    assert_eq!(blocks(&runtime, Tier::Gone), 2);
    holds(&runtime);
}

#[test]
fn a_clock_that_is_known_to_be_right_is_believed() {
    let house = House::new();
    let runtime = with_traces(&house, 2);
    let moves = Moves { gone: after("30d"), ..GONE };
    let asked = Asked { clock_is_right: true, ..asked(moves, later(days(400))) };
    assert_eq!(runtime.run_retention(&asked, |_| ()).unwrap().troubles, []);
    assert_eq!(blocks(&runtime, Tier::Gone), 2);
}

#[test]
fn a_clock_that_went_back_moves_nothing() {
    let house = House::new();
    let runtime = with_traces(&house, 2);
    let moves = Moves { warm: after("0d"), cold: after("0d"), gone: after("0d") };
    for early in [i64::MIN, -1, 0, 1_000_000_000_000] {
        assert_eq!(run(&runtime, moves, Timestamp::from_millis(early)).moved, []);
    }
    assert_eq!(blocks(&runtime, Tier::Hot), 2);
}

#[test]
fn a_clock_at_the_end_of_time() {
    let house = House::new();
    let runtime = with_traces(&house, 2);
    let moves = Moves { gone: after("1d"), ..GONE };
    let outcome = run(&runtime, moves, Timestamp::from_millis(i64::MAX));
    assert!(matches!(outcome.troubles[..], [Trouble::Clock(_)]));
}

#[test]
fn a_cold_store_that_fails_at_any_call_of_a_run() {
    let moves = Moves { cold: after("0d"), ..GONE };
    for call in 0.. {
        let house = House::new();
        let runtime = with_traces(&house, 3);
        house.shelf.fail_from(Some(call));
        let outcome = run(&runtime, moves, later(1_000));
        let calls = house.shelf.fail_from(None);
        assert_eq!(outcome.troubles.is_empty(), calls <= call, "from call {call}: {outcome:?}");
        drop(runtime);
        let runtime = house.open();
        run(&runtime, moves, later(2_000));
        let cold = runtime.retention().unwrap();
        assert_eq!(cold.total(Tier::Hot).blocks + cold.total(Tier::Warm).blocks, 0, "from call {call}");
        assert!(house.shelf.len() <= 2, "nothing is doubled");
        for number in 0..3 {
            let trace = runtime.read(&format!("trace-{number}"), Reveal::Masked, "test").unwrap();
            assert_eq!(trace.events.len(), 1);
        }
        holds(&runtime);
        if calls <= call {
            break;
        }
    }
}

#[test]
fn recording_goes_on_while_payloads_move() {
    let house = House::new();
    let runtime = with_traces(&house, 20);
    let moves = Moves { warm: after("0d"), cold: after("0d"), ..GONE };
    std::thread::scope(|scope| {
        let recorder =
            scope.spawn(|| (0..40).for_each(|number| say(&runtime, &format!("other-{number}"), "cleo")));
        for _ in 0..10 {
            run(&runtime, moves, later(1_000));
        }
        recorder.join().unwrap();
    });
    assert_eq!(runtime.traces().unwrap().len(), 60);
    assert!(runtime.left_out().is_empty());
    holds(&runtime);
}

#[test]
fn a_hold_on_a_session_keeps_its_pack_and_nothing_else() {
    let house = House::new();
    let runtime = house.open();
    for (trace, session) in [("one", "s-1"), ("two", "s-2"), ("three", "s-1")] {
        let (trace, session) = (Some(trace.to_owned()), Some(session.to_owned()));
        let start = Start { trace, session, agent: "a".into(), ..Start::default() };
        let mut recorder = runtime.begin(start).unwrap();
        recorder.record(Event::output("x")).unwrap();
        recorder.end().unwrap();
    }
    runtime.hold("h", HoldOn::Session("s-1".into()), "why").unwrap();
    let moves = Moves { gone: after("0d"), ..GONE };
    let outcome = run(&runtime, moves, later(1_000));
    assert_eq!(outcome.held.len(), 2);
    let reads = |trace| runtime.read(trace, Reveal::Masked, "test").is_ok();
    assert_eq!([reads("one"), reads("two"), reads("three")], [true, false, true]);
    runtime.hold("all", HoldOn::Namespace, "everything stops").unwrap();
    runtime.release("h", "over").unwrap();
    assert_eq!(run(&runtime, moves, later(2_000)).moved, []);
    assert!(matches!(runtime.erase("s-1"), Err(Error::OnHold(..))));
    runtime.release("all", "over").unwrap();
    run(&runtime, moves, later(3_000));
    assert_eq!([reads("one"), reads("three")], [false, false]);
    holds(&runtime);
}
