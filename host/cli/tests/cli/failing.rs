//! A policy that fails has looked at nothing: everything of the event is masked, and nothing lost.

use std::path::Path;

use activemirror::document::Event;
use activemirror::{Config, Grant, Options, Outcome, PluginFile, Runtime, Start};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::place::{Place, trace};

/// A policy to which points do not matter, and whose `decide` is this code.
fn policy(code: &str) -> Vec<u8> {
    policy_on(0x7f, code)
}

/// The same, looking at these kinds of events.
fn policy_on(kinds: u8, code: &str) -> Vec<u8> {
    policy_that(kinds, kinds, code)
}

/// The same, looking at these kinds of events and ruling on those.
fn policy_that(looks_at: u8, rules_on: u8, code: &str) -> Vec<u8> {
    let module = format!(
        r#"(module
            (memory (export "memory") 64)
            (global $next (mut i32) (i32.const 65536))
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                (local $start i32)
                (local.set $start (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
                (global.set $next (i32.add (local.get $start) (local.get 3)))
                (local.get $start))
            (data (i32.const 16) "test-policy")
            (data (i32.const 32) "1.2.3")
            (data (i32.const 48) "Does as it is told.")
            ;; name, version, summary, wants-personal-data, any-point, looks-at, rules-on
            (data (i32.const 256) "\10\00\00\00\0b\00\00\00\20\00\00\00\05\00\00\00\30\00\00\00\13\00\00\00\00\01\{looks_at:02x}\{rules_on:02x}")
            (func (export "describe") (result i32) (i32.const 256))
            (func (export "decide") (param i32 i32 i32 i32 i32 i32 i32) (result i32) {code} (unreachable)))"#
    );
    let mut resolve = Resolve::default();
    let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
    let (package, _) = resolve.push_path(contract).unwrap();
    let world = resolve.select_world(&[package], Some("policy")).unwrap();
    let mut module = wat::parse_str(module).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    let encoder = ComponentEncoder::default().validate(true).module(&module);
    encoder.and_then(|mut encoder| encoder.encode()).unwrap()
}

#[track_caller]
fn check(code: &str, plugins: &[&str]) {
    let place = Place::new();
    let component = place.file("failing.wasm", policy(code));
    let said = "the blue kettle leaks, and it is mine";
    let file = place.file("one.jsonl", trace("t", "zoe", said));
    let asked = plugins.iter().copied().chain([component.to_str().unwrap()]);
    let flags: Vec<&str> = asked.flat_map(|plugin| ["--plugin", plugin]).collect();
    place.good(&[&flags[..], &["import", file.to_str().unwrap()]].concat());
    let whole = |command: &[&str]| place.good(&[&["--json"], command].concat());
    for shown in [place.good(&["show", "t"]), whole(&["show", "t"]), place.good(&["export"])] {
        for secret in ["kettle", "looking into it", "fast", "\"order\"", "parameters/order", "\"zoe\""] {
            assert!(!shown.contains(secret), "{secret}: {shown}");
        }
        assert!(shown.contains("unchecked"), "{shown}");
    }
    let revealed = &place.json(&["export", "t", "--reveal"])[0]["events"];
    assert_eq!((&revealed[0]["content"], &revealed[1]["parameters"]["order"]), (&said.into(), &7.into()));
    assert_eq!(revealed[0]["metadata"]["source"], "user");
    let verdict = &place.json(&["export", "t"])[0]["verdicts"];
    let denied = |event: usize| {
        let mut verdicts = verdict.as_array().unwrap().iter();
        verdicts.any(|verdict| verdict["event"] == event && verdict["outcome"] == "deny")
    };
    assert!((0..3).all(denied), "{verdict}");
}

/// It allows one event, and traps on more.
#[test]
fn a_policy_that_fails_on_several_events_is_asked_about_each() {
    let place = Place::new();
    let one = "(if (i32.ne (local.get 6) (i32.const 1)) (then (unreachable)))
        (i32.store (i32.const 516) (i32.const 600)) (i32.store (i32.const 520) (i32.const 1))
        (return (i32.const 512))";
    let component = place.file("single.wasm", policy(one));
    let file = place.file("one.jsonl", trace("t", "zoe", "the blue kettle leaks"));
    place.good(&["--plugin", component.to_str().unwrap(), "import", file.to_str().unwrap()]);
    let exported = &place.json(&["export", "t"])[0];
    assert_eq!(exported["events"][0]["content"], "the blue kettle leaks");
    let verdicts = exported["verdicts"].as_array().unwrap();
    assert!(
        verdicts.len() >= 3 && verdicts.iter().all(|verdict| verdict["outcome"] == "allow"),
        "{exported}"
    );
}

/// It traps on outputs, and says that it looks at nothing else.
#[test]
fn a_policy_that_fails_masks_what_it_looks_at() {
    let place = Place::new();
    let component = place.file("outputs.wasm", policy_on(0b1_0000, ""));
    let file = place.file("one.jsonl", trace("t", "zoe", "the blue kettle leaks"));
    place.good(&["--plugin", component.to_str().unwrap(), "import", file.to_str().unwrap()]);
    let exported = &place.json(&["export", "t"])[0];
    assert_eq!(exported["events"][0]["content"], "the blue kettle leaks");
    let outputs = exported["events"].as_array().unwrap().iter().filter(|event| event["type"] == "output");
    let shown: Vec<_> = outputs.map(|event| event["content"].as_str().unwrap()).collect();
    assert!(!shown.is_empty() && shown.iter().all(|text| text.contains("unchecked")), "{exported}");
}

/// It rules on actions, and traps where what it is shown begins with an output.
#[test]
fn what_a_policy_fails_to_note_stops_the_next_event_it_rules_on() {
    let notes = "(if (i32.eq (i32.load8_u offset=16 (local.get 5)) (i32.const 4)) (then (unreachable)))
        (i32.store (i32.const 516) (i32.const 600)) (i32.store (i32.const 520) (local.get 6))
        (return (i32.const 512))";
    let component = policy_that(0b1_0010, 0b10, notes);
    let (config, grant) = (Config::default(), Grant::default());
    let folder = tempfile::tempdir().unwrap();
    let (data, key_file) = (folder.path().join("data"), folder.path().join("keys/device.key"));
    let plugins = vec![PluginFile { name: "notes".to_owned(), component, config, grant }];
    let runtime = Runtime::open(Options { data, key_file, plugins, ..Options::default() }).unwrap();
    let mut recorder = runtime.begin(Start { agent: "a".to_owned(), ..Start::default() }).unwrap();
    let mut outcome = |event: Event| recorder.record(event).unwrap().outcome;
    let (said, done) = (|| Event::output("Done."), || Event::action("pay"));
    assert_eq!(outcome(done()), Outcome::Allow);
    // Few outputs wait to be shown to it; of many it hears before.
    for outputs in [1, 3, 16, 20, 32] {
        for _ in 0..outputs {
            assert_eq!(outcome(said()), Outcome::Allow, "it does not rule on outputs");
        }
        assert_eq!(outcome(done()), Outcome::Deny, "{outputs} outputs");
        assert_eq!(outcome(done()), Outcome::Allow, "what was before is no reason any more");
    }
}

#[test]
fn a_policy_that_traps_masks_everything() {
    check("", &[]);
}

#[test]
fn a_policy_that_never_ends_masks_everything() {
    check("(loop $on (br $on))", &[]);
}

#[test]
fn a_policy_that_fails_after_others_masks_what_they_left() {
    check("", &["pii", "confirm-writes"]);
}
