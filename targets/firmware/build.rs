//! Links for the board, and plays the enrolment of the device.
//!
//! On a host, before the device is flashed, enrolment makes the device's root key, the keys of the
//! people whose content it will seal, and what a device without a signing key cannot compute: its
//! log's id, how people are called in blocks, and their keys wrapped for the host. In this
//! simulation the root key is the published `test-root.hex`, unless `ACTIVEMIRROR_DEVICE_ROOT` (64
//! hex digits) gives one, and people's keys come from hashes. On hardware all of them are random.

use std::path::PathBuf;
use std::{env, fmt, fs, process};

use activemirror_core::hash::sha256;
use activemirror_core::vault::{Key, KeyTree, SubjectKey};

const ROOT_VARIABLE: &str = "ACTIVEMIRROR_DEVICE_ROOT";
const TEST_ROOT: &str = "test-root.hex";
/// Constant in the generated source, and name.
const PEOPLE: [(&str, &str); 2] = [("OPERATOR", "Mary Ward"), ("DEVICE", "corridor-robot")];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=memory.x");
    println!("cargo:rerun-if-changed={TEST_ROOT}");
    println!("cargo:rerun-if-env-changed={ROOT_VARIABLE}");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let memory = fs::read_to_string("memory.x").unwrap_or_else(|error| refuse(&format!("memory.x: {error}")));
    write(&out.join("memory.x"), &memory);
    // Names for interrupt handlers: the robot has none.
    write(&out.join("device.x"), "");
    write(&out.join("enrolment.rs"), &enrolment(&root()));
    println!("cargo:rustc-link-search={}", out.display());
    for argument in ["--nmagic", "-Tlink.x"] {
        println!("cargo:rustc-link-arg-bins={argument}");
    }
}

fn root() -> [u8; 32] {
    let (source, text) = match env::var(ROOT_VARIABLE) {
        Ok(text) => (ROOT_VARIABLE, text),
        Err(_) => (TEST_ROOT, fs::read_to_string(TEST_ROOT).unwrap_or_default()),
    };
    hex(text.trim()).unwrap_or_else(|| refuse(&format!("{source} must hold 64 hex digits")))
}

fn hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let digits = text.as_bytes().chunks_exact(2);
    if text.len() != 64 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits) {
        *byte = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

/// The source of the constants that the device carries.
fn enrolment(root: &[u8; 32]) -> String {
    let key = Key::new(*root);
    let tree = KeyTree::new(&key);
    let mut source = [
        constant("ROOT", "the device's root key", root),
        constant("STRUCTURE_KEY", "the key that seals structure", tree.structure().expose()),
        constant("PUBLIC_KEY", "the public half of the signing key", &tree.public_key()),
        constant("SALT_SEED", "what tells this device's salts from others'", &salt_seed(&key)),
    ]
    .concat();
    for (number, (constant, name)) in PEOPLE.into_iter().enumerate() {
        source += &person(&tree, number, constant, name);
    }
    source
}

fn person(tree: &KeyTree, number: usize, constant: &str, name: &str) -> String {
    let subject = tree.subject_ref(name);
    let bytes = sha256(format!("test provisioning: the key of {name}").as_bytes());
    let mut salt = [0xff; 24];
    salt[0] = u8::try_from(number).unwrap_or(u8::MAX);
    let wrapped = tree.wrap(subject, &SubjectKey::new(bytes), &salt);
    format!(
        "/// {name}.\npub static {constant}: Person = Person {{ name: {name:?}, subject: {:?}, \
         key: {bytes:?}, wrapped: {wrapped:?} }};\n",
        subject.0,
    )
}

fn salt_seed(root: &Key) -> [u8; 16] {
    let mut seed = [0; 16];
    seed.copy_from_slice(&root.derive("test provisioning: salts").expose()[..16]);
    seed
}

fn constant(name: &str, meaning: &str, bytes: &(impl AsRef<[u8]> + fmt::Debug)) -> String {
    format!("/// Enrolment: {meaning}.\npub const {name}: [u8; {}] = {bytes:?};\n", bytes.as_ref().len())
}

fn write(path: &PathBuf, text: &str) {
    fs::write(path, text).unwrap_or_else(|error| refuse(&format!("{}: {error}", path.display())));
}

fn refuse(reason: &str) -> ! {
    eprintln!("{reason}");
    process::exit(1)
}
