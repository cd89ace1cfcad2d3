//! Heads of the log's tree, and what is said of them on the wire: checkpoints and frames.

use activemirror_core::buffer::{Buffer, BufferFull};
use activemirror_core::hash::Digest;
use activemirror_core::log::LogId;
use activemirror_core::log::checkpoint::Checkpoint;
use activemirror_core::log::header::Header;
use activemirror_core::log::stream::{self, Frame, VERSION};
use activemirror_core::log::tree::Frontier;
use activemirror_core::time::Timestamp;

use crate::inputs::{ADA, salt};
use crate::{Ring, Vector};

/// Names of tree sizes.
pub(crate) const SIZES: [&str; 9] = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

/// The header of block `block` in the golden log of nine blocks.
pub(crate) fn header(log: LogId, block: u64) -> Header {
    Header {
        log,
        block,
        first: block * 100,
        count: 100,
        time_min: Timestamp::from_millis(-1),
        time_max: Timestamp::from_millis(block as i64),
        events_root: [block as u8; 32],
    }
}

pub(crate) fn run<B: Buffer>(
    ring: &Ring,
    scratch: &mut B,
    emit: &mut dyn FnMut(Vector<'_>),
) -> Result<(), BufferFull> {
    let log = ring.tree.log_id();
    let mut tree = Frontier::new();
    emit(Vector { family: "log-root", name: "0", bytes: &tree.root() });
    for (name, block) in SIZES.into_iter().zip(0..) {
        let header = header(log, block);
        emit(Vector { family: "log-header", name, bytes: &header.to_bytes() });
        emit(Vector { family: "log-leaf", name, bytes: &header.leaf_hash() });
        tree.push(header.leaf_hash());
        emit(Vector { family: "log-root", name, bytes: &tree.root() });
    }
    run_notes(ring, tree.root(), scratch, emit)
}

fn run_notes<B: Buffer>(
    ring: &Ring,
    root: Digest,
    scratch: &mut B,
    emit: &mut dyn FnMut(Vector<'_>),
) -> Result<(), BufferFull> {
    let tree = &ring.tree;
    let head = Checkpoint { log: tree.log_id(), size: 9, root };
    let note = head.sign(tree.signing());
    emit(Vector { family: "checkpoint", name: "of-nine-blocks", bytes: note.as_bytes() });
    let largest = Checkpoint { size: u64::MAX, ..head }.sign(tree.signing());
    emit(Vector { family: "checkpoint", name: "of-the-largest-size", bytes: largest.as_bytes() });
    let wrapped = tree.wrap(ADA.subject, &ring.people()[0], &salt(0));
    let frames = [
        ("hello", Frame::Hello { version: VERSION, public_key: tree.public_key() }),
        ("key", Frame::Key { subject: ADA.subject, wrapped: &wrapped }),
        ("checkpoint", Frame::Checkpoint { note: &note }),
        // COBS counts to 254: one byte less, as many, and one more between zeros.
        ("run-of-253", Frame::Block { header: &[], stored: &[1; 253] }),
        ("run-of-254", Frame::Block { header: &[], stored: &[1; 254] }),
        ("run-of-255", Frame::Block { header: &[], stored: &[1; 255] }),
        ("zeros", Frame::Block { header: &[0; 3], stored: &[0; 3] }),
    ];
    for (name, frame) in frames {
        scratch.truncate(0);
        stream::write(&frame, scratch)?;
        emit(Vector { family: "frame", name, bytes: scratch.bytes() });
    }
    Ok(())
}
