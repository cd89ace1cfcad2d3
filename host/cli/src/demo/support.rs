//! Plays the demo's script: what an agent does around the runtime.

use activemirror::document::Event;
use activemirror::{Recorder, Review, Ruled, Runtime, Start};

use super::script::{AGENT, CUSTOMER, STEPS, Step, Tool};
use crate::failure::Failure;

/// Plays the conversation and returns its trace's id.
pub(super) fn play(runtime: &Runtime) -> Result<String, Failure> {
    let mut trace = runtime.begin(Start {
        agent: AGENT.to_owned(),
        session: Some("demo".to_owned()),
        user: Some(CUSTOMER.to_owned()),
        system: Some("You are the support agent of a small shop for kitchen goods.".to_owned()),
        ..Start::default()
    })?;
    for step in STEPS {
        take(&mut trace, step)?;
    }
    let id = trace.trace().to_owned();
    trace.end()?;
    Ok(id)
}

fn take(trace: &mut Recorder, step: &Step) -> Result<(), Failure> {
    match *step {
        Step::Customer(text) => {
            trace.record(Event::observation(text).from_user())?;
            // The frame is what a real agent would put before its model.
            trace.frame(text)?;
        }
        Step::Thinks(text) => drop(trace.record(Event::thought(text))?),
        Step::Decides(text, intent, confidence) => {
            trace.record(Event::decision(text).intent(intent, confidence))?;
        }
        Step::Calls(tool) => call(trace, tool)?,
        Step::Replies { draft, second } => reply(trace, draft, second)?,
    }
    Ok(())
}

/// Calls the tool only if the policies let the agent go on.
fn call(trace: &mut Recorder, tool: Tool) -> Result<(), Failure> {
    let ruled = trace.record(tool.call())?;
    if ruled.may_proceed() {
        trace.record(tool.answer())?;
    } else {
        trace.record(Event::error(format!("stopped: {}", reasons(&ruled))))?;
    }
    Ok(())
}

/// Sends the draft, or what takes its place where the persona or a policy does not accept it.
fn reply(trace: &mut Recorder, draft: &str, second: &str) -> Result<(), Failure> {
    let objection = match trace.review(draft)?.map(|call| call.result) {
        Some(Ok(Review::Revise(reasons))) => Some(reasons.join("; ")),
        Some(Ok(Review::Refuse(reason))) => Some(reason),
        Some(Err(error)) => Some(error.to_string()),
        Some(Ok(Review::Accept)) | None => None,
    };
    if let Some(objection) = &objection {
        trace.record(Event::thought(format!("The persona asks for another reply: {objection}")))?;
    }
    trace.record(Event::output(if objection.is_some() { second } else { draft }))?;
    Ok(())
}

fn reasons(ruled: &Ruled) -> String {
    ruled.reasons().collect::<Vec<_>>().join("; ")
}
