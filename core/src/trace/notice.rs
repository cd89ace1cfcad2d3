//! What a runtime says in its own log.

use serde::Serialize;

use super::SubjectRef;
use crate::hash::Digest;
use crate::log::LogId;

/// What the runtime itself says for the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "alloc", derive(serde::Deserialize))]
pub enum Notice<'a> {
    /// From here on, this number stands for this plugin.
    Plugin {
        /// The number that verdicts and findings use.
        number: u16,
        /// Its world: `persona`, `policy` or `compliance`.
        world: &'a str,
        /// Its name.
        name: &'a str,
        /// Its version.
        version: &'a str,
        /// SHA-256 of the component file.
        sha256: Digest,
        /// SHA-256 of its configuration.
        config: Digest,
    },
    /// What follows in this trace met no policy.
    Ungoverned,
    /// A person's key was destroyed; the kept leaf hashes are those of their records.
    Erased {
        /// Whose.
        subject: SubjectRef,
    },
    /// Somebody read originals behind masks.
    Revealed {
        /// What they asked for: the command or the call.
        request: &'a str,
    },
    /// By a rule of retention the payload of blocks was deleted; their headers stay.
    Gone {
        /// The log that they are of.
        log: LogId,
        /// The first of them.
        first: u64,
        /// The one after the last.
        end: u64,
        /// Which rule it was.
        rule: &'a str,
    },
    /// Retention lets nothing of this go until it is released.
    Held {
        /// What the hold is called.
        hold: &'a str,
        /// What it keeps.
        on: Holding<'a>,
        /// Why.
        reason: &'a str,
    },
    /// A hold ended.
    Released {
        /// What it was called.
        hold: &'a str,
        /// Why.
        reason: &'a str,
    },
    /// This log goes on from another of the same device, which is closed. It is the first record of
    /// its log, whose sequences count on from where the other one ends.
    Parent {
        /// The other log.
        log: LogId,
        /// How many blocks it has here.
        blocks: u64,
        /// The root of its tree over them. Where a header was lost, the leaf of no bytes stands in
        /// for it.
        root: Digest,
        /// Why the other one does not go on itself.
        reason: Reason,
    },
    /// Blocks that a repair could not save; it stands behind the record that names the parent.
    Lost {
        /// Whose blocks.
        log: LogId,
        /// The first one.
        first: u64,
        /// How many.
        blocks: u64,
        /// What of them is gone.
        what: Lost,
    },
    /// A person's key that a repair could not save: what was sealed under it stays closed. It stands
    /// behind the record that names the parent.
    KeyLost {
        /// Whose.
        subject: SubjectRef,
    },
}

/// What a hold keeps: every block in which there is, or was, something of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "alloc", derive(serde::Deserialize))]
pub enum Holding<'a> {
    /// All that there is.
    Namespace,
    /// A trace, by its id.
    Trace(&'a str),
    /// A session, by its id.
    Session(&'a str),
    /// A person, by name.
    Subject(&'a str),
}

/// Why a log goes on from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "alloc", derive(serde::Deserialize))]
pub enum Reason {
    /// An older or a second copy of the data was put in place on purpose.
    Restored,
    /// The data was damaged, and what was intact was saved.
    Repaired,
}

/// What of a block is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "alloc", derive(serde::Deserialize))]
pub enum Lost {
    /// Its records; the header still proves what they were.
    Records,
    /// Its header as well.
    Everything,
}
