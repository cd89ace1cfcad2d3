//! Ids for records that have none: names of what they hold, so that the same record read twice is
//! the same trace.

use uuid::Uuid;

use crate::json::{Node, canonical};

/// What an id is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Trace,
    Session,
}

/// A UUIDv5 of the record, whatever its whitespace and the order of its keys.
pub(super) fn of_record(record: &Node, purpose: Purpose) -> Uuid {
    let name: &[u8] = match purpose {
        Purpose::Trace => b"urn:activemirror:trace",
        Purpose::Session => b"urn:activemirror:session",
    };
    Uuid::new_v5(&Uuid::new_v5(&Uuid::NAMESPACE_URL, name), &canonical(record))
}
