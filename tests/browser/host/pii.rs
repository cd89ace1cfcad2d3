//! The other half of `policy.test.mjs`: a host makes of the cases in `pii.json` what a browser
//! makes of them, since both run one component.
//!
//! A package of its own, since its neighbour is built for browsers only.

#![cfg(test)]

use std::collections::HashMap;
use std::path::PathBuf;

use activemirror::document::Event;
use activemirror::{Config, Grant, Options, PluginFile, Reveal, Runtime, Start};
use serde_json::{Map, Value, json};

#[test]
fn a_host_masks_what_a_browser_masks() {
    let folder = tempfile::tempdir().unwrap();
    let (data, key_file) = (folder.path().join("data"), folder.path().join("keys/device.key"));
    let runtime =
        Runtime::open(Options { data, key_file, plugins: vec![pii()], ..Options::default() }).unwrap();
    let cases: Vec<Map<String, Value>> = serde_json::from_str(include_str!("../pii.json")).unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        let (outcome, shown) = told(&runtime, &case);
        assert_eq!(json!({ "outcome": outcome, "shown": shown }), expected(&case), "{case:?}");
    }
}

fn expected(case: &Map<String, Value>) -> Value {
    json!({ "outcome": case.get("outcome"), "shown": case.get("shown") })
}

/// The policy as the browser has it, from the file that its JavaScript was made of.
fn pii() -> PluginFile {
    let folder = std::env::var_os("ACTIVEMIRROR_PLUGINS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../target/plugins"),
        PathBuf::from,
    );
    let path = folder.join("pii.wasm");
    let component = std::fs::read(&path).unwrap_or_else(|error| {
        panic!("{}: {error}; `cargo xtask plugins` builds it", path.display());
    });
    PluginFile { name: "pii".to_owned(), component, config: Config::default(), grant: Grant::PersonalData }
}

/// What is ruled on the case, and what is shown of it.
fn told(runtime: &Runtime, case: &Map<String, Value>) -> (String, Value) {
    let start = Start { agent: "a".to_owned(), user: Some("ada".to_owned()), ..Start::default() };
    let mut recorder = runtime.begin(start).unwrap();
    let ruled = recorder.record(event(case)).unwrap();
    recorder.flush().unwrap();
    let stored = runtime.read(recorder.trace(), Reveal::Masked, "test").unwrap();
    let document = stored.document();
    let [event] = &document.trace.events[..] else { panic!("{} events", document.trace.events.len()) };
    let mut shown = Map::new();
    shown.extend(event.text.as_ref().map(|text| ("content".to_owned(), json!(text))));
    let mut parameters = Map::new();
    for leaf in &event.leaves {
        let key = leaf.path.strip_prefix("/parameters/").unwrap();
        let activemirror::document::Value::Text(text) = &leaf.value else { panic!("{leaf:?}") };
        parameters.insert(key.to_owned(), json!(text));
    }
    if !parameters.is_empty() {
        shown.insert("parameters".to_owned(), parameters.into());
    }
    let outcome = format!("{:?}", ruled.outcome).to_lowercase();
    (outcome, serde_json::from_str(&numbered(&Value::from(shown).to_string())).unwrap())
}

fn event(case: &Map<String, Value>) -> Event {
    let text = |field: &str| case.get(field).and_then(Value::as_str).unwrap_or_default();
    match text("type") {
        "observation" => Event::observation(text("content")),
        "output" => Event::output(text("content")),
        "thought" => Event::thought(text("content")),
        "error" => Event::error(text("content")),
        "action" => {
            let parameters = case["parameters"].as_object().unwrap();
            let with = |event: Event, (key, value): (&String, &Value)| {
                event.with(format!("/parameters/{key}"), value.as_str().unwrap())
            };
            parameters.iter().fold(Event::action(text("action")), with)
        }
        other => panic!("a case of type {other}"),
    }
}

/// Tokens numbered in the order in which they come.
fn numbered(shown: &str) -> String {
    let mut known = HashMap::new();
    let mut parts = shown.split('·');
    let mut numbered = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        numbered.push('·');
        match part.split_once('⟧') {
            Some((tag, rest)) if is_tag(tag) => {
                let next = known.len() + 1;
                numbered.push_str(&known.entry(tag).or_insert(next).to_string());
                numbered.push('⟧');
                numbered.push_str(rest);
            }
            _ => numbered.push_str(part),
        }
    }
    numbered
}

fn is_tag(tag: &str) -> bool {
    tag.len() == 6 && tag.bytes().all(|byte| byte.is_ascii_hexdigit())
}
