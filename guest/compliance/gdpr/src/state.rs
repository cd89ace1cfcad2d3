//! What the pack remembers of a trace between two calls.
//!
//! One byte of version, then postcard. Every part is bounded, so that the whole stays far below
//! what a host keeps.

use activemirror_guest::compliance::PluginError;
use serde::{Deserialize, Serialize};

use crate::consent::Consent;
use crate::decisions::Decisions;
use crate::minimisation::Minimisation;
use crate::notice::Notice;
use crate::pseudonymisation::Pseudonymisation;
use crate::requests::Requests;
use crate::rule::Rule;
use crate::special::SpecialCategories;

/// The memory of all rules.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    minimisation: Minimisation,
    notice: Notice,
    consent: Consent,
    special: SpecialCategories,
    requests: Requests,
    decisions: Decisions,
    pseudonymisation: Pseudonymisation,
}

impl State {
    /// Reads what [`write`](Self::write) wrote; nothing is the state of a new trace.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, PluginError> {
        match bytes.split_first() {
            None => Ok(Self::default()),
            Some((&VERSION, rest)) => Self::parse(rest).ok_or(PluginError::UnreadableState),
            Some(_) => Err(PluginError::UnreadableState),
        }
    }

    /// The state as bytes.
    pub(crate) fn write(&self) -> Result<Vec<u8>, PluginError> {
        let bytes = postcard::to_extend(self, vec![VERSION]).map_err(|_| PluginError::StateTooLarge)?;
        if bytes.len() <= BYTES_MAX { Ok(bytes) } else { Err(PluginError::StateTooLarge) }
    }

    /// All rules, in the order of the regulation.
    pub(crate) fn rules_mut(&mut self) -> [&mut dyn Rule; 7] {
        [
            &mut self.minimisation,
            &mut self.notice,
            &mut self.consent,
            &mut self.special,
            &mut self.requests,
            &mut self.decisions,
            &mut self.pseudonymisation,
        ]
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (state, rest) = postcard::take_from_bytes::<Self>(bytes).ok()?;
        (rest.is_empty() && state.is_bounded()).then_some(state)
    }

    fn is_bounded(&self) -> bool {
        self.minimisation.is_bounded() && self.decisions.is_bounded() && self.pseudonymisation.is_bounded()
    }
}

const VERSION: u8 = 2;
/// What a host keeps.
const BYTES_MAX: usize = 4_096;
