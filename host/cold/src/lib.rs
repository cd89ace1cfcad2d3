//! Where cold blocks lie: a folder, or a bucket of an S3-compatible store.
//!
//! | URL | place |
//! |---|---|
//! | `/srv/cold`, `file:///srv/cold` | a folder, which must be there: one that is not mounted is not made anew |
//! | `s3://bucket`, `s3://bucket/prefix` | a bucket; region, endpoint and credentials come from the environment (`AWS_*`) |
//!
//! Credentials are no part of a URL, and stand in no error: what a store answers is put into words of
//! our own. Every call ends within [`Limits::timeout`], with its repetitions. A caller needs no runtime
//! for this, and may be in one.
//!
//! This is the only package that names `object_store` and `tokio`; what it implements is
//! [`activemirror_store::Cold`].
#![deny(missing_docs)]

mod failure;
mod place;

use core::time::Duration;
use std::sync::{Arc, OnceLock};

use activemirror_store::{Cold, ColdError};
use futures_util::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt, PutMode};
use tokio::runtime::{Builder, Runtime};

pub use self::place::{Place, PlaceError};

/// Objects of one store that are listed at most: with a name of 200 bytes each, what a hostile store can
/// make us keep in memory.
const LISTED_MAX: usize = 1_000_000;

/// What a call may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A call ends within this, whatever the store does.
    pub timeout: Duration,
    /// So often it is made, where the store fails in a way that may pass.
    pub attempts: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(60), attempts: 4 }
    }
}

/// A cold store.
#[derive(Debug)]
pub struct ColdStore {
    place: Place,
    limits: Limits,
    made: OnceLock<Made>,
}

/// What talks to the store; made when it is needed.
#[derive(Debug)]
struct Made {
    store: Arc<dyn ObjectStore>,
    runtime: Runtime,
}

impl ColdStore {
    /// The store at this place. Nothing is asked of it yet.
    #[must_use]
    pub const fn new(place: Place, limits: Limits) -> Self {
        Self { place, limits, made: OnceLock::new() }
    }

    fn made(&self) -> Result<&Made, ColdError> {
        if let Place::Folder(folder) = &self.place
            && !folder.is_dir()
        {
            let what = format!("the folder {} is not there; make or mount it", folder.display());
            return Err(ColdError::Failed(what));
        }
        if let Some(made) = self.made.get() {
            return Ok(made);
        }
        let store = self.place.open(self.limits)?;
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| ColdError::Failed(error.to_string()))?;
        Ok(self.made.get_or_init(|| Made { store, runtime }))
    }

    fn path(&self, name: &str) -> Path {
        match self.place.prefix() {
            "" => Path::from(name),
            prefix => Path::from(format!("{prefix}/{name}")),
        }
    }

    /// Waits for the store, on a thread of its own: the caller's may belong to somebody else's runtime.
    fn wait<R: Send>(
        &self,
        call: impl AsyncFnOnce(&dyn ObjectStore) -> Result<R, Error> + Send,
    ) -> Result<R, ColdError> {
        let made = self.made()?;
        let bounded = || {
            let call = async { tokio::time::timeout(self.limits.timeout, call(&*made.store)).await };
            made.runtime.block_on(call)
        };
        let waited = std::thread::scope(|scope| scope.spawn(bounded).join());
        match waited {
            Ok(Ok(done)) => done.map_err(failure::of),
            Ok(Err(_)) => Err(ColdError::Timeout),
            Err(_) => Err(ColdError::Failed("the thread that talks to it panicked".to_owned())),
        }
    }
}

impl Cold for ColdStore {
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), ColdError> {
        let (path, bytes) = (self.path(name), bytes.to_vec());
        self.wait(async move |store| {
            match store.put_opts(&path, bytes.into(), PutMode::Create.into()).await {
                Ok(_) | Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => Ok(()),
                Err(error) => Err(error),
            }
        })
    }

    fn get(&self, name: &str, bytes_max: u64) -> Result<Vec<u8>, ColdError> {
        let path = self.path(name);
        let got = self.wait(async move |store| {
            let got = store.get(&path).await?;
            if got.meta.size > bytes_max {
                return Ok(None);
            }
            let (mut object, mut chunks) = (Vec::new(), got.into_stream());
            // What it said of its size is not what counts.
            while let Some(chunk) = chunks.next().await {
                object.extend_from_slice(&chunk?);
                if object.len() as u64 > bytes_max {
                    return Ok(None);
                }
            }
            Ok(Some(object))
        });
        got?.ok_or(ColdError::TooLarge)
    }

    fn delete(&self, name: &str) -> Result<(), ColdError> {
        let path = self.path(name);
        match self.wait(async move |store| store.delete(&path).await) {
            Err(ColdError::Missing) => Ok(()),
            other => other,
        }
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, ColdError> {
        let (path, root) = (self.path(folder), self.path(""));
        let listed = self.wait(async move |store| {
            let objects = store.list(Some(&path)).take(LISTED_MAX);
            objects.map_ok(|object| object.location).try_collect::<Vec<Path>>().await
        });
        let beside = |path: &Path| {
            let parts: Vec<_> = path.prefix_match(&root)?.collect();
            Some(parts.iter().map(|part| part.as_ref()).collect::<Vec<&str>>().join("/"))
        };
        Ok(listed?.iter().filter_map(beside).collect())
    }
}
