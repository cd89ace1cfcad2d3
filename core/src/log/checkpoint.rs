//! Signed checkpoints: C2SP tlog-checkpoint in a C2SP signed note, Ed25519.
//!
//! ```text
//! activemirror/6f1c…            the log (its id in hex)
//! 17                            how many blocks its tree has
//! q1Z2…=                        the tree's root, base64
//!
//! — activemirror/6f1c… AbCd…=   key id and signature
//! ```
//!
//! <https://c2sp.org/tlog-checkpoint>, <https://c2sp.org/signed-note>. A log never signs two
//! checkpoints of which neither extends the other.

use core::fmt::{self, Write};

use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

use super::LogId;
use crate::hash::Digest;
use crate::limits::CHECKPOINT_BYTES_MAX;

/// Room for any checkpoint with one signature.
pub const NOTE_BYTES: usize = 384;

const ED25519: u8 = 0x01;

/// The head of a log's tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log.
    pub log: LogId,
    /// How many blocks the tree has.
    pub size: u64,
    /// Its root.
    pub root: Digest,
}

/// Why a note is no checkpoint of this log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckpointError {
    /// It is longer than [`CHECKPOINT_BYTES_MAX`].
    TooLong,
    /// It is no signed note: a part, a line or a base64 text is missing or malformed.
    Format,
    /// It speaks of another log than the key belongs to.
    OtherLog,
    /// It carries no signature of this key.
    Unsigned,
    /// Its signature does not fit its text.
    BadSignature,
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the checkpoint is too long",
            Self::Format => "the checkpoint is not a signed note",
            Self::OtherLog => "the checkpoint belongs to another log",
            Self::Unsigned => "the checkpoint is not signed by the log's key",
            Self::BadSignature => "the checkpoint's signature does not fit its text",
        })
    }
}

impl core::error::Error for CheckpointError {}

impl Checkpoint {
    /// The signed note, in one `String` of [`NOTE_BYTES`] capacity.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> heapless::String<NOTE_BYTES> {
        let mut note = heapless::String::new();
        self.write_signed(key, &mut note).expect("invariant: NOTE_BYTES holds any one-signature note");
        note
    }

    fn write_signed(&self, key: &SigningKey, note: &mut heapless::String<NOTE_BYTES>) -> fmt::Result {
        let mut root = [0; 44];
        let root = Base64::encode(&self.root, &mut root).map_err(|_| fmt::Error)?;
        writeln!(note, "{}\n{}\n{root}", Origin(self.log), self.size)?;
        let mut signature = [0; 68];
        signature[..4].copy_from_slice(&key_id(self.log, &key.verifying_key()));
        signature[4..].copy_from_slice(&key.sign(note.as_bytes()).to_bytes());
        let mut text = [0; 92];
        let text = Base64::encode(&signature, &mut text).map_err(|_| fmt::Error)?;
        writeln!(note, "\n— {} {text}", Origin(self.log))
    }

    fn read(text: &str, log: LogId) -> Result<Self, CheckpointError> {
        let mut lines = text.lines();
        let origin = lines.next().ok_or(CheckpointError::Format)?;
        let mut expected = heapless::String::<80>::new();
        write!(expected, "{}", Origin(log)).map_err(|_| CheckpointError::Format)?;
        if origin != expected.as_str() {
            return Err(CheckpointError::OtherLog);
        }
        let size = lines.next().and_then(decimal).ok_or(CheckpointError::Format)?;
        let mut root = [0; 32];
        let decoded = lines.next().and_then(|line| Base64::decode(line, &mut root).ok());
        match decoded {
            Some(bytes) if bytes.len() == 32 => Ok(Self { log, size, root }),
            _ => Err(CheckpointError::Format),
        }
    }
}

/// The checkpoint that `note` holds, signed by the Ed25519 public key `key` for the log `log`.
pub fn open(note: &str, log: LogId, key: &[u8; 32]) -> Result<Checkpoint, CheckpointError> {
    let key = VerifyingKey::from_bytes(key).map_err(|_| CheckpointError::Unsigned)?;
    let (text, signatures) = split(note)?;
    let checkpoint = Checkpoint::read(text, log)?;
    let signature = signatures.lines().find_map(|line| signature_of(line, log, &key));
    let signature = signature.ok_or(CheckpointError::Unsigned)?;
    key.verify_strict(text.as_bytes(), &signature).map_err(|_| CheckpointError::BadSignature)?;
    Ok(checkpoint)
}

/// What `note` claims, its signature unseen: only for notes that were opened before.
pub fn peek(note: &str, log: LogId) -> Result<Checkpoint, CheckpointError> {
    Checkpoint::read(split(note)?.0, log)
}

/// A log's name in notes.
struct Origin(LogId);

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "activemirror/{}", self.0)
    }
}

/// The note's text with its newline, and its signature lines.
fn split(note: &str) -> Result<(&str, &str), CheckpointError> {
    if note.len() > CHECKPOINT_BYTES_MAX {
        return Err(CheckpointError::TooLong);
    }
    let control = |c: char| c.is_control() && c != '\n';
    let blank = note.rfind("\n\n").filter(|_| note.ends_with('\n') && !note.contains(control));
    let blank = blank.ok_or(CheckpointError::Format)?;
    Ok((&note[..=blank], &note[blank + 2..]))
}

fn decimal(line: &str) -> Option<u64> {
    let canonical = line == "0" || (!line.starts_with('0') && line.bytes().all(|b| b.is_ascii_digit()));
    line.parse().ok().filter(|_| canonical)
}

fn signature_of(line: &str, log: LogId, key: &VerifyingKey) -> Option<Signature> {
    let (name, text) = line.strip_prefix("— ")?.split_once(' ')?;
    let hex = name.strip_prefix("activemirror/")?;
    let mut own = heapless::String::<64>::new();
    write!(own, "{log}").ok()?;
    let mut bytes = [0; 68];
    let bytes = Base64::decode(text, &mut bytes).ok()?;
    let (id, signature) = bytes.split_first_chunk::<4>()?;
    let ours = hex == own.as_str() && *id == key_id(log, key);
    Signature::from_slice(signature).ok().filter(|_| ours)
}

/// C2SP signed-note: the first four bytes of SHA-256(name ‖ 0A ‖ type ‖ public key).
fn key_id(log: LogId, key: &VerifyingKey) -> [u8; 4] {
    let mut name = heapless::String::<80>::new();
    write!(name, "{}", Origin(log)).expect("invariant: an origin has 77 bytes");
    let hash = Sha256::new()
        .chain_update(name.as_bytes())
        .chain_update([0x0a, ED25519])
        .chain_update(key.as_bytes())
        .finalize();
    [hash[0], hash[1], hash[2], hash[3]]
}
