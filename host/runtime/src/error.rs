//! What can go wrong in a runtime, and which exit status it means.

use core::fmt;
use std::path::PathBuf;

use activemirror_core::filter::FilterError;
use activemirror_core::log::LogId;
use activemirror_core::time::Timestamp;
use activemirror_engine::EngineError;
use activemirror_store::group::GroupError;
use activemirror_store::{DeviceError, Standing, StoreError};

use crate::plan::RUNTIME_TRACE;
use crate::plugins::Refused;

/// Why the runtime did not do what it was asked.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The device key does not fit.
    Key(KeyError),
    /// The data directory cannot be made or used.
    Data(PathBuf, std::io::Error),
    /// Another process holds the data directory: who, if they said so.
    Held(PathBuf, Option<String>),
    /// The store failed.
    Store(StoreError),
    /// A plugin was refused.
    Plugin(Refused),
    /// The sandbox could not be set up.
    Engine(EngineError),
    /// A frame of a device's stream was refused.
    Device(DeviceError),
    /// There is no trace of this id.
    UnknownTrace(String),
    /// There is a trace of this id already.
    KnownTrace(String),
    /// The id is the runtime's own.
    ReservedTrace,
    /// There is no session of this id.
    UnknownSession(String),
    /// There is nobody of this name here.
    UnknownSubject(String),
    /// All that there was of a trace went by retention: its id, since when, by which rule.
    GoneTrace(String, Timestamp, String),
    /// There is a hold of this name already.
    KnownHold(String),
    /// There is no hold of this name.
    UnknownHold(String),
    /// A hold keeps something of this person, who is therefore not erased: their name, the hold's.
    OnHold(String, String),
    /// The rules of retention cannot be read or written: the file, and why.
    Rules(PathBuf, String),
    /// What a stored session says of itself makes no sense.
    Session(String),
    /// The store is older than what this device has seen of a log, or another: a copy was put back.
    PutBack {
        /// The log.
        log: LogId,
        /// How it stands.
        standing: Standing,
        /// The file that says what was seen.
        seen: PathBuf,
    },
    /// A file that should say how far a log was seen says something else.
    Seen(PathBuf),
    /// A filter is refused.
    Filter(FilterError),
    /// Something could not be recorded, or did not become durable.
    Recording(GroupError),
}

/// Why a device key was refused.
#[derive(Debug)]
#[non_exhaustive]
pub enum KeyError {
    /// There is a store, but the key that opens it is not there.
    Missing(PathBuf),
    /// Others than its owner may read it: its mode.
    Exposed(PathBuf, u32),
    /// It is no key file of ours.
    Malformed(PathBuf),
    /// It lies in the data directory, where whoever copies the data copies the key.
    InDataDirectory(PathBuf),
    /// The system could not read or write it.
    Io(PathBuf, std::io::Error),
    /// The system gave no random numbers.
    NoEntropy,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(error) => error.fmt(f),
            Self::Data(path, error) => write!(f, "cannot use the data directory {}: {error}", path.display()),
            Self::Held(path, Some(who)) => write!(f, "{} is in use by {who}", path.display()),
            Self::Held(path, None) => write!(f, "{} is in use by another process", path.display()),
            Self::Store(error) => error.fmt(f),
            Self::Plugin(error) => error.fmt(f),
            Self::Engine(error) => error.fmt(f),
            Self::Device(error) => error.fmt(f),
            Self::UnknownTrace(id) => {
                write!(f, "there is no trace {id}; `activemirror traces` lists what there is")
            }
            Self::KnownTrace(id) => write!(f, "there is a trace {id} already; a new one needs another id"),
            Self::ReservedTrace => write!(f, "the trace id {RUNTIME_TRACE} is the runtime's own"),
            Self::UnknownSession(id) => {
                write!(f, "there is no session {id}; `activemirror session list` lists what there is")
            }
            Self::UnknownSubject(name) => {
                write!(f, "nothing here belongs to {name}; `activemirror vault subject` lists who is known")
            }
            Self::GoneTrace(id, since, rule) => {
                write!(f, "trace {id} went by retention on {}, {rule}", crate::retention::day(*since))
            }
            Self::KnownHold(hold) => {
                write!(f, "there is a hold {hold} already; a new one needs another name")
            }
            Self::UnknownHold(hold) => {
                write!(f, "there is no hold {hold}; `activemirror retention show` lists what there is")
            }
            Self::OnHold(name, hold) => write!(
                f,
                "{name} is not erased, since the hold {hold} keeps something of theirs; `activemirror retention \
                 release {hold}` ends it"
            ),
            Self::Rules(path, why) => write!(f, "{}: {why}", path.display()),
            Self::Session(what) => write!(f, "the session cannot be read: {what}"),
            Self::PutBack { log, standing, seen } => {
                write!(f, "log {log} ")?;
                match standing {
                    Standing::Behind { seen, here } => write!(f, "had {seen} blocks and has {here}")?,
                    _ => f.write_str("has other blocks than it had")?,
                }
                write!(
                    f,
                    ": it was changed (`activemirror verify` looks where), an older copy of the data was put \
                     back, or the data of another place is opened with this device key; {} says what was seen. Put \
                     the newest copy back; or, to go on from this one on purpose, run `activemirror vault restore`",
                    seen.display()
                )
            }
            Self::Seen(path) => write!(
                f,
                "{} does not say how far a log was seen, though its name does; remove it if you know why",
                path.display()
            ),
            Self::Filter(error) => error.fmt(f),
            Self::Recording(error) => error.fmt(f),
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(path) => write!(
                f,
                "the device key {} is missing, and the data cannot be opened without it; restore the key, or name \
                 it with --key-file",
                path.display()
            ),
            Self::Exposed(path, mode) => write!(
                f,
                "others may read the device key {0} (mode {mode:04o}); run `chmod 600 {0}`, and replace the key \
                 if somebody may have copied it",
                path.display()
            ),
            Self::Malformed(path) => write!(f, "{} is not a device key", path.display()),
            Self::InDataDirectory(path) => write!(
                f,
                "the device key {} lies in the data directory, so a copy of the data could be opened; move it and \
                 name it with --key-file",
                path.display()
            ),
            Self::Io(path, error) => write!(f, "cannot use the device key {}: {error}", path.display()),
            Self::NoEntropy => f.write_str("the system gave no random numbers for a device key"),
        }
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Key(error) => Some(error),
            Self::Data(_, error) => Some(error),
            Self::Store(error) => Some(error),
            Self::Plugin(error) => Some(error),
            Self::Engine(error) => Some(error),
            Self::Device(error) => Some(error),
            Self::Filter(error) => Some(error),
            Self::Recording(error) => Some(error),
            _ => None,
        }
    }
}

impl core::error::Error for KeyError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Io(_, error) => Some(error),
            _ => None,
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<GroupError> for Error {
    fn from(error: GroupError) -> Self {
        Self::Recording(error)
    }
}

impl From<FilterError> for Error {
    fn from(error: FilterError) -> Self {
        Self::Filter(error)
    }
}

impl From<KeyError> for Error {
    fn from(error: KeyError) -> Self {
        Self::Key(error)
    }
}

impl From<Refused> for Error {
    fn from(error: Refused) -> Self {
        Self::Plugin(error)
    }
}

impl From<EngineError> for Error {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

impl From<DeviceError> for Error {
    fn from(error: DeviceError) -> Self {
        Self::Device(error)
    }
}
