//! Damaged files: whatever happens to their bytes, reading ends in traces or an error, and every
//! trace that was read can be written and read again.

use activemirror::format::Format;
use proptest::prelude::*;

use crate::format_source::{MIRRORDNA, TAU_BENCH, read, traces, write};

/// Something that happens to a file, at a place between 0 and 1.
#[derive(Clone, Debug)]
enum Damage {
    Flip(f64, u8),
    Cut(f64),
    Remove(f64, usize),
    Insert(f64, Vec<u8>),
    Repeat(f64, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let place = || 0.0..1.0;
    let token = prop::sample::select(vec![
        "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "-", "1e9", "\u{feff}", "\0",
    ]);
    prop_oneof![
        (place(), any::<u8>()).prop_map(|(at, bits)| Damage::Flip(at, bits)),
        place().prop_map(Damage::Cut),
        (place(), 1_usize..60).prop_map(|(at, count)| Damage::Remove(at, count)),
        (place(), prop::collection::vec(any::<u8>(), 1..8)).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        (place(), token).prop_map(|(at, token)| Damage::Insert(at, token.as_bytes().to_vec())),
        (place(), 1_usize..200).prop_map(|(at, count)| Damage::Repeat(at, count)),
    ]
}

fn apply(bytes: &mut Vec<u8>, damage: Damage) {
    let place = |at: f64| (at * bytes.len() as f64) as usize;
    match damage {
        Damage::Flip(at, bits) => {
            let at = place(at);
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= bits;
            }
        }
        Damage::Cut(at) => bytes.truncate(place(at)),
        Damage::Remove(at, count) => {
            let at = place(at);
            drop(bytes.drain(at..bytes.len().min(at + count)));
        }
        Damage::Insert(at, new) => {
            let at = place(at);
            drop(bytes.splice(at..at, new));
        }
        Damage::Repeat(at, count) => {
            let at = place(at);
            let again = bytes[at..bytes.len().min(at + count)].to_vec();
            drop(bytes.splice(at..at, again));
        }
    }
}

fn format() -> impl Strategy<Value = Option<Format>> {
    prop::sample::select(vec![None, Some(Format::MirrorDna), Some(Format::TauBench)])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]
    #[test]
    fn damage_ends_in_traces_or_an_error(
        source in prop::sample::select(vec![MIRRORDNA, TAU_BENCH]),
        damages in prop::collection::vec(damage(), 0..4),
        format in format(),
    ) {
        let mut bytes = source.as_bytes().to_vec();
        for damage in damages {
            apply(&mut bytes, damage);
        }
        let (found, error) = read(bytes.as_slice(), format);
        if let Some(error) = error {
            prop_assert_eq!(error.trace, found.len() as u64);
            prop_assert!(error.at.byte <= bytes.len() as u64);
            prop_assert!(error.to_string().lines().count() == 1);
        }
        if !found.is_empty() {
            let written = write(&found);
            prop_assert_eq!(write(&traces(&written)), written);
        }
    }
}
