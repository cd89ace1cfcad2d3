//! How other devices' logs come in: enrolled by their root key, taken block by block, unchanged.

use core::fmt;

use activemirror_core::log::checkpoint::{self, Checkpoint, CheckpointError};
use activemirror_core::log::header::{Header, HeaderError};
use activemirror_core::log::reader::{BlockError, StoredBlock};
use activemirror_core::log::tree::Frontier;
use activemirror_core::log::{LogId, stream};
use activemirror_core::trace::SubjectRef;
use activemirror_core::vault::Key;
use redb::{ReadableDatabase, ReadableTable, WriteTransaction};

use crate::append::Pending;
use crate::error::StoreError;
use crate::keys::Keys;
use crate::open::Store;
use crate::tables::{CHECKPOINTS, HEADERS, LOGS, LogNumber};

/// Why a frame of a device's stream was not taken.
#[derive(Debug)]
#[non_exhaustive]
pub enum DeviceError {
    /// The stream does not begin with a hello.
    NoHello,
    /// It speaks a version that this program does not know.
    Version(u8),
    /// The device is not enrolled: its log.
    NotEnrolled(LogId),
    /// A block's header cannot be read.
    Header(HeaderError),
    /// A block belongs to another log, or is not the next one: the number that was expected.
    OutOfOrder(u64),
    /// A block that is here already comes again with other bytes: evidence of two histories.
    Fork(u64),
    /// A block is damaged or forged: its number, and why.
    Block(u64, BlockError),
    /// A block holds content of a person whose key did not come before it.
    KeyMissing(u64),
    /// A block holds content of a person who was erased here, and their key did not come again.
    ErasedKeyMissing(u64),
    /// A block shows a person as erased whom nobody erased here.
    NotErased(u64),
    /// It is this store's own log.
    Own,
    /// A key frame does not hold a key of this device.
    Key,
    /// A key frame holds another key than the one that is known of this person.
    OtherKey(SubjectRef),
    /// A checkpoint is not this log's.
    Checkpoint(CheckpointError),
    /// A checkpoint signs another tree than these blocks make.
    Root(u64),
    /// The store failed.
    Store(StoreError),
}

impl fmt::Display for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHello => f.write_str("the stream does not say whose log it is"),
            Self::Version(version) => {
                write!(f, "the stream has version {version}, which needs a newer program")
            }
            Self::NotEnrolled(log) => {
                write!(f, "the device of log {log} is not enrolled; enrol it with `activemirror device add`")
            }
            Self::Header(error) => error.fmt(f),
            Self::OutOfOrder(block) => write!(f, "block {block} was expected, another came"),
            Self::Fork(block) => {
                write!(f, "block {block} is stored already with other content: the device has two histories")
            }
            Self::Block(block, error) => write!(f, "block {block}: {error}"),
            Self::KeyMissing(block) => write!(f, "block {block}: a person's key did not come with it"),
            Self::ErasedKeyMissing(block) => write!(
                f,
                "block {block}: it speaks of a person who was erased here; what it says of them can be left \
                 out, but only a stream that brings their key again proves the rest: let the device send \
                 its keys and this block in one stream"
            ),
            Self::NotErased(block) => {
                write!(f, "block {block}: a person is shown as erased whom nobody erased here")
            }
            Self::Own => f.write_str("this is the log of this very store"),
            Self::Key => f.write_str("a key in the stream does not belong to this device"),
            Self::OtherKey(_) => f.write_str(
                "the stream brings a second key for a person whose key is known: a device that makes new \
                 keys has to be enrolled anew",
            ),
            Self::Checkpoint(error) => error.fmt(f),
            Self::Root(size) => write!(f, "the checkpoint over {size} blocks signs other blocks than these"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for DeviceError {}

impl<E: Into<StoreError>> From<E> for DeviceError {
    fn from(error: E) -> Self {
        Self::Store(error.into())
    }
}

/// What a frame brought.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Accepted {
    /// The stream of this log begins.
    Log(LogId),
    /// A key.
    Key,
    /// A new block with this many records.
    Block(u32),
    /// A block that was here already.
    Known,
    /// The checkpoint over this many blocks.
    Checkpoint(u64),
}

impl Store {
    /// Enrols a device by its root key: its log will be accepted, and can be read here.
    pub fn enrol(&self, root: &Key) -> Result<LogId, StoreError> {
        if self.is_own_log(activemirror_core::vault::KeyTree::new(root).log_id()) {
            return Err(StoreError::OwnLog);
        }
        let salt = self.random()?;
        let _writing = self.head();
        let log = self.change_keys().enrol(root, &salt)?;
        if self.number_of(log)?.is_none() {
            let public_key = activemirror_core::vault::KeyTree::new(root).public_key();
            let transaction = self.begin_write()?;
            let next = {
                let logs = transaction.open_table(LOGS)?;
                let last = logs.last()?.map_or(0, |(number, _)| number.value());
                last + 1
            };
            transaction.open_table(LOGS)?.insert(next, &public_key)?;
            transaction.commit()?;
        }
        Ok(log)
    }

    /// The logs of enrolled devices.
    pub fn devices(&self) -> Result<Vec<LogId>, StoreError> {
        let logs = self.db.begin_read()?.open_table(LOGS)?;
        let ids = logs.iter()?.map(|row| Ok(LogId::of(row?.1.value())));
        let ids: Result<Vec<LogId>, StoreError> = ids.collect();
        Ok(ids?.into_iter().filter(|log| !self.is_own_log(*log)).collect())
    }

    /// Takes one frame of a device's stream. `log` is the log that the stream's hello named, or
    /// `None` before it. Each block is durable when this returns; what it holds of people who were
    /// erased here is left out before that.
    pub fn accept(&self, log: Option<LogId>, frame: &stream::Frame<'_>) -> Result<Accepted, DeviceError> {
        match *frame {
            stream::Frame::Hello { version, .. } if version != stream::VERSION => {
                Err(DeviceError::Version(version))
            }
            stream::Frame::Hello { public_key, .. } => {
                self.end_stream();
                let log = LogId::of(&public_key);
                if self.is_own_log(log) {
                    return Err(DeviceError::Own);
                }
                self.number_of(log)?.ok_or(DeviceError::NotEnrolled(log))?;
                Ok(Accepted::Log(log))
            }
            stream::Frame::Key { subject, wrapped } => {
                let log = log.ok_or(DeviceError::NoHello)?;
                let wrapped = wrapped.try_into().map_err(|_| DeviceError::Key)?;
                let salt = self.random()?;
                self.settle_erasure()?;
                self.change_keys().adopt(log, subject, wrapped, &salt).map(|()| Accepted::Key)
            }
            stream::Frame::Block { header, stored } => {
                self.accept_block(log.ok_or(DeviceError::NoHello)?, header, stored)
            }
            stream::Frame::Checkpoint { note } => {
                self.accept_checkpoint(log.ok_or(DeviceError::NoHello)?, note)
            }
        }
    }

    /// Forgets what was held for one stream only: keys of people who were erased here.
    pub fn end_stream(&self) {
        self.change_keys().end_stream();
    }

    fn accept_block(&self, log: LogId, header: &[u8], stored: &[u8]) -> Result<Accepted, DeviceError> {
        if self.is_own_log(log) {
            return Err(DeviceError::Own);
        }
        let _writing = self.head();
        let number = self.number_of(log)?.ok_or(DeviceError::NotEnrolled(log))?;
        let header = Header::from_bytes(header).map_err(DeviceError::Header)?;
        let (next_block, next_sequence) = self.end_of(number)?;
        if header.log == log && self.losses.of(log, header.block).is_some() {
            self.fits_where_one_is_gone(number, &header)?;
            if self.is_here(crate::BlockRef { log: number, block: header.block }) {
                return Ok(Accepted::Known);
            }
        } else if header.log == log && header.block < next_block {
            let known = self.header(crate::BlockRef { log: number, block: header.block })?;
            return if known == header { Ok(Accepted::Known) } else { Err(DeviceError::Fork(header.block)) };
        } else if (header.log, header.block, header.first) != (log, next_block, next_sequence) {
            return Err(DeviceError::OutOfOrder(next_block));
        }
        let (pending, without) = self.examine(&header, stored)?;
        let transaction = self.begin_write()?;
        self.insert(&transaction, number, &header, without.as_deref().unwrap_or(stored), pending)?;
        transaction.commit().map_err(StoreError::from)?;
        Ok(Accepted::Block(header.count))
    }

    /// A block that a repair could not save may come again, if it is the one that was there or fits
    /// between those that are.
    fn fits_where_one_is_gone(&self, number: LogNumber, header: &Header) -> Result<(), DeviceError> {
        let headers = self.db.begin_read()?.open_table(HEADERS)?;
        let block = header.block;
        if let Some(known) = headers.get((number, block))? {
            let same = known.value() == header.to_bytes();
            return if same { Ok(()) } else { Err(DeviceError::Fork(block)) };
        }
        let (mut due, mut first) = (0, 0);
        if let Some(row) = headers.range((number, 0)..(number, block))?.next_back() {
            let (at, bytes) = row?;
            due = at.value().1 + 1;
            first = Header::from_bytes(bytes.value()).map_err(DeviceError::Header)?.end();
        }
        if (block, header.first) != (due, first) {
            return Err(DeviceError::OutOfOrder(due));
        }
        if let Some(row) = headers.range((number, block)..=(number, u64::MAX))?.next() {
            let (at, bytes) = row?;
            let after = Header::from_bytes(bytes.value()).map_err(DeviceError::Header)?;
            let fits = match at.value().1 == block + 1 {
                true => header.end() == after.first,
                false => header.end() < after.first,
            };
            return if fits { Ok(()) } else { Err(DeviceError::Fork(block)) };
        }
        Ok(())
    }

    /// Opens the block under the device's keys and recomputes every leaf. Gives the stored form
    /// without those who were erased here, where it had content of theirs.
    fn examine(&self, header: &Header, stored: &[u8]) -> Result<(Pending, Option<Vec<u8>>), DeviceError> {
        let damaged = |error| DeviceError::Block(header.block, error);
        let keys = self.keys();
        let ring = keys.stream_ring(header.log);
        let block = StoredBlock::read(header, stored).map_err(damaged)?;
        let open = block.open(header, &ring).map_err(damaged)?;
        if !open.verify(&ring).map_err(damaged)? {
            return Err(whose_key_is_missing(&keys, header.block, &block));
        }
        let mut pending = Pending::default();
        for entry in open.entries().map_err(damaged)? {
            let erased = matches!(entry.body, activemirror_core::log::reader::EntryBody::Erased(_));
            if erased && !keys.was_erased(entry.structure.subject) {
                return Err(DeviceError::NotErased(header.block));
            }
            pending.note_entry(self, &entry);
        }
        let erased_here = keys.passing(header.log);
        Ok((pending, block.erase(header, &ring, &erased_here).map_err(damaged)?))
    }

    fn accept_checkpoint(&self, log: LogId, note: &str) -> Result<Accepted, DeviceError> {
        let _writing = self.head();
        let number = self.number_of(log)?.ok_or(DeviceError::NotEnrolled(log))?;
        let signed = {
            let transaction = self.db.begin_read()?;
            let logs = transaction.open_table(LOGS)?;
            let key = logs.get(number)?.ok_or(DeviceError::NotEnrolled(log))?;
            checkpoint::open(note, log, key.value()).map_err(DeviceError::Checkpoint)?
        };
        if self.tree_of(number, signed.size)?.is_none_or(|tree| tree.root() != signed.root) {
            return Err(DeviceError::Root(signed.size));
        }
        let transaction = self.begin_write()?;
        self.keep_newest(&transaction, number, log, &signed, note)?;
        transaction.commit().map_err(StoreError::from)?;
        Ok(Accepted::Checkpoint(signed.size))
    }

    /// An older checkpoint that comes again must not take the place of a newer one.
    fn keep_newest(
        &self,
        transaction: &WriteTransaction,
        number: LogNumber,
        log: LogId,
        signed: &Checkpoint,
        note: &str,
    ) -> Result<(), DeviceError> {
        let mut notes = transaction.open_table(CHECKPOINTS)?;
        let known = match notes.get(number)? {
            Some(known) => checkpoint::peek(known.value(), log).map_or(0, |known| known.size),
            None => 0,
        };
        if signed.size >= known {
            notes.insert(number, note)?;
        }
        Ok(())
    }

    /// The tree over the first `size` blocks of a log; `None` where it has fewer.
    pub(crate) fn tree_of(&self, number: LogNumber, size: u64) -> Result<Option<Frontier>, StoreError> {
        let headers = self.db.begin_read()?.open_table(HEADERS)?;
        let mut tree = Frontier::new();
        for row in headers.range((number, 0)..(number, size))? {
            tree.push(activemirror_core::hash::leaf(row?.1.value()));
        }
        Ok((tree.size() == size).then_some(tree))
    }

    /// The next block and sequence of a log.
    pub(crate) fn end_of(&self, number: LogNumber) -> Result<(u64, u64), StoreError> {
        let headers = self.db.begin_read()?.open_table(HEADERS)?;
        let last = headers.range((number, 0)..=(number, u64::MAX))?.next_back();
        let Some(row) = last else { return Ok((0, 0)) };
        let (at, bytes) = row?;
        let block = at.value().1;
        let header =
            Header::from_bytes(bytes.value()).map_err(|_| StoreError::Block(block, BlockError::Digest))?;
        Ok((block + 1, header.end()))
    }

    pub(crate) fn number_of(&self, log: LogId) -> Result<Option<LogNumber>, StoreError> {
        let logs = self.db.begin_read()?.open_table(LOGS)?;
        for row in logs.iter()? {
            let (number, key) = row?;
            if LogId::of(key.value()) == log {
                return Ok(Some(number.value()));
            }
        }
        Ok(None)
    }
}

fn whose_key_is_missing(keys: &Keys, number: u64, block: &StoredBlock<'_>) -> DeviceError {
    let mut missing = block.subjects().filter(|subject| !keys.has(*subject));
    if missing.any(|subject| keys.was_erased(subject)) {
        DeviceError::ErasedKeyMissing(number)
    } else {
        DeviceError::KeyMissing(number)
    }
}
