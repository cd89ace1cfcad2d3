//! What a host gave the device before it was flashed; `build.rs` makes it.
//!
//! A device that signs has its root key. One that does not has no use for it: it carries only what
//! sealing needs, and its log's id, which it could not compute.

use activemirror_core::log::LogId;
use activemirror_core::trace::SubjectRef;
use activemirror_core::vault::{Key, KeyRing, SubjectKey, WRAPPED_BYTES};

include!(concat!(env!("OUT_DIR"), "/enrolment.rs"));

/// Seconds since the Unix epoch when the device was enrolled (2026-01-01T00:00:00Z). It has no
/// clock of its own: its times are this and the milliseconds it has been running.
pub const EPOCH_SECONDS: u32 = 1_767_225_600;

/// How many people's content the device seals.
pub const PEOPLE: usize = 2;

/// Somebody whose content the device seals, itself included.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    /// Their name, which appears only sealed.
    pub name: &'static str,
    /// How blocks call them.
    pub subject: [u8; 16],
    /// Their key: random on hardware, a hash in this simulation.
    pub key: [u8; 32],
    /// Their key as the host can unwrap it.
    pub wrapped: [u8; WRAPPED_BYTES],
}

impl Person {
    /// How blocks call them.
    #[must_use]
    pub const fn subject(&self) -> SubjectRef {
        SubjectRef(self.subject)
    }
}

/// The id of the device's log.
#[must_use]
pub fn log_id() -> LogId {
    LogId::of(&PUBLIC_KEY)
}

/// The keys that sealing takes.
#[derive(Debug)]
pub struct Ring {
    structure: Key,
    operator: SubjectKey,
    device: SubjectKey,
}

impl Ring {
    /// The keys of the enrolment.
    #[must_use]
    pub fn new() -> Self {
        Self {
            structure: Key::new(STRUCTURE_KEY),
            operator: SubjectKey::new(OPERATOR.key),
            device: SubjectKey::new(DEVICE.key),
        }
    }
}

impl Default for Ring {
    fn default() -> Self {
        Self::new()
    }
}

impl KeyRing for Ring {
    fn structure(&self) -> &Key {
        &self.structure
    }

    fn subject(&self, subject: SubjectRef) -> Option<&SubjectKey> {
        match subject {
            subject if subject == DEVICE.subject() => Some(&self.device),
            subject if subject == OPERATOR.subject() => Some(&self.operator),
            _ => None,
        }
    }
}
