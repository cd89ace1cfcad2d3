//! Real agent runs, where they are there: nothing is lost on the way in and out.

use std::fs;

use serde_json::Value;

use crate::place::{Place, shared};

#[test]
fn fifty_runs_become_fifty_traces_with_every_message() {
    let Some(path) = shared("tau-airline/trial0.json") else { return };
    let runs: Vec<Value> = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let place = Place::new();
    let imported = &place.json(&["import", path.to_str().unwrap()])[0];
    assert_eq!(imported["traces"], 50);
    let exported = place.json(&["export", "--reveal"]);
    assert_eq!(exported.len(), 50);
    for (run, trace) in runs.iter().zip(&exported) {
        compare(run, trace);
    }
    let report = &place.json(&["verify"])[0];
    assert_eq!(report["holds"], true);
    let again = &place.json(&["import", path.to_str().unwrap()])[0];
    assert_eq!((&again["traces"], &again["known"]), (&0.into(), &50.into()));
}

/// Every message of the run, in order, with content, parameters and data.
#[track_caller]
fn compare(run: &Value, trace: &Value) {
    let mut events = trace["events"].as_array().unwrap().iter();
    let mut next = || events.next().expect("an event for every message");
    for message in run["traj"].as_array().unwrap() {
        let (role, content) = (message["role"].as_str().unwrap(), &message["content"]);
        match role {
            "system" => assert_eq!(&trace["system"], content),
            "user" => assert_eq!(&next()["content"], content),
            "tool" => {
                let event = next();
                let parsed = serde_json::from_str::<Value>(content.as_str().unwrap());
                match parsed {
                    Ok(data @ (Value::Object(_) | Value::Array(_))) => assert_eq!(event["data"], data),
                    _ => assert_eq!(&event["content"], content),
                }
            }
            _ => {
                let calls = message["tool_calls"].as_array();
                if content.as_str().is_some_and(|text| !text.is_empty()) {
                    let event = next();
                    assert_eq!(&event["content"], content);
                    assert_eq!(event["type"], if calls.is_some() { "thought" } else { "output" });
                }
                for call in calls.into_iter().flatten() {
                    let arguments = call["function"]["arguments"].as_str().unwrap();
                    let arguments: Value = serde_json::from_str(arguments).unwrap();
                    let event = next();
                    if call["function"]["name"] == "think" {
                        assert_eq!(
                            (&event["type"], &event["content"]),
                            (&"thought".into(), &arguments["thought"])
                        );
                    } else {
                        assert_eq!(event["action"], call["function"]["name"]);
                        let parameters =
                            event.get("parameters").cloned().unwrap_or_else(|| serde_json::json!({}));
                        assert_eq!(parameters, arguments);
                    }
                }
            }
        }
    }
    assert!(events.next().is_none(), "no event without a message");
}
