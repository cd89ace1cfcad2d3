//! The plugin: turns what was found into verdicts.

use activemirror_guest::policy::{
    Decision, Description, Event, EventKinds, Guest, Mark, PluginError, Point, Setting, Verdict,
};
use activemirror_guest::setting;

use crate::category::Category;
use crate::event::{self, Located};
use crate::scan::Scanner;
use crate::settings::Settings;

/// The policy `pii`. It keeps no state.
#[derive(Debug)]
pub struct Policy;

impl Guest for Policy {
    fn describe() -> Description {
        Description {
            name: "pii".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: "Masks personal data; never lets a card's security code be stored.".into(),
            wants_personal_data: true,
            any_point: true,
            looks_at: EventKinds::all(),
            rules_on: EventKinds::all(),
        }
    }

    fn decide(
        settings: Vec<Setting>,
        state: Vec<u8>,
        _point: Point,
        events: Vec<Event>,
    ) -> Result<Decision, PluginError> {
        let settings = Settings::read(|name| setting(&settings, name).to_vec())?;
        Ok(Decision { verdicts: decide(&settings, &events), state })
    }
}

/// One verdict for each event. What must not be stored comes first, then what is to be masked: the
/// host asks again after it has applied a verdict.
pub fn decide(settings: &Settings, events: &[Event]) -> Vec<Verdict> {
    let mut judge = Judge { settings, scanner: Scanner::new(), marks_left: MARKS_MAX };
    events.iter().map(|event| judge.verdict(event)).collect()
}

/// How many marks one call returns, so that the answer stays below a megabyte.
pub const MARKS_MAX: usize = 16_384;

/// Decides on the events of one call.
struct Judge<'s> {
    settings: &'s Settings,
    scanner: Scanner,
    marks_left: usize,
}

impl Judge<'_> {
    fn verdict(&mut self, event: &Event) -> Verdict {
        let found = event::find(event, self.settings, &mut self.scanner);
        let (drops, masks): (Vec<Located>, Vec<Located>) =
            found.into_iter().partition(|located| located.category() == Category::CardSecurityCode);
        match (drops.is_empty(), masks.is_empty()) {
            (false, _) => self.marks(drops, Verdict::Drop),
            (true, false) => self.marks(masks, Verdict::Mask),
            (true, true) => Verdict::Allow,
        }
    }

    /// A verdict with these marks, or a refusal where there are more than may be returned.
    fn marks(&mut self, located: Vec<Located>, verdict: fn(Vec<Mark>) -> Verdict) -> Verdict {
        match self.marks_left.checked_sub(located.len()) {
            Some(left) => {
                self.marks_left = left;
                verdict(located.into_iter().map(Located::into_mark).collect())
            }
            None => Verdict::Deny(TOO_MANY.into()),
        }
    }
}

const TOO_MANY: &str = "more personal data than one answer can name: send fewer events at once";
