//! libFuzzer for `zone`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| activemirror_fuzz::run("zone", bytes));
