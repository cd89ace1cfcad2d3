//! `activemirror session`: conversations that outlive a restart.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use activemirror::session::{Reflection, Role as SpokenBy, Session, Transcript};
use activemirror::session_json::{self, Spelling as JsonSpelling};
use activemirror::{Recorded, Reveal, Runtime};
use serde_json::json;

use crate::arguments::{Arguments, Role, SessionCommand, Spelling};
use crate::command::request;
use crate::failure::Failure;
use crate::output::{BOLD, DIM, harmless, outcome_style, print_json, print_table, table};
use crate::place;
use crate::plugins::Governing;

pub(crate) fn run(arguments: &Arguments, command: &SessionCommand) -> Result<(), Failure> {
    let writes = !matches!(
        command,
        SessionCommand::List | SessionCommand::Show { .. } | SessionCommand::Export { .. }
    );
    let governing = if writes { Governing::Plugins } else { Governing::Nothing };
    let runtime = place::open(arguments, governing)?;
    match command {
        SessionCommand::New { title, user } => new(&runtime, arguments.json, title, user.as_deref())?,
        SessionCommand::Send { session, text, role } => send(&runtime, arguments.json, session, text, *role)?,
        SessionCommand::List => list(&runtime, arguments.json)?,
        SessionCommand::Show { session, reveal } => show(&runtime, arguments.json, session, *reveal)?,
        SessionCommand::Export { session, spelling, output, reveal } => {
            export(&runtime, session, *spelling, output.as_deref(), *reveal)?;
        }
        SessionCommand::Import { file } => import(&runtime, arguments.json, file)?,
    }
    if writes { Ok(runtime.close()?) } else { Ok(()) }
}

fn new(runtime: &Runtime, json: bool, title: &str, user: Option<&str>) -> Result<(), Failure> {
    let id = runtime.create_session(title, user)?;
    if json {
        print_json(&json!({ "session_id": id }))?
    } else {
        anstream::println!("{id}")
    }
    Ok(())
}

fn send(runtime: &Runtime, json: bool, session: &str, text: &str, role: Role) -> Result<(), Failure> {
    let text = if text == "-" { read_stdin()? } else { text.to_owned() };
    let role = match role {
        Role::User => SpokenBy::User,
        Role::Assistant => SpokenBy::Assistant,
        Role::System => SpokenBy::System,
    };
    let ruled = runtime.send(session, role, &text)?;
    let reflection = Reflection::parse(&text);
    let outcome = activemirror::document::outcome_name(ruled.outcome);
    let reasons: Vec<&str> = ruled.reasons().collect();
    if json {
        return Ok(print_json(&json!({
            "sequence": ruled.sequence,
            "outcome": outcome,
            "may_proceed": ruled.may_proceed(),
            "reasons": reasons,
            "uncertainty": reflection.uncertainty.name(),
        }))?);
    }
    let style = outcome_style(ruled.outcome);
    anstream::println!("#{} recorded: {style}{outcome}{style:#}", ruled.sequence);
    for reason in reasons {
        anstream::println!("  {style}{}{style:#}", harmless(reason));
    }
    Ok(())
}

fn list(runtime: &Runtime, json: bool) -> Result<(), Failure> {
    let sessions = runtime.sessions()?;
    if json {
        sessions.iter().map(head_json).try_for_each(|line| print_json(&line))?;
        return Ok(());
    }
    if sessions.is_empty() {
        anstream::println!("no sessions; `activemirror session new` begins one");
        return Ok(());
    }
    let mut rows = table(["SESSION", "TITLE", "USER", "STATUS", "UPDATED"]);
    for session in sessions {
        rows.add_row([
            harmless(&session.id),
            harmless(&session.title),
            harmless(session.user.as_deref().unwrap_or("-")),
            session.status.name().to_owned(),
            harmless(&session.updated),
        ]);
    }
    Ok(print_table(&rows)?)
}

fn show(runtime: &Runtime, json: bool, id: &str, reveal: bool) -> Result<(), Failure> {
    let transcript = read(runtime, id, reveal)?;
    if json {
        let line = session_json::write_line(&transcript, JsonSpelling::Python).map_err(Failure::system)?;
        return Ok(writeln!(std::io::stdout(), "{line}")?);
    }
    let Session { title, status, .. } = &transcript.session;
    anstream::println!("{BOLD}{}{BOLD:#} {DIM}{}{DIM:#}\n", harmless(title), status.name());
    for message in &transcript.messages {
        anstream::println!("{BOLD}{}{BOLD:#} {DIM}{}{DIM:#}", message.role.name(), harmless(&message.time));
        anstream::println!("{}\n", harmless(&message.text));
    }
    Ok(())
}

fn export(
    runtime: &Runtime,
    id: &str,
    spelling: Spelling,
    output: Option<&Path>,
    reveal: bool,
) -> Result<(), Failure> {
    let spelling = match spelling {
        Spelling::Python => JsonSpelling::Python,
        Spelling::Javascript => JsonSpelling::JavaScript,
    };
    let text = session_json::write(&read(runtime, id, reveal)?, spelling).map_err(Failure::system)?;
    match output {
        None => writeln!(std::io::stdout(), "{text}")?,
        Some(path) => fs::write(path, text + "\n")
            .map_err(|error| Failure::input(format_args!("cannot write {}: {error}", path.display())))?,
    }
    Ok(())
}

fn import(runtime: &Runtime, json: bool, file: &Path) -> Result<(), Failure> {
    let about = |failure: Failure| failure.about(file.display());
    let text =
        fs::read(file).map_err(|error| about(Failure::input(format_args!("cannot read it: {error}"))))?;
    let transcript = session_json::read(&text).map_err(|error| about(Failure::input(error)))?;
    let id = transcript.session.id.clone();
    let new = matches!(runtime.record_session(transcript)?, Recorded::New { .. });
    runtime.flush()?;
    if json {
        return Ok(print_json(&json!({ "session_id": id, "new": new }))?);
    }
    match new {
        true => anstream::println!("session {} is stored", harmless(&id)),
        false => anstream::println!("session {} was here already; nothing was added", harmless(&id)),
    }
    Ok(())
}

fn read(runtime: &Runtime, id: &str, reveal: bool) -> Result<Transcript, Failure> {
    let reveal = if reveal { Reveal::Originals } else { Reveal::Masked };
    Ok(runtime.session(id, reveal, &request())?)
}

fn head_json(session: &Session) -> serde_json::Value {
    json!({
        "session_id": session.id,
        "title": session.title,
        "user_id": session.user,
        "status": session.status.name(),
        "created_at": session.created,
        "updated_at": session.updated,
    })
}

fn read_stdin() -> Result<String, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().read_to_string(&mut text);
    read.map_err(|error| Failure::input(format_args!("cannot read standard input: {error}")))?;
    Ok(text.trim_end_matches('\n').to_owned())
}
