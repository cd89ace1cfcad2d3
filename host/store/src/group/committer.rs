//! The thread that makes blocks durable: all that are finished, in one transaction.

use std::sync::mpsc::Receiver;

use super::sealer::Sealed;
use super::state::Shared;
use crate::error::StoreError;
use crate::open::Store;

/// Commits until the sealer ends.
pub(super) fn run(store: &Store, shared: &Shared, sealed: &Receiver<Sealed>) {
    while let Ok(first) = sealed.recv() {
        match commit(store, first, sealed) {
            Ok(end) => shared.durable(end),
            Err(error) => return shared.fail(error),
        }
    }
}

/// Commits these blocks and whatever else is there; returns the sequence after the last record.
fn commit(store: &Store, first: Sealed, others: &Receiver<Sealed>) -> Result<u64, StoreError> {
    let mut head = store.head();
    let transaction = store.begin_write()?;
    let mut next = first.head;
    store.insert_own(&transaction, first.blocks)?;
    while let Ok(more) = others.try_recv() {
        store.insert_own(&transaction, more.blocks)?;
        next = more.head;
    }
    store.sign(&transaction, &next)?;
    transaction.commit()?;
    *head = next;
    store.change_keys().note_log_has_begun()?;
    Ok(head.next_sequence)
}
