//! What becomes of a draft, by rules with a module each.
//!
//! | the draft | review | module |
//! |---|---|---|
//! | shows the persona's instructions | refuse | `instructions` |
//! | shows what a tool told of another person | refuse | `strangers` |
//! | claims a deed that no tool has done, or gives a guarantee | revise | `claims` |
//! | hides that the last decision was not a sure one | revise | here |
//! | shows a secret key, or what policies mask | revise | `leaks` |
//! | shouts, or leaves the tone that is set | revise | `tone` |

mod claims;
mod instructions;
mod leaks;
mod strangers;
mod tone;

use activemirror_guest::persona::{Event, Review};

use crate::history::History;
use crate::settings::Settings;
use crate::text::sentences;

/// What becomes of a draft.
pub fn review(context: &[Event], draft: &str, settings: &Settings) -> Review {
    let history = History::of(context);
    let sentences = sentences(draft);
    if instructions::are_shown(&sentences, settings) {
        return Review::Refuse("It shows the agent's instructions.".into());
    }
    if strangers::are_shown(&history, draft) {
        return Review::Refuse("It shows what a tool told of another person.".into());
    }
    let reasons: Vec<String> = claims::unsupported(&history, &sentences)
        .chain(hidden_doubt(&history, draft, settings).map(Into::into))
        .chain(leaks::found(&history, draft).map(Into::into))
        .chain(tone::faults(draft, settings.tone).map(Into::into))
        .collect();
    if reasons.is_empty() { Review::Accept } else { Review::Revise(reasons) }
}

fn hidden_doubt(history: &History<'_>, draft: &str, settings: &Settings) -> Option<&'static str> {
    let is_unsure = history.confidence().is_some_and(|sure| sure < settings.confidence_min);
    (is_unsure && !has_marker(draft)).then_some(
        "The last decision was not a sure one: say so with \u{27e8}low\u{27e9}, \u{27e8}medium\u{27e9} or \
         \u{27e8}\u{27e8}high\u{27e9}\u{27e9}.",
    )
}

fn has_marker(draft: &str) -> bool {
    let Some((_, behind)) = draft.split_once('\u{27e8}') else { return false };
    behind.split_once('\u{27e9}').is_some_and(|(inside, _)| !inside.is_empty())
}
