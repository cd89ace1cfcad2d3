//! Compilation: in a worker that can be stopped, and kept in a cache nobody else can write.

use core::time::Duration;
use std::{fs, path::PathBuf};

use activemirror_engine::{
    Allocation, Cache, CacheFault, CallError, CompileLimits, Compiler, Config, Engine, Limits, LoadError,
    Point, Policy, Setup, Worker,
};
use tempfile::TempDir;

use crate::{check_works, engine, plugins};

const KEY: [u8; 32] = [7; 32];

fn worker() -> Compiler {
    Compiler::Worker(Worker {
        program: env!("CARGO_BIN_EXE_activemirror-compile-worker").into(),
        args: vec![],
    })
}

fn with_worker(compile: CompileLimits) -> Engine {
    // Bombs get past admission here, as a bomb of a new kind would.
    let limits = Limits { functions: 1 << 20, function_bytes: 16 << 20, compile, ..Limits::default() };
    Engine::new(Setup { limits, compiler: worker(), cache: None }).expect("an engine")
}

fn load(engine: &Engine, component: &[u8]) -> Result<Policy, LoadError> {
    Policy::load(engine, component, Config::default())
}

/// 100,000 empty functions in 400 KB.
fn many_functions() -> Vec<u8> {
    plugins::policy("(unreachable)", &"(func)".repeat(100_000))
}

/// One function of 20,000 nested blocks, each left from the middle.
fn deep_function() -> Vec<u8> {
    let depth = 20_000;
    let body = format!("(func {} {})", "block i32.const 1 br_if 0 ".repeat(depth), "end ".repeat(depth));
    plugins::policy("(unreachable)", &body)
}

#[test]
fn a_worker_compiles_what_the_process_would() {
    let component = plugins::allowing_policy();
    let compiled_there = load(&with_worker(Limits::default().compile), &component).expect("a policy");
    check_works(&compiled_there);
    let compiled_here = load(&engine(), &component).expect("a policy");
    let fuel = |policy: &Policy| policy.decide(&[], Point::Input, &[crate::event()]).fuel;
    assert_eq!(fuel(&compiled_there), fuel(&compiled_here));
}

#[test]
fn a_bomb_that_takes_too_long_is_stopped() {
    let limit = Duration::from_millis(300);
    let engine = with_worker(CompileLimits { deadline: limit, ..Limits::default().compile });
    for bomb in [many_functions(), deep_function()] {
        let error = load(&engine, &bomb).expect_err("a bomb");
        assert!(matches!(error, LoadError::CompileTimeout { limit: found } if found == limit), "{error:?}");
    }
    check_works(&load(&engine, &plugins::allowing_policy()).expect("a policy"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_bomb_that_takes_too_much_memory_is_stopped() {
    let address_space = 200 << 20;
    let engine = with_worker(CompileLimits { address_space, ..Limits::default().compile });
    let error = load(&engine, &many_functions()).expect_err("a bomb");
    assert!(matches!(error, LoadError::CompileOutOfMemory { limit } if limit == address_space), "{error:?}");
    check_works(&load(&engine, &plugins::allowing_policy()).expect("a policy"));
}

#[test]
fn a_worker_that_is_not_there_is_named() {
    let program = PathBuf::from("/nowhere/worker");
    let compiler = Compiler::Worker(Worker { program: program.clone(), args: vec![] });
    let engine = Engine::new(Setup { compiler, ..Setup::default() }).expect("an engine");
    let error = load(&engine, &plugins::allowing_policy()).expect_err("no worker");
    assert!(matches!(&error, LoadError::NoCompiler { program: found, .. } if *found == program), "{error:?}");
}

#[cfg(unix)]
#[test]
fn a_worker_that_says_something_else_is_not_believed() {
    let program = PathBuf::from("/bin/sh");
    for answer in
        ["printf ''", "printf '\\000'", "printf '\\000\\377\\000\\000\\000\\000\\000\\000\\000ELF'", "exit 3"]
    {
        let args = vec!["-c".into(), answer.into()];
        let compiler = Compiler::Worker(Worker { program: program.clone(), args });
        let engine = Engine::new(Setup { compiler, ..Setup::default() }).expect("an engine");
        let error = load(&engine, &plugins::allowing_policy()).expect_err(answer);
        assert!(matches!(error, LoadError::CompileFailed { .. }), "{answer}: {error:?}");
    }
}

fn cached(folder: &TempDir, key: [u8; 32]) -> Policy {
    let cache = Some(Cache::open(folder.path(), key).expect("a cache"));
    let engine = Engine::new(Setup { cache, ..Setup::default() }).expect("an engine");
    let policy = load(&engine, &plugins::allowing_policy()).expect("a policy");
    check_works(&policy);
    policy
}

/// The only file of a cache.
fn file(folder: &TempDir) -> PathBuf {
    let mut files = fs::read_dir(folder.path()).expect("a folder").map(|file| file.expect("a file").path());
    let file = files.next().expect("one file");
    assert_eq!(files.next(), None);
    file
}

#[track_caller]
fn check_tampered(policy: &Policy, file: &PathBuf) {
    let compilation = &policy.origin().compilation;
    assert!(!compilation.cached);
    assert!(
        matches!(&compilation.fault, Some(CacheFault::Tampered { path }) if path == file),
        "{compilation:?}"
    );
}

#[test]
fn a_plugin_is_compiled_once() {
    let folder = TempDir::new().expect("a folder");
    let first = cached(&folder, KEY).origin().compilation.clone();
    assert_eq!((first.cached, first.fault), (false, None));
    let second = cached(&folder, KEY).origin().compilation.clone();
    assert_eq!((second.cached, second.fault), (true, None));
}

#[test]
fn changed_native_code_is_never_loaded() {
    let folder = TempDir::new().expect("a folder");
    cached(&folder, KEY);
    let file = file(&folder);
    let whole = fs::read(&file).expect("native code");
    let positions = (0..40).chain((40..whole.len()).step_by(whole.len() / 60)).chain([whole.len() - 1]);
    for at in positions {
        let mut changed = whole.clone();
        changed[at] ^= 1 << (at % 8);
        fs::write(&file, changed).expect("a change");
        check_tampered(&cached(&folder, KEY), &file);
        assert_eq!(fs::read(&file).expect("native code"), whole, "replaced");
    }
    for changed in [&[][..], &whole[..31], &whole[..whole.len() - 1], &[&whole[..], b"\0"].concat()] {
        fs::write(&file, changed).expect("a change");
        check_tampered(&cached(&folder, KEY), &file);
    }
}

#[test]
fn native_code_under_another_key_is_never_loaded() {
    let folder = TempDir::new().expect("a folder");
    cached(&folder, KEY);
    check_tampered(&cached(&folder, [8; 32]), &file(&folder));
}

#[test]
fn native_code_of_another_plugin_is_never_loaded() {
    let folder = TempDir::new().expect("a folder");
    cached(&folder, KEY);
    let good = file(&folder);
    let other = TempDir::new().expect("a folder");
    let cache = Some(Cache::open(other.path(), KEY).expect("a cache"));
    let engine = Engine::new(Setup { cache, ..Setup::default() }).expect("an engine");
    load(&engine, &plugins::policy("(i32.const 3)", "")).expect("another policy");
    fs::copy(file(&other), &good).expect("a swap");
    check_tampered(&cached(&folder, KEY), &good);
}

#[test]
fn a_cache_that_cannot_be_written_stops_nothing() {
    let folder = TempDir::new().expect("a folder");
    cached(&folder, KEY);
    let file = file(&folder);
    fs::remove_file(&file).expect("removed");
    fs::create_dir(&file).expect("a folder in the file's place");
    let compilation = cached(&folder, KEY).origin().compilation.clone();
    assert!(matches!(compilation.fault, Some(CacheFault::Unusable { .. })), "{compilation:?}");
}

#[test]
fn the_key_is_not_shown() {
    let folder = TempDir::new().expect("a folder");
    let cache = Cache::open(folder.path(), [0xab; 32]).expect("a cache");
    let shown = format!("{cache:?}");
    assert!(!shown.contains("171") && !shown.contains("ab, "), "{shown}");
}

#[test]
fn a_system_that_grants_little_gets_the_same_answers() {
    // More slots than there is address space, with all a memory can name and without.
    let fuel =
        [(1, Allocation::Pooled), (200_000, Allocation::PooledTightly), (1 << 31, Allocation::OnDemand)].map(
            |(concurrent_calls, allocation)| {
                let engine = crate::engine_with(Limits { concurrent_calls, ..Limits::default() });
                assert_eq!(engine.allocation(), allocation);
                let policy = load(&engine, &plugins::allowing_policy()).expect("a policy");
                check_works(&policy);
                policy.decide(&[], Point::Input, &[crate::event()]).fuel
            },
        );
    assert_eq!(fuel, [fuel[0]; 3]);
}

#[test]
fn a_system_that_grants_nothing_still_counts_memory() {
    let engine = crate::engine_with(Limits { concurrent_calls: 1 << 31, ..Limits::default() });
    let grow = "(loop $on (drop (memory.grow (i32.const 16))) (br $on)) (unreachable)";
    let policy = load(&engine, &plugins::policy(grow, "")).expect("a policy");
    let limit = engine.limits().memory_bytes;
    assert_eq!(crate::hostile(&policy).result, Err(CallError::OutOfMemory { limit }));
    check_works(&policy);
}
