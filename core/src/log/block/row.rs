//! A row of the structure segment.

use serde::Serialize;

#[cfg(feature = "alloc")]
use crate::time::Timestamp;
#[cfg(feature = "alloc")]
use crate::trace::SubjectRef;
use crate::trace::{Kind, Structure};

/// A row: what can be known of a record without its person's key.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(feature = "alloc", derive(serde::Deserialize))]
pub(in crate::log) struct Row<'a> {
    pub(in crate::log) kind: Kind,
    /// Milliseconds since the row before; since the epoch in the first.
    pub(in crate::log) time: i64,
    /// The subject's place among the block's content segments.
    pub(in crate::log) subject: u8,
    /// Their numbers in the block's list of names, 0 for none.
    pub(in crate::log) names: Named<u32>,
    pub(in crate::log) alias: Option<&'a str>,
    pub(in crate::log) confidence: Option<f64>,
}

/// One of each of the names that a record may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "alloc", derive(serde::Deserialize))]
pub struct Named<T> {
    /// Of its trace.
    pub trace: T,
    /// Of its agent.
    pub agent: T,
    /// Of its session.
    pub session: T,
    /// Of its action.
    pub action: T,
    /// Of its intent.
    pub intent: T,
}

/// What a record refers to in its block, by number: what is known of a number need not be looked up
/// for each record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowPlace {
    /// The place of its person among the block's people.
    pub person: u8,
    /// The numbers of its names in the block's list, 0 for none.
    pub names: Named<u32>,
}

impl<T> Named<T> {
    /// What each of them becomes.
    pub fn try_map<U, E>(self, mut to: impl FnMut(T) -> Result<U, E>) -> Result<Named<U>, E> {
        Ok(Named {
            trace: to(self.trace)?,
            agent: to(self.agent)?,
            session: to(self.session)?,
            action: to(self.action)?,
            intent: to(self.intent)?,
        })
    }
}

impl<'a> Named<Option<&'a str>> {
    /// The names of a record.
    #[must_use]
    pub const fn of(structure: &Structure<'a>) -> Self {
        let Structure { trace, agent, session, action, intent, .. } = *structure;
        Self { trace, agent, session, action, intent }
    }
}

impl<'a> Row<'a> {
    /// The row of a record that comes behind one of the time `last`.
    pub(in crate::log) const fn of(
        structure: &Structure<'a>,
        last: i64,
        subject: u8,
        names: Named<u32>,
    ) -> Self {
        Row {
            kind: structure.kind,
            time: structure.time.as_millis().wrapping_sub(last),
            subject,
            names,
            alias: structure.alias,
            confidence: structure.confidence,
        }
    }

    /// What it refers to.
    #[cfg(feature = "alloc")]
    pub(in crate::log) const fn place(&self) -> RowPlace {
        RowPlace { person: self.subject, names: self.names }
    }

    /// The record's structure, once it is known what the row refers to.
    #[cfg(feature = "alloc")]
    pub(in crate::log) const fn structure(
        &self,
        time: Timestamp,
        subject: SubjectRef,
        names: Named<Option<&'a str>>,
    ) -> Structure<'a> {
        let Named { trace, agent, session, action, intent } = names;
        let Self { kind, alias, confidence, .. } = *self;
        Structure { kind, time, subject, trace, agent, session, alias, action, intent, confidence }
    }
}
