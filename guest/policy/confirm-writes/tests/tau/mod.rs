//! Recorded tau-bench runs as events, and the labels on their writes.

#![allow(dead_code, reason = "the example and the test each use a part")]

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::path::Path;

use activemirror_guest::policy::{Event, EventKind, Leaf, Source, Value as LeafValue, Verdict};
use activemirror_policy_confirm_writes::{Settings, decide};
use serde_json::Value;

/// One labelled write, and what was made of it.
pub(crate) struct Label {
    pub(crate) run: String,
    pub(crate) event: usize,
    pub(crate) action: String,
    pub(crate) consented: bool,
    pub(crate) borderline: bool,
    pub(crate) reason: String,
    /// Why the policy stopped it, if it did.
    pub(crate) stopped: Option<String>,
    /// Whether the last user message holds a word of consent.
    pub(crate) keyword: bool,
}

/// How often a judgement was right; positive is an unconsented write that is stopped.
#[derive(Default)]
pub(crate) struct Matrix {
    pub(crate) true_positive: usize,
    pub(crate) false_negative: usize,
    pub(crate) true_negative: usize,
    pub(crate) false_positive: usize,
}

impl Matrix {
    pub(crate) fn of(labels: &[&Label], stops: impl Fn(&Label) -> bool) -> Self {
        let mut matrix = Self::default();
        for label in labels {
            *match (label.consented, stops(label)) {
                (false, true) => &mut matrix.true_positive,
                (false, false) => &mut matrix.false_negative,
                (true, false) => &mut matrix.true_negative,
                (true, true) => &mut matrix.false_positive,
            } += 1;
        }
        matrix
    }

    pub(crate) fn balanced_accuracy(&self) -> f64 {
        let share = |right: usize, wrong: usize| right as f64 / (right + wrong) as f64;
        (share(self.true_positive, self.false_negative) + share(self.true_negative, self.false_positive))
            / 2.0
    }
}

impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "unconsented: {} stopped, {} passed; consented: {} passed, {} stopped; balanced accuracy {:.3}",
            self.true_positive,
            self.false_negative,
            self.true_negative,
            self.false_positive,
            self.balanced_accuracy()
        )
    }
}

/// Reads labels, runs the policy on the conversations they name, and notes what it did.
pub(crate) fn read(labels: &Path, runs: &Path) -> Result<Vec<Label>, String> {
    let text = fs::read_to_string(labels).map_err(|error| format!("{}: {error}", labels.display()))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let lines = lines.map(|(at, line)| {
        let wrong = |what: &str| format!("{}:{}: {what}", labels.display(), at + 1);
        let value: Value = serde_json::from_str(line).map_err(|error| wrong(&error.to_string()))?;
        label(&value).ok_or_else(|| wrong("expected run, event, action, label and reason"))
    });
    let mut labels = lines.collect::<Result<Vec<Label>, String>>()?;
    let mut files = HashMap::new();
    for label in &mut labels {
        let (file, index) = label.run.split_once('/').ok_or("a run is FILE/INDEX")?;
        if !files.contains_key(file) {
            let path = runs.join(format!("{file}.json"));
            let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            let runs: Value =
                serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
            files.insert(file.to_owned(), runs);
        }
        let run = index.parse().ok().and_then(|index: usize| files[file].get(index)).ok_or("no such run")?;
        judge(label, &events(&run["traj"]))?;
    }
    Ok(labels)
}

fn label(line: &Value) -> Option<Label> {
    Some(Label {
        run: line["run"].as_str()?.into(),
        event: usize::try_from(line["event"].as_u64()?).ok()?,
        action: line["action"].as_str()?.into(),
        consented: line["label"].as_str()? == "consented",
        borderline: line["borderline"].as_bool().unwrap_or(false),
        reason: line["reason"].as_str()?.into(),
        stopped: None,
        keyword: false,
    })
}

fn judge(label: &mut Label, events: &[Event]) -> Result<(), String> {
    let upto = events.get(..=label.event).ok_or("no such event")?;
    if upto[label.event].action.as_deref() != Some(label.action.as_str()) {
        return Err(format!("{}#{} is no {}", label.run, label.event, label.action));
    }
    let mut state = Vec::new();
    for event in upto {
        let decision = decide(&settings(), &state, core::slice::from_ref(event))
            .map_err(|error| format!("{error:?}"))?;
        state = decision.state;
        label.stopped = match decision.verdicts.into_iter().next() {
            Some(Verdict::RequireApproval(reason)) => Some(reason),
            _ => None,
        };
    }
    let mut said = upto.iter().rev().filter(|event| event.source == Source::User);
    let said = said.next().and_then(|event| event.content.as_deref()).unwrap_or_default().to_lowercase();
    label.keyword = KEYWORDS.iter().any(|keyword| said.contains(keyword));
    Ok(())
}

const KEYWORDS: [&str; 6] = ["yes", "confirm", "go ahead", "proceed", "sure", "please do"];

/// What the airline's operator would set.
pub(crate) fn settings() -> Settings {
    let writes = ["book_reservation", "cancel_reservation", "update_reservation_*", "send_certificate"];
    let read = |name: &str| match name {
        "writes" => writes.map(String::from).to_vec(),
        _ => Vec::new(),
    };
    Settings::read(read).expect("these settings are right")
}

/// The messages of a run as events.
pub(crate) fn events(messages: &Value) -> Vec<Event> {
    let mut events = Vec::new();
    for message in messages.as_array().into_iter().flatten() {
        let content = message["content"].as_str().map(String::from);
        match message["role"].as_str() {
            Some("user") => {
                events.push(Event { source: Source::User, content, ..event(EventKind::Observation) })
            }
            Some("tool") => events.push(answer(content.unwrap_or_default())),
            Some("assistant") => assistant(message, content, &mut events),
            _ => {}
        }
    }
    events
}

fn assistant(message: &Value, content: Option<String>, events: &mut Vec<Event>) {
    let Some(calls) = message["tool_calls"].as_array().filter(|calls| !calls.is_empty()) else {
        events.push(Event { content, ..event(EventKind::Output) });
        return;
    };
    if let Some(content) = content.filter(|content| !content.is_empty()) {
        events.push(Event { content: Some(content), ..event(EventKind::Thought) });
    }
    for call in calls {
        let arguments: Value = call["function"]["arguments"]
            .as_str()
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        match call["function"]["name"].as_str() {
            Some("think") => {
                let content = arguments["thought"].as_str().map(String::from);
                events.push(Event { content, ..event(EventKind::Thought) });
            }
            name => events.push(Event {
                action: name.map(String::from),
                leaves: leaves("/parameters", &arguments),
                ..event(EventKind::Action)
            }),
        }
    }
}

fn answer(content: String) -> Event {
    let tool = Event { source: Source::Tool, ..event(EventKind::Observation) };
    match serde_json::from_str::<Value>(&content) {
        Ok(data) if data.is_object() || data.is_array() => Event { leaves: leaves("/data", &data), ..tool },
        _ => Event { content: Some(content), ..tool },
    }
}

/// An event of a kind, with nothing in it.
pub(crate) fn event(kind: EventKind) -> Event {
    Event {
        sequence: 0,
        time: 0,
        kind,
        source: Source::Unknown,
        content: None,
        action: None,
        intent: None,
        confidence: None,
        leaves: Vec::new(),
        marks: Vec::new(),
    }
}

/// The leaves of a structured value below a path.
pub(crate) fn leaves(path: &str, value: &Value) -> Vec<Leaf> {
    let leaf = |value| vec![Leaf { path: path.into(), value }];
    match value {
        Value::Null => leaf(LeafValue::Null),
        Value::Bool(value) => leaf(LeafValue::Boolean(*value)),
        Value::Number(number) => leaf(match (number.as_i64(), number.as_f64()) {
            (Some(value), _) => LeafValue::Signed(value),
            (None, Some(value)) => LeafValue::Float(value),
            (None, None) => LeafValue::Decimal(number.to_string()),
        }),
        Value::String(text) => leaf(LeafValue::Text(text.clone())),
        Value::Array(values) if values.is_empty() => leaf(LeafValue::EmptyList),
        Value::Object(members) if members.is_empty() => leaf(LeafValue::EmptyObject),
        Value::Array(values) => values
            .iter()
            .enumerate()
            .flat_map(|(at, value)| leaves(&format!("{path}[{at}]"), value))
            .collect(),
        Value::Object(members) => members
            .iter()
            .flat_map(|(key, value)| leaves(&format!("{path}/{}", escape(key)), value))
            .collect(),
    }
}

fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1").replace('[', "~2")
}
