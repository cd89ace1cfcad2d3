//! A flipped bit anywhere in a store's files is named, or changes nothing that can be read.
//!
//! The ordinary run flips a bit in one of seven bytes that are not zero, in one of 97 of all others, and
//! every bit of the keys' file. `FLIPS_STEP=1 cargo nextest run --release -p activemirror-store flips`
//! flips one in every byte; `FLIPS_FROM` and `FLIPS_TO` say in which part of the file, in percent. One in
//! so many of what is named is then repaired.

use core::mem::ManuallyDrop;
use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::Arc;

use activemirror_store::{Medium, Scope, StoreError};

use crate::broken::Broken;
use crate::kinds::{all_tiers, exported};
use crate::shelf::Shelf;
use crate::world::Disk;

/// Bytes from one flip to the next in the ordinary run: odd, so that they meet every place in a page.
const STEP: usize = 97;
/// The same where something lies.
const DENSE_STEP: usize = 7;
/// One in so many of the flips that are named is repaired.
const REPAIRED: usize = 101;

/// What became of a flip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Met {
    /// Opening, verifying or reading named it.
    Named,
    /// Everything reads as it did.
    Unchanged,
}

/// What a store with a flipped bit says.
fn met(disk: &Disk, shelf: &Shelf, before: &[String]) -> Result<Met, String> {
    let read = || -> Result<Option<Vec<String>>, StoreError> {
        let mut store = ManuallyDrop::new(disk.open()?);
        store.attach_cold(Arc::new(shelf.clone()));
        let fault = store.verify(Scope::Everything, || ())?.fault().is_some();
        let read = exported(&store);
        // Closing writes, and redb may end the process where its own pages are damaged; so what it closes
        // is known to be right, and the rest is left as a process that ends leaves it.
        store.check_pages()?;
        drop(ManuallyDrop::into_inner(store));
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

fn number(name: &str) -> Option<usize> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

#[test]
fn a_bit_flipped_anywhere_in_the_log() {
    let (disk, shelf, before) = filled();
    let (log, keys) = (disk.bytes(), disk.keys.clone().read().unwrap());
    let (from, to) = (number("FLIPS_FROM").unwrap_or(0), number("FLIPS_TO").unwrap_or(100));
    let (mut named, mut unchanged, mut wrong) = (0, 0, Vec::new());
    let step = number("FLIPS_STEP");
    let is_due = |at: &usize| match step {
        Some(step) => at.is_multiple_of(step),
        None => at.is_multiple_of(STEP) || (log[*at] != 0 && at.is_multiple_of(DENSE_STEP)),
    };
    for at in (log.len() * from / 100..log.len() * to / 100).filter(is_due) {
        let mut bytes = log.clone();
        bytes[at] ^= 1 << (at / DENSE_STEP % 8);
        match met(&Disk::holding(&bytes, &keys), &shelf, &before) {
            Ok(Met::Named) => {
                named += 1;
                if named % REPAIRED == 0 {
                    drop(Broken::of(&before, &bytes, &keys).with(&shelf).repaired());
                }
            }
            Ok(Met::Unchanged) => unchanged += 1,
            Err(what) => wrong.push(format!("byte {at}: {what}")),
        }
    }
    println!("{} bytes: {named} flips named, {unchanged} changed nothing", log.len());
    assert!(wrong.is_empty(), "{} of them: {:#?}", wrong.len(), &wrong[..wrong.len().min(20)]);
    assert!(named > 0 && unchanged > 0);
}

#[test]
fn a_bit_flipped_anywhere_in_the_keys_file() {
    let (disk, shelf, before) = filled();
    let (log, keys) = (disk.bytes(), disk.keys.clone().read().unwrap());
    let mut named: usize = 0;
    for at in 0..keys.len() {
        for bit in 0..8 {
            let mut changed = keys.clone();
            changed[at] ^= 1 << bit;
            let met = met(&Disk::holding(&log, &changed), &shelf, &before);
            if met.unwrap_or_else(|what| panic!("byte {at}, bit {bit}: {what}")) == Met::Named {
                named += 1;
                // Among the bits of each slot, another one each time.
                if named.is_multiple_of(REPAIRED) {
                    drop(Broken::of(&before, &log, &changed).with(&shelf).repaired());
                }
            }
        }
    }
    println!("{} bytes: {named} of {} flips named", keys.len(), keys.len() * 8);
}
