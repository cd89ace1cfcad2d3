//! What texts are packed with: the words of short turns, which repeat too little within one
//! person's segment.
//!
//! The dictionary is of the form that Zstandard trains, under the number that frames name it by. A
//! better one gets the next number, and this one stays for as long as blocks may name it. It is
//! trained on `dictionary/turns.txt` alone, texts written for it: what one user wrote must neither
//! be seen by others nor outlive its erasure. `cargo run --release --bin train-dictionary` trains it.

/// Dictionary 1.
pub(super) const DICTIONARY: &[u8] = include_bytes!("dictionary/1.zstd-dictionary");
