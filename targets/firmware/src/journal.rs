//! What outlives a restart: where the log goes on, how often the device booted, how long it ran.
//!
//! | offset | size | meaning |
//! |---|---|---|
//! | 0 | 4 | magic `AMJ1` |
//! | 4 | 4 | number of this boot, from 0 |
//! | 8 | 8 | number of the next block |
//! | 16 | 8 | sequence of the next record |
//! | 24 | 4 | milliseconds that the device has been running: 49 days |
//! | 28 | 4 | number of hashes that follow: none where the device keeps no tree |
//! | 32 | 32 a hash | complete subtrees of the log's tree |
//! | 32 + 32 n | 32 | SHA-256 of all before |
//!
//! Numbers are little-endian. A page that fails its hash is that of a new device. (A device that
//! lost its page must not go on with its log: its salts and its sequence would repeat. Enrol it
//! again. The flash log of a later issue writes at every block, not only before a restart.)

use activemirror_core::buffer::{Buffer, BufferFull, Slice};
use activemirror_core::hash::{Digest, sha256};
use activemirror_core::log::block::Position;

use crate::board::flash;
use crate::enrolment;

const MAGIC: &[u8; 4] = b"AMJ1";
const HEAD: usize = 32;
/// Room for the journal of the largest log that the device can keep.
const BYTES: usize = HEAD + 32 * 24 + 32;

/// Where a boot begins.
#[derive(Clone, Copy, Debug)]
pub struct Journal {
    /// The number of this boot.
    pub boot: u32,
    /// Where the log goes on.
    pub next: Position,
    /// Milliseconds that the device ran before this boot.
    pub elapsed_ms: u32,
    /// The log's tree, by its complete subtrees.
    pub subtrees: &'static [Digest],
}

impl Journal {
    /// What the last boot left; the beginning of everything where there was none.
    #[must_use]
    pub fn read() -> Self {
        Self::parse(flash::page()).unwrap_or_else(Self::first)
    }

    /// Leaves this for the next boot; `false` where the page is too small.
    #[must_use]
    pub fn write(boot: u32, next: Position, elapsed_ms: u32, subtrees: &[Digest]) -> bool {
        let mut room = [0; BYTES];
        let mut out = Slice::new(&mut room);
        let encoded = encode(boot, next, elapsed_ms, subtrees, &mut out);
        encoded.is_ok() && flash::write(out.bytes())
    }

    fn first() -> Self {
        let next = Position { log: enrolment::log_id(), block: 0, first: 0 };
        Self { boot: 0, next, elapsed_ms: 0, subtrees: &[] }
    }

    fn parse(page: &'static [u8]) -> Option<Self> {
        let (head, rest) = page.split_first_chunk::<HEAD>()?;
        let hashes = u32::from_le_bytes(field(head, 28)?) as usize;
        let (hashes, rest) = rest.split_at_checked(hashes.checked_mul(32)?)?;
        let covered = page.get(..HEAD + hashes.len())?;
        if head.first_chunk()? != MAGIC || *rest.first_chunk::<32>()? != sha256(covered) {
            return None;
        }
        let (block, first) = (u64::from_le_bytes(field(head, 8)?), u64::from_le_bytes(field(head, 16)?));
        Some(Self {
            boot: u32::from_le_bytes(field(head, 4)?),
            next: Position { log: enrolment::log_id(), block, first },
            elapsed_ms: u32::from_le_bytes(field(head, 24)?),
            subtrees: hashes.as_chunks().0,
        })
    }
}

fn encode(
    boot: u32,
    next: Position,
    elapsed_ms: u32,
    subtrees: &[Digest],
    out: &mut Slice<'_>,
) -> Result<(), BufferFull> {
    out.append(MAGIC)?;
    out.append(&boot.to_le_bytes())?;
    out.append(&next.block.to_le_bytes())?;
    out.append(&next.first.to_le_bytes())?;
    out.append(&elapsed_ms.to_le_bytes())?;
    out.append(&(subtrees.len() as u32).to_le_bytes())?;
    out.append(subtrees.as_flattened())?;
    let digest = sha256(out.bytes());
    out.append(&digest)
}

fn field<const N: usize>(head: &[u8; HEAD], at: usize) -> Option<[u8; N]> {
    head.get(at..)?.first_chunk().copied()
}
