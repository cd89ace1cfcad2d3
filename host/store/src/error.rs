//! What can go wrong with a store, one case for each thing a person can do about it.

use core::fmt;

use activemirror_core::log::LogId;
use activemirror_core::log::block::PushError;
use activemirror_core::log::pack::PackError;
use activemirror_core::log::reader::BlockError;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Mismatch, SubjectRef};

use crate::tier::cold::ColdFault;

/// Why the store did not do what it was asked.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process, or another handle of this one, holds the store.
    Held,
    /// It was written by a version that this one does not know: the version it names.
    NewerFormat(u32),
    /// The file is no store of ours, or so damaged that it cannot be opened.
    NotAStore(String),
    /// The device key is not the one that the store was made with.
    WrongKey,
    /// There is a store, but the file with its subjects' keys is gone: without it nothing opens.
    KeysMissing,
    /// There are subjects' keys, but the store they belong to is gone.
    StoreMissing,
    /// A log that this device has written is not in the store, though the keys know of it.
    LogMissing(LogId),
    /// The file with the subjects' keys is damaged; where.
    KeysDamaged(&'static str),
    /// The disk is full.
    Full,
    /// The file or its folder may not be written.
    ReadOnly(std::io::Error),
    /// The system failed to read or write.
    Io(std::io::Error),
    /// An earlier read or write failed, and what is in memory may not be what is on the disk: the store
    /// has to be opened again.
    Failed,
    /// The payload of a block went by retention, at this time.
    Gone {
        /// Its number in the log.
        block: u64,
        /// When.
        since: Timestamp,
    },
    /// The payload of a block lies in the cold store, from which it does not come.
    Cold {
        /// Its number in the log.
        block: u64,
        /// Why not.
        why: ColdFault,
    },
    /// Blocks cannot be packed: the first of them, and why.
    Pack(u64, PackError),
    /// A block that should be there is not: its number in the log.
    MissingBlock(u64),
    /// A block cannot be read: its number in the log, and why.
    Block(u64, BlockError),
    /// A record cannot be stored.
    Record(PushError),
    /// Nobody of this reference has a key here.
    UnknownSubject(SubjectRef),
    /// A device of this log is not enrolled.
    UnknownLog,
    /// What should be enrolled is this store's own device.
    OwnLog,
    /// A record is larger than a block may be: its bytes.
    TooLarge(usize),
    /// The random source gave nothing.
    NoEntropy,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Held => f.write_str("the store is held by another process"),
            Self::NewerFormat(version) => {
                write!(f, "the store has format {version}, which needs a newer version of this program")
            }
            Self::NotAStore(why) => write!(
                f,
                "this is not a store, or it is badly damaged: {why}; `activemirror repair` saves what is intact"
            ),
            Self::WrongKey => f.write_str("the store was made with another device key"),
            Self::KeysMissing => f.write_str("the file of subject keys is missing; nothing opens without it"),
            Self::StoreMissing => f.write_str("there are subject keys but no store that they belong to"),
            Self::LogMissing(log) => write!(
                f,
                "log {log}, which this device has written, is not in the store: an older copy of the log was put \
                 back without its keys' file, or it was emptied; put the newest copy back"
            ),
            Self::KeysDamaged(what) => write!(
                f,
                "the file of subject keys is damaged: {what}; `activemirror repair` saves what is intact"
            ),
            Self::Full => f.write_str("the disk is full; what was not acknowledged may not be stored"),
            Self::ReadOnly(error) => write!(f, "the store cannot be written: {error}"),
            Self::Io(error) => write!(f, "the system could not read or write the store: {error}"),
            Self::Failed => f.write_str(
                "an earlier read or write of the store failed; what was acknowledged is there when it is opened \
                 again",
            ),
            Self::Gone { block, .. } => {
                write!(f, "block {block} went by retention: its header is here, its content is not")
            }
            Self::Cold { block, why } => write!(f, "block {block} is in the cold store: {why}"),
            Self::Pack(block, error) => write!(f, "block {block} cannot be packed: {error}"),
            Self::MissingBlock(block) => write!(f, "block {block} is missing"),
            Self::Block(block, error) => write!(f, "block {block}: {error}"),
            Self::Record(error) => write!(f, "a record cannot be stored: {error}"),
            Self::UnknownSubject(_) => f.write_str("there is no key of this person here"),
            Self::UnknownLog => f.write_str("the device that wrote this log is not enrolled"),
            Self::OwnLog => f.write_str("this is the key of this very store; a device has a key of its own"),
            Self::TooLarge(bytes) => {
                write!(f, "the record has {bytes} bytes, more than a block may hold; split it")
            }
            Self::NoEntropy => f.write_str("the system gave no random numbers"),
        }
    }
}

impl core::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::ReadOnly(error) | Self::Io(error) => Some(error),
            Self::Block(_, error) => Some(error),
            Self::Cold { why, .. } => Some(why),
            Self::Pack(_, error) => Some(error),
            Self::Record(error) => Some(error),
            _ => None,
        }
    }
}

impl From<PushError> for StoreError {
    fn from(error: PushError) -> Self {
        Self::Record(error)
    }
}

impl From<Mismatch> for StoreError {
    fn from(Mismatch: Mismatch) -> Self {
        Self::Record(PushError::Mismatch)
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind;
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Self::Full,
            ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => Self::ReadOnly(error),
            ErrorKind::InvalidData | ErrorKind::UnexpectedEof => Self::NotAStore(error.to_string()),
            _ => Self::Io(error),
        }
    }
}

impl From<redb::StorageError> for StoreError {
    fn from(error: redb::StorageError) -> Self {
        match error {
            redb::StorageError::Io(error) => error.into(),
            redb::StorageError::PreviousIo => Self::Failed,
            other => Self::NotAStore(other.to_string()),
        }
    }
}

impl From<redb::DatabaseError> for StoreError {
    fn from(error: redb::DatabaseError) -> Self {
        match error {
            redb::DatabaseError::DatabaseAlreadyOpen => Self::Held,
            redb::DatabaseError::Storage(error) => error.into(),
            other => Self::NotAStore(other.to_string()),
        }
    }
}

impl From<redb::TableError> for StoreError {
    fn from(error: redb::TableError) -> Self {
        match error {
            redb::TableError::Storage(error) => error.into(),
            other => Self::NotAStore(other.to_string()),
        }
    }
}

impl From<redb::TransactionError> for StoreError {
    fn from(error: redb::TransactionError) -> Self {
        match error {
            redb::TransactionError::Storage(error) => error.into(),
            other => Self::NotAStore(other.to_string()),
        }
    }
}

impl From<redb::CommitError> for StoreError {
    fn from(error: redb::CommitError) -> Self {
        match error {
            redb::CommitError::Storage(error) => error.into(),
            other => Self::NotAStore(other.to_string()),
        }
    }
}
