//! What lies in the cold store and no row names: left by a process that was killed between an upload
//! and its commit, or between a commit and what it deletes.

use std::collections::HashSet;

use activemirror_core::log::LogId;
use redb::{ReadableDatabase, ReadableTable};

use super::cold::{ColdFault, Object};
use super::span::{Place, Span};
use crate::error::StoreError;
use crate::open::Store;
use crate::tables::{BlockRef, SPANS};

impl Store {
    /// Deletes such objects; returns how many there were.
    ///
    /// Only what this store names as it does is touched, and nothing that may be the last form of a block
    /// that a repair could not save. What a log put there that another copy of the data may go on with
    /// stays as well. The error of the cold store is the inner one.
    pub fn sweep_cold(&self) -> Result<Result<usize, ColdFault>, StoreError> {
        let folders: Vec<LogId> = self.folders().collect();
        let listed = match self.list(&folders) {
            Ok(listed) => listed,
            Err(why) => return Ok(Err(why)),
        };
        // In this order: what is listed flew by then, and lands in the tables before it is no longer
        // among what flies.
        let flying = self.tiers.flying().clone();
        let named = self.cold_names()?;
        let mut swept = 0;
        for name in listed.iter().filter(|name| !named.contains(*name) && !flying.contains(*name)) {
            let object = Object::of(name).filter(|object| folders.contains(&object.folder));
            let Some(object) = object else { continue };
            if self.may_be_the_last(&object)? {
                continue;
            }
            match self.cold().and_then(|cold| Ok(cold.delete(name)?)) {
                Ok(()) => swept += 1,
                Err(why) => return Ok(Err(why)),
            }
        }
        Ok(Ok(swept))
    }

    /// The folders that are this store's alone: its log's, and those of damaged logs in whose place it is.
    fn folders(&self) -> impl Iterator<Item = LogId> {
        let mut logs = self.own.iter().rev();
        let written = logs.next();
        written.into_iter().chain(logs.take_while(|own| own.replaced)).map(|own| own.log)
    }

    fn list(&self, folders: &[LogId]) -> Result<Vec<String>, ColdFault> {
        let mut listed = Vec::new();
        for folder in folders {
            listed.extend(self.cold()?.list(&folder.to_string())?);
        }
        Ok(listed)
    }

    /// Whether a block in an object is one that a repair could not save, and that is not here.
    fn may_be_the_last(&self, object: &Object) -> Result<bool, StoreError> {
        let Some(log) = self.number_of(object.log)? else { return Ok(false) };
        let mut blocks = object.first..object.first.saturating_add(object.blocks);
        Ok(blocks.any(|block| self.is_gone(object.log, BlockRef { log, block })))
    }

    /// The names of all objects that hold blocks.
    fn cold_names(&self) -> Result<HashSet<String>, StoreError> {
        let spans = self.db.begin_read()?.open_table(SPANS)?;
        let mut names = HashSet::new();
        for row in spans.iter()? {
            let (at, row) = row?;
            let (log, first) = at.value();
            if let Some(Span { blocks, place: Place::Cold { digest, .. } }) = Span::read(row.value()) {
                names.extend(self.object_names(self.log_of(log)?, first, blocks, &digest));
            }
        }
        Ok(names)
    }
}
