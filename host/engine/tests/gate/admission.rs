//! Who gets in.

use activemirror_engine::{
    Compliance, Config, Limits, LoadError, Persona, Plugin, Point, Policy, World, inspect,
};
use wit_component::StringEncoding;

use crate::{
    check_works, engine, engine_with,
    plugins::{self, ALLOC, POLICY_DESCRIPTION, component},
};

#[track_caller]
fn refusal(component: &[u8]) -> LoadError {
    inspect(component, &Limits::default()).expect_err("a component that must not get in")
}

/// What the text says, since people act on it.
#[track_caller]
fn check_says(error: &LoadError, words: &[&str]) {
    let text = error.to_string();
    assert!(words.iter().all(|word| text.contains(word)), "{text}");
}

/// A policy with more in its world than the contract has.
fn extended_policy(line: &str, parts: &str) -> Vec<u8> {
    let world = format!("include activemirror:plugin/policy@1.0.0; {line}");
    let module = format!(
        r#"(module {parts} (memory (export "memory") 1) {ALLOC} {POLICY_DESCRIPTION}
            (func (export "decide") (param i32 i32 i32 i32 i32 i32 i32) (result i32) (i32.const 512)))"#
    );
    plugins::foreign_component(&world, StringEncoding::UTF8, &module)
}

/// A component with one string function, which no world of the contract has.
fn stranger(strings: StringEncoding) -> Vec<u8> {
    let module = r#"(module
        (memory (export "memory") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
        (func (export "greet") (result i32) (i32.const 0)))"#;
    plugins::foreign_component("export greet: func() -> string;", strings, module)
}

/// A component as text with the functions `describe` and `decide`, without parameters or results.
fn with_functions(import: &str, names: &[&str]) -> Vec<u8> {
    let exports: String = names.iter().map(|name| format!("(export \"{name}\" (func $f))")).collect();
    let text = format!(
        r#"(component {import}
            (core module $m (func (export "f")))
            (core instance $i (instantiate $m))
            (func $f (canon lift (core func $i "f")))
            {exports})"#
    );
    wat::parse_str(text).expect("a component as text")
}

#[test]
fn files_that_are_no_webassembly() {
    for garbage in [&b""[..], b"\0", b"(module)", b"\0asm", &[0x7f; 4_096], b"MZ\x90\0\x03\0\0\0\x04\0"] {
        let error = refusal(garbage);
        assert!(matches!(error, LoadError::NotWasm), "{error:?}");
    }
    check_says(&LoadError::NotWasm, &["no WebAssembly", "component"]);
}

#[test]
fn core_modules_are_told_from_components() {
    let module = wat::parse_str("(module)").expect("an empty module");
    let error = refusal(&module);
    assert!(matches!(error, LoadError::CoreModule), "{error:?}");
    check_says(&error, &["core", "not a component", "wasm-tools component new"]);
}

#[test]
fn a_file_cut_short_is_refused_unless_only_its_names_are_gone() {
    let whole = plugins::allowing_policy();
    let engine = engine();
    let admitted: Vec<_> = (0..whole.len())
        .filter_map(|length| Policy::load(&engine, &whole[..length], Config::default()).ok())
        .collect();
    assert!(admitted.len() <= 2, "{}", admitted.len());
    admitted.iter().for_each(check_works);
}

#[test]
fn a_changed_file_is_refused_or_harmless() {
    let whole = plugins::allowing_policy();
    let engine = engine();
    for at in (8..whole.len()).step_by(3) {
        let mut changed = whole.clone();
        changed[at] ^= 1 << (at % 8);
        if let Ok(policy) = Policy::load(&engine, &changed, Config::default()) {
            let call = crate::hostile(&policy);
            assert!(call.fuel <= 2 * engine.limits().fuel_per_call, "{call:?}");
        }
    }
}

#[test]
fn files_above_the_limit() {
    let component = plugins::allowing_policy();
    let limits = Limits { component_bytes: component.len() - 1, ..Limits::default() };
    let error = inspect(&component, &limits).expect_err("one byte too much");
    assert!(matches!(error, LoadError::TooLarge { bytes, limit } if bytes == limit + 1), "{error:?}");
}

#[test]
fn more_functions_than_allowed() {
    let functions = "(func) ".repeat(60_000);
    let error = refusal(&plugins::policy("(unreachable)", &functions));
    check_says(&error, &["functions, where 50000 are allowed"]);
    assert!(matches!(error, LoadError::TooComplex { .. }), "{error:?}");
}

#[test]
fn more_instances_than_allowed() {
    let instances = "(core instance (instantiate $m))".repeat(65);
    let text = format!("(component (core module $m) {instances})");
    let error = refusal(&wat::parse_str(text).expect("a component as text"));
    assert!(matches!(error, LoadError::TooComplex { .. }), "{error:?}");
    check_says(&error, &["65 instances of core modules, where 64"]);
}

#[test]
fn a_function_longer_than_allowed() {
    let body = format!("(func (drop (i32.const 1)) {})", "(drop (i32.const 1))".repeat(100_000));
    let error = refusal(&plugins::policy("(unreachable)", &body));
    check_says(&error, &["bytes in one function, where 262144 are allowed"]);
}

#[track_caller]
fn check_ungranted(component: &[u8], import: &str) {
    let error = refusal(component);
    assert!(matches!(&error, LoadError::UngrantedImport { name } if name == import), "{error:?}");
    check_says(&error, &[import, "wasm32-unknown-unknown"]);
}

#[test]
fn imports_beyond_the_grant_are_named() {
    let clock = "wasi:clocks/monotonic-clock@0.2.3";
    let call = format!(r#"(import "{clock}" "now" (func (result i64)))"#);
    check_ungranted(&extended_policy(&format!("import {clock};"), &call), clock);

    let call = r#"(import "$root" "read-file" (func (param i32 i32)))"#;
    check_ungranted(&extended_policy("import read-file: func(path: string);", call), "read-file");

    // Another version, and one that no world has: settings come with a call.
    for other in ["activemirror:plugin/log@2.0.0", "activemirror:plugin/config@1.0.0"] {
        let import = format!(r#"(import "{other}" (instance))"#);
        check_ungranted(&with_functions(&import, &["describe", "decide"]), other);
    }
}

#[test]
fn granted_imports_of_another_type_are_named() {
    let log = r#"(import "activemirror:plugin/log@1.0.0" (instance (export "erase" (func))))"#;
    check_wrong_type(log, "activemirror:plugin/log@1.0.0");
    let types = r#"(import "activemirror:plugin/types@1.0.0" (instance (export "erase" (func))))"#;
    check_wrong_type(types, "activemirror:plugin/types@1.0.0");
    check_wrong_type(r#"(import "event" (func))"#, "event");
    check_wrong_type(r#"(import "event" (type (sub resource)))"#, "event");
}

#[test]
fn types_of_other_worlds_are_no_rights() {
    // It gets past its imports, to its exports.
    check_wrong_type(r#"(import "activemirror:plugin/persona-types@1.0.0" (instance))"#, "describe");
    check_wrong_type(r#"(type $t u8) (import "frame" (type (eq $t)))"#, "describe");
}

/// A policy with this import is refused for the type of this import or export.
#[track_caller]
fn check_wrong_type(import: &str, name: &str) {
    let error = refusal(&with_functions(import, &["describe", "decide"]));
    assert!(matches!(&error, LoadError::WrongType { name: found, .. } if found == name), "{error:?}");
}

#[test]
fn exports_that_are_missing_are_named() {
    let error = refusal(&with_functions("", &["decide"]));
    assert!(
        matches!(&error, LoadError::MissingExport { world: World::Policy, name } if name == "describe"),
        "{error:?}"
    );
    check_says(&error, &["lacks the export `describe`", "policy"]);

    // Nothing tells its kind, but the caller knows.
    let only_describe = with_functions("", &["describe"]);
    let error = Policy::load(&engine(), &only_describe, Config::default()).expect_err("no policy");
    assert!(matches!(&error, LoadError::MissingExport { name, .. } if name == "decide"), "{error:?}");
    let error = Plugin::load(&engine(), &only_describe, Config::default()).expect_err("no plugin");
    assert!(matches!(error, LoadError::NoWorld), "{error:?}");
}

#[test]
fn exports_of_another_type_are_named() {
    let error = refusal(&with_functions("", &["describe", "decide"]));
    assert!(
        matches!(&error, LoadError::WrongType { world: World::Policy, name } if name == "describe"),
        "{error:?}"
    );
    check_says(&error, &["`describe`", "world `policy`", "activemirror:plugin@1.0.0"]);
}

#[test]
fn plugins_of_another_world_are_told() {
    let engine = engine();
    let component = plugins::allowing_policy();
    let error = Persona::load(&engine, &component, Config::default()).expect_err("a policy");
    assert!(
        matches!(error, LoadError::WrongWorld { expected: World::Persona, found: World::Policy }),
        "{error:?}"
    );
    check_says(&error, &["is a policy", "persona was expected"]);
    let error = Compliance::load(&engine, &component, Config::default()).expect_err("a policy");
    assert!(matches!(error, LoadError::WrongWorld { .. }), "{error:?}");
}

#[test]
fn components_of_no_world() {
    assert!(matches!(refusal(&stranger(StringEncoding::UTF8)), LoadError::NoWorld));
    let empty = wat::parse_str("(component)").expect("an empty component");
    assert!(matches!(refusal(&empty), LoadError::NoWorld));
}

#[test]
fn what_no_meter_covers_is_refused() {
    check_says(&refusal(&stranger(StringEncoding::UTF16)), &["UTF-8"]);

    let composed = "(component
        (component (core module $m (func (export \"f\")))))";
    check_says(&refusal(&wat::parse_str(composed).expect("text")), &["code of its own"]);

    let relayed = "(component
        (component
            (import \"f\" (func $f))
            (core func (canon lower (func $f)))))";
    check_says(&refusal(&wat::parse_str(relayed).expect("text")), &["functions of its own"]);

    let resources = "(component (type $r (resource (rep i32))) (core func (canon resource.new $r)))";
    check_says(&refusal(&wat::parse_str(resources).expect("text")), &["resources"]);
}

#[test]
fn proposals_that_plugins_do_not_need_are_refused() {
    for (name, part) in [
        ("simd", "(func (param v128))"),
        ("memory64", "(memory i64 1)"),
        ("threads", "(memory 1 1 shared)"),
        ("multi-memory", "(memory 1) (memory 1)"),
        ("tail calls", "(func $f (return_call $f))"),
        ("exceptions", "(tag)"),
        ("gc", "(type (struct))"),
        ("externref", "(func (param externref))"),
    ] {
        let text = format!("(component (core module {part}))");
        let error = refusal(&wat::parse_str(text).expect(name));
        assert!(matches!(error, LoadError::Invalid { .. }), "{name}: {error:?}");
    }
}

#[test]
fn memory_to_start_with_above_the_limit() {
    let engine = engine_with(Limits { memory_bytes: 1 << 20, ..Limits::default() });
    for (part, memory) in [("", 17), ("(table 20001 funcref)", 1), (&"(table 1 funcref)".repeat(9), 1)] {
        let module = format!(
            r#"(module (memory (export "memory") {memory}) {ALLOC} {POLICY_DESCRIPTION} {part}
                (func (export "decide") (param i32 i32 i32 i32 i32 i32 i32) (result i32) (unreachable)))"#
        );
        let loaded = Policy::load(&engine, &component("policy", &module), Config::default());
        let error = loaded.expect_err("a plugin that starts too large");
        assert!(matches!(error, LoadError::DoesNotFit { .. }), "{error:?}");
    }
}

#[test]
fn more_exports_than_asked_for_are_fine() {
    let init = r#"(func (export "init") (param i32 i32) (unreachable))"#;
    let component = extended_policy("export init: func(script: string);", init);
    let found = inspect(&component, &Limits::default()).expect("a policy and more");
    assert_eq!((found.world, found.exports.len()), (World::Policy, 3));
    let policy = Policy::load(&engine(), &component, Config::default()).expect("a policy and more");
    assert!(policy.decide::<activemirror_engine::Event>(&[], Point::Input, &[]).result.is_ok());
}

#[test]
fn kinds_are_found_without_being_told() {
    let component = plugins::allowing_policy();
    let found = inspect(&component, &Limits::default()).expect("a policy");
    assert_eq!((found.world, found.bytes), (World::Policy, component.len()));
    assert_eq!(found.exports, ["describe", "decide"]);
    assert!(found.imports.iter().any(|name| name == "activemirror:plugin/log@1.0.0"));
    let plugin = Plugin::load(&engine(), &component, Config::default()).expect("a policy");
    assert!(matches!(plugin, Plugin::Policy(_)));
    assert_eq!((plugin.name(), plugin.version()), ("test-policy", "1.2.3"));
    assert_eq!(plugin.origin().inspection, found);
}

#[test]
fn descriptions_are_held_against_the_contract() {
    let engine = engine();
    for (right, wrong, words) in [
        ("test-policy", "Test policy", "lower-case"),
        ("test-policy", "../../etc/x", "lower-case"),
        ("\"1.2.3\"", "\"1.2.x\"", "semver"),
    ] {
        let module = plugins::policy_module("(unreachable)", "").replacen(right, wrong, 1);
        let loaded = Policy::load(&engine, &component("policy", &module), Config::default());
        let error = loaded.expect_err("a description");
        assert!(matches!(error, LoadError::BadDescription { .. }), "{error:?}");
        check_says(&error, &[words]);
    }
}
