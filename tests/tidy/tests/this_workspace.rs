//! This workspace keeps the rules.

use std::process::Command;

use activemirror_tidy::core_walls::{self, Module};
use activemirror_tidy::files::{self, File};
use activemirror_tidy::{arrows, exceptions, licences, source, text};
use cargo_metadata::camino::Utf8PathBuf;
use cargo_metadata::{Message, Metadata, MetadataCommand};

fn metadata() -> Metadata {
    MetadataCommand::new().exec().unwrap()
}

fn root() -> Utf8PathBuf {
    MetadataCommand::new().no_deps().exec().unwrap().workspace_root
}

fn read_files() -> Vec<File> {
    files::read(&root()).unwrap()
}

fn rust() -> Vec<File> {
    let rust: Vec<File> = read_files().into_iter().filter(File::is_rust).collect();
    assert!(rust.iter().any(|file| file.path == "core/src/lib.rs"), "the walk found no core");
    rust
}

#[track_caller]
fn none(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

#[test]
fn packages_depend_only_where_arrows_point() {
    none(&arrows::violations(&arrows::packages(&metadata())));
}

#[test]
fn dependencies_come_on_terms_we_accept() {
    let deny = std::fs::read_to_string(root().join(".deny.toml")).unwrap();
    none(&licences::violations(&metadata(), &deny).unwrap());
}

#[test]
fn sources_are_named_and_opened_as_agreed() {
    none(&rust().iter().flat_map(source::violations).collect::<Vec<_>>());
}

#[test]
fn files_and_functions_are_short() {
    none(&source::too_long(&rust(), exceptions::FILES, exceptions::FUNCTIONS));
}

#[test]
fn no_file_tells_of_machines_or_leftovers() {
    none(&read_files().iter().flat_map(text::violations).collect::<Vec<_>>());
}

#[test]
fn core_is_no_std_and_forbids_unsafe_code() {
    let lib = std::fs::read_to_string(root().join("core/src/lib.rs")).unwrap();
    assert_eq!(core_walls::missing_promises(&lib), [""; 0]);
}

#[test]
fn the_bare_module_does_the_work_of_core() {
    assert_eq!(activemirror_bare::block_holds(7), 1);
}

#[test]
fn the_bare_module_imports_nothing() {
    let module = Module::read(&std::fs::read(build_bare()).unwrap()).unwrap();
    assert_eq!(module.imports, [""; 0]);
    assert!(module.exports.iter().any(|name| name == "block_holds"), "{:?}", module.exports);
}

/// Builds core's bare module and says where it is.
fn build_bare() -> Utf8PathBuf {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--package", "activemirror-bare", "--lib", "--profile", "guest"]);
    cargo.args(["--target", "wasm32-unknown-unknown", "--message-format", "json-render-diagnostics"]);
    let output = cargo.current_dir(root()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "core does not build bare (`cargo xtask targets` adds the target):\n{said}"
    );
    let messages = Message::parse_stream(&output.stdout[..]);
    let artifacts = messages.filter_map(|message| match message.unwrap() {
        Message::CompilerArtifact(artifact) => Some(artifact),
        _ => None,
    });
    let mut files = artifacts.flat_map(|artifact| artifact.filenames);
    files.find(|path| path.file_name() == Some("activemirror_bare.wasm")).unwrap()
}
