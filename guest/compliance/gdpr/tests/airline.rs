//! Recorded runs of an airline agent as events, with ideal masks: every personal value that the
//! tools told is masked wherever it stands.

use std::fs;
use std::path::PathBuf;

use activemirror_guest::compliance::{Event, EventKind, Leaf, Mark, Place, Source, Span, Value};
use serde_json::Value as Json;

use crate::events::event;

/// One run.
pub(crate) struct Run {
    /// `trial0/17`: file and place in it.
    pub(crate) id: String,
    /// Its events, masked.
    pub(crate) events: Vec<Event>,
}

/// All runs, or nothing where they are not at hand.
pub(crate) fn runs() -> Option<Vec<Run>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data/tau-airline");
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
    let secrets = secrets(&events);
    for (sequence, event) in (0..).zip(&mut events) {
        event.sequence = sequence;
        mask(event, &secrets);
    }
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

/// Personal values of the run, longest first, each with its category.
fn secrets(events: &[Event]) -> Vec<(String, &'static str)> {
    let category = |path: &str| match path.rsplit('/').next() {
        Some("email") => Some("email"),
        Some("dob") => Some("date-of-birth"),
        Some("address1") => Some("street-address"),
        Some("zip") => Some("postal-code"),
        _ => None,
    };
    let mut secrets: Vec<_> = events
        .iter()
        .flat_map(|event| &event.leaves)
        .filter_map(|leaf| match (&leaf.value, category(&leaf.path)) {
            (Value::Text(text), Some(category)) if !text.is_empty() => Some((text.clone(), category)),
            _ => None,
        })
        .collect();
    let dates: Vec<_> =
        secrets.iter().filter(|(_, c)| *c == "date-of-birth").flat_map(|(d, c)| written(d, c)).collect();
    secrets.extend(dates);
    secrets.sort_by_key(|(text, _)| (usize::MAX - text.len(), text.clone()));
    secrets.dedup();
    secrets
}

/// `1984-11-27` as people write it.
fn written(date: &str, category: &'static str) -> Vec<(String, &'static str)> {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let parts: Vec<&str> = date.split('-').collect();
    let [year, month, day] = parts[..] else { return Vec::new() };
    let Some(name) = month.parse().ok().and_then(|month: usize| MONTHS.get(month.wrapping_sub(1))) else {
        return Vec::new();
    };
    let short = day.trim_start_matches('0');
    [format!("{name} {short}, {year}"), format!("{month}/{day}/{year}")].map(|text| (text, category)).into()
}

fn mask(event: &mut Event, secrets: &[(String, &'static str)]) {
    let mut marks = Vec::new();
    if let Some(text) = &mut event.content {
        mask_text(text, Place::Content, secrets, &mut marks);
    }
    for (index, leaf) in (0u32..).zip(&mut event.leaves) {
        if let Value::Text(text) = &mut leaf.value {
            mask_text(text, Place::LeafValue(index), secrets, &mut marks);
        }
    }
    event.marks = marks;
}

fn mask_text(text: &mut String, place: Place, secrets: &[(String, &'static str)], marks: &mut Vec<Mark>) {
    let mut at = 0;
    while at < text.len() {
        let found = secrets.iter().find(|(secret, _)| text[at..].starts_with(&**secret));
        let Some((secret, category)) = found else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
            continue;
        };
        let token = format!("⟦{category}⟧");
        text.replace_range(at..at + secret.len(), &token);
        let span = Span { place, start: at as u32, end: (at + token.len()) as u32 };
        marks.push(Mark { span, category: (*category).into() });
        at += token.len();
    }
}
