//! The recorder: records in, frames out on a line. Its buffers are static; there is no heap.
//!
//! A block is written when it has [`BLOCK_RECORDS`] records or a buffer is full, whichever comes
//! first.

use core::convert::Infallible;

use activemirror_core::buffer::Slice;
use activemirror_core::hash::sha256;
use activemirror_core::log::block::{BlockBuilder, Buffers, IN_PLACE_BYTES, Position, PushError};
use activemirror_core::log::header::Header;
use activemirror_core::log::stream::{self, Frame, VERSION};
use activemirror_core::trace::Record;
use activemirror_core::vault::Salt;
use embedded_io::Write;

use crate::enrolment::{DEVICE, OPERATOR, PEOPLE, PUBLIC_KEY, Ring, SALT_SEED};
use crate::journal::Journal;
use crate::notary::Notary;

/// Records in a block, at most.
pub const BLOCK_RECORDS: u32 = 32;
/// Blocks between two signed checkpoints: a signature costs as much as recording 30 events.
pub const CHECKPOINT_BLOCKS: u64 = 4;

const NAMES_BYTES: usize = 128;
/// Rows, and the names before them once the block is sealed where it lies.
const ROWS_BYTES: usize = 416 + NAMES_BYTES + IN_PLACE_BYTES;
/// What people said to each other, in one block.
const FEW_BODIES_BYTES: usize = 288 + IN_PLACE_BYTES;
/// What sensors said.
const MANY_BODIES_BYTES: usize = 1408 + IN_PLACE_BYTES;

/// The recorder's buffers.
#[derive(Debug)]
pub struct Room {
    names: [u8; NAMES_BYTES],
    rows: [u8; ROWS_BYTES],
    few_bodies: [u8; FEW_BODIES_BYTES],
    many_bodies: [u8; MANY_BODIES_BYTES],
}

impl Room {
    /// Empty buffers.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            names: [0; NAMES_BYTES],
            rows: [0; ROWS_BYTES],
            few_bodies: [0; FEW_BODIES_BYTES],
            many_bodies: [0; MANY_BODIES_BYTES],
        }
    }
}

impl Default for Room {
    fn default() -> Self {
        Self::new()
    }
}

/// Salts that never repeat: the boot's id, the block's number, the segment's number in it.
///
/// On hardware the boot's id is random, or a counter in flash; here it is a hash of the
/// enrolment's seed and the journal's boot count. The block's number comes from the journal too, so
/// either alone keeps two boots apart.
#[derive(Clone, Debug)]
pub struct Salts {
    boot: [u8; 8],
    block: u64,
    segment: u64,
}

impl Salts {
    /// The salts of this boot.
    #[must_use]
    pub fn of_boot(boot: u32) -> Self {
        let mut input = [0; SALT_SEED.len() + 4];
        input[..SALT_SEED.len()].copy_from_slice(&SALT_SEED);
        input[SALT_SEED.len()..].copy_from_slice(&boot.to_le_bytes());
        let mut id = [0; 8];
        id.copy_from_slice(&sha256(&input)[..8]);
        Self { boot: id, block: 0, segment: 0 }
    }

    /// The next salt, for a segment of this block.
    pub fn next(&mut self, block: u64) -> Salt {
        self.segment = if self.block == block { self.segment + 1 } else { 0 };
        self.block = block;
        let mut salt = [0; 24];
        salt[..8].copy_from_slice(&self.boot);
        salt[8..16].copy_from_slice(&block.to_le_bytes());
        salt[16..].copy_from_slice(&self.segment.to_le_bytes());
        salt
    }
}

/// Where records go.
pub trait Log {
    /// Takes a record in.
    fn record(&mut self, record: &Record<'_>) -> Result<(), PushError>;
}

/// How much a recorder wrote.
#[derive(Clone, Copy, Debug, Default)]
pub struct Written {
    /// Records.
    pub records: u64,
    /// Blocks.
    pub blocks: u64,
    /// Checkpoints.
    pub checkpoints: u64,
    /// Bytes on the line.
    pub bytes: u64,
}

/// Records in, frames out.
#[derive(Debug)]
pub struct Recorder<'r, L, N> {
    builder: BlockBuilder<Slice<'r>, PEOPLE>,
    ring: Ring,
    salts: Salts,
    next: Position,
    notary: N,
    line: L,
    written: Written,
}

impl<'r, L: Write<Error = Infallible>, N: Notary> Recorder<'r, L, N> {
    /// A recorder that goes on where the journal says.
    pub fn new(room: &'r mut Room, journal: &Journal, notary: N, line: L) -> Self {
        let buffers = Buffers {
            names: Slice::new(&mut room.names),
            rows: Slice::new(&mut room.rows),
            // The last one goes to the first subject of a block, which is mostly the robot itself.
            bodies: [Slice::new(&mut room.few_bodies), Slice::new(&mut room.many_bodies)],
        };
        Self {
            builder: BlockBuilder::in_place(journal.next, buffers),
            ring: Ring::new(),
            salts: Salts::of_boot(journal.boot),
            next: journal.next,
            notary,
            line,
            written: Written::default(),
        }
    }

    /// Tells whoever listens whose log follows, and the keys that open it. Every boot begins so:
    /// a listener may have come late.
    pub fn greet(&mut self) {
        self.send(&Frame::Hello { version: VERSION, public_key: PUBLIC_KEY });
        for person in [&OPERATOR, &DEVICE] {
            self.send(&Frame::Key { subject: person.subject(), wrapped: &person.wrapped });
        }
    }

    /// Takes a record into the block, which stays unwritten.
    pub fn push(&mut self, record: &Record<'_>) -> Result<(), PushError> {
        self.builder.push(record, &self.ring)?;
        self.written.records += 1;
        Ok(())
    }

    /// Writes the block, if there is one.
    pub fn write_block(&mut self) -> Result<(), PushError> {
        let (salts, line, block) = (&mut self.salts, &mut self.line, self.next.block);
        let mut bytes = 0;
        let written = self.builder.finish_in_place(
            &self.ring,
            || salts.next(block),
            |sealed| {
                let Ok(()) = stream::send_block(sealed, |piece| write(line, piece, &mut bytes));
                *sealed.header()
            },
        )?;
        self.written.bytes += bytes;
        if let Some(header) = written {
            self.enter(&header);
        }
        Ok(())
    }

    /// Signs the head of the log, if there is somebody to sign.
    pub fn write_checkpoint(&mut self) {
        if let Some(note) = self.notary.note(self.next.log) {
            self.send(&Frame::Checkpoint { note: &note });
            self.written.checkpoints += 1;
        }
    }

    /// Whether the block has all the records it should.
    #[must_use]
    pub fn block_is_due(&self) -> bool {
        self.builder.len() >= BLOCK_RECORDS
    }

    /// Where the log goes on.
    pub const fn next(&self) -> Position {
        self.next
    }

    /// Who vouches.
    pub const fn notary(&self) -> &N {
        &self.notary
    }

    /// The line.
    pub const fn line_mut(&mut self) -> &mut L {
        &mut self.line
    }

    /// How much it wrote.
    pub const fn written(&self) -> Written {
        self.written
    }

    fn enter(&mut self, header: &Header) {
        self.written.blocks += 1;
        self.notary.enter(header);
        self.next = Position { block: header.block + 1, first: header.end(), ..self.next };
        if self.next.block.is_multiple_of(CHECKPOINT_BLOCKS) {
            self.write_checkpoint();
        }
    }

    fn send(&mut self, frame: &Frame<'_>) {
        let (line, bytes) = (&mut self.line, &mut self.written.bytes);
        let Ok(()) = stream::send(frame, |piece| write(line, piece, bytes));
    }
}

impl<L: Write<Error = Infallible>, N: Notary> Log for Recorder<'_, L, N> {
    fn record(&mut self, record: &Record<'_>) -> Result<(), PushError> {
        match self.push(record) {
            Err(PushError::Full) => {
                self.write_block()?;
                self.push(record)?;
            }
            other => other?,
        }
        if self.block_is_due() { self.write_block() } else { Ok(()) }
    }
}

/// Writes to a line and counts.
fn write(line: &mut impl Write<Error = Infallible>, piece: &[u8], bytes: &mut u64) -> Result<(), Infallible> {
    *bytes += piece.len() as u64;
    line.write_all(piece)
}
