//! libFuzzer for `device_log`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| activemirror_fuzz::run("device_log", bytes));
