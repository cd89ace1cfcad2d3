//! The plugin: turns what was found into verdicts.

use activemirror_guest::policy::activemirror::plugin::config;
use activemirror_guest::policy::{Decision, Description, Event, Guest, PluginError, Point, Verdict};

use crate::category::Category;
use crate::event::{self, Located};
use crate::scan::{self, Scanner};
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
        }
    }

    fn decide(state: Vec<u8>, _point: Point, events: Vec<Event>) -> Result<Decision, PluginError> {
        let settings = Settings::read(config::get)?;
        Ok(Decision { verdicts: decide(&settings, &events), state })
    }
}

/// One verdict for each event.
pub fn decide(settings: &Settings, events: &[Event]) -> Vec<Verdict> {
    let mut scanner = Scanner::new();
    let mut marks_left = MARKS_MAX;
    events.iter().map(|event| verdict(event, settings, &mut scanner, &mut marks_left)).collect()
}

/// How many marks one call returns, so that the answer stays below half a megabyte.
pub const MARKS_MAX: usize = 8192;

fn verdict(event: &Event, settings: &Settings, scanner: &mut Scanner, marks_left: &mut usize) -> Verdict {
    if let Some(reason) = exposed(event, settings, scanner) {
        return Verdict::Deny(reason);
    }
    let found = event::find(event, settings, scanner);
    let Some(left) = marks_left.checked_sub(found.len()) else {
        return Verdict::Deny(format!(
            "more than {MARKS_MAX} pieces of personal data in one call: send fewer events at once"
        ));
    };
    *marks_left = left;
    let (drops, masks): (Vec<Located>, Vec<Located>) =
        found.into_iter().partition(|located| located.category() == Category::CardSecurityCode);
    match (drops.is_empty(), masks.is_empty()) {
        (false, _) => Verdict::Drop(drops.into_iter().map(Located::into_mark).collect()),
        (true, false) => Verdict::Mask(masks.into_iter().map(Located::into_mark).collect()),
        (true, true) => Verdict::Allow,
    }
}

/// Whether what is found is personal beyond doubt; names and places are guessed from words, and a
/// guess stops no agent.
fn is_plain(category: Category) -> bool {
    !matches!(
        category,
        Category::PersonName | Category::StreetAddress | Category::PostalCode | Category::IpAddress
    )
}

/// Why the event cannot be recorded: personal data in its action's name or its intent, where no
/// mark can point.
fn exposed(event: &Event, settings: &Settings, scanner: &mut Scanner) -> Option<String> {
    let fields = [("action", &event.action), ("intent", &event.intent)];
    let found = |text: &str, scanner: &mut Scanner| {
        let wanted = |finding: &scan::Finding| {
            is_plain(finding.category)
                && settings.wants(finding.category, text.get(finding.start..finding.end).unwrap_or_default())
        };
        scanner.find(text).into_iter().find(wanted)
    };
    fields.into_iter().find_map(|(field, text)| {
        let finding = found(text.as_deref()?, scanner)?;
        Some(format!(
            "the event's {field} holds personal data ({}): put it into the content",
            finding.category.name()
        ))
    })
}
