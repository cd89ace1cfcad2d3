//! The thread that makes blocks durable: all that are finished, in one transaction.

use core::time::Duration;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Instant;

use super::merger::Loose;
use super::sealer::Sealed;
use super::state::Shared;
use crate::error::StoreError;
use crate::open::Store;

/// Blocks that are committed together while nobody waits for them: a commit costs a processor as much
/// as sealing two of them.
const TOGETHER: usize = 16;
/// How long the first of them waits for others.
const LINGER: Duration = Duration::from_millis(20);
/// How often it is looked whether somebody waits.
const LOOK: Duration = Duration::from_millis(1);

/// Commits until the sealer ends.
pub(super) fn run(store: &Store, shared: &Shared, sealed: &Receiver<Sealed>) {
    while let Ok(first) = sealed.recv() {
        let sealed = gathered(first, shared, sealed);
        let loose = Loose::of(&sealed.blocks);
        match commit(store, sealed) {
            Ok(end) => shared.durable(end, loose),
            Err(error) => return shared.fail(error),
        }
    }
}

/// These blocks and whatever else is there, or comes before somebody waits.
fn gathered(first: Sealed, shared: &Shared, others: &Receiver<Sealed>) -> Sealed {
    let (mut all, since) = (first, Instant::now());
    loop {
        let wait = if all.blocks.len() < TOGETHER && since.elapsed() < LINGER && !shared.is_waited_for() {
            LOOK
        } else {
            Duration::ZERO
        };
        match others.recv_timeout(wait) {
            Ok(more) => {
                all.blocks.extend(more.blocks);
                all.head = more.head;
            }
            Err(RecvTimeoutError::Timeout) if !wait.is_zero() => {}
            Err(_) => return all,
        }
    }
}

/// Commits these blocks; returns the sequence after the last record.
fn commit(store: &Store, sealed: Sealed) -> Result<u64, StoreError> {
    let mut head = store.head();
    let transaction = store.begin_write()?;
    store.insert_own(&transaction, sealed.blocks)?;
    store.sign(&transaction, &sealed.head)?;
    transaction.commit()?;
    *head = sealed.head;
    // Whoever changes the keys waits for all who use them.
    if !store.keys().log_has_begun() {
        store.change_keys().note_log_has_begun()?;
    }
    Ok(head.next_sequence)
}
