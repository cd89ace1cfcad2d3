//! What stands between a source and the tokenizer: it counts bytes and stops at what no JSON
//! text holds, since the tokenizer would take a text of a gigabyte into memory.
//!
//! It hands on every byte before the place it stops at, so that all records before it are read.

use core::fmt;
use std::io::{self, Read};

/// Why the meter stopped. It travels as an [`io::Error`] through the tokenizer.
#[derive(Debug)]
pub(super) enum Stop {
    /// The text, key or number that is being read has no end within bounds.
    Text,
    /// The record has no end within bounds.
    Record,
    /// The next byte is zero.
    Nul,
    /// The source itself failed.
    Source(io::Error),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl core::error::Error for Stop {}

/// A source with bounds.
pub(super) struct Meter<R> {
    source: R,
    read: u64,
    first: Option<u8>,
    ended: bool,
    nul: bool,
    record_end: u64,
    text_end: u64,
}

impl<R: Read> Meter<R> {
    pub(super) const fn new(source: R) -> Self {
        Self {
            source,
            read: 0,
            first: None,
            ended: false,
            nul: false,
            record_end: u64::MAX,
            text_end: u64::MAX,
        }
    }

    /// From here on, stop after this many bytes as [`Stop::Record`].
    pub(super) const fn allow_record(&mut self, bytes: usize) {
        self.record_end = self.read.saturating_add(bytes as u64);
    }

    /// From here on, stop after this many bytes as [`Stop::Text`]; `None` lifts the bound.
    pub(super) const fn allow_text(&mut self, bytes: Option<usize>) {
        self.text_end = match bytes {
            Some(bytes) => self.read.saturating_add(bytes as u64),
            None => u64::MAX,
        };
    }

    /// Whether the end of the source was asked for and reached.
    pub(super) const fn has_ended(&self) -> bool {
        self.ended
    }

    /// The first byte of the source, once it is read.
    pub(super) const fn first(&self) -> Option<u8> {
        self.first
    }

    /// How many bytes may still be read.
    fn allowed(&self) -> Result<usize, Stop> {
        if self.nul {
            return Err(Stop::Nul);
        }
        if self.read >= self.text_end {
            return Err(Stop::Text);
        }
        if self.read >= self.record_end {
            return Err(Stop::Record);
        }
        let left = self.text_end.min(self.record_end) - self.read;
        Ok(usize::try_from(left).unwrap_or(usize::MAX))
    }

    fn read_metered(&mut self, buffer: &mut [u8]) -> Result<usize, Stop> {
        let allowed = self.allowed()?.min(buffer.len());
        let buffer = &mut buffer[..allowed];
        let count = read_some(&mut self.source, buffer).map_err(Stop::Source)?;
        let bytes = &buffer[..count];
        self.ended |= bytes.is_empty();
        self.first = self.first.or_else(|| bytes.first().copied());
        let nul = bytes.iter().position(|byte| *byte == 0);
        self.nul = nul.is_some();
        let good = nul.unwrap_or(count);
        self.read += good as u64;
        if nul == Some(0) { Err(Stop::Nul) } else { Ok(good) }
    }
}

fn read_some(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}

impl<R: Read> Read for Meter<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.read_metered(buffer).map_err(io::Error::other)
    }
}
