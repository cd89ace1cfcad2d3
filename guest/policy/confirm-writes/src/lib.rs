//! The policy `confirm-writes`.
use std::sync::OnceLock;

use activemirror_guest::policy::activemirror::plugin::config;
use activemirror_guest::policy::{
    Decision, Description, Event, EventKind, Guest, PluginError, Point, Source, Value, Verdict,
};

mod call;
mod datum;
mod dialogue;
mod judge;
mod memory;
mod phrase;
mod proposal;
mod reply;
mod settings;
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

/// Decides on the new events of one trace: [`Guest::decide`] with the settings as an argument.
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
        (EventKind::Observation | EventKind::Error, _) => {
            dialogue.observe(event, has_failed(event), vocabulary)
        }
        (EventKind::Action, _) if settings.is_write(event.action.as_deref().unwrap_or_default()) => {
            return judge(dialogue, event, settings);
        }
        (EventKind::Action, _) => dialogue.memory.look_up(event, vocabulary),
        _ => {}
    }
    Verdict::Allow
}

fn judge(dialogue: &mut Dialogue, event: &Event, settings: &Settings) -> Verdict {
    let call = Call::new(event, &settings.vocabulary);
    dialogue.begin_write();
    let missing = judge::missing(dialogue, &call, &settings.vocabulary);
    dialogue.end_write(call.mark(), missing.is_some());
    match missing.map(|missing| (missing.to_string(), settings.unconsented)) {
        None => Verdict::Allow,
        Some((reason, Unconsented::RequireApproval)) => Verdict::RequireApproval(reason),
        Some((reason, Unconsented::Deny)) => Verdict::Deny(reason),
    }
}

/// Whether a tool says that what it was asked to do did not happen.
fn has_failed(event: &Event) -> bool {
    let says =
        |text: &str| text.trim_start().get(..5).is_some_and(|start| start.eq_ignore_ascii_case("error"));
    let told = event.leaves.iter().any(|leaf| match (leaf.path.as_str(), &leaf.value) {
        ("/data/error", Value::Null | Value::Boolean(false)) => false,
        ("/data/error" | "/data/error/message" | "/data/error/code", _) => true,
        ("/data/ok" | "/data/success", Value::Boolean(ok)) => !ok,
        ("/data/status", Value::Text(status)) => matches!(status.as_str(), "error" | "failed" | "failure"),
        _ => false,
    });
    event.kind == EventKind::Error || event.content.as_deref().is_some_and(says) || told
}

struct ConfirmWrites;

impl Guest for ConfirmWrites {
    fn describe() -> Description {
        Description {
            name: "confirm-writes".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: "Stops an action that writes unless the user agreed to that very action.".into(),
            wants_personal_data: true,
        }
    }

    fn decide(state: Vec<u8>, _point: Point, events: Vec<Event>) -> Result<Decision, PluginError> {
        static SETTINGS: OnceLock<Result<Settings, PluginError>> = OnceLock::new();
        match SETTINGS.get_or_init(|| Settings::read(config::get)) {
            Ok(settings) => decide(settings, &state, &events),
            Err(error) => Err(error.clone()),
        }
    }
}

activemirror_guest::policy::export!(ConfirmWrites);
