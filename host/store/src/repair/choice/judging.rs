//! Whether a block is whole, and what an own log's records say besides.

use std::collections::HashSet;

use activemirror_core::log::LogId;
use activemirror_core::log::reader::{EntryBody, OpenBlock};
use activemirror_core::time::Timestamp;
use activemirror_core::trace::{Body, Notice, SubjectRef};

use super::super::carving::Found;
use crate::keys::Keys;

/// What there is to say of a block that is whole.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// Whose records in it nothing opens any more.
    pub(super) closed: HashSet<SubjectRef>,
    /// Who was erased, though the keys do not say so.
    pub(super) erased: HashSet<SubjectRef>,
}

/// Recomputes a block's leaves; `None` where it is not whole. `keys_gone` says whether keys were lost: without
/// that nobody's content is closed, and nobody was erased of whom the keys do not know, be it by a name with
/// damaged bits.
pub(super) fn judge(keys: &Keys, keys_gone: bool, open: &OpenBlock) -> Option<Judged> {
    let proven = open.verify(&keys.ring(open.header().log)).ok()?;
    let mut judged = Judged::default();
    for entry in open.entries().ok()? {
        let subject = entry.structure.subject;
        match entry.body {
            EntryBody::Sealed => drop(judged.closed.insert(subject)),
            EntryBody::Erased(_) if !keys.was_erased(subject) => drop(judged.erased.insert(subject)),
            _ => {}
        }
    }
    // What is sealed although its person was erased is an older form of the block.
    let older = judged.closed.iter().any(|subject| keys.may_have_been_erased(*subject));
    let known = judged.erased.iter().all(|subject| keys.may_have_been_erased(*subject));
    let explained = keys_gone || (judged.closed.is_empty() && known);
    (!older && explained && proven == judged.closed.is_empty()).then_some(judged)
}

/// Blocks that went by a rule, as an own log says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Went {
    pub(super) log: LogId,
    pub(super) first: u64,
    pub(super) end: u64,
    pub(super) since: Timestamp,
    pub(super) rule: String,
}

/// Takes from a block of an own log which blocks went, and what the logs before it were.
pub(super) fn note(open: &OpenBlock, went: &mut Vec<Went>, found: &mut Found) {
    for entry in open.entries().unwrap_or_default() {
        match entry.body {
            EntryBody::Open(Body::Notice(Notice::Gone { log, first, end, rule })) => {
                let since = entry.structure.time;
                let said = Went { log, first, end, since, rule: rule.to_owned() };
                // Notices are said again before their block leaves.
                if !went.contains(&said) {
                    went.push(said);
                }
            }
            EntryBody::Open(Body::Notice(Notice::Parent { log, blocks, root, .. })) => {
                found.root(log, blocks, root);
            }
            _ => {}
        }
    }
}
