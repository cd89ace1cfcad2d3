//! Seals: they open for the right key in the right place, whole, or not at all.

use activemirror_core::vault::{Key, SealError, seal};

const KEY: [u8; 32] = [7; 32];
const SALT: [u8; 24] = [9; 24];

fn sealed(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    seal::seal(&Key::new(KEY), &SALT, &[b"place"], message, &mut out).unwrap();
    out
}

fn opened(key: [u8; 32], context: &[&[u8]], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
    let mut out = b"before".to_vec();
    let result = seal::open(&Key::new(key), context, sealed, &mut out);
    assert!(out.starts_with(b"before"), "what was there stays");
    match result {
        Ok(()) => Ok(out.split_off(6)),
        Err(error) => {
            assert_eq!(out, b"before", "an error leaves nothing behind");
            Err(error)
        }
    }
}

#[test]
fn every_length_around_the_chunks() {
    for length in [0, 1, 15, 16, 17, 16_383, 16_384, 16_385, 32_768, 40_000] {
        let message: Vec<u8> = (0..length).map(|at| (at * 7) as u8).collect();
        let sealed = sealed(&message);
        assert_eq!(sealed.len(), 56 + length + 16 * (length / 16_384 + 1), "{length}");
        assert_eq!(opened(KEY, &[b"place"], &sealed).as_deref(), Ok(&*message), "{length}");
    }
}

#[test]
fn another_key_and_another_place() {
    let sealed = sealed(b"secret");
    assert_eq!(opened([8; 32], &[b"place"], &sealed), Err(SealError::WrongKey));
    assert_eq!(opened(KEY, &[b"plac"], &sealed), Err(SealError::WrongKey));
    assert_eq!(opened(KEY, &[], &sealed), Err(SealError::WrongKey));
    assert_eq!(
        opened(KEY, &[b"pla", b"ce"], &sealed).as_deref(),
        Ok(&b"secret"[..]),
        "a context is its bytes"
    );
}

#[test]
fn any_changed_byte_and_any_cut() {
    let message = vec![3; 20_000];
    let sealed = sealed(&message);
    for at in (0..sealed.len()).step_by(97).chain(0..80) {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(opened(KEY, &[b"place"], &changed).is_err(), "byte {at}");
    }
    for length in (0..sealed.len()).step_by(61).chain(sealed.len() - 40..sealed.len()) {
        assert!(opened(KEY, &[b"place"], &sealed[..length]).is_err(), "cut at {length}");
    }
    let longer = [&*sealed, &[0; 16]].concat();
    assert!(opened(KEY, &[b"place"], &longer).is_err());
}

#[test]
fn whole_chunks_cannot_be_dropped_or_swapped() {
    let message: Vec<u8> = (0..3 * 16_384).map(|at| (at / 16_384) as u8).collect();
    let sealed = sealed(&message);
    let chunk = 16_384 + 16;
    let without_last = &sealed[..sealed.len() - 16];
    assert!(opened(KEY, &[b"place"], without_last).is_err());
    let mut swapped = sealed.clone();
    let (one, other) = swapped[56..].split_at_mut(chunk);
    one.swap_with_slice(&mut other[..chunk]);
    assert_eq!(opened(KEY, &[b"place"], &swapped), Err(SealError::Changed));
}

#[test]
fn keys_print_nothing() {
    assert_eq!(format!("{:?}", Key::new([0x41; 32])), "Key(…)");
}
