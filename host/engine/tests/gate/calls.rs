//! What a call may take: each way to take more ends in its own error, and the next call is fine.

use std::thread;

use activemirror_engine::{
    CallError, Config, Level, Limits, LoadError, Outcome, Point, Policy, Verdict, fail_closed,
};

use crate::{
    check_works, engine, engine_with, event, hostile,
    plugins::{self, ALLOC, IMPORTS, POLICY_DESCRIPTION},
    policy,
};

/// Loads a plugin, makes its hostile call, and sees the next one work.
#[track_caller]
fn check(code: &str, parts: &str, expected: CallError) {
    check_with(Limits::default(), code, parts, expected);
}

#[track_caller]
fn check_with(limits: Limits, code: &str, parts: &str, expected: CallError) {
    let engine = engine_with(limits);
    let policy = policy(&engine, &plugins::policy(code, parts));
    let call = hostile(&policy);
    assert_eq!(call.result.as_ref().err(), Some(&expected));
    assert_eq!(Outcome::from(&fail_closed("test-policy", &expected)), Outcome::Deny);
    check_works(&policy);
}

fn trap(name: &str) -> CallError {
    CallError::Trap { name: name.into() }
}

/// The same for answers that wasmtime cannot lift; the words are its own.
#[track_caller]
fn check_bad(code: &str, parts: &str, words: &str) {
    let engine = engine();
    let policy = policy(&engine, &plugins::policy(code, parts));
    match hostile(&policy).result {
        Err(CallError::BadOutput { what }) => assert!(what.contains(words), "{what}"),
        other => panic!("{other:?}"),
    }
    check_works(&policy);
}

/// The fuel of the hostile call: a call's, and that for one event that weighs 128 bytes with
/// texts of 11 and 6, and two leaves that weigh 32 with texts of 16 + 3 and 15.
const FUEL: u64 = 100_000_000 + 1_000 * (128 + 11 + 6 + 2 * 32 + 16 + 3 + 15);

#[test]
fn a_loop_without_end_runs_out_of_fuel() {
    check("(loop $on (br $on)) (unreachable)", "", CallError::OutOfFuel { limit: FUEL });
}

#[test]
fn all_fuel_is_counted_when_it_runs_out() {
    let engine = engine();
    let policy = policy(&engine, &plugins::policy("(loop $on (br $on)) (unreachable)", ""));
    let fuel = hostile(&policy).fuel;
    assert!((FUEL - 100..=FUEL).contains(&fuel), "{fuel}");
}

#[test]
fn bulk_instructions_pay_for_each_byte() {
    let fill = "(drop (memory.grow (i32.const 256)))
        (loop $on
            (memory.fill (i32.const 131072) (i32.const 1) (i32.const 16777216))
            (br $on))
        (unreachable)";
    check(fill, "", CallError::OutOfFuel { limit: FUEL });
}

#[test]
fn memory_without_end_is_refused() {
    let limit = Limits::default().memory_bytes;
    let grow = "(loop $on (drop (memory.grow (i32.const 1))) (br $on)) (unreachable)";
    check(grow, "", CallError::OutOfMemory { limit });
    check("(drop (memory.grow (i32.const 40000))) (unreachable)", "", CallError::OutOfMemory { limit });
}

#[test]
fn tables_count_as_memory() {
    let limits = Limits { memory_bytes: 256 << 10, ..Limits::default() };
    let table = "(table $t 1 funcref)";
    let grow = "(drop (table.grow $t (ref.null func) (i32.const 18000))) (unreachable)";
    // 144,000 bytes of table, and 192 KiB of memory for the event.
    check_with(limits, grow, table, CallError::OutOfMemory { limit: 256 << 10 });
}

#[test]
fn memory_beyond_a_declared_maximum_is_not_charged() {
    let engine = engine();
    let grow = "(loop $on
            (local.set $point (i32.add (local.get $point) (i32.const 1)))
            (drop (table.grow $t (ref.null func) (i32.const 19000)))
            (br_if $on (i32.lt_u (local.get $point) (i32.const 1000))))
        (unreachable)";
    let policy = policy(&engine, &plugins::policy(grow, "(table $t 1 2 funcref)"));
    let unreachable = trap("wasm `unreachable` instruction executed");
    assert_eq!(hostile(&policy).result, Err(unreachable));
}

#[test]
fn recursion_without_end_runs_out_of_stack() {
    let recurse = "(func $recurse (result i32) (i32.add (call $recurse) (i32.const 1)))";
    check("(call $recurse)", recurse, CallError::StackOverflow);
}

#[test]
fn a_result_of_100_mb_is_refused() {
    let big = 100 << 20;
    // It only says so, in 64 MiB of memory.
    let claim = format!(
        "(i32.store (i32.const 528) (i32.const {big})) (i32.store (i32.const 520) (i32.const 0))
        (i32.const 512)"
    );
    check_bad(&claim, "", "out of bounds of memory");
    // It has them.
    let limits = Limits { memory_bytes: 256 << 20, ..Limits::default() };
    let limit = limits.output_bytes;
    let have = format!("(drop (memory.grow (i32.const 2000))) {claim}");
    check_with(limits, &have, "", CallError::OutputTooLarge { limit });
}

#[test]
fn a_list_of_a_billion_verdicts_is_refused() {
    let claim = "(i32.store (i32.const 520) (i32.const 1000000000)) (i32.const 512)";
    check_bad(claim, "", "out of bounds of memory");
}

#[test]
fn a_log_flood_ends() {
    let flood = "(loop $on (call $log (i32.const 0) (i32.const 16) (i32.const 11)) (br $on)) (unreachable)";
    let engine = engine();
    let policy = policy(&engine, &plugins::policy(flood, ""));
    let call = hostile(&policy);
    assert_eq!(call.result, Err(CallError::TooManyHostCalls { limit: 65_536 }));
    assert_eq!((call.log.lines.len(), call.log.suppressed), (256, 65_536 - 256));
    check_works(&policy);
}

#[test]
fn a_flood_of_long_lines_ends_sooner() {
    let flood = "(drop (memory.grow (i32.const 64)))
        (loop $on (call $log (i32.const 0) (i32.const 140000) (i32.const 4000000)) (br $on))
        (unreachable)";
    check(flood, "", CallError::OutputTooLarge { limit: 64 << 20 });
}

#[test]
fn growing_by_nothing_is_paid_for() {
    let code = "(local.set $state (i32.const 0))
        (loop $on
            (local.set $state (i32.add (local.get $state) (i32.const 1)))
            (drop (memory.grow (i32.const 0)))
            (br_if $on (i32.lt_u (local.get $state) (i32.const 1000))))
        (unreachable)";
    let engine = engine();
    let fuel = hostile(&policy(&engine, &plugins::policy(code, ""))).fuel;
    assert!((64_000..80_000).contains(&fuel), "{fuel}");
}

#[test]
fn a_log_line_of_60_mb_is_refused() {
    let long = "(drop (memory.grow (i32.const 1000)))
        (call $log (i32.const 0) (i32.const 16) (i32.const 60000000)) (unreachable)";
    check(long, "", CallError::OutputTooLarge { limit: 4 << 20 });
}

#[test]
fn log_lines_are_kept_and_cleaned() {
    let log = "(call $log (i32.const 2) (i32.const 700) (i32.const 5)) (unreachable)";
    let engine = engine();
    let policy = policy(&engine, &plugins::policy(log, r#"(data (i32.const 700) "a\1b[2J")"#));
    let log = hostile(&policy).log;
    assert_eq!(log.lines.len(), 1);
    assert_eq!((log.lines[0].level, log.lines[0].text.as_str()), (Level::Warn, "a\\u{1b}[2J"));
}

#[test]
fn traps_have_their_names() {
    check("(unreachable)", "", trap("wasm `unreachable` instruction executed"));
    check("(i32.div_u (i32.const 1) (i32.const 0))", "", trap("integer divide by zero"));
    check("(i32.load (i32.const -8))", "", trap("out of bounds memory access"));
}

#[test]
fn broken_pointers_are_refused() {
    check_bad("(i32.const 513)", "", "not aligned");
    check_bad("(i32.const -16)", "", "out of bounds");
    let text = |pointer: i32, length: i32| {
        format!(
            "(i32.store (i32.const 516) (i32.const 600)) (i32.store (i32.const 520) (i32.const 1))
            (i32.store8 (i32.const 600) (i32.const 4))
            (i32.store (i32.const 604) (i32.const {pointer}))
            (i32.store (i32.const 608) (i32.const {length})) (i32.const 512)"
        )
    };
    check_bad(&text(-1, 8), "", "out of bounds");
    check_bad(&text(16, -1), "", "out of bounds");
    check_bad(&text(700, 2), r#"(data (i32.const 700) "\c3\28")"#, "invalid utf-8");
}

#[test]
fn unknown_cases_are_refused() {
    let case = "(i32.store8 (i32.const 512) (i32.const 2)) (i32.const 512)";
    check_bad(case, "", "discriminant");
}

#[test]
fn a_state_of_4097_bytes_is_refused() {
    let state = |bytes: u32| {
        format!(
            "(i32.store (i32.const 516) (call $alloc (i32.const 12)))
            (i32.store (i32.const 520) (i32.const 1))
            (i32.store (i32.const 528) (i32.const {bytes})) (i32.const 512)"
        )
    };
    check(&state(4_097), "", CallError::StateTooLarge { bytes: 4_097 });
    let engine = engine();
    let policy = policy(&engine, &plugins::policy(&state(4_096), ""));
    assert_eq!(hostile(&policy).result.expect("a state of 4,096 bytes").state.len(), 4_096);
}

#[test]
fn a_plugin_may_say_that_it_cannot() {
    use activemirror_engine::PluginError;
    let error = |case: u32| {
        format!(
            "(i32.store8 (i32.const 512) (i32.const 1)) (i32.store8 (i32.const 516) (i32.const {case}))
            (i32.store (i32.const 520) (i32.const 16)) (i32.store (i32.const 524) (i32.const 4))
            (i32.const 512)"
        )
    };
    check(&error(0), "", CallError::Plugin(PluginError::UnreadableState));
    check(&error(1), "", CallError::Plugin(PluginError::BadConfig("test".into())));
    check(&error(2), "", CallError::Plugin(PluginError::StateTooLarge));
}

#[test]
fn a_start_function_is_metered_too() {
    let module = format!(
        r#"(module (memory (export "memory") 1) {ALLOC} {POLICY_DESCRIPTION}
            (func (export "decide") (param i32 i32 i32 i32 i32 i32 i32) (result i32) (unreachable))
            (func $start (loop $on (br $on)))
            (start $start))"#
    );
    let loaded = Policy::load(&engine(), &plugins::component("policy", &module), Config::default());
    let error = loaded.expect_err("a loop at the start");
    assert!(
        matches!(error, LoadError::DescribeFailed(CallError::OutOfFuel { limit: 100_000_000 })),
        "{error:?}"
    );
}

#[test]
fn memory_between_calls_is_gone() {
    // It counts its calls in memory and denies from the second one on.
    let count = "(if (i32.load (i32.const 800)) (then (unreachable)))
        (i32.store (i32.const 800) (i32.const 1))
        (i32.store (i32.const 516) (call $alloc (i32.const 12)))
        (i32.store (i32.const 520) (i32.const 1)) (i32.const 512)";
    let engine = engine();
    let policy = policy(&engine, &plugins::policy(count, ""));
    for _ in 0..100 {
        assert!(hostile(&policy).result.is_ok());
    }
}

#[test]
fn settings_reach_the_plugin_they_belong_to() {
    // It fails unless it is given one setting with two values, the second "ja".
    let ask = "(if (i32.ne (local.get $settings_len) (i32.const 1)) (then (unreachable)))
        (if (i32.ne (i32.load offset=12 (local.get $settings)) (i32.const 2)) (then (unreachable)))
        (if (i32.ne (i32.load16_u (i32.load offset=8 (i32.load offset=8 (local.get $settings))))
                (i32.const 0x616a))
            (then (unreachable)))
        (i32.store (i32.const 516) (call $alloc (i32.const 12)))
        (i32.store (i32.const 520) (i32.const 1)) (i32.const 512)";
    let engine = engine();
    let component = plugins::policy(ask, "");
    let config = Config::from_iter([("test", ["nein", "ja"])]);
    let configured = Policy::load(&engine, &component, config).expect("a policy");
    assert!(hostile(&configured).result.is_ok());
    assert!(hostile(&policy(&engine, &component)).result.is_err());
}

#[test]
fn the_same_call_takes_the_same_fuel() {
    let component = plugins::allowing_policy();
    let fuel = |limits: Limits| {
        let policy = policy(&engine_with(limits), &component);
        let events = vec![event(); 5];
        let calls = [(); 2].map(|()| policy.decide(b"state", Point::Input, &events));
        assert_eq!(calls[0], calls[1]);
        calls[0].fuel
    };
    let first = fuel(Limits::default());
    assert!(first > 0);
    assert_eq!(first, fuel(Limits { memory_bytes: 8 << 20, concurrent_calls: 2, ..Limits::default() }));
}

#[test]
fn more_threads_than_slots_take_turns() {
    let engine = engine_with(Limits { concurrent_calls: 2, ..Limits::default() });
    let good = policy(&engine, &plugins::allowing_policy());
    let bad = policy(&engine, &plugins::policy("(unreachable)", ""));
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                for _ in 0..50 {
                    check_works(&good);
                    assert!(hostile(&bad).result.is_err());
                }
            });
        }
    });
}

#[test]
fn a_plugin_without_imports_works() {
    let module = format!(
        r#"(module (memory (export "memory") 1) {ALLOC} {POLICY_DESCRIPTION}
            (func (export "decide") (param i32 i32 i32 i32 i32 i32 i32) (result i32) (i32.const 512)))"#
    );
    assert!(!module.contains(IMPORTS));
    let policy = policy(&engine(), &plugins::component("policy", &module));
    let call = policy.decide::<activemirror_engine::Event>(&[], Point::Input, &[]);
    assert_eq!(call.result.expect("a decision on nothing").verdicts, Vec::<Verdict>::new());
}
