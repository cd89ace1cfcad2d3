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
    /// Deletes such objects; returns how many there were. Nothing else may be uploading meanwhile.
    ///
    /// Only what this store names as it does is touched. The error of the cold store is the inner one.
    pub fn sweep_cold(&self) -> Result<Result<usize, ColdFault>, StoreError> {
        let named = self.cold_names()?;
        let swept = || -> Result<usize, ColdFault> {
            let cold = self.cold()?;
            let mut swept = 0;
            for name in cold.list(&self.log.to_string())? {
                if !named.contains(&name) && self.is_ours(&name) {
                    cold.delete(&name)?;
                    swept += 1;
                }
            }
            Ok(swept)
        };
        Ok(swept())
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
