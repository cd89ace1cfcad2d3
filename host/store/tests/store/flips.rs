//! A flipped bit anywhere in a store's files is named, or changes nothing that can be read.
//!
//! The ordinary run flips a bit in one of seven bytes that are not zero, in one of 97 of all others, and
//! every bit of the keys' file; one in so many of what is named is then repaired.
//! `FLIPS_STEP=1 cargo nextest run --release -p activemirror-store flips` flips one in every byte and
//! repairs all that is named, in a few minutes. With `FLIPS_BITS=8` it is every bit of every byte;
//! `FLIPS_FROM` and `FLIPS_TO` say in which part of the file, in percent.

use core::panic::AssertUnwindSafe;
use std::panic::{catch_unwind, resume_unwind};
use std::sync::Arc;

use activemirror_store::{Medium, Scope, Store, StoreError};

use crate::broken::Broken;
use crate::kinds::{all_tiers, exported};
use crate::shelf::Shelf;
use crate::world::Disk;

/// Bytes from one flip to the next in the ordinary run: odd, so that they meet every place in a page.
const STEP: usize = 97;
/// The same where something lies.
const DENSE_STEP: usize = 7;
/// One in so many of the flips that are named is repaired in the ordinary run.
const REPAIRED: usize = 11;

/// What became of a flip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Met {
    /// Opening, verifying or reading named it.
    Named,
    /// Everything reads as it did.
    Unchanged,
}

/// A store that is closed as a process that ends leaves it. Closing writes, and redb may end the process
/// where its own pages are damaged; while a thread unwinds it writes nothing.
struct Closing(Option<Store>);

impl Drop for Closing {
    fn drop(&mut self) {
        let store = self.0.take();
        let unwound = catch_unwind(AssertUnwindSafe(move || {
            let _closed = store;
            resume_unwind(Box::new(()))
        }));
        assert!(unwound.is_err());
    }
}

/// What a store with a flipped bit says.
fn met(disk: &Disk, shelf: &Shelf, before: &[String]) -> Result<Met, String> {
    let read = || -> Result<Option<Vec<String>>, StoreError> {
        let mut closing = Closing(Some(disk.open()?));
        let Some(store) = &mut closing.0 else { return Ok(None) };
        store.attach_cold(Arc::new(shelf.clone()));
        let fault = store.verify(Scope::Everything, || ())?.fault().is_some();
        let read = exported(store);
        store.check_pages()?;
        if fault { Ok(None) } else { read.map(Some) }
    };
    match catch_unwind(AssertUnwindSafe(read)) {
        Err(_) => Err("it panics".to_owned()),
        Ok(Err(_) | Ok(None)) => Ok(Met::Named),
        Ok(Ok(Some(after))) if after == before => Ok(Met::Unchanged),
        Ok(Ok(Some(_))) => Err("what it reads is another, and nothing says so".to_owned()),
    }
}

/// A store with blocks in every tier, and what can be read of it.
fn filled() -> (Disk, Shelf, Vec<String>) {
    let (disk, shelf) = all_tiers();
    let store = disk.open().unwrap();
    store.attach_cold(Arc::new(shelf.clone()));
    let before = exported(&store).unwrap();
    store.close().unwrap();
    (disk, shelf, before)
}

/// Repairs a store with a flipped bit; says why the new one is not right.
fn repair(broken: &Broken) -> Result<(), String> {
    let repaired = catch_unwind(AssertUnwindSafe(|| drop(broken.repaired())));
    repaired.map_err(|panic| {
        let said = panic.downcast_ref::<String>().map_or("no reason was given", String::as_str);
        said.lines().next().unwrap_or_default().to_owned() + said.lines().next_back().unwrap_or_default()
    })
}

/// redb says each time that it panics over a damaged page, and where; that is expected here.
fn hush() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !panic.location().is_some_and(|at| at.file().contains("redb")) {
            usual(panic);
        }
    }));
}

fn number(name: &str) -> Option<usize> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

#[test]
fn a_bit_flipped_anywhere_in_the_log() {
    let (disk, shelf, before) = filled();
    let (log, keys) = (disk.bytes(), disk.keys.clone().read().unwrap());
    let (from, to) = (number("FLIPS_FROM").unwrap_or(0), number("FLIPS_TO").unwrap_or(100));
    let step = number("FLIPS_STEP");
    let one_in = if step.is_some() { 1 } else { REPAIRED };
    let is_due = |at: &usize| match step {
        Some(step) => at.is_multiple_of(step),
        None => at.is_multiple_of(STEP) || (log[*at] != 0 && at.is_multiple_of(DENSE_STEP)),
    };
    hush();
    let (mut named, mut unchanged, mut wrong) = (0_usize, 0, Vec::new());
    let bits = number("FLIPS_BITS").unwrap_or(1);
    let due = (log.len() * from / 100..log.len() * to / 100).filter(is_due);
    for (at, bit) in due.flat_map(|at| (0..bits).map(move |bit| (at, (at / DENSE_STEP + bit) % 8))) {
        let mut bytes = log.clone();
        bytes[at] ^= 1 << bit;
        let met = met(&Disk::holding(&bytes, &keys), &shelf, &before);
        let repaired = match &met {
            Ok(Met::Named) if named.is_multiple_of(one_in) => {
                repair(&Broken::of(&before, &bytes, &keys).with(&shelf))
            }
            _ => Ok(()),
        };
        named += usize::from(met == Ok(Met::Named));
        unchanged += usize::from(met == Ok(Met::Unchanged));
        wrong.extend(met.err().or(repaired.err()).map(|what| format!("byte {at}, bit {bit}: {what}")));
    }
    println!("{} bytes: {named} flips named, {unchanged} changed nothing", log.len());
    assert!(wrong.is_empty(), "{} of them: {:#?}", wrong.len(), &wrong[..wrong.len().min(20)]);
    assert!(named > 0 && unchanged > 0);
}

#[test]
fn a_bit_flipped_anywhere_in_the_keys_file() {
    let (disk, shelf, before) = filled();
    let (log, keys) = (disk.bytes(), disk.keys.clone().read().unwrap());
    let one_in = if number("FLIPS_STEP").is_some() { 1 } else { REPAIRED };
    hush();
    let mut named: usize = 0;
    for at in 0..keys.len() {
        for bit in 0..8 {
            let mut changed = keys.clone();
            changed[at] ^= 1 << bit;
            let met = met(&Disk::holding(&log, &changed), &shelf, &before);
            if met.unwrap_or_else(|what| panic!("byte {at}, bit {bit}: {what}")) == Met::Named {
                named += 1;
                // Among the bits of each slot, another one each time.
                if named.is_multiple_of(one_in) {
                    let repaired = repair(&Broken::of(&before, &log, &changed).with(&shelf));
                    repaired.unwrap_or_else(|what| panic!("byte {at}, bit {bit}: {what}"));
                }
            }
        }
    }
    println!("{} bytes: {named} of {} flips named", keys.len(), keys.len() * 8);
}
