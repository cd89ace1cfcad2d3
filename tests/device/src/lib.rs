//! What runs on the device, seen from a host: programs in QEMU, and what they sent.
//!
//! The programs are not built here, since they are of another target: `cargo xtask test` builds
//! them first. See [`image`] for where they are looked for.

#![deny(unsafe_code)]

pub mod image;
pub mod qemu;
pub mod stream;
