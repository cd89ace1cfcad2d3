//! Workload **R**, real runs: how much of their JSON they take, where they are at hand. Policies and
//! compliance packs are left out here, so that only what was said is counted.
//!
//! Agents resend what was said so far at each step. So that is counted as well: the same runs, each
//! event behind a prompt that holds all before it, recorded as it happens, each durable before the
//! next: as it is stored usually, and where small blocks are not merged.

use std::fs::File;
use std::path::PathBuf;

use activemirror::document::{Event, Trace};
use activemirror::format::{Reader, mirrordna};
use activemirror::{Kind, Limits, Start};
use anyhow::Result;

use crate::report::{Better, Row};
use crate::{Arguments, bytes, ours};

/// Runs whose histories are resent: more would take minutes.
const RESENT: usize = 20;

/// A row for each size, as a share of the JSON; none where the runs are not at hand.
pub(crate) fn rows(arguments: &Arguments) -> Result<Vec<Row>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/tau-airline");
    let files = [folder.join("trial0.json"), folder.join("trial1.json")];
    if !files.iter().all(|file| file.exists()) {
        println!("not run on tau-airline: ../shared/data is not there");
        return Ok(Vec::new());
    }
    let (mut traces, mut json) = (Vec::new(), 0);
    for file in &files {
        json += file.metadata()?.len();
        for trace in Reader::new(std::io::BufReader::new(File::open(file)?), None) {
            traces.push(trace?);
        }
    }
    let mut rows = imported(arguments, &traces, json as f64)?;
    rows.extend(resent(arguments, &traces[..RESENT.min(traces.len())])?);
    Ok(rows)
}

fn imported(arguments: &Arguments, traces: &[Trace], json: f64) -> Result<Vec<Row>> {
    let folder = arguments.folder()?;
    let runtime = ours::open(folder.path(), Vec::new())?;
    for trace in traces {
        runtime.record_trace(trace.clone())?;
    }
    runtime.close()?;
    let room = ours::open(folder.path(), Vec::new())?.room()?;
    let parts = room.parts;
    let (content, frees) = (parts.parts.content, parts.unused + room.log_file - parts.sum());
    let closed = bytes(&folder.path().join("data"))?;
    let share = |what: &str, bytes: f64| {
        Row::new(format!("stored size R, {what}, of its JSON"), "", Better::Lower, bytes / json)
    };
    Ok(vec![
        share("the log: all but content and free room", (parts.sum() - content - parts.unused) as f64)
            .goal(0.1),
        share("the vault: what was said", content as f64),
        share("redb's free room", frees as f64),
        share("whole files after close", closed),
    ])
}

fn resent(arguments: &Arguments, traces: &[Trace]) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    let ways = [("whole files after close", Limits::default()), ("small blocks not merged", apart())];
    for (what, limits) in ways {
        let what = format!("stored size of histories that are resent, {what}, of their JSON");
        rows.push(Row::new(what, "", Better::Lower, resent_share(arguments, traces, limits)?));
    }
    Ok(rows)
}

fn apart() -> Limits {
    Limits { merge_after: None, ..Limits::default() }
}

fn resent_share(arguments: &Arguments, traces: &[Trace], limits: Limits) -> Result<f64> {
    let folder = arguments.folder()?;
    let runtime = ours::open_within(folder.path(), Vec::new(), limits)?;
    let file = folder.path().join("resent.jsonl");
    let mut writer = mirrordna::Writer::new(File::create(&file)?);
    for trace in traces {
        let trace = with_prompts(trace);
        let start = Start {
            trace: Some(trace.id.clone()),
            agent: trace.agent.clone(),
            session: trace.session.clone(),
            user: trace.user.clone(),
            ..Start::default()
        };
        let mut recorder = runtime.begin(start)?;
        for event in &trace.events {
            let ruled = recorder.record(event.clone())?;
            runtime.wait(ruled.sequence)?;
        }
        writer.write(&trace, &[], &[])?;
    }
    writer.finish()?;
    runtime.close()?;
    Ok(bytes(&folder.path().join("data"))? / file.metadata()?.len() as f64)
}

/// The same events, each behind a prompt with all that was said before it.
fn with_prompts(trace: &Trace) -> Trace {
    let (mut said, mut events) = (trace.system.clone().unwrap_or_default(), Vec::new());
    for event in &trace.events {
        let prompt = Event { text: Some(said.clone()), time: event.time, ..Event::new(Kind::Thought) };
        said.push_str(event.text.as_deref().unwrap_or_default());
        events.extend([prompt, event.clone()]);
    }
    Trace { events, system: None, ..trace.clone() }
}
