//! Other devices' logs: enrolled by their root key, read from a byte stream, kept as they came.

use std::io::Read;
use std::path::Path;

use activemirror_core::draft::Draft;
use activemirror_core::log::LogId;
use activemirror_core::log::stream::{FrameError, FrameReader};
use activemirror_engine as engine;
use activemirror_store::{Accepted, DeviceError};

use crate::device_key;
use crate::error::Error;
use crate::govern::{Found, Governance};
use crate::plan::{Context, Planned};
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
    /// Places where a policy found personal data that the device did not mark.
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
        Ok(self.lock()?.store.enrol(&root)?)
    }

    /// The logs of enrolled devices.
    pub fn devices(&self) -> Result<Vec<LogId>, Error> {
        Ok(self.lock()?.store.devices()?)
    }

    /// Reads a device's byte stream. Each whole block is checked, then kept; the first frame that
    /// is wrong ends the reading, and everything before it stays.
    pub fn read_stream(&self, from: impl Read) -> Result<Streamed, Error> {
        let mut inner = self.lock()?;
        let read = Reading::default().until_the_end(&mut inner, from);
        inner.store.end_stream();
        let Reading { mut streamed, traces, .. } = read?;
        for trace in traces {
            streamed.unmarked += inner.look_for_unmarked(&trace)?;
        }
        Ok(streamed)
    }
}

/// One stream under way.
#[derive(Default)]
struct Reading {
    streamed: Streamed,
    /// Traces that new blocks belong to.
    traces: Vec<String>,
    /// Bytes before the frame that is being read.
    at: u64,
    /// Bytes of that frame so far.
    within: u64,
}

impl Reading {
    fn until_the_end(mut self, inner: &mut Inner, mut from: impl Read) -> Result<Self, Error> {
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

    fn feed(&mut self, inner: &mut Inner, frames: &mut FrameReader, piece: &[u8]) -> Result<(), Error> {
        if self.streamed.refused.is_some() {
            return Ok(());
        }
        self.within += piece.len() as u64;
        frames.feed(piece, |frame| {
            let taken = match frame {
                Ok(frame) => inner.store.accept(self.streamed.log, &frame).map_err(StreamWrong::Refused),
                Err(error) => Err(StreamWrong::Frame(error)),
            };
            match taken {
                Ok(accepted) => self.note(inner, accepted)?,
                Err(StreamWrong::Refused(DeviceError::Store(error))) => return Err(Error::Store(error)),
                Err(wrong) => self.refuse(wrong),
            }
            self.at += core::mem::take(&mut self.within);
            Ok(())
        })
    }

    fn note(&mut self, inner: &Inner, accepted: Accepted) -> Result<(), Error> {
        match accepted {
            Accepted::Log(log) => self.streamed.log = Some(log),
            Accepted::Known => self.streamed.known += 1,
            Accepted::Checkpoint(size) => self.streamed.covered = size,
            Accepted::Block(records) => {
                self.streamed.blocks += 1;
                self.streamed.records += u64::from(records);
                self.remember_traces(inner)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Remembers which traces the newest block of this log belongs to.
    fn remember_traces(&mut self, inner: &Inner) -> Result<(), Error> {
        let Some(at) = inner.store.newest_block(self.streamed.log)? else { return Ok(()) };
        let block = inner.store.open_block(at)?;
        for entry in crate::history::entries(&block, at)? {
            let trace = entry.structure.trace.unwrap_or_default();
            if !trace.is_empty() && !self.traces.iter().any(|known| known == trace) {
                self.traces.push(trace.to_owned());
            }
        }
        Ok(())
    }

    fn refuse(&mut self, what: StreamWrong) {
        self.streamed.refused = Some(StreamFault { byte: self.at, what });
    }
}

impl Inner {
    /// Asks the policies about a device's trace. Its blocks cannot be changed, so what they would
    /// have masked becomes a finding. Returns how many places there were.
    fn look_for_unmarked(&mut self, id: &str) -> Result<usize, Error> {
        if !self.plugins.govern() {
            return Ok(0);
        }
        self.announce()?;
        // Records of a trace that does not begin belong to no trace that could be looked at.
        let Ok(trace) = self.read(id) else { return Ok(0) };
        let mut found = Vec::new();
        let mut governance = Governance::new(&self.plugins);
        let tags = |text: &str| self.store.token_tag(trace.subject, text);
        for event in &trace.events {
            let mut drafts = [event.draft.clone()];
            governance.decide(&self.plugins, &mut drafts, event.sequence, &tags);
            let [draft] = drafts;
            found.extend(unmarked(&trace.log, event.sequence, &event.draft, &draft));
        }
        let count = found.len();
        if count > 0 {
            let context = Context {
                trace: id.to_owned(),
                agent: None,
                session: None,
                subject: trace.subject,
                namespace: self.namespace,
            };
            let planned: Vec<Planned> = found.into_iter().map(Planned::Finding).collect();
            self.append(&context, &planned)?;
        }
        Ok(count)
    }
}

/// A finding for each mark that policies add to what the device marked.
fn unmarked<'d>(
    log: &'d LogId,
    sequence: u64,
    before: &'d Draft,
    after: &'d Draft,
) -> impl Iterator<Item = Found> + 'd {
    let new = after.marks.iter().filter(|mark| !before.marks.contains(mark));
    new.map(move |mark| Found {
        plugin: mark.plugin,
        finding: engine::Finding {
            control: "personal-data/unmarked".to_owned(),
            state: engine::ControlState::NotSatisfied,
            severity: engine::Severity::Medium,
            message: format!("the device stored {} unmarked in {log}/{sequence}", mark.category),
            evidence: Vec::new(),
        },
    })
}
