//! The thread that puts loads into blocks.

use std::collections::VecDeque;
use std::sync::mpsc::SyncSender;
use std::time::Instant;

use super::Load;
use super::state::{Shared, Task};
use crate::append::{Block, Building};
use crate::error::StoreError;
use crate::open::{Head, Store};

/// Finished blocks, and where the log ends with them.
pub(super) struct Finished {
    pub(super) blocks: Vec<Block>,
    pub(super) head: Head,
}

/// Blocks that go to the committer at once.
const AT_ONCE: usize = 8;

/// Builds until the group ends.
pub(super) fn run<L: Load>(store: &Store, shared: &Shared<L>, out: &SyncSender<Finished>) {
    let _guard = shared.guard();
    let mut building = Building::new(store, store.head().clone());
    let mut open: Option<Instant> = None;
    loop {
        let first = building.head.next_sequence;
        let done = match shared.next_task(open.map(|since| (since, first))) {
            Task::Build { loads, moved } => {
                if moved {
                    building = Building::new(store, store.head().clone());
                }
                build_all(store, &mut building, loads, out)
            }
            Task::Finish => building.finish(&store.keys().ring(store.log)),
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

fn build_all<L: Load>(
    store: &Store,
    building: &mut Building<'_>,
    loads: VecDeque<L>,
    out: &SyncSender<Finished>,
) -> Result<(), StoreError> {
    for load in loads {
        build(store, building, &load)?;
        if building.count() >= AT_ONCE && !send(building, out) {
            break;
        }
    }
    Ok(())
}

/// Sends what is finished on its way; `false` where the committer is gone.
fn send(building: &mut Building<'_>, out: &SyncSender<Finished>) -> bool {
    let blocks = building.take();
    blocks.is_empty() || out.send(Finished { blocks, head: building.head.clone() }).is_ok()
}

/// Puts a load into blocks that are committed together: a small one into one block, a large one
/// into blocks of its own.
fn build<L: Load>(store: &Store, building: &mut Building<'_>, load: &L) -> Result<(), StoreError> {
    // Taken anew for each load: a person who comes in meanwhile does not have to wait for all.
    let keys = store.keys();
    let ring = keys.ring(store.log);
    if !building.has_room(load.count(), load.bytes()) {
        building.finish(&ring)?;
    }
    let before = building.count();
    load.each(&mut |record| building.push(record, &ring))?;
    if building.count() > before { building.finish(&ring) } else { Ok(()) }
}

impl Building<'_> {
    /// Whether the block takes so many more records and bytes.
    fn has_room(&self, records: u64, bytes: usize) -> bool {
        let records = u64::from(self.builder.len()).saturating_add(records).try_into().unwrap_or(u32::MAX);
        !self.head.filling.is_full(records, self.builder.bytes().saturating_add(bytes))
    }

    /// How many blocks are finished, and not yet taken.
    const fn count(&self) -> usize {
        self.finished.len()
    }

    /// Whether there are records that no finished block holds.
    fn is_open(&self) -> bool {
        !self.builder.is_empty()
    }
}
