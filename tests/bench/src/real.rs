//! Workload **R**, real runs: how much of their JSON they take, where they are at hand. Policies and
//! compliance packs are left out here, so that only what was said is counted.
//!
//! Agents resend what was said so far at each step. So that is counted as well: the same runs, each
//! event behind a prompt that holds all before it, recorded as it happens, each durable before the
//! next.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use activemirror::document::{Event, Trace};
use activemirror::format::{Reader, mirrordna};
use activemirror::{Kind, Start};
use anyhow::Result;

use crate::report::{Better, Row};
use crate::{Arguments, bytes, ours, tiers};

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
    let (hot, packed) = sizes(folder.path())?;
    let share = |what: &str, bytes: f64| {
        Row::new(format!("stored size R, {what}, of its JSON"), "", Better::Lower, bytes / json)
    };
    Ok(vec![
        share("the log: all but content and free room", (parts.sum() - content - parts.unused) as f64)
            .goal(0.1),
        share("the vault: what was said", content as f64),
        share("redb's free room", frees as f64),
        share("whole files after close", hot),
        share("whole files, all blocks packed", packed),
    ])
}

fn resent(arguments: &Arguments, traces: &[Trace]) -> Result<Vec<Row>> {
    let folder = arguments.folder()?;
    let runtime = ours::open(folder.path(), Vec::new())?;
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
    let json = file.metadata()?.len() as f64;
    fs::remove_file(file)?;
    let (hot, packed) = sizes(folder.path())?;
    let share = |what: &str, bytes: f64| {
        let what = format!("stored size of histories that are resent, {what}, of their JSON");
        Row::new(what, "", Better::Lower, bytes / json)
    };
    Ok(vec![share("a block for each event", hot), share("all blocks packed", packed)])
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

/// Bytes of a closed store, and of the same once all blocks are packed.
fn sizes(folder: &Path) -> Result<(f64, f64)> {
    let hot = bytes(&folder.join("data"))?;
    tiers::pack(folder)?;
    Ok((hot, bytes(&folder.join("data"))?))
}
