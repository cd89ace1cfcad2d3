//! How a person is forgotten: their content goes, their leaves stay, their key is destroyed.
//!
//! 1. Every block that holds their content keeps only their leaf hashes, and a notice of the
//!    erasure is appended; all of it in one transaction, which also notes that a key is to go.
//! 2. The key's slot is overwritten.
//! 3. The note is taken back.
//!
//! Power may fail anywhere: before 1 is durable nothing happened, after it the next opening
//! finishes the work. Whatever old copies of the sealed bytes lie on the disk or in backups, no
//! key opens them.

use activemirror_core::log::reader::StoredBlock;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Kind, Notice, Record, Structure, SubjectRef};

use crate::error::StoreError;
use crate::open::Store;
use crate::tables::{META, PAYLOADS};

const ERASING: &str = "erasing";

impl Store {
    /// Erases one person. `time` and `by` go into the notice, which belongs to `by`, who must have
    /// a key. Returns how many blocks held content of theirs.
    pub fn erase(
        &mut self,
        subject: SubjectRef,
        by: SubjectRef,
        time: Timestamp,
    ) -> Result<usize, StoreError> {
        if !self.keys.has(subject) {
            return Err(StoreError::UnknownSubject(subject));
        }
        let blocks = self.blocks_of_subject(subject)?;
        let transaction = self.begin_write()?;
        let mut changed = 0;
        for at in blocks {
            let (header, stored) = self.raw_block(at)?;
            let ring = self.keys.ring(header.log);
            let erased = StoredBlock::read(&header, &stored)
                .and_then(|block| block.erase(&header, &ring, subject))
                .map_err(|error| StoreError::Block(at.block, error))?;
            if let Some(stored) = erased {
                transaction.open_table(PAYLOADS)?.insert((at.log, at.block), stored.as_slice())?;
                changed += 1;
            }
        }
        transaction.open_table(META)?.insert(ERASING, subject.0.as_slice())?;
        let notice = Record {
            structure: Structure::new(Kind::Notice, time, by),
            body: Body::Notice(Notice::Erased { subject }),
        };
        let head = self.append_in(&transaction, [&notice])?;
        transaction.commit()?;
        self.head = head;
        self.finish_erasure()?;
        Ok(changed)
    }

    /// Destroys the key of an erasure that is durable in the log; nothing where there is none.
    pub(crate) fn finish_erasure(&mut self) -> Result<(), StoreError> {
        let transaction = self.begin_write()?;
        let subject = {
            let mut meta = transaction.open_table(META)?;
            let pending = meta.remove(ERASING)?;
            pending.and_then(|value| value.value().try_into().ok()).map(SubjectRef)
        };
        let Some(subject) = subject else { return Ok(()) };
        self.keys.destroy(subject)?;
        Ok(transaction.commit()?)
    }
}
