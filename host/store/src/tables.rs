//! The tables of a store. What they hold in clear is no more than a hub may know: numbers,
//! hashes, sealed bytes, public keys.

use redb::{MultimapTableDefinition, TableDefinition};

/// The version of everything below.
pub(crate) const FORMAT: u32 = 1;

/// A log's number in this store; its first own log has number 0.
pub(crate) type LogNumber = u32;

/// Where a block lies in this store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockRef {
    /// The log's number in this store.
    pub log: u32,
    /// The block's number in the log.
    pub block: u64,
}

/// `format` → [`FORMAT`]; `erasing` → the subjects whose keys are being destroyed;
/// `own` → what the newest own log branches off by; `looked/` and a log's number → the sequence after
/// the last record that was looked at; `retention` → when it was last looked to.
pub(crate) const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");

/// Log → its first public key.
pub(crate) const LOGS: TableDefinition<'_, LogNumber, &[u8; 32]> = TableDefinition::new("logs");

/// (log, block) → the block's header. It stays when the payload goes.
pub(crate) const HEADERS: TableDefinition<'_, (LogNumber, u64), &[u8]> = TableDefinition::new("headers");

/// (log, block) → the block's stored form.
pub(crate) const PAYLOADS: TableDefinition<'_, (LogNumber, u64), &[u8]> = TableDefinition::new("payloads");

/// (log, first block) → which blocks have no row in [`PAYLOADS`] any more, and where they are: postcard of
/// a [`Span`](crate::tier::span::Span).
pub(crate) const SPANS: TableDefinition<'_, (LogNumber, u64), &[u8]> = TableDefinition::new("spans");

/// (log, first block, number) → a piece of the pack that holds these blocks.
pub(crate) const PACKS: TableDefinition<'_, (LogNumber, u64, u32), &[u8]> = TableDefinition::new("packs");

/// (log, block) → what its records have in common, sealed under the structure key of this store's
/// own device. A block without one has to be opened to see what is in it.
pub(crate) const ZONES: TableDefinition<'_, (LogNumber, u64), &[u8]> = TableDefinition::new("zones");

/// Log → its newest signed checkpoint.
pub(crate) const CHECKPOINTS: TableDefinition<'_, LogNumber, &str> = TableDefinition::new("checkpoints");

/// (log, sequence) → the keyed hash of the trace that begins there.
pub(crate) const TRACES: TableDefinition<'_, (LogNumber, u64), &[u8; 16]> = TableDefinition::new("traces");

/// A keyed hash of a trace id, a session id, an agent's name, or a subject reference → the
/// (log, block)s that hold its records.
pub(crate) const INDEX: MultimapTableDefinition<'_, &[u8; 16], (LogNumber, u64)> =
    MultimapTableDefinition::new("index");
