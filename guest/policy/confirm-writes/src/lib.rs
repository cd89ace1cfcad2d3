//! The policy `confirm-writes`: no action that writes without the user's consent to that very
//! action.
//!
//! A yes in the user's last message says little: to what? The policy follows the conversation as a
//! careful reader would, and keeps, in at most [`STATE_MAX`] bytes of its own state, what is needed
//! to answer when a write comes:
//!
//! 1. **Did the user agree to something?** An output of the agent asks for a yes, or for the last
//!    details, or says that the act follows; the user's next message affirms, completes, declines,
//!    asks back, or changes the terms (modules `proposal`, `reply`, `dialogue`).
//! 2. **To this action on this thing, and not used up?** Another verb, another order, a part of a
//!    thing, a second call under one yes, something the user asked to leave alone: none of these is
//!    covered. A retry after an error is (modules `call`, `judge`).
//! 3. **On these terms?** Each argument was spoken of, in whatever spelling, and nothing that takes
//!    its place was named since: another flight, another total, another of the words chosen from.
//!    What was agreed for a part is not done to the whole, nor for several by one: a cabin for each
//!    leg, two cards for one price, a list of which some is to stay (modules `shares`, `judge`).
//!    Or it changes nothing, which the tools' answers show; or follows, as a total follows from its
//!    parts. A card may be named by its last digits, an item by its name; the card charged must fit
//!    what was said at least as well as those left out (modules `values`, `talk`, `memory`).
//!
//! Otherwise the verdict is `require-approval`, or `deny`, with what is missing as the reason: "the
//! user has not confirmed: payment id".
//!
//! # Settings
//!
//! | name | values | where it is not set |
//! |---|---|---|
//! | `writes` | names of the actions that write, `*` for any characters | those that begin with one of [`WRITING_VERBS`], and transfers of money |
//! | `except` | names of actions that do not, whatever `writes` says | none |
//! | `unconsented` | `require-approval` or `deny` | `require-approval` |
//! | `synonyms` | groups of words that mean the same, a blank between them; at most 24 groups | the built-in ones |
//!
//! # What it does not do
//!
//! - **It reads English.** A yes in another language is no yes, so every write is stopped.
//! - **It reads words, not worlds.** Whether a price is right, whether the agent told the truth,
//!   whether a rule of the house allows the action: other policies' business.
//! - **It trusts the host for who speaks.** Consent comes from observations whose source is the
//!   user, proposals from outputs; a tool's answer, a thought, or a user who plays the agent is
//!   neither.
//! - **It keeps no text.** The state holds hashes of 24 bits. It asks for personal data, since
//!   names, dates of birth and card numbers are terms one agrees to; without that grant it compares
//!   the tokens that stand in their place.
//! - It errs towards asking: what it forgot, could not read (messages over 16 KiB) or does not
//!   understand counts as not agreed to.
//!
//! How often it is right: `cargo run --release -p activemirror-policy-confirm-writes --example
//! judge -- LABELS DIR`; what the labels are: `labels/README.md`; how it behaves, in examples:
//! `tests/dialogues/`.

use activemirror_guest::policy::{
    Decision, Description, Event, EventKind, EventKinds, Guest, PluginError, Point, Setting, Source, Verdict,
};
use activemirror_guest::setting;

mod calendar;
mod call;
mod datum;
mod dialogue;
mod judge;
mod memory;
mod phrase;
mod proposal;
mod reply;
mod settings;
mod shares;
mod talk;
mod term;
mod text;
mod values;
mod vocabulary;

pub use dialogue::STATE_MAX;
pub use settings::{Settings, Unconsented, WRITING_VERBS};
pub use vocabulary::Vocabulary;

use call::Call;
use dialogue::Dialogue;

/// Decides on the new events of one trace: [`Guest::decide`] with the settings read.
pub fn decide(settings: &Settings, state: &[u8], events: &[Event]) -> Result<Decision, PluginError> {
    let mut dialogue = Dialogue::decode(state)?;
    let verdicts = events.iter().map(|event| follow(&mut dialogue, event, settings)).collect();
    Ok(Decision { verdicts, state: dialogue.encode()? })
}

fn follow(dialogue: &mut Dialogue, event: &Event, settings: &Settings) -> Verdict {
    let content = event.content.as_deref().unwrap_or_default();
    let vocabulary = &settings.vocabulary;
    match (event.kind, event.source) {
        (EventKind::Output, _) => dialogue.say(content, vocabulary),
        (EventKind::Observation, Source::User) => dialogue.hear(content, vocabulary),
        (EventKind::Observation | EventKind::Error, _) => dialogue.observe(event, vocabulary),
        (EventKind::Action, _) if settings.is_write(event.action.as_deref().unwrap_or_default()) => {
            return judge(dialogue, event, settings);
        }
        (EventKind::Action, _) => dialogue.memory.look_up(event, vocabulary),
        // The agent's own: neither the user nor a tool hears of it. The host shows none of it.
        (EventKind::Thought | EventKind::Decision | EventKind::Start, _) => {}
    }
    Verdict::Allow
}

fn judge(dialogue: &mut Dialogue, event: &Event, settings: &Settings) -> Verdict {
    let call = Call::new(event, &settings.vocabulary);
    dialogue.begin_write();
    let missing = judge::missing(dialogue, &call, &settings.vocabulary);
    dialogue.end_write(&call, missing.is_some());
    match missing.map(|missing| (missing.to_string(), settings.unconsented)) {
        None => Verdict::Allow,
        Some((reason, Unconsented::RequireApproval)) => Verdict::RequireApproval(reason),
        Some((reason, Unconsented::Deny)) => Verdict::Deny(reason),
    }
}

struct ConfirmWrites;

impl Guest for ConfirmWrites {
    fn describe() -> Description {
        Description {
            name: "confirm-writes".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: "Stops an action that writes unless the user agreed to that very action.".into(),
            wants_personal_data: true,
            any_point: true,
            looks_at: EventKinds::ACTION | EventKinds::OBSERVATION | EventKinds::OUTPUT | EventKinds::ERROR,
            rules_on: EventKinds::ACTION,
        }
    }

    fn decide(
        settings: Vec<Setting>,
        state: Vec<u8>,
        _point: Point,
        events: Vec<Event>,
    ) -> Result<Decision, PluginError> {
        decide(&Settings::read(|name| setting(&settings, name).to_vec())?, &state, &events)
    }
}

activemirror_guest::policy::export!(ConfirmWrites);
