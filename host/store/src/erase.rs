//! How a person is forgotten: their content goes, their leaves stay, their key is destroyed.
//!
//! A person has a reference, and a key, in each log that knows them.
//!
//! 1. Every block that holds their content keeps only their leaf hashes, and notices of the
//!    erasure are appended; all of it in one transaction, which also notes which keys are to go.
//! 2. The keys' slots are overwritten.
//! 3. The note is taken back.
//!
//! A pack in the cold store is not fetched for that: it has its leaf hashes in it, so destroying the key is
//! enough, whether or not the cold store can be reached. It is noted as stale, and
//! [`Store::renew_cold`] puts it there anew without the sealed content.
//!
//! Power may fail anywhere: before 1 is durable nothing happened, after it the next opening
//! finishes the work. Whatever old copies of the sealed bytes lie on the disk or in backups, no
//! key opens them.

use core::sync::atomic::Ordering;
use std::collections::BTreeMap;

use activemirror_core::log::reader::StoredBlock;
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Kind, Notice, Record, Structure, SubjectRef};

use crate::error::StoreError;
use crate::open::Store;
use crate::tables::{BlockRef, META, PAYLOADS};

const ERASING: &str = "erasing";

impl Store {
    /// Erases one person. `time` and `by` go into the notice, which belongs to `by`, who must have
    /// a key. Returns how many blocks held content of theirs.
    pub fn erase(&self, subject: SubjectRef, by: SubjectRef, time: Timestamp) -> Result<usize, StoreError> {
        self.erase_all(&[subject], by, time)
    }

    /// Erases everybody of these, all of them or none: what one person is called in several logs.
    pub fn erase_all(
        &self,
        subjects: &[SubjectRef],
        by: SubjectRef,
        time: Timestamp,
    ) -> Result<usize, StoreError> {
        let mut head = self.head();
        self.settle_erasure()?;
        if let Some(unknown) = subjects.iter().find(|subject| !self.has_key(**subject)) {
            return Err(StoreError::UnknownSubject(*unknown));
        }
        let mut blocks: BTreeMap<BlockRef, Vec<SubjectRef>> = BTreeMap::new();
        for subject in subjects {
            for at in self.blocks_of_subject(*subject)? {
                blocks.entry(at).or_default().push(*subject);
            }
        }
        let transaction = self.begin_write()?;
        let (mut changed, mut moved) = (0, Vec::new());
        for (at, subjects) in &blocks {
            match self.without(*at, subjects) {
                Err(StoreError::MissingBlock(_)) => moved.push((*at, &**subjects)),
                stored => {
                    if let Some(stored) = stored? {
                        transaction.open_table(PAYLOADS)?.insert((at.log, at.block), stored.as_slice())?;
                        changed += 1;
                    }
                }
            }
        }
        changed += self.erase_moved(&transaction, &moved)?;
        let note: Vec<u8> = subjects.iter().flat_map(|subject| subject.0).collect();
        transaction.open_table(META)?.insert(ERASING, note.as_slice())?;
        let notices: Vec<Record<'_>> = subjects.iter().map(|subject| notice(*subject, by, time)).collect();
        let next = self.append_in(&transaction, &head, &notices)?;
        // A commit that fails may have come about nevertheless.
        self.erasing.store(true, Ordering::SeqCst);
        transaction.commit()?;
        self.tiers.changed();
        *head = next;
        self.change_keys().note_log_has_begun()?;
        self.finish_erasure()?;
        Ok(changed)
    }

    /// A block without these people's content; `None` where it has none.
    fn without(&self, at: BlockRef, subjects: &[SubjectRef]) -> Result<Option<Vec<u8>>, StoreError> {
        let (header, stored) = self.raw_block(at)?;
        let keys = self.keys();
        let ring = keys.ring(header.log);
        // What stays closed is as good as erased.
        let open = |subject: &SubjectRef| !keys.is_closed(header.log, *subject);
        let subjects: Vec<SubjectRef> = subjects.iter().copied().filter(open).collect();
        StoredBlock::read(&header, &stored)
            .and_then(|block| block.erase(&header, &ring, &subjects))
            .map_err(|error| StoreError::Block(at.block, error))
    }

    /// Ends an erasure that is durable in the log and that the disk did not let come to its end. Its
    /// note stands for one, and whoever comes back before it is gone would lose their new key.
    pub(crate) fn settle_erasure(&self) -> Result<(), StoreError> {
        if self.erasing.load(Ordering::SeqCst) { self.finish_erasure() } else { Ok(()) }
    }

    /// Destroys the keys of an erasure that is durable in the log; nothing where there is none.
    pub(crate) fn finish_erasure(&self) -> Result<(), StoreError> {
        self.erasing.store(true, Ordering::SeqCst);
        let transaction = self.begin_write()?;
        let subjects: Vec<SubjectRef> = {
            let mut meta = transaction.open_table(META)?;
            let pending = meta.remove(ERASING)?;
            pending.map_or_else(Vec::new, |note| {
                note.value().as_chunks().0.iter().map(|id| SubjectRef(*id)).collect()
            })
        };
        if !subjects.is_empty() {
            self.change_keys().destroy(&subjects)?;
            self.tiers.changed();
            transaction.commit()?;
        }
        self.erasing.store(false, Ordering::SeqCst);
        Ok(())
    }
}

fn notice<'n>(subject: SubjectRef, by: SubjectRef, time: Timestamp) -> Record<'n> {
    Record {
        structure: Structure::new(Kind::Notice, time, by),
        body: Body::Notice(Notice::Erased { subject }),
    }
}
