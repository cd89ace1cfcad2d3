//! Recorded runs of an airline agent as events.

use std::fs;
use std::path::PathBuf;

use activemirror_guest::policy::{Event, EventKind, Leaf, Source, Value};
use serde_json::Value as Json;

use crate::events::event;
use crate::masks::{mask, secrets};

/// One run.
#[derive(Debug)]
pub struct Run {
    /// `trial0/17`: file and place in it.
    pub id: String,
    /// Its events.
    pub events: Vec<Event>,
}

/// All runs, with every personal value that the tools told masked wherever it stands; nothing where
/// they are not at hand.
#[must_use]
pub fn masked_runs() -> Option<Vec<Run>> {
    let mut runs = runs()?;
    for run in &mut runs {
        let secrets = secrets(&run.events);
        run.events.iter_mut().for_each(|event| mask(event, &secrets));
    }
    Some(runs)
}

/// All runs as they are, or nothing where they are not at hand.
#[must_use]
pub fn runs() -> Option<Vec<Run>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/tau-airline");
    let trials: Vec<Vec<Run>> = ["trial0", "trial1"]
        .into_iter()
        .map(|trial| {
            let text = fs::read_to_string(folder.join(trial).with_extension("json")).ok()?;
            let runs: Vec<Json> = serde_json::from_str(&text).expect("a list of runs");
            Some(
                runs.iter().enumerate().map(|(number, run)| read(format!("{trial}/{number}"), run)).collect(),
            )
        })
        .collect::<Option<_>>()?;
    Some(trials.into_iter().flatten().collect())
}

fn read(id: String, run: &Json) -> Run {
    let messages = run["traj"].as_array().expect("messages");
    let mut events: Vec<Event> = messages.iter().flat_map(message).collect();
    (0..).zip(&mut events).for_each(|(sequence, event)| event.sequence = sequence);
    Run { id, events }
}

fn message(message: &Json) -> Vec<Event> {
    let text = message["content"].as_str().unwrap_or_default();
    let said = |kind, source| Event { content: Some(text.into()), ..event(kind, source) };
    match message["role"].as_str() {
        Some("user") => vec![said(EventKind::Observation, Source::User)],
        Some("tool") => vec![answer(text)],
        Some("assistant") => match message["tool_calls"].as_array() {
            None => vec![said(EventKind::Output, Source::Unknown)],
            Some(calls) => {
                let thought = (!text.is_empty()).then(|| said(EventKind::Thought, Source::Unknown));
                thought.into_iter().chain(calls.iter().map(call)).collect()
            }
        },
        _ => Vec::new(),
    }
}

fn answer(text: &str) -> Event {
    let tool = event(EventKind::Observation, Source::Tool);
    match serde_json::from_str::<Json>(text) {
        Ok(data) if data.is_object() || data.is_array() => Event { leaves: leaves("/data", &data), ..tool },
        _ => Event { content: Some(text.into()), ..tool },
    }
}

fn call(call: &Json) -> Event {
    let name = call["function"]["name"].as_str().expect("a name");
    let arguments = call["function"]["arguments"].as_str().expect("arguments");
    let arguments: Json = serde_json::from_str(arguments).expect("arguments are JSON");
    if name == "think" {
        let thought = arguments["thought"].as_str().map(str::to_owned);
        return Event { content: thought, ..event(EventKind::Thought, Source::Unknown) };
    }
    let leaves = leaves("/parameters", &arguments);
    Event { action: Some(name.into()), leaves, ..event(EventKind::Action, Source::Unknown) }
}

fn leaves(path: &str, value: &Json) -> Vec<Leaf> {
    let leaf = |value| vec![Leaf { path: path.into(), value }];
    match value {
        Json::Object(fields) if !fields.is_empty() => {
            fields.iter().flat_map(|(key, value)| leaves(&format!("{path}/{key}"), value)).collect()
        }
        Json::Array(items) if !items.is_empty() => {
            items.iter().enumerate().flat_map(|(at, value)| leaves(&format!("{path}[{at}]"), value)).collect()
        }
        Json::Object(_) => leaf(Value::EmptyObject),
        Json::Array(_) => leaf(Value::EmptyList),
        Json::Null => leaf(Value::Null),
        Json::Bool(value) => leaf(Value::Boolean(*value)),
        Json::Number(number) => leaf(Value::Decimal(number.to_string())),
        Json::String(text) => leaf(Value::Text(text.clone())),
    }
}
