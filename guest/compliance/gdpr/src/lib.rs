//! Compliance pack `gdpr`: what the trace of one conversation shows of Regulation (EU) 2016/679.
//!
//! It never says "compliant": a trace is one conversation, and most of the regulation is about
//! contracts, notices and organisation. Of each control it says whether the trace holds evidence
//! that it works, evidence that it does not, or neither; `control` lists them, and each rule has
//! a module with what it looks for and what it deliberately overlooks.
//!
//! It asks for no personal data. What policies masked it sees as tokens with their categories,
//! and that is enough; whatever personal data it can read is a finding.
//!
//! The rules for words are English. Elsewhere only marks, structure and check digits speak.
//!
//! | setting | meaning | default |
//! |---|---|---|
//! | `confidence-min` | below this, a decision with effect on a person needs a person's review | `0.7` |
//! | `own-domain` | domains whose e-mail addresses belong to the operator, not to a person; may be repeated | none |

mod category;
mod consent;
mod control;
mod decisions;
mod evidence;
mod minimisation;
mod notice;
mod pseudonymisation;
mod readable;
mod requests;
mod rule;
mod seen;
mod settings;
mod special;
mod state;
mod words;

use activemirror_guest::compliance::{
    Description, Event, EventKinds, Finding, Guest, Observation, PluginError, Setting,
};
use activemirror_guest::setting;

pub use settings::Settings;

use control::{Control, Report};
use seen::Seen;
use state::State;

/// The pack.
#[derive(Debug)]
pub struct Gdpr;

impl Guest for Gdpr {
    fn describe() -> Description {
        Description {
            name: "gdpr".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            framework: "Regulation (EU) 2016/679".into(),
            controls: Control::ALL.iter().map(|control| control.id().into()).collect(),
            wants_personal_data: false,
            looks_at: EventKinds::all(),
        }
    }

    fn observe(
        settings: Vec<Setting>,
        state: Vec<u8>,
        events: Vec<Event>,
    ) -> Result<Observation, PluginError> {
        let settings = Settings::read(|name| setting(&settings, name).to_vec())?;
        observe(&state, &events, &settings)
    }

    fn finish(_settings: Vec<Setting>, state: Vec<u8>) -> Result<Vec<Finding>, PluginError> {
        finish(&state)
    }
}

/// What [`Gdpr::observe`] does, with the settings read.
pub fn observe(state: &[u8], events: &[Event], settings: &Settings) -> Result<Observation, PluginError> {
    let mut state = State::read(state)?;
    let mut report = Report::default();
    for event in events {
        let seen = Seen::new(event);
        state.rules_mut().into_iter().for_each(|rule| rule.observe(&seen, settings, &mut report));
    }
    Ok(Observation { findings: report.findings, state: state.write()? })
}

/// What [`Gdpr::finish`] does.
pub fn finish(state: &[u8]) -> Result<Vec<Finding>, PluginError> {
    let mut state = State::read(state)?;
    let mut report = Report::default();
    state.rules_mut().into_iter().for_each(|rule| rule.finish(&mut report));
    Ok(report.findings)
}

activemirror_guest::compliance::export!(Gdpr);
