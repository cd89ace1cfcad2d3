//! Saving what is intact of a damaged data directory into a new one.

use std::path::Path;

use activemirror_store::{Progress, Repair, Repaired, Store, StoreError};

use crate::device_key;
use crate::error::Error;
use crate::retention::rules::FILE;
use crate::runtime::{NAMESPACE, Options, Runtime, fill_random, holder, now};
use crate::seen::Seen;

impl Runtime {
    /// Saves every block that is intact of the data directory of `options` into the new one `into`,
    /// and says what is gone. The rules of retention go along as they are. The damaged one is only read;
    /// nothing but its place, the device key and the cold store of `options` counts.
    pub fn repair(options: &Options, into: &Path, progress: impl FnMut(Progress)) -> Result<Repaired, Error> {
        let Options { data, key_file, cold, .. } = options;
        if !Store::exists(data) {
            return Err(StoreError::StoreMissing.into());
        }
        let inside =
            std::path::absolute(into).is_ok_and(|into| into.starts_with(data)) || into.starts_with(data);
        if inside {
            let error = std::io::Error::other("what is saved must not lie in the damaged directory");
            return Err(Error::Data(into.to_owned(), error));
        }
        let root = device_key::load(key_file, data, true)?;
        // A note that cannot be read tells nothing, and stops nothing.
        let notes = Seen::beside(key_file).notes().unwrap_or_default();
        let seen: Vec<_> = notes.into_iter().map(|(log, note, _)| (log, note)).collect();
        let repair = Repair {
            from: data,
            into,
            root: &root,
            entropy: fill_random,
            seen: &seen,
            owner: NAMESPACE,
            cold: cold.as_deref(),
            besides: &[FILE],
            time: now(),
        };
        repair.run(progress).map_err(|error| match error {
            StoreError::Held => Error::Held(data.clone(), holder(data)),
            other => Error::Store(other),
        })
    }
}
