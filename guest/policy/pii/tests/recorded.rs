//! The detectors on published texts and recorded conversations, where these are at hand. The
//! floors are a little below what was reached, so that a loss is noticed.

#[path = "evaluation/scores.rs"]
mod scores;

use std::collections::BTreeSet;
use std::path::PathBuf;

use activemirror_guest::policy::{Event, EventKind, Leaf, Place, Source, Value, Verdict};
use activemirror_policy_pii::{Category, Settings, decide, find};
use scores::Scores;
use serde_json::Value as Json;

/// A file of the shared data; where it is absent, says that the test did not run on it.
fn shared(path: &str) -> Option<String> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data").join(path);
    let text = std::fs::read_to_string(&file).ok();
    if text.is_none() {
        println!("NOT RUN: {path} is not at hand");
    }
    text
}

#[test]
fn scores_on_labelled_texts_stay_above_their_floors() {
    let Some(json) = shared("pii/synth_dataset_v2.json") else { return };
    let texts = scores::read(&json).expect("the dataset is as published");
    for half in [Some(0), Some(1)] {
        let scores = Scores::of(&texts, half);
        println!("{scores}");
        for (category, floor) in FLOORS {
            let f2 = scores.0[category].f2();
            assert!(f2 >= *floor, "{} has F2 {f2:.3} in half {half:?}, below {floor}", category.name());
        }
        assert!(scores.total().precision() >= 0.985, "precision {:.3}", scores.total().precision());
    }
}

const FLOORS: &[(Category, f64)] = &[
    (Category::PaymentCard, 0.97),
    (Category::Iban, 0.99),
    (Category::NationalId, 0.99),
    (Category::DriverLicense, 0.99),
    (Category::Email, 0.99),
    (Category::IpAddress, 0.99),
    (Category::DateOfBirth, 0.99),
    (Category::Phone, 0.97),
    (Category::StreetAddress, 0.93),
    (Category::PostalCode, 0.40),
];

/// The fields of a user or passenger that must be masked.
const PERSONAL: [&str; 8] =
    ["first_name", "last_name", "dob", "email", "address1", "address2", "city", "zip"];

#[test]
fn conversations_show_nothing_personal_and_hide_nothing_else() {
    for file in ["tau-airline/trial0.json", "tau-airline/trial1.json"] {
        let Some(json) = shared(file) else { continue };
        let runs: Json = serde_json::from_str(&json).expect("the runs are as published");
        let messages = messages(&runs);
        let personal = personal_values(&messages);
        assert!(personal.len() > 200, "{} personal values", personal.len());
        messages.iter().for_each(|message| check_message(message, &personal));
    }
}

/// The texts of all messages but the system's, and the arguments of all calls.
fn messages(runs: &Json) -> Vec<String> {
    let turns = runs
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|run| run["traj"].as_array())
        .flat_map(|turns| turns.iter().skip(1));
    turns
        .flat_map(|turn| {
            let calls = turn["tool_calls"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|call| &call["function"]["arguments"]);
            core::iter::once(&turn["content"]).chain(calls).filter_map(|text| text.as_str().map(String::from))
        })
        .collect()
}

/// Every value of a personal field in the messages that are JSON.
fn personal_values(messages: &[String]) -> BTreeSet<String> {
    let mut values = BTreeSet::new();
    let parsed = messages.iter().filter_map(|message| serde_json::from_str::<Json>(message).ok());
    parsed.for_each(|json| {
        fields(&json, "", &mut |path, value| {
            let field = path.rsplit('/').next().unwrap_or_default();
            if PERSONAL.contains(&field) {
                values.insert(value.to_string());
            }
        })
    });
    values
}

/// Calls with the path and the value of each text in a JSON value.
fn fields(json: &Json, path: &str, see: &mut impl FnMut(&str, &str)) {
    match json {
        Json::String(text) => see(path, text),
        Json::Array(items) => {
            items.iter().zip(0..).for_each(|(item, at)| fields(item, &format!("{path}[{at}]"), see))
        }
        Json::Object(members) => {
            members.iter().for_each(|(key, value)| fields(value, &format!("{path}/{key}"), see))
        }
        _ => {}
    }
}

/// Checks one message, as text and, where it is JSON, as leaves.
fn check_message(message: &str, personal: &BTreeSet<String>) {
    let findings = find(message);
    for finding in &findings {
        let text = &message[finding.start..finding.end];
        assert!(
            is_personal(text, finding.category, personal),
            "{text:?} is no {:?} in {message:?}",
            finding.category
        );
    }
    let Ok(json) = serde_json::from_str::<Json>(message) else { return };
    let mut event = Event {
        sequence: 0,
        time: 0,
        kind: EventKind::Observation,
        source: Source::Tool,
        content: None,
        action: None,
        intent: None,
        confidence: None,
        leaves: Vec::new(),
        marks: Vec::new(),
    };
    fields(&json, "/data", &mut |path, value| {
        event.leaves.push(Leaf { path: path.into(), value: Value::Text(value.into()) });
    });
    check_leaves(
        &event,
        message,
        &findings.iter().map(|finding| &message[finding.start..finding.end]).collect(),
    );
}

/// Checks that exactly the personal fields are masked, whole, and that the same values are in the
/// text.
fn check_leaves(event: &Event, message: &str, found: &BTreeSet<&str>) {
    let marked: BTreeSet<u32> = match decide(&Settings::default(), core::slice::from_ref(event)).remove(0) {
        Verdict::Mask(marks) => marks
            .iter()
            .filter_map(|mark| match mark.span.place {
                Place::LeafValue(index) => Some(index),
                _ => None,
            })
            .collect(),
        Verdict::Allow => BTreeSet::new(),
        other => panic!("{other:?} on {message:?}"),
    };
    for (leaf, index) in event.leaves.iter().zip(0..) {
        let Value::Text(value) = &leaf.value else { continue };
        let personal = PERSONAL.iter().any(|field| leaf.path.ends_with(&format!("/{field}")));
        assert_eq!(marked.contains(&index), personal, "{} = {value:?}", leaf.path);
        assert!(!personal || found.contains(value.as_str()), "{} = {value:?} in the text", leaf.path);
    }
}

/// Whether a marked text is a value of a personal field, or a name or a birth told in prose.
fn is_personal(text: &str, category: Category, personal: &BTreeSet<String>) -> bool {
    let words = || text.split([' ', '\'']).all(|word| personal.contains(word));
    let year = || text.split(['-', ' ', '/']).any(|part| matches!(part.parse(), Ok(1900..=2010)));
    personal.contains(text)
        || match category {
            Category::PersonName => words(),
            Category::DateOfBirth => year(),
            Category::Email => text.ends_with("@gmail.com") || text.ends_with("@example.com"),
            _ => false,
        }
}
