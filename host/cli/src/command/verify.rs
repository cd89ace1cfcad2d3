//! `activemirror verify`: whether the log is still what was written.

use activemirror::{Error, LogReport, Parent, Reason, Report, Runtime, Scope};
use serde_json::json;

use crate::arguments::{Arguments, VerifyArguments};
use crate::failure::Failure;
use crate::output::{BAD, DIM, GOOD, counting_bar, print_json};
use crate::place;

pub(crate) fn run(arguments: &Arguments, verify: &VerifyArguments) -> Result<(), Failure> {
    let runtime = place::open_to_check(arguments)?;
    let scope = if verify.no_keys { Scope::Structure } else { Scope::Everything };
    let report = recompute(&runtime, scope)?;
    for log in &report.logs {
        if arguments.json { print_json(&as_json(log, scope))? } else { print(log, scope) }
    }
    if let Some((log, fault)) = report.fault() {
        return Err(Failure::check(format_args!(
            "log {}: {fault}; `activemirror repair` saves what is intact",
            log.log
        )));
    }
    match runtime.check_seen() {
        Err(error @ Error::PutBack { .. }) => return Err(Failure::check(error)),
        other => other?,
    }
    if let Some((log, (block, why))) =
        report.logs.iter().find_map(|log| Some((log.log, log.unreached.as_ref()?)))
    {
        return Err(Failure::system(format_args!(
            "log {log}: what is here holds, but block {block} is in the cold store: {why}"
        )));
    }
    runtime.check_pages().map_err(Failure::check)
}

/// Recomputes the log, with a bar.
pub(crate) fn recompute(runtime: &Runtime, scope: Scope) -> Result<Report, Failure> {
    let bar = counting_bar(runtime.block_count()?, "verifying");
    let report = runtime.verify(scope, || bar.inc(1))?;
    bar.finish_and_clear();
    Ok(report)
}

/// Prints what there is to say of one log.
pub(crate) fn print(log: &LogReport, scope: Scope) {
    let whose = if log.own { "this device" } else { "another device" };
    anstream::println!("log {} {DIM}({whose}){DIM:#}", log.log);
    if let Some(Parent { log, blocks, reason, .. }) = &log.parent {
        let why = reason_name(*reason);
        anstream::println!("  it goes on from {blocks} blocks of log {log} {DIM}({why}){DIM:#}");
    }
    match &log.fault {
        Some(fault) => anstream::println!("  {BAD}✗ {fault}{BAD:#}"),
        None => anstream::println!("  {GOOD}✓{GOOD:#} {} blocks, {} records hold", log.blocks, log.records),
    }
    if log.lost > 0 || log.closed > 0 {
        let (lost, closed) = (log.lost, log.closed);
        anstream::println!(
            "  {BAD}!{BAD:#} a repair said that {lost} blocks, and the keys to {closed} records, are gone"
        );
    }
    if scope == Scope::Everything {
        anstream::println!("  {} records recomputed under their keys, {} erased", log.recomputed, log.erased);
    }
    if log.gone > 0 {
        anstream::println!("  the payload of {} blocks went by retention; their headers hold", log.gone);
    }
    if log.cold > 0 {
        anstream::println!("  {} blocks are in the cold store and were not looked at", log.cold);
    }
    anstream::println!("  the signed checkpoint covers {} blocks", log.covered);
}

/// Why a log goes on from another.
const fn reason_name(reason: Reason) -> &'static str {
    match reason {
        Reason::Restored => "restored",
        Reason::Repaired => "repaired",
    }
}

fn as_json(log: &LogReport, scope: Scope) -> serde_json::Value {
    json!({
        "log": log.log.to_string(),
        "own": log.own,
        "holds": log.fault.is_none(),
        "fault": log.fault.as_ref().map(ToString::to_string),
        "bad_block": log.fault.as_ref().map(|fault| fault.block),
        "parent": log.parent.map(|parent| json!({
            "log": parent.log.to_string(),
            "blocks": parent.blocks,
            "reason": reason_name(parent.reason),
        })),
        "blocks": log.blocks,
        "lost": log.lost,
        "closed": log.closed,
        "records": log.records,
        "recomputed": log.recomputed,
        "erased": log.erased,
        "gone": log.gone,
        "cold": log.cold,
        "covered": log.covered,
        "keys": scope == Scope::Everything,
    })
}
