//! Plugins for tests, written as text: core modules with the canonical ABI's exports, turned
//! into components here, so that no test needs a WebAssembly toolchain.

use std::path::Path;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{PackageId, Resolve};

use crate::answers::Answer;

/// A core module as a component of a world of the contract.
pub(crate) fn component(world: &str, module: &str) -> Vec<u8> {
    let (resolve, package) = contract();
    encode(&resolve, package, world, StringEncoding::UTF8, module)
}

/// A core module as a component of somebody else's world, given by what it contains.
pub(crate) fn foreign_component(world: &str, strings: StringEncoding, module: &str) -> Vec<u8> {
    let text = format!(
        "package foreign:plugin;
        world plugin {{ {world} }}
        package wasi:clocks@0.2.3 {{ interface monotonic-clock {{ now: func() -> u64; }} }}"
    );
    let (mut resolve, _) = contract();
    let package = resolve.push_str("foreign.wit", &text).expect("a package of its own");
    encode(&resolve, package, "plugin", strings, module)
}

fn contract() -> (Resolve, PackageId) {
    let mut resolve = Resolve::default();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
    let (package, _) = resolve.push_path(wit).expect("the contract");
    (resolve, package)
}

fn encode(
    resolve: &Resolve,
    package: PackageId,
    world: &str,
    strings: StringEncoding,
    module: &str,
) -> Vec<u8> {
    let world = resolve.select_world(&[package], Some(world)).expect("a world of the package");
    let mut module = wat::parse_str(module).expect("a module as text");
    embed_component_metadata(&mut module, resolve, world, strings).expect("a world for the module");
    ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .and_then(|mut encoder| encoder.encode())
        .expect("a module that fits its world")
}

/// A policy that allows everything, except that its `decide` is this code at `agent-startup`: an
/// expression for the address of the result. `parts` are further parts of the module.
pub(crate) fn policy(hostile: &str, parts: &str) -> Vec<u8> {
    component("policy", &policy_module(hostile, parts))
}

pub(crate) fn policy_module(hostile: &str, parts: &str) -> String {
    format!(
        r#"(module
            {IMPORTS}
            (memory (export "memory") 1)
            {ALLOC}
            {POLICY_DESCRIPTION}
            {parts}
            (func $hostile
                (param $settings i32) (param $settings_len i32)
                (param $state i32) (param $state_len i32) (param $point i32)
                (param $events i32) (param $events_len i32) (result i32)
                {hostile})
            (func (export "decide")
                (param $settings i32) (param $settings_len i32)
                (param $state i32) (param $state_len i32) (param $point i32)
                (param $events i32) (param $events_len i32) (result i32)
                (if (result i32) (i32.eqz (local.get $point))
                    (then (call $hostile (local.get $settings) (local.get $settings_len) (local.get $state) (local.get $state_len)
                        (local.get $point) (local.get $events) (local.get $events_len)))
                    (else {ALLOW_ALL}))))"#
    )
}

/// `decide` that allows everything and keeps no state: a verdict has 12 bytes, and `allow` is
/// discriminant 0, so fresh memory is a list of them.
const ALLOW_ALL: &str = "
    (i32.store (i32.const 516) (call $alloc (i32.mul (local.get $events_len) (i32.const 12))))
    (i32.store (i32.const 520) (local.get $events_len))
    (i32.const 512)";

/// A policy that allows everything.
pub(crate) fn allowing_policy() -> Vec<u8> {
    policy("(unreachable)", "")
}

/// A policy that gives one answer to everything.
pub(crate) fn answering_policy(answer: &Answer) -> Vec<u8> {
    policy(&answer.address(), &answer.data())
}

/// A persona that gives these answers to `frame` and `review`.
pub(crate) fn answering_persona(frame: &Answer, review: &Answer) -> Vec<u8> {
    let module = format!(
        r#"(module
            (memory (export "memory") 4)
            {ALLOC}
            (data (i32.const 16) "test-persona1.2.3patientlies")
            ;; name, version, traits, limits
            (data (i32.const 256) "\10\00\00\00\0c\00\00\00\1c\00\00\00\05\00\00\00")
            (data (i32.const 272) "\20\01\00\00\01\00\00\00\28\01\00\00\01\00\00\00")
            (data (i32.const 288) "\21\00\00\00\07\00\00\00\28\00\00\00\04\00\00\00")
            (func (export "describe") (result i32) (i32.const 256))
            {} {}
            (func (export "frame") (param i32 i32 i32 i32 i32 i32) (result i32) {})
            (func (export "review") (param i32 i32 i32 i32 i32 i32) (result i32) {}))"#,
        frame.data(),
        review.data(),
        frame.address(),
        review.address(),
    );
    component("persona", &module)
}

/// A compliance pack with controls `T-1` and `T-2` that gives these answers.
pub(crate) fn answering_pack(observe: &Answer, finish: &Answer) -> Vec<u8> {
    let module = format!(
        r#"(module
            (memory (export "memory") 4)
            {ALLOC}
            (data (i32.const 16) "test-pack1.2.3The TestT-1T-2")
            ;; name, version, framework, controls, wants-personal-data, looks-at
            (data (i32.const 256) "\10\00\00\00\09\00\00\00\19\00\00\00\05\00\00\00\1e\00\00\00\08\00\00\00")
            (data (i32.const 280) "\24\01\00\00\02\00\00\00\00\7f\00\00\26\00\00\00\03\00\00\00\29\00\00\00\03\00\00\00")
            (func (export "describe") (result i32) (i32.const 256))
            {} {}
            (func (export "observe") (param i32 i32 i32 i32 i32 i32) (result i32) {})
            (func (export "finish") (param i32 i32 i32 i32) (result i32) {}))"#,
        observe.data(),
        finish.data(),
        observe.address(),
        finish.address(),
    );
    component("compliance", &module)
}

pub(crate) const IMPORTS: &str = r#"
    (import "activemirror:plugin/log@1.0.0" "write" (func $log (param i32 i32 i32)))"#;

/// `describe` of a policy: name, version, summary, wants-personal-data, any-point, looks-at, rules-on.
pub(crate) const POLICY_DESCRIPTION: &str = r#"
    (data (i32.const 16) "test-policy")
    (data (i32.const 32) "1.2.3")
    (data (i32.const 48) "Does as it is told.")
    (data (i32.const 256) "\10\00\00\00\0b\00\00\00\20\00\00\00\05\00\00\00\30\00\00\00\13\00\00\00\00\00\7f\7f")
    (func (export "describe") (result i32) (i32.const 256))"#;

/// A bump allocator from 131072 on that grows memory as it must; answers lie below.
pub(crate) const ALLOC: &str = r#"
    (global $next (mut i32) (i32.const 131072))
    (func $alloc (param $bytes i32) (result i32)
        (local $start i32)
        (local.set $start (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
        (global.set $next (i32.add (local.get $start) (local.get $bytes)))
        (block $fits
            (loop $more
                (br_if $fits (i32.le_u (global.get $next)
                    (i32.mul (memory.size) (i32.const 65536))))
                (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
            (unreachable))
        (local.get $start))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
        (call $alloc (local.get 3)))"#;
