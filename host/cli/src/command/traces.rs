//! `activemirror traces`: a list.

use activemirror::{TraceSummary, Traces};
use serde_json::json;

use crate::arguments::{Arguments, TracesArguments};
use crate::command::left_out;
use crate::command::show::readable_name;
use crate::failure::Failure;
use crate::output::{harmless, print_json, print_table, table, time};
use crate::place;
use crate::plugins::Governing;

pub(crate) fn run(arguments: &Arguments, wanted: &TracesArguments) -> Result<(), Failure> {
    let runtime = place::open(arguments, Governing::Nothing)?;
    let TracesArguments { agent, session, limit } = wanted.clone();
    let traces = runtime.list(&Traces { agent, session, limit })?;
    left_out::say(&runtime, arguments.json);
    if arguments.json {
        traces.iter().map(as_json).try_for_each(|line| print_json(&line))?;
        return Ok(());
    }
    let mut rows = table(["TRACE", "AGENT", "SESSION", "BEGAN", "EVENTS", ""]);
    for trace in traces {
        rows.add_row([
            harmless(&trace.id),
            harmless(trace.agent.as_deref().unwrap_or("-")),
            harmless(trace.session.as_deref().unwrap_or("-")),
            time(trace.time),
            trace.events.to_string(),
            readable_name(trace.readable).to_owned(),
        ]);
    }
    if rows.is_empty() {
        anstream::println!(
            "no traces; `activemirror import FILE` brings some, `activemirror demo` shows how it works"
        );
        return Ok(());
    }
    Ok(print_table(&rows)?)
}

fn as_json(trace: &TraceSummary) -> serde_json::Value {
    json!({
        "trace_id": trace.id,
        "log": trace.log.to_string(),
        "sequence": trace.sequence,
        "agent_id": trace.agent,
        "session_id": trace.session,
        "timestamp": time(trace.time),
        "events": trace.events,
        "readable": readable_name(trace.readable),
    })
}
