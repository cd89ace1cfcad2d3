//! The log, durable and offline, on redb.
//!
//! A store holds this device's own logs, of which one is written, and the logs of enrolled devices: headers, sealed blocks,
//! the newest signed checkpoint of each, sealed notes of what each block holds, and an index of keyed
//! hashes. Whoever has its file and
//! not the device key learns how many blocks there are and how large, and nothing else.
//!
//! | module | question it answers |
//! |---|---|
//! | [`Store::append`] | how do records become durable? |
//! | [`group`] | how do many recorders share one write to the disk? |
//! | [`Store::traces`], [`Store::blocks_of_trace`], [`Store::open_block`] | how do they come back? |
//! | [`Store::find`] | which of them are wanted? |
//! | [`Store::verify`] | is it still what was written? |
//! | [`Store::bytes`] | what takes how much room? |
//! | [`Store::standing`] | is it as new as it once was? |
//! | [`Store::go_on`] | how does an older copy go on without passing for the newest? |
//! | [`Repair`] | what is left of a store that is damaged? |
//! | [`Store::erase`] | how is a person forgotten? |
//! | [`Store::enrol`], [`Store::accept`] | how do other devices' logs come in? |
//! | [`Store::units`], [`Store::pack`], [`Store::send_cold`], [`Store::let_go`] | where do payloads go when they grow old? |
//! | [`Store::append_looked`] | how far did their host look at them? |
//!
//! It has no clock and no opinion on what a record means; it runs on files and, over
//! [`redb::StorageBackend`] and [`Medium`], on whatever a browser offers. One writes at a time, and
//! readers wait for nobody.

mod append;
mod building;
mod bytes;
mod catalog;
mod device;
mod erase;
mod error;
mod fill;
mod find;
#[cfg(not(target_family = "wasm"))]
pub mod group;
mod keys;
mod looked;
mod losses;
mod medium;
mod open;
mod own;
mod pages;
mod read;
#[cfg(not(target_family = "wasm"))]
mod repair;
mod seen;
mod tables;
mod tier;
mod verify;

pub use bytes::{Bytes, file_bytes};
pub use device::{Accepted, DeviceError};
pub use error::StoreError;
pub use find::{Explain, Found, FoundBody, Order, Search, Show, Unread};
pub use medium::{Medium, Memory};
pub use open::{Options, Store};
pub use own::Parent;
pub use read::TraceStart;
#[cfg(not(target_family = "wasm"))]
pub use repair::{Gone, Progress, Repair, Repaired, RepairedLog, Saved, Stage};
pub use seen::Standing;
pub use tables::BlockRef;
pub use tier::cold::{Cold, ColdError, ColdFault};
pub use tier::facts::{Author, Fact, HoldOn};
pub use tier::moves::Sent;
pub use tier::{Tier, Unit};
pub use verify::{Fault, LogReport, Report, Scope, Wrong};

pub use redb::StorageBackend;
pub use redb::backends::InMemoryBackend;
