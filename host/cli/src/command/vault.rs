//! `activemirror vault`: people's keys.

use std::io::{BufRead, IsTerminal, Write};

use serde_json::json;

use crate::arguments::{Arguments, VaultCommand};
use crate::command::left_out;
use crate::failure::Failure;
use crate::output::{bytes, harmless, print_json, print_table, table};
use crate::place::{self, Place};
use crate::plugins::Governing;

pub(crate) fn run(arguments: &Arguments, command: &VaultCommand) -> Result<(), Failure> {
    match command {
        VaultCommand::Status => status(arguments),
        VaultCommand::Subject => subjects(arguments),
        VaultCommand::Erase { subject, yes } => erase(arguments, subject, *yes),
    }
}

fn status(arguments: &Arguments) -> Result<(), Failure> {
    let place = Place::of(arguments)?;
    let runtime = place::open(arguments, Governing::Nothing)?;
    let subjects = runtime.subjects()?;
    let stored = runtime.stored_bytes()?;
    if arguments.json {
        return Ok(print_json(&json!({
            "data": place.data.to_string_lossy(),
            "key_file": place.key_file.to_string_lossy(),
            "log": runtime.log_id()?.to_string(),
            "keys": subjects.live,
            "erased": subjects.erased,
            "stored_bytes": stored,
        }))?);
    }
    anstream::println!("data        {}", place.data.display());
    anstream::println!("device key  {}", place.key_file.display());
    anstream::println!("log         {}", runtime.log_id()?);
    anstream::println!("keys        {} people's, {} erased", subjects.live, subjects.erased);
    anstream::println!("sealed      {}", bytes(stored));
    Ok(())
}

fn subjects(arguments: &Arguments) -> Result<(), Failure> {
    let runtime = place::open(arguments, Governing::Nothing)?;
    let people = runtime.people()?;
    left_out::say(&runtime, arguments.json);
    if arguments.json {
        people
            .iter()
            .try_for_each(|(name, traces)| print_json(&json!({ "subject": name, "traces": traces })))?;
        return Ok(());
    }
    let mut rows = table(["SUBJECT", "TRACES"]);
    for (name, traces) in people {
        rows.add_row([harmless(&name), traces.to_string()]);
    }
    Ok(print_table(&rows)?)
}

fn erase(arguments: &Arguments, subject: &str, yes: bool) -> Result<(), Failure> {
    if !yes {
        confirm(subject)?;
    }
    let runtime = place::open(arguments, Governing::Nothing)?;
    let blocks = runtime.erase(subject)?;
    let stale = runtime.stale_cold()?;
    runtime.close()?;
    if arguments.json {
        return Ok(print_json(&json!({ "erased": subject, "blocks": blocks, "cold_to_renew": stale }))?);
    }
    anstream::println!(
        "the key of {} is destroyed; {blocks} blocks keep only hashes of what they held",
        harmless(subject)
    );
    if stale > 0 {
        anstream::println!(
            "{stale} packs in the cold store still hold sealed content, which no key opens any more; \
             `activemirror retention run` takes it out"
        );
    }
    anstream::println!(
        "older copies of the data directory, or of its key file, may still open it: destroy them too"
    );
    Ok(())
}

fn confirm(subject: &str) -> Result<(), Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::input("erasing is for good; say --yes where nobody can be asked"));
    }
    anstream::print!("Erase {} for good? Nothing brings it back. Type the name again: ", harmless(subject));
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    if answer.trim_end_matches(['\r', '\n']) == subject {
        Ok(())
    } else {
        Err(Failure::input("nothing was erased"))
    }
}
