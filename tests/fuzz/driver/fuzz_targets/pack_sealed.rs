//! libFuzzer for `pack_sealed`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| activemirror_fuzz::run("pack_sealed", bytes));
