//! libFuzzer for `tau_bench`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| activemirror_fuzz::run("tau_bench", bytes));
