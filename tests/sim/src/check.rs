//! Opens the store on what a power cut left, and holds it to the ledger.

use std::collections::BTreeSet;
use std::sync::Arc;

use activemirror_core::log::reader::{Entry, EntryBody};
use activemirror_core::trace::{Body, Notice};
use activemirror_store::{BlockRef, Scope, Store, StoreError, Tier, Unit};
use anyhow::{Context, bail, ensure};

use crate::disk::{Disk, Files};
use crate::ledger::{Ledger, Notices, Person};
use crate::load::Talk;
use crate::player::open;

/// What of a wrapped key is looked for: shorter runs may come by chance.
const TELLTALE: usize = 16;

/// Opens the store on these files and checks that everything is there that was acknowledged after
/// so many changes. Returns the disk, with what opening it did to it.
pub fn check(files: Files, ledger: &Ledger, changes: usize) -> anyhow::Result<Disk> {
    gone_keys(&files, ledger, |person| person.erased.is_some_and(|at| at <= changes))?;
    let disk = Disk::holding(files);
    let store = open(&disk).map_err(|error| anyhow::anyhow!("it does not open: {error}"))?;
    store.attach_cold(Arc::new(ledger.shelf.clone()));
    verify(&store)?;
    went(&store, ledger, changes)?;
    let end = store.next_sequence();
    let notices = notices(&store)?;
    records(&store, ledger, &notices, end).context("records")?;
    let durable = ledger.durable_after(changes);
    ensure!(end >= durable, "{durable} records were acknowledged, {end} are here");
    ensure!(ledger.ends.contains(&end), "the log ends at {end}, amid what was handed in whole");
    people(&store, ledger, changes, &notices)?;
    // What a notice in the log says is true by now, whatever was acknowledged.
    gone_keys(&disk.files(), ledger, |person| person.is_erased(&notices))?;
    let devices = store.devices()?;
    for (_, log) in ledger.devices.iter().filter(|(at, _)| *at <= changes) {
        ensure!(devices.contains(log), "an enrolled device is not known");
    }
    Ok(disk)
}

/// Opens the store once more, and records something: whatever it went through, it goes on.
pub fn goes_on(disk: &Disk) -> anyhow::Result<()> {
    let store = open(disk)?;
    let subject = store.ensure_subject("somebody new")?;
    let talk = Talk { subject, trace: "later".to_owned(), texts: vec!["later".to_owned()] };
    let first = store.next_sequence();
    ensure!(store.append(&talk.records())? == (first..first + 1), "it does not go on where it ended");
    verify(&store)
}

fn verify(store: &Store) -> anyhow::Result<()> {
    let report = store.verify(Scope::Everything, || ())?;
    match report.fault() {
        None => Ok(()),
        Some((log, fault)) => bail!("verify: {} {fault}", if log.own { "own log" } else { "a device's log" }),
    }
}

/// The notices of erasures in the own log.
pub fn notices(store: &Store) -> anyhow::Result<Notices> {
    let mut notices = Notices::new();
    for at in store.blocks()?.into_iter().filter(|at| store.is_own(*at)) {
        let block = match store.open_block(at) {
            Err(StoreError::Gone { .. }) => continue,
            block => block?,
        };
        for entry in block.entries().map_err(|error| anyhow::anyhow!("{error}"))? {
            if let EntryBody::Open(Body::Notice(Notice::Erased { subject })) = entry.body {
                notices.insert(entry.sequence, subject);
            }
        }
    }
    Ok(notices)
}

fn records(store: &Store, ledger: &Ledger, notices: &Notices, end: u64) -> anyhow::Result<()> {
    let mut next = 0;
    let own: Vec<Unit> = store.units()?.into_iter().filter(|unit| store.is_own(unit.at)).collect();
    for at in own.iter().flat_map(|unit| (unit.at.block..unit.end()).map(move |block| (unit, block))) {
        let (unit, block) = at;
        if unit.tier == Tier::Gone {
            next += if block == unit.at.block { unit.records } else { 0 };
            continue;
        }
        let block = store.open_block(BlockRef { log: unit.at.log, block })?;
        for entry in block.entries().map_err(|error| anyhow::anyhow!("{error}"))? {
            ensure!(entry.sequence == next, "{} comes where {next} should", entry.sequence);
            next += 1;
            if matches!(entry.body, EntryBody::Open(Body::Notice(Notice::Parent { .. }))) {
                continue;
            }
            if let EntryBody::Open(Body::Notice(Notice::Gone { .. })) = entry.body {
                ensure!(ledger.going.1.contains(&entry.sequence), "{} says that blocks went", entry.sequence);
                continue;
            }
            if notices.contains_key(&entry.sequence) {
                let due = |(_, notice)| notice == entry.sequence;
                let somebody = ledger.people.iter().any(|person| person.erasing.is_some_and(due));
                ensure!(somebody, "{} says that somebody was erased", entry.sequence);
                continue;
            }
            record(entry, ledger, notices)?;
        }
    }
    ensure!(next == end, "the log ends at {next}, the store goes on at {end}");
    Ok(())
}

/// What is gone was to go, and what was acknowledged to go is gone.
fn went(store: &Store, ledger: &Ledger, changes: usize) -> anyhow::Result<()> {
    let own = store.units()?.into_iter().filter(|unit| store.is_own(unit.at) && unit.tier == Tier::Gone);
    let gone: BTreeSet<u64> = own.flat_map(|unit| unit.at.block..unit.end()).collect();
    ensure!(gone.is_subset(&ledger.going.0), "{gone:?} are gone, and only {:?} were to go", ledger.going.0);
    let acknowledged = ledger.gone.iter().filter(|(at, _)| *at <= changes).flat_map(|(_, blocks)| blocks);
    for block in acknowledged {
        ensure!(gone.contains(block), "block {block} went and is here");
    }
    Ok(())
}

fn record(entry: Entry<'_>, ledger: &Ledger, notices: &Notices) -> anyhow::Result<()> {
    let sequence = entry.sequence;
    let said = ledger.said.get(&sequence).map(Vec::as_slice).unwrap_or_default();
    let subject = entry.structure.subject;
    let mut said = said.iter().filter(|said| ledger.people[said.person].subject == subject);
    let said = match &entry.body {
        EntryBody::Open(Body::Event(content) | Body::TraceStart(content)) => {
            said.find(|said| content.text == Some(&*said.text))
        }
        _ => said.next(),
    };
    let Some(said) = said else { bail!("{sequence} says something else") };
    let erased = ledger.people[said.person].is_erased(notices);
    match entry.body {
        EntryBody::Open(_) => ensure!(!erased, "{sequence} is readable, its person was erased"),
        EntryBody::Erased(_) => ensure!(erased, "{sequence} was erased by nobody"),
        EntryBody::Sealed => bail!("{sequence} cannot be read"),
    }
    Ok(())
}

fn people(store: &Store, ledger: &Ledger, changes: usize, notices: &Notices) -> anyhow::Result<()> {
    for (place, person) in ledger.people.iter().enumerate() {
        let acknowledged = person.erased.is_some_and(|at| at <= changes);
        ensure!(!acknowledged || person.is_erased(notices), "the erasure of {} is lost", person.name);
        let mut later = ledger.people[place + 1..].iter().filter(|other| other.subject == person.subject);
        if later.any(|other| other.met <= changes) {
            continue;
        }
        let has = store.has_key(person.subject);
        let known = person.known.is_some_and(|at| at <= changes);
        let untouched = person.erasing.is_none_or(|(at, _)| at > changes);
        ensure!(has || !known || !untouched, "{} has no key", person.name);
        ensure!(!has || !person.is_erased(notices), "{} is erased and has a key", person.name);
    }
    Ok(())
}

/// Nothing of these people's wrapped keys is in the keys' file.
fn gone_keys(files: &Files, ledger: &Ledger, gone: impl Fn(&Person) -> bool) -> anyhow::Result<()> {
    let keys = files.keys.to_vec();
    for person in ledger.people.iter().filter(|person| gone(person)) {
        let left = keys.windows(TELLTALE).any(|here| person.wrapped.windows(TELLTALE).any(|key| key == here));
        ensure!(!left, "the key of {} is still in the file", person.name);
    }
    Ok(())
}
