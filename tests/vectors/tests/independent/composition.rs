//! The cryptographic compositions again, from their documents and from primitives alone.

use chacha20poly1305::aead::{AeadInOut as _, KeyInit as _};
use chacha20poly1305::{ChaCha20Poly1305, Tag};
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256, Sha512};

/// SHA-256 of the parts in a row.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    Sha256::digest(parts.concat()).into()
}

/// HMAC-SHA-256 of the parts in a row.
pub(crate) fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    Hmac::<Sha256>::new_from_slice(key)
        .expect("any key")
        .chain_update(parts.concat())
        .finalize()
        .into_bytes()
        .into()
}

fn hmac_sha512(key: &[u8], message: &[u8]) -> [u8; 64] {
    Hmac::<Sha512>::new_from_slice(key).expect("any key").chain_update(message).finalize().into_bytes().into()
}

/// RFC 5869 §2.3, HKDF-Expand with SHA-512.
fn expanded<const LEN: usize>(prk: &[u8], info: &[u8]) -> [u8; LEN] {
    let (mut okm, mut last) = (Vec::new(), Vec::new());
    for number in 1..=LEN.div_ceil(64) as u8 {
        last = hmac_sha512(prk, &[&last, info, &[number][..]].concat()).to_vec();
        okm.extend_from_slice(&last);
    }
    *okm.first_chunk().expect("as many blocks as it takes")
}

/// A key for one purpose: RFC 5869 §2.2 without a salt (64 zeros), then §2.3.
pub(crate) fn derived(key: &[u8; 32], label: &str) -> [u8; 32] {
    let prk = hmac_sha512(&[0; 64], key);
    expanded(&prk, &[b"activemirror/v1/", label.as_bytes()].concat())
}

/// c2sp.org/chunked-encryption, version 1 with ChaCha20-Poly1305: the message, where all of it
/// is right.
pub(crate) fn opened(key: &[u8; 32], salt: &[u8; 24], context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let label = b"c2sp.org/chunked-encryption@v1+AEAD_CHACHA20_POLY1305\0";
    let keys: [u8; 76] = expanded(key, &[label, salt.as_slice(), context].concat());
    let (head, chunks) = sealed.split_at(56);
    if head[..24] != *salt || head[24..] != keys[44..] {
        return None;
    }
    let cipher = ChaCha20Poly1305::new_from_slice(&keys[..32]).ok()?;
    let mut message = Vec::new();
    for (number, chunk) in (0_u64..).zip(chunks.chunks(16_384 + 16)) {
        let (text, tag) = chunk.split_last_chunk::<16>()?;
        let start = message.len();
        message.extend_from_slice(text);
        let nonce = nonce(&keys[32..44], number);
        let text = (&mut message[start..]).into();
        cipher.decrypt_inout_detached(&nonce.into(), &[], text, &Tag::from(*tag)).ok()?;
    }
    // The last chunk is always short.
    (chunks.len() % (16_384 + 16) >= 16).then_some(message)
}

/// The base nonce, its last eight bytes exclusive-or the chunk's number, big-endian.
fn nonce(base: &[u8], number: u64) -> [u8; 12] {
    let counter = u128::from(number);
    core::array::from_fn(|at| base[at] ^ (counter >> (8 * (11 - at))) as u8)
}

/// RFC 6962 §2.1, as it is written there.
pub(crate) fn root_of(leaves: &[[u8; 32]]) -> [u8; 32] {
    match leaves {
        [] => sha256(&[]),
        [leaf] => *leaf,
        _ => {
            let split = leaves.len().next_power_of_two() / 2;
            sha256(&[&[0x01], &root_of(&leaves[..split]), &root_of(&leaves[split..])])
        }
    }
}
