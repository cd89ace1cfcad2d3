//! A log that goes on from another.

use activemirror_core::time::Timestamp;
use activemirror_core::trace::Reason;

use super::{HOUSE, Player, Trouble};

impl Player {
    pub(super) fn go_on(&mut self) -> Result<(), Trouble> {
        let Some(store) = self.store.take() else { return Ok(()) };
        let end = store.next_sequence() + 1;
        self.ledger.ends.insert(end);
        let house = self.ledger.people[HOUSE].subject;
        self.store = Some(store.go_on(Reason::Restored, house, Timestamp::from_millis(8))?);
        self.ledger.acknowledge(self.disk.changes(), end);
        Ok(())
    }
}
