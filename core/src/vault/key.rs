//! Keys: what derives from the root key, what is random, and how a random key is wrapped.

use core::fmt;

use ed25519_dalek::SigningKey;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha512};
use zeroize::{Zeroize, Zeroizing};

use super::seal::{self, Salt, SealError};
use crate::buffer::{Buffer, Slice};
use crate::hash::Digest;
use crate::log::LogId;
use crate::trace::SubjectRef;

/// Length of a wrapped subject key: salt, commitment, key, tag.
pub const WRAPPED_BYTES: usize = 32 + seal::OVERHEAD;

const WRAP_CONTEXT: &[u8] = b"activemirror/v1/subject-key\0";

/// 32 secret bytes. It is wiped when dropped, prints nothing, and is never cloned.
pub struct Key([u8; 32]);

impl Drop for Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// A key of these bytes, which must come from a cryptographic random source or a KDF.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for whoever has to store or hand on the key itself.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key for one purpose: HKDF-SHA-512 with this key as input and `label` as info.
    #[must_use]
    pub fn derive(&self, label: &str) -> Self {
        let mut derived = Self([0; 32]);
        Hkdf::<Sha512>::new(None, &self.0)
            .expand_multi_info(&[b"activemirror/v1/", label.as_bytes()], &mut derived.0)
            .expect("invariant: 32 bytes are below HKDF's limit");
        derived
    }

    /// Tells this key from others without telling anything of it.
    #[must_use]
    pub fn fingerprint(&self) -> Digest {
        *self.derive("fingerprint").expose()
    }

    /// HMAC-SHA-256 of `parts` in a row under this key.
    #[must_use]
    pub fn mac(&self, parts: &[&[u8]]) -> Digest {
        let mut mac = self.keyed();
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    }

    fn keyed(&self) -> Hmac<Sha256> {
        Hmac::new_from_slice(&self.0).expect("invariant: HMAC takes any key")
    }
}

/// What one device's root key yields.
#[derive(Debug)]
pub struct KeyTree {
    fingerprint: Digest,
    signing: SigningKey,
    structure: Key,
    index: Key,
    wrapping: Key,
}

impl KeyTree {
    /// The tree that grows from `root`.
    #[must_use]
    pub fn new(root: &Key) -> Self {
        Self {
            fingerprint: root.fingerprint(),
            signing: SigningKey::from_bytes(root.derive("signing").expose()),
            structure: root.derive("structure"),
            index: root.derive("index"),
            wrapping: root.derive("wrapping"),
        }
    }

    /// The tree of another log of the same device: it signs with a key of its own, and people have the
    /// same names and keys in it. `id` must be random, so that no two copies of the data come to the
    /// same log.
    #[must_use]
    pub fn branch(&self, id: &[u8; 16]) -> Self {
        let same = |key: &Key| Key::new(*key.expose());
        let signing = Key::new(self.wrapping.derive("branch").mac(&[id]));
        Self {
            fingerprint: self.fingerprint,
            signing: SigningKey::from_bytes(signing.expose()),
            structure: same(&self.structure),
            index: same(&self.index),
            wrapping: same(&self.wrapping),
        }
    }

    /// Tells this device's root key from others, and tells nothing else of it.
    #[must_use]
    pub const fn fingerprint(&self) -> &Digest {
        &self.fingerprint
    }

    /// Signs this device's checkpoints.
    #[must_use]
    pub const fn signing(&self) -> &SigningKey {
        &self.signing
    }

    /// Seals what blocks say of their records.
    #[must_use]
    pub const fn structure(&self) -> &Key {
        &self.structure
    }

    /// Makes keyed hashes.
    #[must_use]
    pub const fn index(&self) -> &Key {
        &self.index
    }

    /// The id of this device's log.
    #[must_use]
    pub fn log_id(&self) -> LogId {
        LogId::of(&self.public_key())
    }

    /// The public half of the signing key.
    #[must_use]
    pub fn public_key(&self) -> [u8; 32] {
        self.signing.verifying_key().to_bytes()
    }

    /// How the person `name` is called in blocks.
    #[must_use]
    pub fn subject_ref(&self, name: &str) -> SubjectRef {
        SubjectRef(self.keyed_hash("subject", name.as_bytes()))
    }

    /// 16 bytes that stand for `value` in the index of this `kind`, and tell nothing of it.
    #[must_use]
    pub fn keyed_hash(&self, kind: &str, value: &[u8]) -> [u8; 16] {
        let hash = self.index.mac(&[kind.as_bytes(), &[0], value]);
        let mut short = [0; 16];
        short.copy_from_slice(&hash[..16]);
        short
    }

    /// Wraps a subject's key, so that it can be stored.
    #[must_use]
    pub fn wrap(&self, subject: SubjectRef, key: &SubjectKey, salt: &Salt) -> [u8; WRAPPED_BYTES] {
        let mut wrapped = [0; WRAPPED_BYTES];
        let context = [WRAP_CONTEXT, &subject.0];
        seal::seal(&self.wrapping, salt, &context, key.seal.expose(), &mut Slice::new(&mut wrapped))
            .expect("invariant: the buffer has the length of a wrapped key");
        wrapped
    }

    /// The key that was wrapped for this subject.
    pub fn unwrap(
        &self,
        subject: SubjectRef,
        wrapped: &[u8; WRAPPED_BYTES],
    ) -> Result<SubjectKey, SealError> {
        let mut bytes = Zeroizing::new([0; 32]);
        let mut out = Slice::new(&mut *bytes);
        seal::open(&self.wrapping, &[WRAP_CONTEXT, &subject.0], wrapped, &mut out)?;
        if out.bytes().len() == 32 { Ok(SubjectKey::new(*bytes)) } else { Err(SealError::Length) }
    }
}

/// A person's key: it seals their content and salts their leaves.
#[derive(Debug)]
pub struct SubjectKey {
    seal: Key,
    /// Keyed once: that is half of the work of a short HMAC, and every record takes one.
    salts: Hmac<Sha256>,
    tokens: Key,
}

impl SubjectKey {
    /// The key of these bytes, which must be random.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        let seal = Key::new(bytes);
        let (salts, tokens) = (seal.derive("leaf-salt").keyed(), seal.derive("mask-token"));
        Self { seal, salts, tokens }
    }

    /// What seals content.
    #[must_use]
    pub const fn sealing(&self) -> &Key {
        &self.seal
    }

    /// The salt of the leaf at this address.
    #[must_use]
    pub fn leaf_salt(&self, log: LogId, sequence: u64) -> Digest {
        let mac = self.salts.clone().chain_update(log.0).chain_update(sequence.to_le_bytes());
        mac.finalize().into_bytes().into()
    }

    /// Tells equal masked texts of this person apart from others, and nothing else.
    #[must_use]
    pub fn token_tag(&self, masked: &str) -> [u8; 3] {
        let hash = self.tokens.mac(&[masked.as_bytes()]);
        [hash[0], hash[1], hash[2]]
    }
}

/// The keys of one log, as far as they are there.
pub trait KeyRing {
    /// What seals structure.
    fn structure(&self) -> &Key;
    /// A subject's key; `None` once it is destroyed, or where it never arrived.
    fn subject(&self, subject: SubjectRef) -> Option<&SubjectKey>;
}
