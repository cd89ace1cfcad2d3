//! The canonical form and the leaf of each golden record.

use activemirror_core::buffer::{Buffer, BufferFull};
use activemirror_core::vault::KeyRing;

use crate::inputs::RECORDS;
use crate::{Ring, Vector};

pub(crate) fn run<B: Buffer>(
    ring: &Ring,
    scratch: &mut B,
    emit: &mut dyn FnMut(Vector<'_>),
) -> Result<(), BufferFull> {
    for (golden, sequence) in RECORDS.iter().zip(0..) {
        let record = &golden.record;
        scratch.truncate(0);
        scratch.append_postcard(&record.structure)?;
        scratch.append_postcard(&record.body)?;
        emit(Vector { family: "canonical", name: golden.name, bytes: scratch.bytes() });
        let key = ring.subject(record.structure.subject);
        let salt = key.map_or([0; 32], |key| key.leaf_salt(ring.tree.log_id(), sequence));
        emit(Vector { family: "leaf", name: golden.name, bytes: &record.leaf_hash(&salt) });
    }
    Ok(())
}
