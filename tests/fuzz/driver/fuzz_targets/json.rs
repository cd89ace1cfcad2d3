//! libFuzzer for `json`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| activemirror_fuzz::run("json", bytes));
