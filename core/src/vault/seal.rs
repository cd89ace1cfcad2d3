//! Sealing: C2SP chunked-encryption with SHA-512 and ChaCha20-Poly1305.
//!
//! <https://c2sp.org/chunked-encryption> at version 1; the AEAD name is `AEAD_CHACHA20_POLY1305`,
//! since AES in WebAssembly is slow and not constant in time. A sealed message is
//!
//! | offset | size | meaning |
//! |---|---|---|
//! | 0 | 24 | salt, never used twice under one key |
//! | 24 | 32 | commitment to key, salt and context |
//! | 56 | n + 16 a chunk | chunks of 16 KiB, the last one shorter, each with its tag |
//!
//! The context binds a message to its place: what was sealed as one thing does not open as
//! another. The commitment is compared before anything is decrypted, so a message opens under one
//! key only.

use core::fmt;

use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce, Tag};
use hkdf::Hkdf;
use sha2::Sha512;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::key::Key;
use crate::buffer::{Buffer, BufferFull};

/// Length of a salt.
pub const SALT_BYTES: usize = 24;

/// What makes a message's keys its own: 24 bytes that never repeat under one key. Random, or from
/// a counter that cannot run back.
pub type Salt = [u8; SALT_BYTES];

/// Bytes that sealing adds to a message shorter than a chunk.
pub const OVERHEAD: usize = HEAD + TAG;

const COMMITMENT: usize = 32;
/// Salt and commitment, before the chunks.
pub(crate) const HEAD: usize = SALT_BYTES + COMMITMENT;
/// Bytes of a chunk.
pub(crate) const CHUNK: usize = 16 << 10;
const TAG: usize = 16;
const LABEL: &[u8] = b"c2sp.org/chunked-encryption@v1+AEAD_CHACHA20_POLY1305\0";

/// Why a sealed message does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SealError {
    /// No message has this length.
    Length,
    /// It was sealed under another key, or as something else than it is presented as.
    WrongKey,
    /// It was changed after it was sealed.
    Changed,
    /// The plaintext does not fit the buffer.
    Buffer,
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "the sealed bytes are cut short",
            Self::WrongKey => "the sealed bytes belong to another key or another place",
            Self::Changed => "the sealed bytes were changed",
            Self::Buffer => "the buffer is too small for the content",
        })
    }
}

impl core::error::Error for SealError {}

impl From<BufferFull> for SealError {
    fn from(BufferFull: BufferFull) -> Self {
        Self::Buffer
    }
}

/// Appends `message`, sealed under `key` for the place that `context` names, to `out`.
pub fn seal(
    key: &Key,
    salt: &Salt,
    context: &[&[u8]],
    message: &[u8],
    out: &mut impl Buffer,
) -> Result<(), BufferFull> {
    seal_parts(key, salt, context, &[message], out)
}

/// Length of a sealed message of `len` bytes.
#[must_use]
pub const fn sealed_len(len: usize) -> usize {
    HEAD + len + TAG * (len / CHUNK + 1)
}

/// How many of the bytes of a sealed message are not the message's own.
#[must_use]
pub const fn overhead(sealed: usize) -> usize {
    match sealed.checked_sub(HEAD + TAG) {
        Some(rest) => HEAD + TAG * ((rest + TAG) / (CHUNK + TAG) + 1),
        None => sealed,
    }
}

/// [`seal`] for a message in pieces: they are put together in `out` and encrypted there, so a
/// device needs no second buffer.
pub(crate) fn seal_parts(
    key: &Key,
    salt: &Salt,
    context: &[&[u8]],
    parts: &[&[u8]],
    out: &mut impl Buffer,
) -> Result<(), BufferFull> {
    let message_keys = MessageKeys::derive(key, salt, context);
    out.append(salt)?;
    out.append(&message_keys.commitment)?;
    let mut chunk = Chunk { keys: &message_keys, number: 0, start: out.bytes().len() };
    parts.iter().try_for_each(|part| chunk.extend(part, out))?;
    // A message of whole chunks ends in an empty one: the last chunk is always short.
    chunk.finish(out)
}

/// Seals what `buffer` holds from `start` on, where it lies: [`HEAD`] bytes that are overwritten,
/// then a message shorter than a [`CHUNK`].
pub(crate) fn seal_here(
    key: &Key,
    salt: &Salt,
    context: &[&[u8]],
    start: usize,
    buffer: &mut impl Buffer,
) -> Result<(), BufferFull> {
    let message_keys = MessageKeys::derive(key, salt, context);
    let (head, message) = buffer.bytes_mut()[start..].split_at_mut(HEAD);
    debug_assert!(message.len() < CHUNK, "one chunk, and the last is always short");
    head[..SALT_BYTES].copy_from_slice(salt);
    head[SALT_BYTES..].copy_from_slice(&message_keys.commitment);
    let tag = message_keys.encrypt(0, message);
    buffer.append(&tag)
}

/// The chunk at the end of a message under construction.
struct Chunk<'k> {
    keys: &'k MessageKeys,
    number: usize,
    start: usize,
}

impl Chunk<'_> {
    fn extend(&mut self, mut part: &[u8], out: &mut impl Buffer) -> Result<(), BufferFull> {
        loop {
            let room = CHUNK - (out.bytes().len() - self.start);
            let (piece, rest) = part.split_at(part.len().min(room));
            out.append(piece)?;
            if piece.len() < room {
                return Ok(());
            }
            self.finish(out)?;
            part = rest;
        }
    }

    fn finish(&mut self, out: &mut impl Buffer) -> Result<(), BufferFull> {
        let tag = self.keys.encrypt(self.number, &mut out.bytes_mut()[self.start..]);
        out.append(&tag)?;
        (self.number, self.start) = (self.number + 1, out.bytes().len());
        Ok(())
    }
}

/// Appends what `sealed` holds to `out`; on an error `out` is as it was.
pub fn open(key: &Key, context: &[&[u8]], sealed: &[u8], out: &mut impl Buffer) -> Result<(), SealError> {
    let (salt, rest) = sealed.split_first_chunk::<SALT_BYTES>().ok_or(SealError::Length)?;
    let (commitment, chunks) = rest.split_first_chunk::<COMMITMENT>().ok_or(SealError::Length)?;
    if chunks.len() % (CHUNK + TAG) < TAG {
        return Err(SealError::Length);
    }
    let message_keys = MessageKeys::derive(key, salt, context);
    if message_keys.commitment.ct_ne(commitment).into() {
        return Err(SealError::WrongKey);
    }
    let start = out.bytes().len();
    let opened = open_chunks(&message_keys, chunks, out);
    if opened.is_err() {
        out.truncate(start);
    }
    opened
}

fn open_chunks(keys: &MessageKeys, chunks: &[u8], out: &mut impl Buffer) -> Result<(), SealError> {
    for (number, chunk) in chunks.chunks(CHUNK + TAG).enumerate() {
        let (text, tag) = chunk.split_last_chunk::<TAG>().ok_or(SealError::Length)?;
        let begin = out.bytes().len();
        out.append(text)?;
        keys.decrypt(number, &mut out.bytes_mut()[begin..], tag)?;
    }
    Ok(())
}

/// What HKDF-Expand yields for one message.
struct MessageKeys {
    cipher: ChaCha20Poly1305,
    base_nonce: [u8; 12],
    commitment: [u8; COMMITMENT],
}

impl MessageKeys {
    /// Apart, so that a device's stack does not hold HKDF's state while it encrypts.
    #[inline(never)]
    fn derive(key: &Key, salt: &Salt, context: &[&[u8]]) -> Self {
        // The PRK is the 32-byte key. HMAC pads keys with zeros up to its block, so these 64
        // bytes are the same PRK to it, in the length that the hkdf crate asks for.
        let mut prk = Zeroizing::new([0; 64]);
        prk[..32].copy_from_slice(key.expose());
        let expander = Hkdf::<Sha512>::from_prk(&*prk).expect("invariant: 64 bytes are a PRK for SHA-512");
        let mut info: heapless::Vec<&[u8], 8> = heapless::Vec::new();
        info.extend([LABEL, salt.as_slice()].into_iter().chain(context.iter().copied()));
        let mut okm = Zeroizing::new([0; 32 + 12 + COMMITMENT]);
        expander.expand_multi_info(&info, &mut *okm).expect("invariant: 76 bytes are below HKDF's limit");
        let mut keys = Self {
            cipher: ChaCha20Poly1305::new_from_slice(&okm[..32]).expect("invariant: 32 bytes are a key"),
            base_nonce: [0; 12],
            commitment: [0; COMMITMENT],
        };
        keys.base_nonce.copy_from_slice(&okm[32..44]);
        keys.commitment.copy_from_slice(&okm[44..]);
        keys
    }

    #[allow(clippy::big_endian_bytes, reason = "C2SP chunked-encryption counts big-endian")]
    fn nonce(&self, number: usize) -> Nonce {
        let mut nonce = self.base_nonce;
        let counter = (number as u64).to_be_bytes();
        nonce[4..].iter_mut().zip(counter).for_each(|(byte, count)| *byte ^= count);
        nonce.into()
    }

    #[inline(never)]
    fn encrypt(&self, number: usize, chunk: &mut [u8]) -> Tag {
        self.cipher
            .encrypt_inout_detached(&self.nonce(number), &[], chunk.into())
            .expect("invariant: a chunk is far below ChaCha20's limit")
    }

    fn decrypt(&self, number: usize, chunk: &mut [u8], tag: &[u8; TAG]) -> Result<(), SealError> {
        self.cipher
            .decrypt_inout_detached(&self.nonce(number), &[], chunk.into(), &Tag::from(*tag))
            .map_err(|_| SealError::Changed)
    }
}
