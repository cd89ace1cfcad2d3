//! A cold store in memory that forgets nothing: what a power cut leaves may still name what was removed
//! after it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use activemirror_store::{Cold, ColdError};

/// A cold store. Clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct Shelf(Arc<Mutex<BTreeMap<String, Vec<u8>>>>);

impl Shelf {
    fn objects(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cold for Shelf {
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), ColdError> {
        self.objects().entry(name.to_owned()).or_insert_with(|| bytes.to_vec());
        Ok(())
    }

    fn get(&self, name: &str, bytes_max: u64) -> Result<Vec<u8>, ColdError> {
        let object = self.objects().get(name).cloned().ok_or(ColdError::Missing)?;
        if object.len() as u64 > bytes_max { Err(ColdError::TooLarge) } else { Ok(object) }
    }

    fn delete(&self, _: &str) -> Result<(), ColdError> {
        Ok(())
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, ColdError> {
        let beginning = format!("{folder}/");
        Ok(self.objects().keys().filter(|name| name.starts_with(&beginning)).cloned().collect())
    }
}
