//! `activemirror vault`: people's keys.

use std::io::{BufRead, IsTerminal, Write};

use activemirror::{LogId, Restored, Room, Runtime, Scope, Standing};
use serde_json::json;

use crate::arguments::{Arguments, VaultCommand};
use crate::command::left_out;
use crate::command::verify::recompute;
use crate::failure::Failure;
use crate::output::{bytes, harmless, print_json, print_table, table};
use crate::place::{self, Place};
use crate::plugins::Governing;

pub(crate) fn run(arguments: &Arguments, command: &VaultCommand) -> Result<(), Failure> {
    match command {
        VaultCommand::Status => status(arguments),
        VaultCommand::Subject => subjects(arguments),
        VaultCommand::Restore { yes } => restore(arguments, *yes),
        VaultCommand::Erase { subject, yes } => erase(arguments, subject, *yes),
    }
}

fn status(arguments: &Arguments) -> Result<(), Failure> {
    let place = Place::of(arguments)?;
    let runtime = place::open(arguments, Governing::Nothing)?;
    let subjects = runtime.subjects()?;
    let stored = runtime.stored_bytes()?;
    let room = runtime.room()?;
    if arguments.json {
        let parts: serde_json::Map<_, _> =
            room.named().into_iter().map(|(name, bytes)| (name.to_owned(), bytes.into())).collect();
        return Ok(print_json(&json!({
            "data": place.data.to_string_lossy(),
            "key_file": place.key_file.to_string_lossy(),
            "log": runtime.log_id()?.to_string(),
            "keys": subjects.live,
            "erased": subjects.erased,
            "stored_bytes": stored,
            "blocks": room.parts.blocks,
            "blocks_in_packs": room.parts.packed,
            "records": room.parts.records,
            "log_file_bytes": room.log_file,
            "keys_file_bytes": room.keys_file,
            "bytes": parts,
        }))?);
    }
    anstream::println!("data        {}", place.data.display());
    anstream::println!("device key  {}", place.key_file.display());
    anstream::println!("log         {}", runtime.log_id()?);
    anstream::println!("keys        {} people's, {} erased", subjects.live, subjects.erased);
    let (blocks, packed) = (room.parts.blocks, room.parts.packed);
    anstream::println!("sealed      {} in {blocks} blocks, {packed} of them in packs", bytes(stored));
    anstream::println!("keys' file  {}", bytes(room.keys_file));
    anstream::println!("log's file  {}, of which", bytes(room.log_file));
    print_room(&room)
}

/// Where every byte of the log's file is.
fn print_room(room: &Room) -> Result<(), Failure> {
    let mut rows = table(["  PART", "BYTES", "OF ALL", "A RECORD", "WHAT"]);
    for (name, part) in room.named() {
        let records = room.parts.records.max(1) as f64;
        rows.add_row([
            format!("  {name}"),
            part.to_string(),
            format!("{:.1} %", part as f64 / room.log_file.max(1) as f64 * 100.0),
            format!("{:.2}", part as f64 / records),
            meaning(name).to_owned(),
        ]);
    }
    Ok(print_table(&rows)?)
}

fn meaning(part: &str) -> &'static str {
    match part {
        "headers" => "what proves the blocks, and stays when they go",
        "structure" => "who, when, what kind: packed",
        "content" => "what was said: packed",
        "hashes" => "what is left of erased people",
        "seals" => "salts, commitments, tags",
        "frames" => "around the parts of blocks: lengths, names of people, digests",
        "index" => "where traces, sessions, agents and people are found",
        "zones" => "what a block's records have in common",
        "rest" => "checkpoints, logs, notes",
        "tree" => "redb's trees",
        "unused" => "room that values leave in their pages",
        _ => "free pages, and redb's own tables",
    }
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

fn restore(arguments: &Arguments, yes: bool) -> Result<(), Failure> {
    let runtime = place::open_to_check(arguments)?;
    if let Some((log, fault)) = recompute(&runtime, Scope::Everything)?.fault() {
        return Err(Failure::check(format_args!(
            "log {}: {fault}. A damaged copy is not gone on from: `activemirror repair` saves what is intact",
            log.log
        )));
    }
    let gone = runtime.seen_otherwise()?;
    drop(runtime);
    if !arguments.json {
        print_gone(&gone);
    }
    if !yes {
        confirm_restore()?;
    }
    let restored = Runtime::restore(&place::options_of(arguments)?)?;
    let Restored { log, parent, blocks, gone } = &restored;
    if arguments.json {
        let gone: Vec<_> = gone.iter().map(gone_as_json).collect();
        return Ok(print_json(&json!({
            "log": log.to_string(),
            "parent": parent.to_string(),
            "blocks": blocks,
            "gone": gone,
        }))?);
    }
    anstream::println!("log {log} goes on from the {blocks} blocks of log {parent}");
    anstream::println!("any other copy of the data is refused from now on");
    Ok(())
}

/// What this device has seen and the copy does not have.
fn print_gone(gone: &[(LogId, Standing)]) {
    if gone.is_empty() {
        anstream::println!("nothing newer than this copy was seen with this device key");
    }
    for (log, standing) in gone {
        match standing {
            Standing::Behind { seen, here } => {
                let lost = seen - here;
                anstream::println!(
                    "log {log}: {lost} of the {seen} blocks that were seen are not in this copy"
                );
            }
            _ => anstream::println!("log {log}: other blocks were seen than this copy has"),
        }
    }
}

fn gone_as_json((log, standing): &(LogId, Standing)) -> serde_json::Value {
    match standing {
        Standing::Behind { seen, here } => json!({ "log": log.to_string(), "seen": seen, "here": here }),
        Standing::Forked { seen } => json!({ "log": log.to_string(), "seen": seen, "forked": true }),
        Standing::GoesOn => json!({ "log": log.to_string() }),
    }
}

fn confirm_restore() -> Result<(), Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::input(
            "going on from this copy gives up what is not in it; say --yes where nobody can be asked",
        ));
    }
    anstream::print!("Go on from this copy, and give up what is not in it? Type yes: ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    if answer.trim() == "yes" { Ok(()) } else { Err(Failure::input("nothing was changed")) }
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
