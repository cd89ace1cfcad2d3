//! What an edge agent's memory *means*, without an operating system: traces, the log that proves
//! them, the vault that seals them, sessions.
//!
//! # What it deliberately does not do
//!
//! It reads no clock, draws no randomness, touches no file, thread or network, and knows no JSON.
//! Time and salts are arguments, bytes go into the caller's [`buffer`]; so a host, a browser tab
//! and a microcontroller agree byte for byte (`tests/vectors` holds them to it).
//!
//! # The story of a record
//!
//! 1. A [`trace::Record`] has a structure (when, what, whose) and a body (the content).
//! 2. [`log::block::BlockBuilder`] takes records, hashes each into a leaf under its subject's salt
//!    and seals bodies under their subject's key ([`vault::seal`]).
//! 3. The finished block's [`log::header::Header`] is a leaf of the log's tree
//!    ([`log::tree`]), and a signed [`log::checkpoint`] fixes that tree's head.
//! 4. `log::reader` (with `alloc`) opens a block again and recomputes every leaf.
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `std` | yes | nothing but `alloc`; the crate is `no_std` either way |
//! | `alloc` | with `std` | reading blocks, making proofs, owned lists, writing codec 1 |
//! | `zstd` | no | writing codec 2, with Zstandard's own library (C) |

#![no_std]
// Core parses hostile bytes and holds keys: there is no reason for unsafe here, so none at all.
#![forbid(unsafe_code)]
// The formats are defined by these docs.
#![deny(missing_docs)]

#[cfg(feature = "alloc")]
extern crate alloc;

pub mod buffer;
#[cfg(feature = "alloc")]
pub mod draft;
#[cfg(feature = "alloc")]
pub mod filter;
pub mod hash;
pub mod limits;
pub mod log;
pub mod many;
#[cfg(feature = "alloc")]
pub mod mask;
#[cfg(feature = "alloc")]
pub mod session;
pub mod time;
pub mod trace;
pub mod value;
pub mod vault;
