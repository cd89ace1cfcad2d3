//! Threads that record at the same time, and race.

use activemirror_store::StoreError;
use activemirror_store::group::{Group, Limits};

use super::{PATIENT, Player, Trouble};
use crate::disk::Disk;
use crate::load::Talk;

/// Patient, and small blocks are merged meanwhile.
const MERGING: Limits = Limits { merge_after: Some(4), ..PATIENT };

impl Player {
    pub(super) fn crowd(&mut self) -> Result<(), Trouble> {
        let talks: Vec<Vec<(usize, Talk)>> = (0..3)
            .map(|_| (0..8).map(|round| self.talk(3, if round == 5 { 30_000 } else { 200 })).collect())
            .collect();
        let Some(store) = self.store.take() else { return Ok(()) };
        let group = Group::start(store, MERGING).map_err(StoreError::from)?;
        let disk = &self.disk;
        let crowds = std::thread::scope(|scope| {
            let group = &group;
            let threads: Vec<_> =
                talks.into_iter().map(|talks| scope.spawn(move || push_all(disk, group, talks))).collect();
            let ended = threads.into_iter().map(|thread| thread.join());
            ended.collect::<Result<Vec<_>, _>>().map_err(|_| anyhow::anyhow!("a recorder panicked"))
        })?;
        for crowd in crowds {
            let (pushed, waited) = crowd?;
            for (first, person, talk) in pushed {
                self.ledger.hand_in(first, person, &talk.texts);
            }
            waited.into_iter().for_each(|(changes, end)| self.ledger.acknowledge(changes, end));
        }
        self.store = group.stop()?;
        if let Some(store) = &self.store {
            self.ledger.acknowledge(disk.changes(), store.next_sequence());
        }
        Ok(())
    }
}

/// What one of a crowd pushed, and what it saw become durable.
type Pushed = (Vec<(u64, usize, Talk)>, Vec<(usize, u64)>);

fn push_all(disk: &Disk, group: &Group, talks: Vec<(usize, Talk)>) -> Result<Pushed, Trouble> {
    let (mut pushed, mut waited) = Pushed::default();
    for (round, (person, talk)) in talks.into_iter().enumerate() {
        let sequences = group.push(&talk)?;
        pushed.push((sequences.start, person, talk));
        if round % 3 == 2 {
            group.wait(sequences.end - 1)?;
            waited.push((disk.changes(), sequences.end));
        }
    }
    Ok((pushed, waited))
}
