//! The cold store that the rules of a data directory name.

use core::time::Duration;
use std::path::Path;
use std::sync::Arc;

use activemirror::retention::{ColdPlace, Rules};
use activemirror::{Cold, ColdError};
use activemirror_cold::{ColdStore, Limits, Place};

/// What gives cold blocks, where the rules name such a place. Rules that cannot be read keep nobody from
/// what is here: only a block that is needed from there says so.
pub(crate) fn of(data: &Path) -> Option<Arc<dyn Cold>> {
    match Rules::read(data) {
        Ok(rules) => rules.cold.map(|place| match open(&place) {
            Ok(cold) => Arc::new(cold) as Arc<dyn Cold>,
            Err(why) => Arc::new(Unusable(why)),
        }),
        Err(error) => Some(Arc::new(Unusable(error.to_string()))),
    }
}

/// The cold store at this place; nothing is asked of it yet.
pub(crate) fn open(place: &ColdPlace) -> Result<ColdStore, String> {
    // The URL is not quoted: what is wrong with it may be that it holds a secret.
    let at = Place::parse(&place.url).map_err(|error| format!("the cold store's URL is refused: {error}"))?;
    let timeout = Duration::from_secs(place.timeout_seconds);
    Ok(ColdStore::new(at, Limits { timeout, attempts: place.attempts }))
}

/// Where the cold store is, as far as it can be told.
pub(crate) fn shown(place: &ColdPlace) -> String {
    Place::parse(&place.url).map_or_else(|error| format!("refused: {error}"), |_| place.url.clone())
}

/// Says why there is none.
#[derive(Debug)]
struct Unusable(String);

impl Unusable {
    fn fails<R>(&self) -> Result<R, ColdError> {
        Err(ColdError::Failed(self.0.clone()))
    }
}

impl Cold for Unusable {
    fn put(&self, _: &str, _: &[u8]) -> Result<(), ColdError> {
        self.fails()
    }

    fn get(&self, _: &str, _: u64) -> Result<Vec<u8>, ColdError> {
        self.fails()
    }

    fn delete(&self, _: &str) -> Result<(), ColdError> {
        self.fails()
    }

    fn list(&self, _: &str) -> Result<Vec<String>, ColdError> {
        self.fails()
    }
}
