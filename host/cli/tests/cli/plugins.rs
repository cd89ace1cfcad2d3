//! Plugins from files: the same door for ours and for everybody's.

use crate::place::{Place, trace};

#[test]
fn a_file_that_is_no_component() {
    let place = Place::new();
    let garbage = place.file("garbage.wasm", "this is not WebAssembly");
    let garbage = garbage.to_str().unwrap();
    place.bad(&["--plugin", garbage, "session", "new"], 2, &["garbage.wasm"]);
    place.bad(&["plugin", "inspect", garbage], 2, &["garbage.wasm"]);
    place.bad(&["--plugin", "no-such-plugin", "session", "new"], 2, &["no-such-plugin", "confirm-writes"]);
    assert!(!place.data().join("log.redb").exists(), "nothing was begun");
}

#[test]
fn a_core_module_is_told_from_a_component() {
    let place = Place::new();
    let module = place.file("module.wasm", b"\0asm\x01\0\0\0");
    place.bad(&["--plugin", module.to_str().unwrap(), "session", "new"], 2, &["module.wasm", "component"]);
}

#[test]
fn the_built_in_plugins_go_through_the_same_door() {
    let place = Place::new();
    let listed = place.json(&["plugin", "list"]);
    let names: Vec<&str> = listed.iter().map(|plugin| plugin["plugin"].as_str().unwrap()).collect();
    assert_eq!(names, ["support", "pii", "confirm-writes", "gdpr"]);
    for name in names {
        let inspected = &place.json(&["plugin", "inspect", name])[0];
        // What has no package is a type that the world itself names.
        let imports = inspected["imports"].as_array().unwrap().iter().map(|import| import.as_str().unwrap());
        for import in imports.filter(|import| import.contains(':')) {
            assert!(import.starts_with("activemirror:plugin/"), "{name} imports {import}");
        }
    }
}

#[test]
fn settings_reach_the_plugin_they_are_for() {
    let place = Place::new();
    let file = place.file("one.jsonl", trace("t", "zoe", "please look it up"));
    let settings = place.file("settings.toml", "[confirm-writes]\nwrites = [\"look_up_*\"]\n");
    let (file, settings) = (file.to_str().unwrap(), settings.to_str().unwrap());
    place.good(&["--plugin", "confirm-writes", "--plugin-config", settings, "import", file]);
    let findings = place.json(&["findings", "--control", "policy/confirm-writes"]);
    assert_eq!(findings.len(), 1, "{findings:?}");
}

#[test]
fn settings_that_cannot_be_read() {
    let place = Place::new();
    let settings = place.file("settings.toml", "[confirm-writes]\nwrites = { a = 1 }\n");
    place.bad(
        &["--plugin-config", settings.to_str().unwrap(), "session", "new"],
        2,
        &["confirm-writes.writes"],
    );
    place.bad(&["--plugin-config", "/nowhere.toml", "session", "new"], 2, &["/nowhere.toml"]);
}
