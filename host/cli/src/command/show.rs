//! `activemirror show`: one trace as a timeline.

use std::io::{self, Write};

use activemirror::document::{Event, outcome_name, severity_name, state_name};
use activemirror::format::mirrordna;
use activemirror::{
    Kind, Readable, Reveal, Runtime, StoredEvent, StoredFinding, StoredMark, StoredTrace, StoredVerdict,
};

use crate::arguments::{Arguments, ShowArguments};
use crate::command::{left_out, request};
use crate::failure::Failure;
use crate::output::{BOLD, DIM, TOKEN, harmless, outcome_style, severity_style, time};
use crate::place;
use crate::plugins::Governing;

/// Where the text of a timeline begins.
const INDENT: &str = "                     ";

pub(crate) fn run(arguments: &Arguments, show: &ShowArguments) -> Result<(), Failure> {
    let runtime = place::open(arguments, Governing::Nothing)?;
    let reveal = if show.reveal { Reveal::Originals } else { Reveal::Masked };
    let trace = runtime.read(&full_id(&runtime, &show.trace)?, reveal, &request())?;
    left_out::say(&runtime, arguments.json);
    if arguments.json {
        let document = trace.document();
        let mut writer = mirrordna::Writer::new(io::stdout().lock());
        writer.write(&document.trace, &document.verdicts, &document.findings)?;
        return Ok(());
    }
    print(&trace)
}

/// The one trace whose id begins so.
pub(crate) fn full_id(runtime: &Runtime, beginning: &str) -> Result<String, Failure> {
    if runtime.knows(beginning)? {
        return Ok(beginning.to_owned());
    }
    match &runtime.trace_ids(beginning)?[..] {
        [one] => Ok(one.clone()),
        [] => Err(activemirror::Error::UnknownTrace(beginning.to_owned()).into()),
        several => Err(Failure::input(format_args!("{} traces begin with {beginning}", several.len()))),
    }
}

/// Prints a trace, its verdicts and its findings.
pub(crate) fn print(trace: &StoredTrace) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    print_head(&mut out, trace)?;
    trace.events.iter().try_for_each(|stored| print_event(&mut out, stored))?;
    if !trace.findings.is_empty() {
        writeln!(out, "\n{BOLD}findings{BOLD:#}")?;
        trace.findings.iter().try_for_each(|finding| print_finding(&mut out, finding))?;
    }
    Ok(())
}

fn print_head(out: &mut impl Write, trace: &StoredTrace) -> io::Result<()> {
    let start = &trace.start;
    writeln!(out, "{BOLD}trace {}{BOLD:#}", harmless(&start.id))?;
    let session = start.session.as_deref().map(|id| format!("  session {}", harmless(id)));
    let user = start.user.as_deref().map(|name| format!("  of {}", harmless(name)));
    let rest = [session, user].into_iter().flatten().collect::<String>();
    writeln!(out, "{DIM}agent {}{rest}  began {}{DIM:#}", harmless(&start.agent), time(start.time))?;
    if trace.readable != Readable::Open {
        writeln!(out, "{DIM}its content is {}{DIM:#}", readable_name(trace.readable))?;
    }
    if trace.ungoverned {
        writeln!(out, "{DIM}recorded without policies{DIM:#}")?;
    }
    // How a trace begins is of interest where a policy had something to say about it.
    if !trace.marks.is_empty() || trace.verdicts.iter().any(|verdict| verdict.reason.is_some()) {
        print_verdicts(out, &trace.verdicts, &trace.marks)?;
    }
    writeln!(out)
}

fn print_event(out: &mut impl Write, stored: &StoredEvent) -> io::Result<()> {
    let shown = &stored.event;
    let clock = time(shown.time).get(11..19).unwrap_or_default().to_owned();
    let name = shown.kind.event_name().unwrap_or_default();
    write!(out, "{DIM}{:>5}{DIM:#} {clock} ", format!("#{}", stored.sequence))?;
    write!(out, "{BOLD}{name}{BOLD:#}{}", source(shown))?;
    if let Some(action) = &shown.action {
        write!(out, " {}", harmless(action))?;
    }
    if let Some(confidence) = shown.confidence {
        write!(out, " {DIM}confidence {confidence}{DIM:#}")?;
    }
    writeln!(out)?;
    if stored.readable != Readable::Open {
        return writeln!(out, "{INDENT}{DIM}({}){DIM:#}", readable_name(stored.readable));
    }
    print_content(out, stored)?;
    print_verdicts(out, &stored.verdicts, &stored.marks)
}

fn source(event: &Event) -> &'static str {
    let user = event.leaves.iter().any(|leaf| {
        leaf.path == "/metadata/source"
            && leaf.value == activemirror::document::Value::Text("user".to_owned())
    });
    match event.kind {
        Kind::Observation if user => " (user)",
        Kind::Observation => " (tool)",
        _ => "",
    }
}

fn print_content(out: &mut impl Write, stored: &StoredEvent) -> io::Result<()> {
    let shown = &stored.event;
    for line in shown.text.iter().flat_map(|text| text.lines()) {
        writeln!(out, "{INDENT}{}", tokens_styled(stored, &harmless(line)))?;
    }
    for leaf in shown.leaves.iter().filter(|leaf| !leaf.path.starts_with("/metadata/")) {
        let value = leaf_text(&leaf.value);
        let line = format!("{} = {}", harmless(&leaf.path), tokens_styled(stored, &harmless(&value)));
        writeln!(out, "{INDENT}{DIM}{line}{DIM:#}")?;
    }
    Ok(())
}

/// Sets tokens apart from what surrounds them. A text that imitates a token in an event without
/// marks stays plain.
fn tokens_styled(stored: &StoredEvent, line: &str) -> String {
    if stored.marks.is_empty() {
        return line.to_owned();
    }
    line.replace('⟦', &format!("{TOKEN}⟦")).replace('⟧', &format!("⟧{TOKEN:#}"))
}

fn leaf_text(value: &activemirror::document::Value) -> String {
    use activemirror::document::Value;
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Signed(number) => number.to_string(),
        Value::Unsigned(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Decimal(text) | Value::Text(text) => text.replace('\n', "\\n"),
        Value::EmptyObject => "{}".to_owned(),
        Value::EmptyList => "[]".to_owned(),
    }
}

fn print_verdicts(out: &mut impl Write, verdicts: &[StoredVerdict], marks: &[StoredMark]) -> io::Result<()> {
    for verdict in verdicts {
        let style = outcome_style(verdict.outcome);
        let reason =
            verdict.reason.as_deref().map(|reason| format!(": {}", harmless(reason))).unwrap_or_default();
        let categories = categories(marks, verdict.number);
        let name = outcome_name(verdict.outcome);
        writeln!(
            out,
            "{INDENT}{style}└ {}: {name}{categories}{reason}{style:#} {DIM}fuel {}{DIM:#}",
            harmless(&verdict.policy),
            verdict.fuel
        )?;
    }
    Ok(())
}

/// What a policy marked.
fn categories(marks: &[StoredMark], plugin: u16) -> String {
    let marks = marks.iter().filter(|mark| mark.plugin == plugin);
    let names: Vec<String> = marks.map(|mark| harmless(&mark.mark.category)).collect();
    if names.is_empty() { String::new() } else { format!(" {}", names.join(", ")) }
}

/// Prints a finding with its evidence.
pub(crate) fn print_finding(out: &mut impl Write, finding: &StoredFinding) -> io::Result<()> {
    let style = severity_style(finding.severity);
    let evidence: Vec<String> = finding.evidence.iter().map(|sequence| format!("#{sequence}")).collect();
    writeln!(
        out,
        "  {style}{:<8}{style:#} {:<24} {:<15} {}",
        severity_name(finding.severity),
        harmless(&finding.control),
        state_name(finding.state),
        harmless(&finding.message)
    )?;
    let evidence = if evidence.is_empty() { "the trace as a whole".to_owned() } else { evidence.join(" ") };
    writeln!(out, "           {DIM}evidence {evidence}  by {}{DIM:#}", harmless(&finding.plugin))
}

/// What `readable` is called.
pub(crate) const fn readable_name(readable: Readable) -> &'static str {
    match readable {
        Readable::Open => "",
        Readable::Sealed => "sealed",
        Readable::Erased => "erased",
    }
}
