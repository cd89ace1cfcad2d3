//! Failures and the exit status each means.

use core::fmt::Display;
use std::process::ExitCode;

use activemirror::format::WriteError;
use activemirror::{Error, GroupError, StoreError};
use anstyle::{AnsiColor, Style};

/// Why a command did not do its work.
#[derive(Debug)]
pub(crate) struct Failure {
    status: Status,
    message: String,
}

/// What an exit status says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Nobody reads the output any more: `activemirror traces | head` is no failure.
    Unread = 0,
    /// A check failed.
    Check = 1,
    /// Wrong usage or wrong input.
    Input = 2,
    /// The store or the system failed.
    System = 3,
}

impl Failure {
    pub(crate) fn check(message: impl Display) -> Self {
        Self { status: Status::Check, message: message.to_string() }
    }

    pub(crate) fn input(message: impl Display) -> Self {
        Self { status: Status::Input, message: message.to_string() }
    }

    pub(crate) fn system(message: impl Display) -> Self {
        Self { status: Status::System, message: message.to_string() }
    }

    /// What could not be written: no failure, where it is that nobody reads it any more.
    pub(crate) fn of_output(error: &std::io::Error) -> Self {
        let message = format!("cannot write the output: {error}");
        let unread = error.kind() == std::io::ErrorKind::BrokenPipe;
        Self { status: if unread { Status::Unread } else { Status::System }, message }
    }

    /// The same, about this.
    pub(crate) fn about(self, what: impl Display) -> Self {
        Self { message: format!("{what}: {}", self.message), ..self }
    }

    /// Tells a person, or a program, and gives the exit status.
    pub(crate) fn report(&self, json: bool) -> ExitCode {
        if self.status == Status::Unread {
            return ExitCode::SUCCESS;
        }
        if json {
            let line = serde_json::json!({ "error": self.message, "status": self.status as u8 });
            anstream::eprintln!("{line}");
        } else {
            let red = Style::new().fg_color(Some(AnsiColor::Red.into())).bold();
            anstream::eprintln!("{red}error{red:#}: {}", self.message);
        }
        ExitCode::from(self.status as u8)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let status = match &error {
            Error::Plugin(_)
            | Error::UnknownTrace(_)
            | Error::GoneTrace(..)
            | Error::KnownHold(_)
            | Error::UnknownHold(_)
            | Error::OnHold(..)
            | Error::Rules(..)
            | Error::KnownTrace(_)
            | Error::ReservedTrace
            | Error::Store(StoreError::OwnLog)
            | Error::Recording(GroupError::Load(_))
            | Error::UnknownSession(_)
            | Error::UnknownSubject(_)
            | Error::Device(_) => Status::Input,
            _ => Status::System,
        };
        Self { status, message: error.to_string() }
    }
}

/// A trace cannot be written, or its output cannot.
impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Io(error) => error.into(),
            other => Self::system(other),
        }
    }
}

/// A table cannot be written.
impl From<activemirror_export::WriteError> for Failure {
    fn from(error: activemirror_export::WriteError) -> Self {
        match error {
            activemirror_export::WriteError::Io(error) => error.into(),
            other => Self::system(other),
        }
    }
}

/// Printing failed.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::of_output(&error)
    }
}
