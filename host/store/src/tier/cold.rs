//! What a cold store has to be able to do. It knows names and bytes; what they mean, and whether they
//! are right, is for [`Store`] to tell.

use core::fmt;
use std::sync::Arc;

use activemirror_core::hash::{Digest, sha256};
use activemirror_core::limits::PACK_BLOCKS_MAX;
use activemirror_core::log::LogId;
use activemirror_core::log::pack::StoredPack;

use super::span::{Place, Span};
use crate::error::StoreError;
use crate::open::Store;
use crate::tables::LogNumber;

/// A store of named byte strings that may be far away. It returns within bounds of its own, or with
/// [`ColdError::Timeout`].
pub trait Cold: fmt::Debug + Send + Sync {
    /// Stores an object that is durable when this returns. Where one of the name is there, it stays as
    /// it is: that is no error.
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), ColdError>;
    /// An object of at most so many bytes; [`ColdError::TooLarge`] where it is larger.
    fn get(&self, name: &str, bytes_max: u64) -> Result<Vec<u8>, ColdError>;
    /// Removes an object, which need not be there.
    fn delete(&self, name: &str) -> Result<(), ColdError>;
    /// The names of all objects that begin with `folder` and a slash.
    fn list(&self, folder: &str) -> Result<Vec<String>, ColdError>;
}

/// Why a cold store did not do what it was asked. No text in it tells of credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColdError {
    /// There is no object of this name.
    Missing,
    /// The object has more bytes than it may.
    TooLarge,
    /// It did not answer in time.
    Timeout,
    /// It refuses: the credentials in the environment do not suffice, or there are none.
    Refused,
    /// It cannot be reached, or it failed: why.
    Failed(String),
}

impl fmt::Display for ColdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("the object is not there"),
            Self::TooLarge => f.write_str("the object is larger than what was put there"),
            Self::Timeout => f.write_str("the cold store does not answer in time"),
            Self::Refused => {
                f.write_str("the cold store refuses; are the credentials in the environment right?")
            }
            Self::Failed(why) => write!(f, "the cold store cannot be used: {why}"),
        }
    }
}

impl core::error::Error for ColdError {}

/// Why the payload of a cold block does not come.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColdFault {
    /// Nobody said where the cold store is.
    Nowhere,
    /// The cold store failed.
    Store(ColdError),
    /// It gave other bytes than what was put there.
    Wrong,
}

impl fmt::Display for ColdFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nowhere => {
                f.write_str("nobody says where that is; `activemirror retention set --cold URL` does")
            }
            Self::Store(error) => error.fmt(f),
            Self::Wrong => f.write_str("it gave other bytes than what was put there, which are refused"),
        }
    }
}

impl core::error::Error for ColdFault {}

impl ColdFault {
    /// Whether what was put there is lost or changed; else it may come another time.
    #[must_use]
    pub const fn is_loss(&self) -> bool {
        matches!(self, Self::Wrong | Self::Store(ColdError::Missing | ColdError::TooLarge))
    }
}

impl From<ColdError> for ColdFault {
    fn from(error: ColdError) -> Self {
        Self::Store(error)
    }
}

/// What the name of an object says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Object {
    /// The own log that was written when it was put there: its folder, so that others may share the place.
    pub(crate) folder: LogId,
    /// The log of its blocks.
    pub(crate) log: LogId,
    /// The first of them.
    pub(crate) first: u64,
    /// How many they are.
    pub(crate) blocks: u64,
    /// Its SHA-256.
    pub(crate) digest: Digest,
}

impl Object {
    /// Its name.
    pub(crate) fn name(&self) -> String {
        let Self { folder, log, first, blocks, .. } = self;
        // A digest is written as a log's id is.
        format!("{folder}/{log}/{first:020}-{blocks}-{}.pack", LogId(self.digest))
    }

    /// What a name says; `None` where it is not of the form that [`Object::name`] gives.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let parts: Vec<&str> = name.split('/').collect();
        let [folder, log, object] = parts[..] else { return None };
        let parts: Vec<&str> = object.strip_suffix(".pack")?.split('-').collect();
        let [first, blocks, digest] = parts[..] else { return None };
        let object = Self {
            folder: LogId::parse(folder)?,
            log: LogId::parse(log)?,
            first: first.parse().ok()?,
            blocks: blocks.parse().ok()?,
            digest: LogId::parse(digest)?.0,
        };
        (object.name() == name && object.blocks <= PACK_BLOCKS_MAX as u64).then_some(object)
    }
}

/// The first object of these names that is there, checked against what was put there.
pub(crate) fn fetch_first(
    cold: &dyn Cold,
    names: impl Iterator<Item = String>,
    bytes_max: u64,
    digest: &Digest,
) -> Result<Vec<u8>, ColdFault> {
    for name in names {
        match cold.get(&name, bytes_max) {
            Err(ColdError::Missing) => {}
            Ok(object) if sha256(&object) == *digest => return Ok(object),
            Ok(_) => return Err(ColdFault::Wrong),
            Err(error) => return Err(error.into()),
        }
    }
    Err(ColdError::Missing.into())
}

impl Store {
    /// The cold store.
    pub(super) fn cold(&self) -> Result<&Arc<dyn Cold>, ColdFault> {
        self.tiers.cold.get().ok_or(ColdFault::Nowhere)
    }

    /// What an object of this store is called from now on.
    pub(super) fn object_name(&self, log: LogId, first: u64, blocks: u64, digest: &Digest) -> String {
        Object { folder: self.log, log, first, blocks, digest: *digest }.name()
    }

    /// What an object may be called: an own log that this one goes on from may have put it there.
    pub(super) fn object_names(
        &self,
        log: LogId,
        first: u64,
        blocks: u64,
        digest: &Digest,
    ) -> impl Iterator<Item = String> {
        let object = Object { folder: self.log, log, first, blocks, digest: *digest };
        self.own.iter().rev().map(move |own| Object { folder: own.log, ..object }.name())
    }

    /// The object with these blocks, checked against what was put there.
    pub(super) fn fetch(&self, log: LogId, first: u64, span: &Span) -> Result<Vec<u8>, ColdFault> {
        let Place::Cold { bytes, digest, .. } = &span.place else { return Err(ColdFault::Wrong) };
        let names = self.object_names(log, first, span.blocks, digest);
        let object = fetch_first(&**self.cold()?, names, *bytes, digest)?;
        if object.len() as u64 == *bytes { Ok(object) } else { Err(ColdFault::Wrong) }
    }

    /// Puts a pack into the cold store and reads it back: what is deleted here must be there. It is left
    /// alone by [`Store::sweep_cold`] until [`Store::landed`] is told.
    pub(super) fn put_cold(&self, name: &str, object: &[u8]) -> Result<(), ColdFault> {
        self.tiers.flying().insert(name.to_owned());
        self.put_and_read(name, object).inspect_err(|_| self.landed(name))
    }

    /// The object is in the tables by now, or will not come there.
    pub(super) fn landed(&self, name: &str) {
        self.tiers.flying().remove(name);
    }

    fn put_and_read(&self, name: &str, object: &[u8]) -> Result<(), ColdFault> {
        let cold = self.cold()?;
        cold.put(name, object)?;
        // An upload that was cut short elsewhere, or somebody else's object, is there under that name.
        if cold.get(name, object.len() as u64)? == object { Ok(()) } else { Err(ColdFault::Wrong) }
    }

    /// Puts the packs anew that may still hold sealed content of people who were erased since, without
    /// it. The old objects are for [`Store::sweep_cold`].
    pub fn renew_cold(&self) -> Result<usize, StoreError> {
        let mut renewed = 0;
        for (number, first, span) in self.stale()? {
            let log = self.log_of(number)?;
            let cold = |why| StoreError::Cold { block: first, why };
            let generation = self.tiers.generation();
            let object = self.fetch(log, first, &span).map_err(cold)?;
            let headers = self.headers(number, first, span.blocks)?;
            let settled = {
                let keys = self.keys();
                let damaged = |error| StoreError::Block(first, error);
                let pack = StoredPack::read(&headers, &object).map_err(damaged)?;
                pack.settle(&headers, &keys.ring(log), |subject| keys.was_erased(subject)).map_err(damaged)?
            };
            let bytes = settled.as_ref().unwrap_or(&object);
            let digest = sha256(bytes);
            let name = self.object_name(log, first, span.blocks, &digest);
            if settled.is_some() {
                self.put_cold(&name, bytes).map_err(cold)?;
            }
            let place = Place::Cold { bytes: bytes.len() as u64, digest, stale: false };
            let done = self.renewed((number, first), &Span { place, ..span }, generation);
            self.landed(&name);
            renewed += usize::from(done?);
        }
        Ok(renewed)
    }

    /// Lets a renewed object count, unless something changed meanwhile.
    fn renewed(&self, at: (LogNumber, u64), span: &Span, generation: u64) -> Result<bool, StoreError> {
        let _writing = self.head();
        if self.tiers.generation() != generation {
            return Ok(false);
        }
        let transaction = self.begin_write()?;
        span.write(&transaction, at.0, at.1)?;
        transaction.commit()?;
        Ok(true)
    }
}
