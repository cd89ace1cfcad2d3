//! core with nothing around it: the life of one block, from records to a signed checkpoint and
//! back, as an export that takes a number and gives a number.
//!
//! The module built from this reaches every part of core that does work, so whatever core wanted
//! of its surroundings (a clock, randomness, a file) would show as an import, and as the sandbox
//! sees it. The randomness that a host would bring is made from the argument.

use activemirror_core::log::block::{BlockBuilder, Buffers, Position};
use activemirror_core::log::checkpoint::{self, Checkpoint};
use activemirror_core::log::codec::Codec;
use activemirror_core::log::header::Header;
use activemirror_core::log::reader::StoredBlock;
use activemirror_core::log::tree::Frontier;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Content, Kind, Record, Structure, SubjectRef};
use activemirror_core::vault::{Key, KeyRing, KeyTree, SubjectKey};

/// What the export gives back.
const HELD: u32 = 1;
const BROKEN: u32 = 0;

struct Ring {
    tree: KeyTree,
    subject: SubjectKey,
}

impl KeyRing for Ring {
    fn structure(&self) -> &Key {
        self.tree.structure()
    }

    fn subject(&self, _: SubjectRef) -> Option<&SubjectKey> {
        Some(&self.subject)
    }
}

/// Records, seals, signs, reads back and verifies one block; 1 where all of it held.
// SAFETY: no other symbol of this module has this name.
#[unsafe(no_mangle)]
pub extern "C" fn block_holds(seed: u8) -> u32 {
    let ring = Ring { tree: KeyTree::new(&Key::new([seed; 32])), subject: SubjectKey::new([!seed; 32]) };
    let held = write(&ring, seed)
        .is_some_and(|(header, stored)| reads(&ring, &header, &stored) && signs(&ring, &header));
    if held { HELD } else { BROKEN }
}

fn write(ring: &Ring, seed: u8) -> Option<(Header, Vec<u8>)> {
    let position = Position { log: ring.tree.log_id(), block: 0, first: 0 };
    let mut builder = BlockBuilder::<Vec<u8>, 1>::new(position, Buffers::default());
    for text in ["look up the order", "refund it"] {
        let structure =
            Structure::new(Kind::Thought, Timestamp::from_millis(0), ring.tree.subject_ref("somebody"));
        let body = Body::Event(Content { text: Some(text), ..Content::default() });
        builder.push(&Record { structure, body }, ring).ok()?;
    }
    let mut salt = [seed; 24];
    let salts = || {
        salt[0] = salt[0].wrapping_add(1);
        salt
    };
    let mut stored = Vec::new();
    let header = builder.finish(Codec::RowsLz4, ring, salts, &mut stored).ok()??;
    Some((header, stored))
}

fn reads(ring: &Ring, header: &Header, stored: &[u8]) -> bool {
    let open = StoredBlock::read(header, stored).and_then(|block| block.open(header, ring));
    open.and_then(|block| block.verify(ring)).unwrap_or(false)
}

fn signs(ring: &Ring, header: &Header) -> bool {
    let root = Frontier::over([&header.leaf_hash()]).root();
    let head = Checkpoint { log: header.log, size: 1, root };
    let key = ring.tree.signing();
    checkpoint::open(&head.sign(key), header.log, &ring.tree.public_key()) == Ok(head)
}
