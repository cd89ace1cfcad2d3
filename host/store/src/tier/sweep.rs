//! What lies in the cold store and no row names: left by a process that was killed between an upload
//! and its commit, or between a commit and what it deletes.

use std::collections::HashSet;

use redb::{ReadableDatabase, ReadableTable};

use super::cold::ColdFault;
use super::span::{Place, Span};
use crate::error::StoreError;
use crate::open::Store;
use crate::tables::SPANS;

impl Store {
    /// Deletes such objects; returns how many there were.
    ///
    /// Only what this store names as it does is touched. The error of the cold store is the inner one.
    pub fn sweep_cold(&self) -> Result<Result<usize, ColdFault>, StoreError> {
        let listed = match self.cold().and_then(|cold| Ok(cold.list(&self.log.to_string())?)) {
            Ok(listed) => listed,
            Err(why) => return Ok(Err(why)),
        };
        // In this order: what is listed flew by then, and lands in the tables before it is no longer
        // among what flies.
        let flying = self.tiers.flying().clone();
        let named = self.cold_names()?;
        let left = |name: &&String| !named.contains(*name) && !flying.contains(*name) && self.is_ours(name);
        let mut swept = 0;
        for name in listed.iter().filter(left) {
            match self.cold().and_then(|cold| Ok(cold.delete(name)?)) {
                Ok(()) => swept += 1,
                Err(why) => return Ok(Err(why)),
            }
        }
        Ok(Ok(swept))
    }

    /// The names of all objects that hold blocks.
    fn cold_names(&self) -> Result<HashSet<String>, StoreError> {
        let spans = self.db.begin_read()?.open_table(SPANS)?;
        let mut names = HashSet::new();
        for row in spans.iter()? {
            let (at, row) = row?;
            let (log, first) = at.value();
            if let Some(Span { blocks, place: Place::Cold { digest, .. } }) = Span::read(row.value()) {
                names.insert(self.object_name(self.log_of(log)?, first, blocks, &digest));
            }
        }
        Ok(names)
    }

    /// Whether a name is of the form that [`Store::object_name`] gives.
    fn is_ours(&self, name: &str) -> bool {
        let own = self.log.to_string();
        let hex = |text: &str| text.len() == own.len() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let parts: Vec<&str> = name.split('/').collect();
        let [store, log, object] = parts[..] else { return false };
        let Some(object) = object.strip_suffix(".pack") else { return false };
        let parts: Vec<&str> = object.split('-').collect();
        let [first, blocks, digest] = parts[..] else { return false };
        let number = |text: &str| text.parse::<u64>().is_ok();
        store == own && hex(log) && number(first) && number(blocks) && hex(digest)
    }
}
