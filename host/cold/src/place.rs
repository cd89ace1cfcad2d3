//! Which place a URL names, and how it is opened.

use core::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use activemirror_store::ColdError;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::local::LocalFileSystem;
use object_store::{ClientConfigKey, ObjectStore, RetryConfig};
use url::Url;

use crate::Limits;

/// Where a cold store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A folder.
    Folder(PathBuf),
    /// A bucket, and what names in it begin with.
    Bucket {
        /// The bucket.
        bucket: String,
        /// Without slashes at its ends; may be empty.
        prefix: String,
    },
}

/// Why a URL names no cold store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlaceError {
    /// It is no URL.
    Malformed,
    /// It is of a kind that this program does not know.
    Scheme,
    /// It says more than where: a name, a password, a query.
    TooMuch,
    /// It names no bucket, or no absolute folder.
    Nowhere,
}

impl fmt::Display for PlaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "it is neither a folder nor a URL",
            Self::Scheme => "a cold store is a folder, file:///FOLDER or s3://BUCKET/PREFIX",
            Self::TooMuch => {
                "it may say where and nothing else; credentials and the endpoint belong into the environment \
                 (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL)"
            }
            Self::Nowhere => "it names no bucket, or no folder from the root on",
        })
    }
}

impl core::error::Error for PlaceError {}

impl Place {
    /// The place that is written so: a URL, or a folder.
    pub fn parse(text: &str) -> Result<Self, PlaceError> {
        if !text.contains("://") {
            let folder = PathBuf::from(text);
            return if folder.is_absolute() { Ok(Self::Folder(folder)) } else { Err(PlaceError::Nowhere) };
        }
        let url = Url::parse(text).map_err(|_| PlaceError::Malformed)?;
        let more = !url.username().is_empty()
            || url.password().is_some()
            || url.port().is_some()
            || url.query().is_some()
            || url.fragment().is_some();
        if more {
            return Err(PlaceError::TooMuch);
        }
        match url.scheme() {
            "file" => url.to_file_path().map(Self::Folder).map_err(|()| PlaceError::Nowhere),
            "s3" => {
                let bucket = url.host_str().filter(|host| !host.is_empty()).ok_or(PlaceError::Nowhere)?;
                let prefix = url.path().trim_matches('/').to_owned();
                Ok(Self::Bucket { bucket: bucket.to_owned(), prefix })
            }
            _ => Err(PlaceError::Scheme),
        }
    }

    pub(crate) fn prefix(&self) -> &str {
        match self {
            Self::Folder(_) => "",
            Self::Bucket { prefix, .. } => prefix,
        }
    }

    pub(crate) fn open(&self, limits: Limits) -> Result<Arc<dyn ObjectStore>, ColdError> {
        match self {
            Self::Folder(folder) => {
                let store = LocalFileSystem::new_with_prefix(folder).map_err(crate::failure::of)?;
                Ok(Arc::new(store.with_fsync(true)))
            }
            Self::Bucket { bucket, .. } => {
                // Another one that the process has installed does as well.
                let _ = rustls::crypto::ring::default_provider().install_default();
                let timeout = format!("{} ms", limits.timeout.as_millis());
                let client = |key| AmazonS3ConfigKey::Client(key);
                let store = AmazonS3Builder::from_env()
                    .with_bucket_name(bucket)
                    .with_config(client(ClientConfigKey::Timeout), &timeout)
                    .with_config(client(ClientConfigKey::ConnectTimeout), &timeout)
                    .with_retry(RetryConfig {
                        max_retries: limits.attempts.saturating_sub(1) as usize,
                        retry_timeout: limits.timeout,
                        ..RetryConfig::default()
                    });
                Ok(Arc::new(store.build().map_err(crate::failure::of)?))
            }
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => folder.display().fmt(f),
            Self::Bucket { bucket, prefix } if prefix.is_empty() => write!(f, "s3://{bucket}"),
            Self::Bucket { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
        }
    }
}
