//! Going on from an older copy of the data, or from a second one, on purpose.
//!
//! Whatever was recorded in the copy that is not here any more was signed: to go on with its log would
//! be a second history of it. So the log that is here is closed, and another one goes on from it,
//! which says so in its first record.
//!
//! 1. The store begins the later log ([`activemirror_store::Store::go_on`]).
//! 2. The notes of what was seen are made to fit it, that of the later log first: no other copy has
//!    that log, so from then on every other one is refused.
//!
//! Where power is lost before the end, the copy is refused as before, and can be restored again.

use activemirror_core::log::LogId;
use activemirror_core::trace::Reason;
use activemirror_store::{Standing, Store, StoreError};

use crate::error::Error;
use crate::runtime::{NAMESPACE, Options, Runtime, load_key, now, open_store};

/// What going on from a copy came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The log that is written from now on.
    pub log: LogId,
    /// The log that it goes on from.
    pub parent: LogId,
    /// How many blocks that one has here.
    pub blocks: u64,
    /// The logs that were seen with more blocks, or with others, than they have here.
    pub gone: Vec<(LogId, Standing)>,
}

impl Runtime {
    /// Takes the data directory as it lies there for the newest, and begins a log that goes on from
    /// it. The plugins of `options` have no say in it. Whatever was recorded elsewhere since the copy
    /// was made is given up; [`Restored::gone`] says of which logs.
    pub fn restore(options: &Options) -> Result<Restored, Error> {
        if !Store::exists(&options.data) {
            return Err(StoreError::StoreMissing.into());
        }
        let (store, seen) = open_store(&options.data, &options.key_file, &load_key(options)?)?;
        let gone = seen.otherwise(&store)?;
        let namespace = store.ensure_subject(NAMESPACE)?;
        let (parent, blocks) = (store.log_id(), store.block_count());
        let store = store.go_on(Reason::Restored, namespace, now())?;
        seen.accept(&store)?;
        let log = store.log_id();
        store.close()?;
        Ok(Restored { log, parent, blocks, gone })
    }
}
