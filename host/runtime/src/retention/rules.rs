//! `retention.toml`: how old, and how much, before payloads move on.
//!
//! ```toml
//! [cold]
//! url = "s3://traces/robot-7"        # a folder, file:// or s3://; credentials come from the environment
//! timeout-seconds = 60               # for one call, with its repetitions
//! attempts = 4
//!
//! [namespace.default]
//! warm = { after = "7d" }
//! cold = { after = "30d", over = 2_000_000_000 }   # bytes that are on this machine
//! gone = { after = "1095d", over = 500_000_000_000 } # bytes in all
//! ```
//!
//! A file that cannot be read moves nothing.

use core::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::{fs, io};

use jiff::{SignedDuration, Span, SpanRelativeTo};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tempfile::NamedTempFile;

use crate::error::Error;

/// The file's name in a data directory.
pub(crate) const FILE: &str = "retention.toml";
/// More than any rules take: what is longer is not read.
const FILE_BYTES_MAX: u64 = 64 << 10;

/// All rules.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Rules {
    /// Where cold blocks lie.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cold: Option<ColdPlace>,
    /// Rules by namespace.
    pub namespace: Namespaces,
}

/// The namespaces that there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Namespaces {
    /// The only one so far.
    pub default: Moves,
}

/// Where cold blocks lie, and how patient to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ColdPlace {
    /// A folder, `file://` or `s3://bucket/prefix`.
    pub url: String,
    /// Seconds that one call may take, with its repetitions.
    #[serde(default = "usual_timeout")]
    pub timeout_seconds: u64,
    /// How often a call is made, where it fails in a way that may pass.
    #[serde(default = "usual_attempts")]
    pub attempts: u32,
}

impl ColdPlace {
    /// This place, with the usual patience.
    #[must_use]
    pub const fn at(url: String) -> Self {
        Self { url, timeout_seconds: usual_timeout(), attempts: usual_attempts() }
    }
}

const fn usual_timeout() -> u64 {
    60
}

const fn usual_attempts() -> u32 {
    4
}

/// What moves where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Moves {
    /// Into packs; `over` counts the bytes that are hot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warm: Option<Rule>,
    /// Into the cold store; `over` counts the bytes that are on this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cold: Option<Rule>,
    /// Away; `over` counts all bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gone: Option<Rule>,
}

/// When to move on: whichever comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Rule {
    /// What is older.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Age>,
    /// The oldest, while there is more than so many bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub over: Option<u64>,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.after, self.over) {
            (Some(after), Some(over)) => write!(f, "after {after} or over {over} bytes"),
            (Some(after), None) => write!(f, "after {after}"),
            (None, Some(over)) => write!(f, "over {over} bytes"),
            (None, None) => f.write_str("never"),
        }
    }
}

/// An age, written as `7d`, `36h` or `2w 3d`; a day has 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Age(SignedDuration);

impl Age {
    /// The age that is written so.
    pub fn parse(text: &str) -> Result<Self, String> {
        let usage =
            || format!("{text:?} is no age; write `90d` or `36h` (weeks, days, hours, minutes, seconds)");
        let span: Span = text.parse().map_err(|_| usage())?;
        let age = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| usage())?;
        if age.is_negative() { Err(usage()) } else { Ok(Self(age)) }
    }

    /// In milliseconds.
    #[must_use]
    pub fn millis(self) -> i64 {
        self.0.as_millis().try_into().unwrap_or(i64::MAX)
    }
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match (seconds % 86_400, seconds % 3_600) {
            (0, _) => write!(f, "{}d", seconds / 86_400),
            (_, 0) => write!(f, "{}h", seconds / 3_600),
            _ => write!(f, "{seconds}s"),
        }
    }
}

impl Serialize for Age {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Age {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl Rules {
    /// Where the rules of a data directory are.
    #[must_use]
    pub fn file(data: &Path) -> PathBuf {
        data.join(FILE)
    }

    /// The rules of a data directory; none where it has no such file.
    pub fn read(data: &Path) -> Result<Self, Error> {
        let path = Self::file(data);
        let broken = |why: String| Error::Rules(path.clone(), why);
        match fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Ok(file) if file.len() <= FILE_BYTES_MAX => {}
            Ok(_) => return Err(broken(format!("it is longer than {FILE_BYTES_MAX} bytes"))),
            Err(error) => return Err(broken(format!("cannot be read: {error}"))),
        }
        let text = fs::read_to_string(&path).map_err(|error| broken(format!("cannot be read: {error}")))?;
        let rules: Self =
            toml::from_str(&text).map_err(|error| broken(error.to_string().trim_end().to_owned()))?;
        rules.check().map_err(broken)?;
        Ok(rules)
    }

    /// Writes them, all of them or nothing.
    pub fn write(&self, data: &Path) -> Result<(), Error> {
        let path = Self::file(data);
        let broken = |why: String| Error::Rules(path.clone(), why);
        self.check().map_err(broken)?;
        let text = toml::to_string(self).map_err(|error| broken(error.to_string()))?;
        let write = || -> io::Result<()> {
            fs::create_dir_all(data)?;
            let mut file = NamedTempFile::new_in(data)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&path).map(drop).map_err(|lost| lost.error)
        };
        write().map_err(|error| broken(format!("cannot be written: {error}")))
    }

    /// What the file's form does not tell.
    fn check(&self) -> Result<(), String> {
        let Moves { warm, cold, gone } = self.namespace.default;
        let rules = [("warm", warm), ("cold", cold), ("gone", gone)];
        for (name, rule) in rules.iter().filter_map(|(name, rule)| Some((name, (*rule)?))) {
            if rule.after.is_none() && rule.over.is_none() {
                return Err(format!("namespace.default.{name} says neither `after` nor `over`"));
            }
        }
        if cold.is_some() && self.cold.is_none() {
            return Err(
                "namespace.default.cold moves blocks, and [cold] says no `url` to move them to".to_owned()
            );
        }
        match &self.cold {
            Some(place) if place.timeout_seconds == 0 => Err("cold.timeout-seconds is 0".to_owned()),
            Some(place) if place.attempts == 0 => Err("cold.attempts is 0".to_owned()),
            _ => Ok(()),
        }
    }
}
