//! Other devices' logs: enrolled by their root key, read from a byte stream, kept as they came.

mod look;

use std::io::Read;
use std::path::Path;

use activemirror_core::log::LogId;
use activemirror_core::log::stream::{FrameError, FrameReader};
use activemirror_store::{Accepted, DeviceError};

use crate::device_key;
use crate::error::Error;
use crate::runtime::{Inner, Runtime};

/// What a stream brought.
#[derive(Debug, Default)]
pub struct Streamed {
    /// Whose it was.
    pub log: Option<LogId>,
    /// Blocks that are new here.
    pub blocks: u64,
    /// Records in them.
    pub records: u64,
    /// Blocks that were here already.
    pub known: u64,
    /// How many blocks of the log a checkpoint of the stream covers.
    pub covered: u64,
    /// Places where a policy found personal data that a device did not mark: in what came now, and in
    /// what was not looked at before.
    pub unmarked: usize,
    /// Why reading stopped before the end; what came before is kept.
    pub refused: Option<StreamFault>,
}

/// Where and why a stream was not read further.
#[derive(Debug)]
pub struct StreamFault {
    /// The first byte of the frame.
    pub byte: u64,
    /// What is wrong with it.
    pub what: StreamWrong,
}

/// What can be wrong with a stream.
#[derive(Debug)]
#[non_exhaustive]
pub enum StreamWrong {
    /// A frame cannot be read.
    Frame(FrameError),
    /// A frame was refused.
    Refused(DeviceError),
    /// The stream ends within a frame of which so many bytes came.
    Cut(usize),
}

impl core::fmt::Display for StreamFault {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "at byte {}: ", self.byte)?;
        match &self.what {
            StreamWrong::Frame(error) => error.fmt(f),
            StreamWrong::Refused(error) => error.fmt(f),
            StreamWrong::Cut(bytes) => write!(f, "the stream ends {bytes} bytes into a frame"),
        }
    }
}

impl Runtime {
    /// Enrols the device whose root key lies in `key_file`; its log will be accepted from now on.
    pub fn enrol(&self, key_file: &Path) -> Result<LogId, Error> {
        let root = device_key::read_existing(key_file)?;
        Ok(self.inner().store().enrol(&root)?)
    }

    /// The logs of enrolled devices.
    pub fn devices(&self) -> Result<Vec<LogId>, Error> {
        Ok(self.inner().store().devices()?)
    }

    /// Reads a device's byte stream. Each whole block is checked, then kept; the first frame that
    /// is wrong ends the reading, and everything before it stays.
    pub fn read_stream(&self, from: impl Read) -> Result<Streamed, Error> {
        let inner = self.inner();
        let read = Reading::default().until_the_end(inner, from);
        inner.store().end_stream();
        let mut streamed = read?.streamed;
        // Whatever an earlier import left: it may have been stopped, or there were no policies.
        inner.keep_seen();
        for log in inner.store().devices()? {
            streamed.unmarked += inner.look_for_unmarked(log)?;
        }
        Ok(streamed)
    }
}

/// One stream under way.
#[derive(Default)]
struct Reading {
    streamed: Streamed,
    /// Bytes before the frame that is being read.
    at: u64,
    /// Bytes of that frame so far.
    within: u64,
}

impl Reading {
    fn until_the_end(mut self, inner: &Inner, mut from: impl Read) -> Result<Self, Error> {
        let (mut frames, mut piece) = (FrameReader::new(), vec![0; 64 << 10]);
        loop {
            let read = from.read(&mut piece).map_err(activemirror_store::StoreError::Io)?;
            if read == 0 || self.streamed.refused.is_some() {
                break;
            }
            for byte in piece[..read].split_inclusive(|byte| *byte == 0) {
                self.feed(inner, &mut frames, byte)?;
            }
        }
        if frames.pending() > 0 && self.streamed.refused.is_none() {
            self.refuse(StreamWrong::Cut(frames.pending()));
        }
        Ok(self)
    }

    fn feed(&mut self, inner: &Inner, frames: &mut FrameReader, piece: &[u8]) -> Result<(), Error> {
        if self.streamed.refused.is_some() {
            return Ok(());
        }
        self.within += piece.len() as u64;
        frames.feed(piece, |frame| {
            let taken = match frame {
                Ok(frame) => inner.store().accept(self.streamed.log, &frame).map_err(StreamWrong::Refused),
                Err(error) => Err(StreamWrong::Frame(error)),
            };
            match taken {
                Ok(accepted) => self.note(accepted),
                Err(StreamWrong::Refused(DeviceError::Store(error))) => return Err(Error::Store(error)),
                Err(wrong) => self.refuse(wrong),
            }
            self.at += core::mem::take(&mut self.within);
            Ok(())
        })
    }

    fn note(&mut self, accepted: Accepted) {
        match accepted {
            Accepted::Log(log) => self.streamed.log = Some(log),
            Accepted::Known => self.streamed.known += 1,
            Accepted::Checkpoint(size) => self.streamed.covered = size,
            Accepted::Block(records) => {
                self.streamed.blocks += 1;
                self.streamed.records += u64::from(records);
            }
            _ => {}
        }
    }

    fn refuse(&mut self, what: StreamWrong) {
        self.streamed.refused = Some(StreamFault { byte: self.at, what });
    }
}
