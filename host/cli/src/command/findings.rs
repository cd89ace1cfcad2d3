//! `activemirror findings`: what there is for an auditor to read.

use activemirror::StoredFinding;
use activemirror::document::{severity_name, state_name};
use serde_json::json;

use crate::arguments::{Arguments, FindingsArguments};
use crate::command::left_out;
use crate::command::show::print_finding;
use crate::failure::Failure;
use crate::output::{BOLD, harmless, print_json};
use crate::place;
use crate::plugins::Governing;

pub(crate) fn run(arguments: &Arguments, wanted: &FindingsArguments) -> Result<(), Failure> {
    let runtime = place::open(arguments, Governing::Nothing)?;
    let findings = runtime.findings()?;
    left_out::say(&runtime, arguments.json);
    let control = wanted.control.as_deref().unwrap_or_default();
    let findings = findings.iter().filter(|finding| finding.control.starts_with(control));
    if arguments.json {
        findings.map(as_json).try_for_each(|line| print_json(&line))?;
        return Ok(());
    }
    let (mut out, mut trace) = (anstream::stdout().lock(), None);
    for finding in findings {
        if trace != Some(&finding.trace) {
            use std::io::Write;
            writeln!(out, "{BOLD}trace {}{BOLD:#}", harmless(&finding.trace))?;
            trace = Some(&finding.trace);
        }
        print_finding(&mut out, finding)?;
    }
    if trace.is_none() {
        anstream::println!("no findings");
    }
    Ok(())
}

fn as_json(finding: &StoredFinding) -> serde_json::Value {
    json!({
        "sequence": finding.sequence,
        "trace_id": finding.trace,
        "plugin": finding.plugin,
        "control": finding.control,
        "state": state_name(finding.state),
        "severity": severity_name(finding.severity),
        "message": finding.message,
        "evidence": finding.evidence,
    })
}
