//! What went wrong, in words of our own: an object store's answers may quote what was sent to it.

use core::error::Error as _;
use std::io;

use activemirror_store::ColdError;
use object_store::Error;
use object_store::client::{HttpError, HttpErrorKind};

pub(crate) fn of(error: Error) -> ColdError {
    match &error {
        Error::NotFound { .. } => return ColdError::Missing,
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => return ColdError::Refused,
        _ => {}
    }
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<HttpError>() {
            return of_http(error.kind());
        }
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return of_system(error);
        }
        cause = error.source();
    }
    ColdError::Failed("it answers with an error".to_owned())
}

fn of_http(kind: HttpErrorKind) -> ColdError {
    let what = match kind {
        HttpErrorKind::Timeout => return ColdError::Timeout,
        HttpErrorKind::Connect => "it cannot be reached",
        HttpErrorKind::Interrupted | HttpErrorKind::Request => "the connection broke",
        HttpErrorKind::Decode => "it does not answer as an object store does",
        _ => "talking to it failed",
    };
    ColdError::Failed(what.to_owned())
}

fn of_system(error: &io::Error) -> ColdError {
    match error.kind() {
        io::ErrorKind::NotFound => ColdError::Missing,
        io::ErrorKind::PermissionDenied => ColdError::Refused,
        io::ErrorKind::TimedOut => ColdError::Timeout,
        kind => ColdError::Failed(kind.to_string()),
    }
}
