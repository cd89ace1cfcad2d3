//! The thread that puts loads into blocks.

use std::sync::mpsc::SyncSender;
use std::time::Instant;

use activemirror_core::trace::CanonicalRecord;

use super::queue::Loads;
use super::state::{Shared, Task};
use crate::building::{Building, FullBlock};
use crate::error::StoreError;
use crate::open::{Head, Store};

/// Full blocks, and where the log ends with them.
pub(super) struct Full {
    pub(super) blocks: Vec<FullBlock>,
    pub(super) head: Head,
}

/// Blocks that go on at once.
const AT_ONCE: usize = 8;

/// Builds until the group ends.
pub(super) fn run(store: &Store, shared: &Shared, out: &SyncSender<Full>) {
    let mut building = Building::new(store, store.head().clone());
    let mut loads = Loads::default();
    let mut open: Option<Instant> = None;
    loop {
        let first = building.head.next_sequence;
        let done = match shared.next_task(open.map(|since| (since, first)), &mut loads) {
            Task::Build { moved } => {
                if moved {
                    building = Building::new(store, store.head().clone());
                }
                build_all(store, &mut building, &mut loads, out)
            }
            Task::Finish => building.finish(),
            Task::End => return,
        };
        if let Err(error) = done {
            return shared.fail(error);
        }
        // A block that was begun in this round is counted from its end: nobody's load is older.
        let same = building.head.next_sequence == first;
        open = building.is_open().then(|| open.filter(|_| same).unwrap_or_else(Instant::now));
        if !send(&mut building, out) {
            return;
        }
    }
}

/// Builds all of the loads, and leaves none of them.
fn build_all(
    store: &Store,
    building: &mut Building<'_>,
    loads: &mut Loads,
    out: &SyncSender<Full>,
) -> Result<(), StoreError> {
    let Loads { records, sizes } = loads;
    let mut records = records.records();
    for (count, bytes) in sizes.drain(..) {
        build(store, building, (count, bytes), &mut records)?;
        if building.count() >= AT_ONCE && !send(building, out) {
            break;
        }
    }
    drop(records);
    loads.clear();
    Ok(())
}

/// Sends what is finished on its way; `false` where nobody takes it any more.
fn send(building: &mut Building<'_>, out: &SyncSender<Full>) -> bool {
    let blocks = building.take();
    blocks.is_empty() || out.send(Full { blocks, head: building.head.clone() }).is_ok()
}

/// Puts a load into blocks that are committed together: a small one into one block, a large one
/// into blocks of its own.
fn build<'r>(
    store: &Store,
    building: &mut Building<'_>,
    (count, bytes): (u64, usize),
    records: &mut impl Iterator<Item = CanonicalRecord<'r>>,
) -> Result<(), StoreError> {
    // Taken anew for each load: a person who comes in meanwhile does not have to wait for all.
    let keys = store.keys();
    let ring = keys.ring(store.log);
    if !building.has_room(count, bytes) {
        building.finish()?;
    }
    let before = building.count();
    for mut record in records.take(count as usize) {
        building.push(&mut record, &ring)?;
    }
    if building.count() > before { building.finish() } else { Ok(()) }
}
