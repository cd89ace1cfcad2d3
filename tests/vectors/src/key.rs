//! What keys derive to, hash to and seal to.

use activemirror_core::buffer::{Buffer, BufferFull};
use activemirror_core::vault::{Key, seal};

use crate::inputs::{ADA, PEOPLE, PRINTABLE, ROOT, SEALED_LENGTHS, salt};
use crate::{Ring, Vector};

const LABELS: [&str; 5] = ["signing", "structure", "index", "wrapping", "fingerprint"];
const SEALED_NAMES: [&str; SEALED_LENGTHS.len()] = ["0", "1", "16383", "16384", "16385", "32768"];

pub(crate) fn run(ring: &Ring, emit: &mut dyn FnMut(Vector<'_>)) {
    let root = Key::new(ROOT);
    for name in LABELS {
        emit(Vector { family: "key-derived", name, bytes: root.derive(name).expose() });
    }
    let tree = &ring.tree;
    emit(Vector { family: "key", name: "public", bytes: &tree.public_key() });
    emit(Vector { family: "key", name: "log-id", bytes: &tree.log_id().0 });
    emit(Vector { family: "key", name: "mac", bytes: &root.mac(&[b"one", b"", b"two"]) });
    for (person, key) in PEOPLE.iter().zip(ring.people()) {
        let name = person.name;
        emit(Vector { family: "subject-ref", name, bytes: &tree.subject_ref(name).0 });
        emit(Vector { family: "keyed-hash", name, bytes: &tree.keyed_hash("trace", name.as_bytes()) });
        emit(Vector { family: "wrapped", name, bytes: &tree.wrap(person.subject, key, &salt(0)) });
        emit(Vector { family: "leaf-salt-of-first", name, bytes: &key.leaf_salt(tree.log_id(), 0) });
        emit(Vector { family: "leaf-salt-of-last", name, bytes: &key.leaf_salt(tree.log_id(), u64::MAX) });
        emit(Vector { family: "token-tag", name, bytes: &key.token_tag(name) });
    }
}

/// Messages around the edges of a chunk.
pub(crate) fn run_seals<B: Buffer>(
    scratch: &mut B,
    emit: &mut dyn FnMut(Vector<'_>),
) -> Result<(), BufferFull> {
    for (len, name) in SEALED_LENGTHS.into_iter().zip(SEALED_NAMES) {
        scratch.truncate(0);
        let message = &PRINTABLE[..len];
        seal::seal(&Key::new(ADA.key), &salt(1), &[b"context of ", b"two parts"], message, scratch)?;
        emit(Vector { family: "sealed-bytes", name, bytes: scratch.bytes() });
    }
    Ok(())
}
