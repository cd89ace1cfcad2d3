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
    let misspelt = place.file("misspelt.toml", "[confirm_writes]\nwrites = [\"pay_*\"]\n");
    let misspelt = misspelt.to_str().unwrap();
    place.bad(&["--plugin-config", misspelt, "session", "new"], 2, &["confirm_writes", "confirm-writes"]);
    place.bad(&["--plugin-config", "/nowhere.toml", "session", "new"], 2, &["/nowhere.toml"]);
}

#[test]
fn plugins_asked_for_and_refused_in_one_breath() {
    let place = Place::new();
    let settings = place.file("settings.toml", "");
    for flags in [["--plugin", "pii"], ["--plugin-config", settings.to_str().unwrap()]] {
        for arguments in [
            [&["--no-plugins"], &flags[..], &["session", "new"]].concat(),
            [&["--no-plugins", "session", "new"], &flags[..]].concat(),
            [&flags[..], &["session", "new", "--no-plugins"]].concat(),
            [&flags[..], &["session", "--no-plugins", "list"]].concat(),
        ] {
            place.bad(&arguments, 2, &["--no-plugins", flags[0], "cannot be used with"]);
        }
    }
    assert!(!place.data().join("log.redb").exists(), "nothing was begun");
}

#[test]
fn the_grant_for_personal_data_is_a_setting() {
    let place = Place::new();
    let text = "write to zoe.keller@example.org";
    let file = place.file("one.jsonl", trace("t", "zoe", text));
    // The same component, as a stranger's file and not as a built-in name.
    let folder = std::path::Path::new(env!("ACTIVEMIRROR_PLUGINS"));
    let stranger = place.file("stranger.wasm", std::fs::read(folder.join("pii.wasm")).unwrap());
    let arguments = |settings: Option<&str>| {
        let mut arguments = vec!["--plugin".to_owned(), stranger.to_str().unwrap().to_owned()];
        if let Some(settings) = settings {
            let settings = place.file("settings.toml", settings);
            arguments.extend(["--plugin-config".to_owned(), settings.to_str().unwrap().to_owned()]);
        }
        arguments
    };
    let import = |place: &Place, plugins: Vec<String>| {
        let plugins: Vec<&str> = plugins.iter().map(String::as_str).collect();
        place.good(&[&plugins[..], &["import", file.to_str().unwrap()]].concat());
    };
    import(&place, arguments(None));
    let wrong = arguments(Some("[stranger]\ngrant-personal-data = 1\n"));
    let wrong: Vec<&str> = wrong.iter().map(String::as_str).collect();
    place.bad(&[&wrong[..], &["session", "new"]].concat(), 2, &["grant-personal-data"]);
    let granted = Place::new();
    import(&granted, arguments(Some("[stranger]\ngrant-personal-data = true\n")));
    let shown = |place: &Place| place.good(&["export", "t"]).contains("zoe.keller");
    assert!(!shown(&granted), "who finds it masks it");
}
