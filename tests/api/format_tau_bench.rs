//! tau-bench runs: the mapping on runs of our own, and that nothing of real ones is lost.

use std::fs;
use std::path::Path;

use activemirror::document::{Event, Trace, Value};
use activemirror_core::trace::Kind;
use serde_json::Value as Json;

use crate::format_source::{TAU_BENCH, leaf, text, trace, traces, write};

#[test]
fn messages_become_events_in_order() {
    let trace = &traces(TAU_BENCH)[0];
    let seen: Vec<_> = trace
        .events
        .iter()
        .map(|event| (event.kind, event.action.as_deref(), event.text.as_deref()))
        .collect();
    let expected = [
        (Kind::Observation, None, Some("Hi, my repair is late. I am rosa_keil_17.")),
        (Kind::Thought, None, Some("Let me look that up.")),
        (Kind::Thought, None, Some("First the customer, then the repair.")),
        (Kind::Action, Some("get_user_details"), None),
        (Kind::Observation, None, Some("")),
        (Kind::Observation, None, None),
        (Kind::Action, Some("list_slots"), None),
        (Kind::Observation, None, None),
        (Kind::Action, Some("calculate"), None),
        (Kind::Observation, None, Some("25.0")),
        (Kind::Output, None, Some("It is ready on Tuesday.")),
        (Kind::Observation, None, Some("Thanks! ###STOP###")),
    ];
    assert_eq!(seen, expected);
    let times = trace.events.iter().map(|event| event.time.as_millis());
    assert!(times.eq((0..12).map(|second| second * 1000)));
}

#[test]
fn what_stands_beside_the_text_is_kept() {
    let trace = &traces(TAU_BENCH)[0];
    let call = |id: &str| leaf("/metadata/tool_call_id", text(id));
    assert_eq!(trace.events[0].leaves, [leaf("/metadata/source", text("user"))]);
    assert_eq!(trace.events[1].leaves, []);
    assert_eq!(trace.events[2].leaves, [call("call_a")]);
    assert_eq!(trace.events[3].leaves, [leaf("/parameters/user_id", text("rosa_keil_17")), call("call_b")]);
    assert_eq!(trace.events[4].leaves, [call("call_a")]);
    let user = [
        leaf("/data/name", text("Rosa")),
        leaf("/data/repairs[0]", text("R1")),
        leaf("/data/credit", Value::Decimal("12.50".to_owned())),
        call("call_b"),
    ];
    assert_eq!(trace.events[5].leaves, user);
    assert_eq!(trace.events[6].leaves, [leaf("/parameters", Value::EmptyObject), call("call_c")]);
    assert_eq!(
        trace.events[7].leaves,
        [leaf("/data[0]", text("Tue")), leaf("/data[1]", text("Wed")), call("call_c")]
    );
}

#[test]
fn a_run_is_a_trace_and_a_session() {
    let traces = traces(TAU_BENCH);
    let [first, second] = traces.as_slice() else { panic!("two runs") };
    assert_eq!(first.agent, "tau-bicycle");
    assert_eq!(second.agent, "tau-airline");
    assert_eq!(first.system.as_deref(), Some("# Bicycle agent policy\n\nAsk before you change a booking."));
    assert_eq!(second.system, None);
    assert_eq!(first.user.as_deref(), Some("rosa_keil_17"));
    assert_eq!(second.user, None);
    assert_ne!(first.id, second.id);
    assert_ne!(first.session, second.session);
    let metadata = [
        leaf("/metadata/synthetic_time", Value::Bool(true)),
        leaf("/metadata/task_id", Value::Signed(0)),
        leaf("/metadata/reward", Value::Float(1.0)),
        leaf("/metadata/trial", Value::Signed(0)),
    ];
    assert_eq!(first.leaves, metadata);
}

#[test]
fn the_system_text_says_whose_policy_it_is() {
    let agent = |system: &str| {
        let run = serde_json::json!({ "traj": [{ "role": "system", "content": system }] });
        trace(&run.to_string()).agent
    };
    assert_eq!(agent("# Airline Agent Policy\n\nThe current time"), "tau-airline");
    assert_eq!(agent("# Retail agent policy\n\nAs a retail agent"), "tau-retail");
    for other in ["", "# ", "#  agent policy", "# Two words agent policy", "Be kind."] {
        assert_eq!(agent(other), "tau-airline");
    }
}

#[test]
fn the_same_run_is_the_same_trace() {
    let runs: Json = serde_json::from_str(TAU_BENCH).unwrap();
    // Other whitespace, and keys in the order of the alphabet.
    let other = traces(&runs.to_string());
    assert_eq!(other, traces(TAU_BENCH));
    // A UUIDv5 never changes: a run that was imported once is known for good.
    assert_eq!(other[0].id, "75c6ea60-87a2-51f4-9d27-f912e9c3be6c");
    assert_eq!(other[0].session.as_deref(), Some("sess_ee008637aaf355989b2448b3f07f4c34"));
    let mut later = runs;
    later[0]["trial"] = 1.into();
    assert_ne!(traces(&later.to_string())[0].id, other[0].id);
}

#[test]
fn arguments_that_are_no_json_are_kept_as_text() {
    let event = &traces(TAU_BENCH)[1].events[1];
    assert_eq!(event.leaves[0], leaf("/parameters/arguments", text("{\"item\": \"chain")));
}

/// The one event that this message becomes.
#[track_caller]
fn event(message: &str) -> Event {
    let mut events = traces(&format!("[{{\"traj\":[{message}]}}]")).remove(0).events;
    assert_eq!(events.len(), 1);
    events.remove(0)
}

fn call(name: &str, arguments: &str) -> Event {
    event(&format!(
        "{{\"role\":\"assistant\",\"tool_calls\":[{{\"function\":{{\"name\":\"{name}\",\"arguments\":{arguments}}}}}]}}"
    ))
}

#[test]
fn arguments_may_be_an_object_already() {
    assert_eq!(call("f", "{\"a\":1}").leaves, call("f", "\"{\\\"a\\\":1}\"").leaves);
    assert_eq!(call("f", "null").leaves, []);
}

#[test]
fn only_a_thought_is_a_thought() {
    assert_eq!(call("think", "{\"thought\":\"hm\"}").kind, Kind::Thought);
    let more = call("think", "{\"thought\":\"hm\",\"about\":\"it\"}");
    assert_eq!(
        (more.text.as_deref(), more.leaves),
        (Some("hm"), vec![leaf("/parameters/about", text("it"))])
    );
    assert_eq!(call("think", "{\"idea\":\"hm\"}").kind, Kind::Action);
    assert_eq!(call("think", "\"not json\"").kind, Kind::Action);
}

/// What a tool answered, as content or as data.
#[track_caller]
fn check_content(result: &str) {
    let message = serde_json::json!({ "role": "tool", "content": result });
    let event = event(&message.to_string());
    assert_eq!((event.text.as_deref(), event.leaves), (Some(result), vec![]));
}

#[test]
fn only_objects_and_lists_are_data() {
    for result in ["", "12.5", "\"text\"", "null", "[1", "{} {}", "{\"a\":1,\"a\":2}", &"[".repeat(500)] {
        check_content(result);
    }
    let data = |result: &str| event(&serde_json::json!({ "role": "tool", "content": result }).to_string());
    assert_eq!(data("{}").leaves, [leaf("/data", Value::EmptyObject)]);
    assert_eq!(data(" [] ").leaves, [leaf("/data", Value::EmptyList)]);
    check_content(&format!("{}{}", "[".repeat(126), "]".repeat(126)));
    let deepest = data(&format!("{}{}", "[".repeat(125), "]".repeat(125)));
    assert_eq!(deepest.text, None);
}

#[test]
fn what_was_imported_can_be_exported_and_imported_again() {
    let first = write(&traces(TAU_BENCH));
    assert_eq!(write(&traces(&first)), first);
    let deep = format!("{}{}", "[".repeat(125), "]".repeat(125));
    let deep = serde_json::json!([{ "traj": [{ "role": "tool", "content": deep }] }]).to_string();
    let first = write(&traces(&deep));
    assert_eq!(write(&traces(&first)), first);
}

#[test]
fn real_runs_lose_nothing() {
    for name in ["trial0.json", "trial1.json"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/tau-airline").join(name);
        let Ok(source) = fs::read_to_string(&path) else {
            println!("did not run on tau-airline/{name}: ../shared/data is not there");
            continue;
        };
        let runs: Vec<Json> = serde_json::from_str(&source).unwrap();
        let traces = traces(&source);
        assert_eq!((runs.len(), traces.len()), (50, 50));
        let exported: Vec<Json> =
            write(&traces).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        for ((run, trace), exported) in runs.iter().zip(&traces).zip(&exported) {
            check_run(run, trace, exported);
        }
    }
}

/// Every message of the run, read by another reader, is in the exported trace, in order.
#[track_caller]
fn check_run(run: &Json, trace: &Trace, exported: &Json) {
    assert_eq!(exported["agent_id"], "tau-airline");
    for key in ["task_id", "reward", "trial"] {
        assert_eq!(exported["metadata"][key], run[key]);
    }
    let messages = run["traj"].as_array().unwrap();
    let expected: Vec<Json> = messages.iter().flat_map(expected_events).collect();
    let events: Vec<Json> = exported["events"].as_array().unwrap().iter().map(without_time).collect();
    assert_eq!(events, expected);
    let system: Vec<_> = messages.iter().filter(|message| message["role"] == "system").collect();
    assert_eq!(system.iter().map(|message| &message["content"]).collect::<Vec<_>>(), [&exported["system"]]);
    assert_eq!(trace.user.as_deref(), first_user(messages).as_deref());
}

fn without_time(event: &Json) -> Json {
    let mut event = event.clone();
    event.as_object_mut().unwrap().remove("timestamp").unwrap();
    event
}

/// The mapping once more, written from its description.
fn expected_events(message: &Json) -> Vec<Json> {
    let content = &message["content"];
    match message["role"].as_str().unwrap() {
        "user" => vec![
            serde_json::json!({ "type": "observation", "content": content, "metadata": { "source": "user" } }),
        ],
        "tool" => vec![expected_result(content.as_str().unwrap(), &message["tool_call_id"])],
        "assistant" => match message.get("tool_calls").and_then(Json::as_array) {
            None => vec![serde_json::json!({ "type": "output", "content": content })],
            Some(calls) => {
                let thought = content.as_str().filter(|text| !text.is_empty());
                let thought = thought.map(|text| serde_json::json!({ "type": "thought", "content": text }));
                thought.into_iter().chain(calls.iter().map(expected_call)).collect()
            }
        },
        _ => vec![],
    }
}

fn expected_result(content: &str, id: &Json) -> Json {
    match serde_json::from_str::<Json>(content) {
        Ok(data) if data.is_object() || data.is_array() => {
            serde_json::json!({ "type": "observation", "data": data, "metadata": { "tool_call_id": id } })
        }
        _ => {
            serde_json::json!({ "type": "observation", "content": content, "metadata": { "tool_call_id": id } })
        }
    }
}

fn arguments(call: &Json) -> Json {
    serde_json::from_str(call["function"]["arguments"].as_str().unwrap()).unwrap()
}

fn expected_call(call: &Json) -> Json {
    let metadata = serde_json::json!({ "tool_call_id": call["id"] });
    let name = call["function"]["name"].as_str().unwrap();
    if name == "think" {
        return serde_json::json!({ "type": "thought", "content": arguments(call)["thought"], "metadata": metadata });
    }
    serde_json::json!({ "type": "action", "action": name, "parameters": arguments(call), "metadata": metadata })
}

fn first_user(messages: &[Json]) -> Option<String> {
    let calls = messages.iter().filter_map(|message| message["tool_calls"].as_array()).flatten();
    let mut users = calls.filter_map(|call| arguments(call)["user_id"].as_str().map(str::to_owned));
    users.next()
}
