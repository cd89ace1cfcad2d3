//! What some of a block's records have in common.

use alloc::vec::Vec;

use super::{Names, Rest, Spans, Spread, ZoneError};
use crate::trace::{Kinds, Structure};

/// What some records have in common.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// Which kinds there are.
    pub kinds: Kinds,
    /// How sure they are.
    pub confidence: Spread,
    /// When they happened.
    pub times: Spans,
    /// Who acted.
    pub agents: Names,
    /// What was done, where it was.
    pub actions: Names,
    /// What was wanted.
    pub intents: Names,
}

impl Part {
    pub(super) fn note(&mut self, structure: &Structure<'_>) {
        self.note_but_names(structure);
        self.agents.note(structure.agent);
        self.actions.note(structure.action);
        self.intents.note(structure.intent);
    }

    pub(super) fn note_but_names(&mut self, structure: &Structure<'_>) {
        self.kinds = self.kinds.with(structure.kind);
        self.confidence.note(structure.confidence);
        self.times.note(structure.time);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.times.iter().next().is_none()
    }

    pub(super) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.kinds.bits().to_le_bytes());
        self.confidence.write(bytes);
        self.times.write(bytes);
        [&self.agents, &self.actions, &self.intents].into_iter().for_each(|names| names.write(bytes));
    }

    pub(super) fn read(rest: &mut Rest<'_>) -> Result<Self, ZoneError> {
        let kinds = Kinds::from_bits(u16::from_le_bytes(rest.take()?)).ok_or(ZoneError::Field)?;
        let (confidence, times) = (Spread::read(rest)?, Spans::read(rest)?);
        let (agents, actions) = (Names::read(rest)?, Names::read(rest)?);
        Ok(Self { kinds, confidence, times, agents, actions, intents: Names::read(rest)? })
    }
}
