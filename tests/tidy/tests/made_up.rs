//! Each rule finds a violation that is made up for it, and leaves alone what is allowed.

use std::fs;

use activemirror_tidy::core_walls::{self, Module};
use activemirror_tidy::exceptions::Exception;
use activemirror_tidy::files::{self, File};
use activemirror_tidy::{arrows, licences, source, text};
use cargo_metadata::camino::Utf8Path;
use cargo_metadata::{Metadata, MetadataCommand};
use tempfile::TempDir;

/// Packages of a made-up workspace: folder, name, manifest lines after `[package]`.
const HOUSE: &[(&str, &str, &str)] = &[
    ("core", "c", ""),
    ("guest/sdk", "sdk", ""),
    ("host/engine", "engine", "[dependencies]\nc = { path = \"../../core\" }\nwasmtime = \"48\"\n"),
    ("host/store", "store", "[dependencies]\nc = { path = \"../../core\" }\nredb = \"4\"\n"),
    ("tests/vectors", "vectors", "[dependencies]\nengine = { path = \"../../host/engine\" }\nredb = \"4\"\n"),
];

/// What cargo says of the made-up house with one more package in it.
fn house_with(folder: &str, manifest: &str) -> Metadata {
    let house = TempDir::new().unwrap();
    let root = Utf8Path::from_path(house.path()).unwrap();
    let added = (folder, "added", manifest);
    let packages: Vec<_> = HOUSE.iter().filter(|(other, ..)| *other != folder).chain([&added]).collect();
    for (folder, name, manifest) in &packages {
        let source = root.join(folder).join("src");
        fs::create_dir_all(&source).unwrap();
        fs::write(source.join("lib.rs"), "//! Made up.\n").unwrap();
        let package = format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n{manifest}");
        fs::write(root.join(folder).join("Cargo.toml"), package).unwrap();
    }
    let members: Vec<_> = packages.iter().map(|(folder, ..)| format!("{folder:?}")).collect();
    let manifest = format!("[workspace]\nresolver = \"3\"\nmembers = [{}]\n", members.join(", "));
    fs::write(root.join("Cargo.toml"), manifest).unwrap();
    MetadataCommand::new().no_deps().current_dir(root).exec().unwrap()
}

#[track_caller]
fn check_arrows(folder: &str, manifest: &str, expected: &[&str]) {
    assert_eq!(arrows::violations(&arrows::packages(&house_with(folder, manifest))), expected);
}

#[test]
fn arrows_against_the_grain_are_found() {
    let on = |path: &str, name: &str| format!("[dependencies]\n{name} = {{ path = \"{path}\" }}\n");
    check_arrows("guest/policy/p", &on("../../../guest/sdk", "sdk"), &[]);
    check_arrows("guest/policy/p", &on("../../../core", "c"), &["added depends on c"]);
    check_arrows("targets/device", &on("../../host/store", "store"), &[]);
    check_arrows("targets/device", &on("../../host/engine", "engine"), &["added depends on engine"]);
    check_arrows("host/runtime", &on("../engine", "engine"), &[]);
    check_arrows("host/query", &on("../../guest/sdk", "sdk"), &["added depends on sdk"]);
    check_arrows("shared", "", &["added: no package belongs into shared"]);
}

#[test]
fn engine_and_store_do_not_know_each_other() {
    let manifest = "[dependencies]\nengine = { path = \"../engine\" }\n";
    check_arrows("host/store", manifest, &["added depends on engine"]);
}

#[test]
fn an_arrow_is_found_in_every_kind_of_dependency() {
    let build = "[build-dependencies]\nengine = { path = \"../../host/engine\" }\n";
    check_arrows("targets/device", build, &["added depends on engine"]);
    let on_one_target = "[target.'cfg(unix)'.dependencies]\nengine = { path = \"../../host/engine\" }\n";
    check_arrows("targets/device", on_one_target, &["added depends on engine"]);
    let renamed = "[dependencies]\nother = { path = \"../../host/engine\", package = \"engine\" }\n";
    check_arrows("targets/device", renamed, &["added depends on engine"]);
}

#[test]
fn tests_reach_into_tests_but_not_those_of_core() {
    let vectors = |path: &str| format!("[dev-dependencies]\nvectors = {{ path = \"{path}\" }}\n");
    check_arrows("host/runtime", &vectors("../../tests/vectors"), &[]);
    let core = arrows::packages(&core_that_tests_with_vectors());
    assert_eq!(arrows::violations(&core), ["c depends on vectors"]);
}

fn core_that_tests_with_vectors() -> Metadata {
    let mut metadata =
        house_with("host/runtime", "[dev-dependencies]\nvectors = { path = \"../../tests/vectors\" }\n");
    let from = metadata.packages.iter().find(|package| package.name.as_str() == "added").unwrap();
    let dependency = from.dependencies[0].clone();
    let core = metadata.packages.iter_mut().find(|package| package.name.as_str() == "c").unwrap();
    core.dependencies.push(dependency);
    metadata
}

#[test]
fn big_dependencies_away_from_home_are_found() {
    let redb = "[dependencies]\nredb = \"4\"\n";
    check_arrows("host/runtime", redb, &["added depends on redb; redb lives in host/store"]);
    let environ = "[dependencies]\nwasmtime-environ = \"48\"\n";
    check_arrows("host/cli", environ, &["added depends on wasmtime-environ; wasmtime lives in host/engine"]);
    let web = "[dev-dependencies]\nweb-sys = \"0.3\"\n";
    check_arrows("host/cli", web, &["added depends on web-sys; web-sys lives in targets/browser"]);
}

fn file(path: &str, text: &str) -> File {
    File { path: path.into(), text: text.to_owned() }
}

#[track_caller]
fn check_source(path: &str, text: &str, expected: &[&str]) {
    assert_eq!(source::violations(&file(path, text)), expected);
}

#[test]
fn a_file_without_a_header_is_found() {
    check_source("core/src/a.rs", "//! What.\n", &[]);
    check_source(
        "core/src/a.rs",
        "use core::fmt;\n",
        &["core/src/a.rs: does not open with `//!`: what lives here, and why apart"],
    );
}

#[test]
fn names_that_say_nothing_are_found() {
    check_source(
        "core/src/helpers.rs",
        "//! x\n",
        &["core/src/helpers.rs: `helpers` does not say what is inside"],
    );
    check_source("core/util/a.rs", "//! x\n", &["core/util/a.rs: `util` does not say what is inside"]);
    check_source(
        "core/src/log/mod.rs",
        "//! x\n",
        &["core/src/log/mod.rs: a module's file is named after it: `foo.rs` beside `foo/`"],
    );
}

#[test]
fn a_crate_named_away_from_home_is_found_in_code_only() {
    let code = "//! x\nfn f() { dbg!([wasmtime::VERSION]); }\n";
    check_source("host/cli/src/a.rs", code, &["host/cli/src/a.rs: `wasmtime` is named only in host/engine"]);
    check_source("host/engine/src/a.rs", code, &[]);
    check_source("tests/bench/a.rs", code, &[]);
    check_source("host/cli/src/a.rs", "//! wasmtime\nconst A: &str = \"wasmtime\"; // wasmtime\n", &[]);
}

#[test]
fn a_test_that_does_not_count_is_found() {
    let text = "//! x\n#[test]\n#[ignore = \"later\"]\nfn f() {}\n";
    check_source(
        "core/tests/a.rs",
        text,
        &["core/tests/a.rs: `#[ignore]`: a test that does not count is none"],
    );
}

#[test]
fn an_unwrap_outside_tests_is_found() {
    let wrong = "//! x\nfn f() {\n    g(|| x.unwrap());\n}\n";
    check_source(
        "core/src/a.rs",
        wrong,
        &["core/src/a.rs: line 3: `unwrap` outside a test: return the error, or `expect` an invariant"],
    );
    check_source("core/tests/a.rs", wrong, &[]);
    check_source("core/src/a.rs", "//! x\n#[cfg(test)]\nmod t { fn f() { x.unwrap(); } }\n", &[]);
    check_source("core/src/a.rs", "//! x\n#[test]\nfn f() { x.unwrap(); }\n", &[]);
    check_source("core/src/a.rs", "//! x\nfn f() { x.unwrap_or(1); keys.unwrap(wrapped); }\n", &[]);
}

fn lines(count: usize) -> String {
    "// a line\n".repeat(count)
}

fn exception(what: &'static str, limit: usize) -> Exception {
    Exception { what, limit, reason: "made up" }
}

#[test]
fn long_files_are_found_and_exceptions_have_limits_too() {
    let sources = [file("a.rs", &lines(401))];
    assert_eq!(source::too_long(&sources, &[], &[]), ["a.rs: 401 lines, and 400 is the limit"]);
    assert_eq!(source::too_long(&sources, &[exception("a.rs", 401)], &[]), [""; 0]);
    let short = [file("a.rs", &lines(400))];
    assert_eq!(source::too_long(&short, &[exception("a.rs", 401)], &[]), ["a.rs: needs no exception"]);
    let boundless = source::too_long(&[file("a.rs", &lines(1100))], &[exception("a.rs", 1200)], &[]);
    assert_eq!(boundless, ["a.rs: no limit goes beyond 1000"]);
}

#[test]
fn long_functions_are_found_wherever_they_are() {
    let function = |count| format!("fn f() {{\n{}}}\n", lines(count));
    let within = |outer: &str, count| [file("a.rs", &format!("{outer} {{ {} }}\n", function(count)))];
    for outer in ["mod m", "impl S", "trait T", "fn outer()"] {
        let found = source::too_long(&within(outer, 69), &[], &[]);
        assert!(found.contains(&"a.rs::f: 71 lines, and 70 is the limit".to_owned()), "{outer}: {found:?}");
        let found = source::too_long(&within(outer, 68), &[], &[]);
        assert!(!found.iter().any(|line| line.starts_with("a.rs::f:")), "{outer}: {found:?}");
    }
    assert_eq!(source::too_long(&within("mod m", 69), &[], &[exception("a.rs::f", 71)]), [""; 0]);
}

#[track_caller]
fn check_text(line: &str, count: usize) {
    let found = text::violations(&file("a.md", line));
    assert_eq!(found.len(), count, "{found:?}");
}

#[test]
fn paths_of_one_machine_are_found() {
    check_text(concat!("cd /ho", "me/somebody/edge"), 1);
    check_text(concat!("`/wo", "rk/shared`"), 1);
    check_text(concat!("\"C:/Us", "ers/a\""), 1);
    check_text(concat!("see examples/wo", "rk/a.rs and $HOME/ro", "ot/a"), 0);
}

#[test]
fn leftovers_and_servers_are_found() {
    check_text(concat!("// TO", "DO: later"), 1);
    check_text(concat!("// FIX", "ME(me)"), 1);
    check_text(concat!("mas", "TO", "DO", "nt"), 0);
    check_text("  \"resolved\": \"https://somewhere/a.tgz\",", 1);
}

#[test]
fn walking_heeds_gitignore_and_sees_dotfiles() {
    let folder = TempDir::new().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap();
    for (name, text) in [(".gitignore", "built\n"), ("built", "x"), (".dot", "x"), ("a.rs", "x")] {
        fs::write(root.join(name), text).unwrap();
    }
    fs::write(root.join("picture"), [0xFF, 0xFE]).unwrap();
    let paths: Vec<_> = files::read(root).unwrap().into_iter().map(|file| file.path).collect();
    assert_eq!(paths, [".dot", ".gitignore", "a.rs"]);
}

#[test]
fn a_core_that_breaks_its_word_is_found() {
    let promises = |text| core_walls::missing_promises(text);
    assert_eq!(promises("//! x\n#![no_std]\n#![forbid(unsafe_code)]\n"), [""; 0]);
    assert_eq!(promises("#![no_std]\n#![deny(unsafe_code)]\n"), ["forbid(unsafe_code)"]);
    assert_eq!(promises("#![cfg_attr(x, no_std)]\n#![forbid(unsafe_code)]\n"), ["no_std"]);
}

#[test]
fn a_module_that_imports_is_found() {
    let bytes = wat::parse_str(r#"(module (import "env" "now" (func)) (func (export "f")))"#).unwrap();
    let module = Module::read(&bytes).unwrap();
    assert_eq!(module, Module { imports: vec!["env#now".to_owned()], exports: vec!["f".to_owned()] });
    assert!(Module::read(b"no module").is_err());
}

#[test]
fn a_licence_that_is_not_allowed_is_found() {
    let mut metadata = MetadataCommand::new().exec().unwrap();
    let deny = "[licenses]\nallow = [\"MIT\", \"Apache-2.0\"]\n";
    let package = metadata.packages.iter().find(|package| package.name.as_str() == "serde").unwrap().clone();
    let mut check = |licence: Option<&str>, count| {
        let licence = licence.map(str::to_owned);
        metadata.packages = vec![cargo_metadata::Package::clone(&package)];
        metadata.packages[0].license = licence;
        assert_eq!(licences::violations(&metadata, deny).unwrap().len(), count);
    };
    check(Some("MIT OR GPL-3.0-only"), 0);
    check(Some("MIT/Apache-2.0"), 0);
    check(Some("MIT AND GPL-3.0-only"), 1);
    check(Some("GPL-3.0-only"), 1);
    check(None, 1);
}
