//! libFuzzer for `session_record`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| activemirror_fuzz::run("session_record", bytes));
