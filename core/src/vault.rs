//! Keys, and what is sealed under them.
//!
//! ```text
//!  root key (32 random bytes, outside the data directory)
//!   ├─ signing key       checkpoints of this device's log
//!   ├─ structure key     seals what a block says of its records without saying their content
//!   ├─ index key         keyed hashes: subject references, lookup keys, mask tokens
//!   └─ wrapping key      wraps ──► subject key (32 RANDOM bytes, one a person)
//!                                   ├─ seals that person's content
//!                                   └─ salts that person's leaves
//! ```
//!
//! A subject key is random, never derived: a derived key cannot be destroyed. Destroying it is
//! what erases a person, wherever copies of the sealed bytes may lie.

pub mod key;
pub mod seal;

pub use key::{Key, KeyRing, KeyTree, SubjectKey, WRAPPED_BYTES};
pub use seal::{SALT_BYTES, Salt, SealError};
