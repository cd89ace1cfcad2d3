//! Bytes as text, and the golden vectors by their names.

use std::collections::HashMap;
use std::sync::LazyLock;

use activemirror_vectors::{GOLDEN, run};

/// The golden vectors in full: the file shows only the hash of long ones.
static VECTORS: LazyLock<HashMap<String, Vec<u8>>> = LazyLock::new(|| {
    let mut vectors = HashMap::new();
    let mut keep = |vector: activemirror_vectors::Vector<'_>| {
        vectors.insert(format!("{}/{}", vector.family, vector.name), vector.bytes.to_vec());
    };
    run(&mut Vec::new, &mut keep).expect("a Vec has room");
    vectors
});

/// The vector with this name, as core computes it.
#[track_caller]
pub(crate) fn golden(name: &str) -> Vec<u8> {
    VECTORS.get(name).unwrap_or_else(|| panic!("no vector {name}")).clone()
}

/// The vector with this name, as the golden file has it.
#[track_caller]
pub(crate) fn bytes_of(name: &str) -> Vec<u8> {
    let line = GOLDEN.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
    decode(line.unwrap_or_else(|| panic!("no vector {name}")))
}

/// Hex to bytes.
#[track_caller]
pub(crate) fn decode(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).expect("ASCII"));
    pairs.map(|pair| u8::from_str_radix(pair, 16).expect("hex digits")).collect()
}

/// Bytes to hex.
pub(crate) fn encode(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// RFC 4648 §4.
pub(crate) fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits =
            group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        let digit = |at: usize| char::from(DIGITS[(bits >> (18 - 6 * at)) as usize & 63]);
        text.extend((0..4).map(|at| if at <= group.len() { digit(at) } else { '=' }));
    }
    text
}

/// RFC 4648 §4, backwards.
#[track_caller]
pub(crate) fn from_base64(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for group in text.trim_end_matches('=').as_bytes().chunks(4) {
        let value = |digit: &u8| DIGITS.iter().position(|known| known == digit).expect("base64") as u32;
        let bits =
            group.iter().fold(0_u32, |bits, digit| bits << 6 | value(digit)) << (6 * (4 - group.len()));
        bytes.extend((1..group.len()).map(|at| (bits >> (24 - 8 * at)) as u8));
    }
    bytes
}
