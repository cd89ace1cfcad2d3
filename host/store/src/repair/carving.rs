//! What lies in a file that nobody can open: headers, stored blocks and checkpoints, found by what
//! they look like and kept only where they prove themselves.
//!
//! The file is read in windows that overlap, so memory stays bounded. A header is one by its magic
//! and its fields, a stored block by the digest that takes in a header, a checkpoint by its signature.

mod pieces;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;

use activemirror_core::hash::Digest;

use activemirror_core::log::LogId;
use activemirror_core::log::checkpoint::{self, Checkpoint, NOTE_BYTES};
use activemirror_core::log::header::Header;
use activemirror_core::log::reader::StoredBlock;

pub(super) use self::pieces::{Pieces, find_pieces};
use super::overlay::read_at;
use crate::error::StoreError;

/// Bytes that are looked at at once.
const WINDOW: usize = 8 << 20;
/// The largest thing that is looked for: many times what blocks are filled up to.
const LONGEST: usize = 1 << 20;
/// So far before a value its key lies, if they share a page.
const KEY_BEFORE: usize = 4_096;
/// With no more blocks than these to look for, a key is not asked for.
const FEW: usize = 16;

/// Goes through a file. `each` gets the window, how much of it things may begin in, and where in the
/// file it begins.
fn windows(
    file: &File,
    mut each: impl FnMut(&[u8], usize, u64),
    progress: &mut dyn FnMut(u64),
) -> Result<(), StoreError> {
    let len = file.metadata()?.len();
    let mut at = 0;
    let mut window = Vec::new();
    while at < len {
        let take = (len - at).min((WINDOW + LONGEST) as u64) as usize;
        window.resize(take, 0);
        // A sector that cannot be read is not what stops a repair.
        if read_at(file, at, &mut window).is_err() {
            read_in_sectors(file, at, &mut window);
        }
        let own = take.min(WINDOW);
        each(&window, own, at);
        progress(own as u64);
        at += own as u64;
    }
    Ok(())
}

fn read_in_sectors(file: &File, at: u64, window: &mut [u8]) {
    for (place, sector) in window.chunks_mut(512).enumerate() {
        if read_at(file, at + (place * 512) as u64, sector).is_err() {
            sector.fill(0);
        }
    }
}

/// What is found without knowing what to look for.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Headers, by log and block; several where the file holds several.
    pub(super) headers: BTreeMap<(LogId, u64), Vec<Header>>,
    /// The newest checkpoint of each log.
    pub(super) notes: HashMap<LogId, (Checkpoint, String)>,
    /// How many blocks the logs had, as was kept elsewhere.
    seen: HashMap<LogId, u64>,
    /// The roots over the first so many headers of the logs, as something signed says.
    roots: HashMap<LogId, BTreeMap<u64, Digest>>,
}

/// Finds headers and checkpoints of these logs.
pub(super) fn find(
    file: &File,
    logs: &HashMap<LogId, [u8; 32]>,
    progress: &mut dyn FnMut(u64),
) -> Result<Found, StoreError> {
    let mut found = Found::default();
    windows(
        file,
        |window, own, _| {
            for at in beginnings(window, own, b"AMBLOCK1") {
                let header = window.get(at..at + Header::BYTES).map(Header::from_bytes);
                if let Some(Ok(header)) =
                    header.filter(|header| header.is_ok_and(|it| logs.contains_key(&it.log)))
                {
                    let known = found.headers.entry((header.log, header.block)).or_default();
                    if !known.contains(&header) {
                        known.push(header);
                    }
                }
            }
            for at in beginnings(window, own, b"activemirror/") {
                let text = &window[at..window.len().min(at + NOTE_BYTES)];
                if let Some((checkpoint, note)) = note_at(text, logs) {
                    found.note(checkpoint, note);
                }
            }
        },
        progress,
    )?;
    Ok(found)
}

impl Found {
    /// Notes how many blocks a log had.
    pub(super) fn saw(&mut self, checkpoint: &Checkpoint) {
        self.seen.insert(checkpoint.log, checkpoint.size);
        self.root(checkpoint.log, checkpoint.size, checkpoint.root);
    }

    /// Notes the root over the first so many headers of a log.
    pub(super) fn root(&mut self, log: LogId, size: u64, root: Digest) {
        self.roots.entry(log).or_default().insert(size, root);
    }

    /// The roots that are known of a log, by how many headers they are over.
    pub(super) fn roots(&self, log: LogId) -> BTreeMap<u64, Digest> {
        self.roots.get(&log).cloned().unwrap_or_default()
    }

    /// How many blocks a log had, by the newest checkpoint that there is of it.
    pub(super) fn signed(&self, log: LogId) -> u64 {
        let signed = self.notes.get(&log).map(|(checkpoint, _)| checkpoint.size);
        signed.max(self.seen.get(&log).copied()).unwrap_or(0)
    }

    /// Keeps the newest checkpoint of each log.
    pub(super) fn note(&mut self, checkpoint: Checkpoint, note: &str) {
        self.root(checkpoint.log, checkpoint.size, checkpoint.root);
        let newest = self.notes.get(&checkpoint.log).is_none_or(|(known, _)| known.size <= checkpoint.size);
        if newest {
            self.notes.insert(checkpoint.log, (checkpoint, note.to_owned()));
        }
    }
}

/// Where in the window's own part these bytes begin.
fn beginnings<'w>(window: &'w [u8], own: usize, begins: &'static [u8]) -> impl Iterator<Item = usize> + 'w {
    window.windows(begins.len()).take(own).enumerate().filter(move |(_, it)| *it == begins).map(|(at, _)| at)
}

/// The checkpoint that lies at the beginning of `bytes`.
fn note_at<'b>(bytes: &'b [u8], logs: &HashMap<LogId, [u8; 32]>) -> Option<(Checkpoint, &'b str)> {
    let log = LogId::parse(core::str::from_utf8(bytes.get(13..77)?).ok()?)?;
    let key = logs.get(&log)?;
    let blank = bytes.windows(2).position(|pair| pair == b"\n\n")?;
    let end = blank + 2 + bytes[blank + 2..].iter().position(|byte| *byte == b'\n')? + 1;
    let note = core::str::from_utf8(&bytes[..end]).ok()?;
    Some((checkpoint::open(note, log, key).ok()?, note))
}

/// Where a stored block lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) offset: u64,
    pub(super) len: usize,
}

/// Finds the stored blocks of these headers: all that fit, since an older form may lie beside the
/// newest.
pub(super) fn find_stored(
    file: &File,
    wanted: &[Header],
    progress: &mut dyn FnMut(u64),
) -> Result<HashMap<Header, Vec<Place>>, StoreError> {
    let mut by_number: HashMap<u64, Vec<&Header>> = HashMap::new();
    wanted.iter().for_each(|header| by_number.entry(header.block).or_default().push(header));
    let mut found: HashMap<Header, Vec<Place>> = HashMap::new();
    windows(
        file,
        |window, own, from| {
            for at in 0..own {
                let Some(len) = StoredBlock::length(&window[at..]).filter(|len| *len <= LONGEST) else {
                    continue;
                };
                let stored = &window[at..at + len];
                for header in likely(window, at, wanted, &by_number) {
                    if StoredBlock::read(header, stored).is_ok() {
                        found.entry(*header).or_default().push(Place { offset: from + at as u64, len });
                    }
                }
            }
        },
        progress,
    )?;
    Ok(found)
}

/// The headers whose block may begin here: redb writes a value's key before it.
fn likely<'h>(
    window: &[u8],
    at: usize,
    wanted: &'h [Header],
    by_number: &HashMap<u64, Vec<&'h Header>>,
) -> Vec<&'h Header> {
    if wanted.len() <= FEW {
        return wanted.iter().collect();
    }
    let before = &window[at.saturating_sub(KEY_BEFORE)..at];
    let numbers: HashSet<u64> =
        before.windows(8).filter_map(|it| it.try_into().ok().map(u64::from_le_bytes)).collect();
    numbers.iter().filter_map(|number| by_number.get(number)).flatten().copied().collect()
}
