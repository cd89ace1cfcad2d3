//! Pieces of packs in a file that nobody can open. A pack is no whole in the file: redb keeps each of its
//! pieces in a page, behind the piece's key.
//!
//! A page that holds some begins with the byte 1, a zero byte and the number of its rows in two bytes; where
//! each value ends, in four bytes; the keys, sixteen bytes each; the values. Where a version of redb lays
//! pages out in another way, nothing is found; nothing wrong is taken, since a pack has a digest.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;

use activemirror_core::hash::{Digest, sha256};

use super::{Place, windows};
use crate::error::StoreError;
use crate::tables::LogNumber;

/// Pages begin at multiples of this.
const PAGE: u64 = 4_096;
/// A page of many rows holds no piece that is worth looking at.
const ROWS_MAX: usize = 255;
/// Bytes of a piece's key.
const KEY: usize = 16;
/// So many ways to put one pack together are tried: each time a page was written, its pieces were copied.
const WAYS_MAX: usize = 64;

/// The forms of each piece of a pack, by its number; what the digest is of lies in that place.
type Forms = BTreeMap<u32, Vec<(Digest, Place)>>;

/// Pieces, by log and first block of their pack.
#[derive(Debug, Default)]
pub(in crate::repair) struct Pieces(BTreeMap<(LogNumber, u64), Forms>);

/// Finds the pieces of packs that begin with one of these blocks.
pub(in crate::repair) fn find_pieces(
    file: &File,
    firsts: &BTreeSet<u64>,
    progress: &mut dyn FnMut(u64),
) -> Result<Pieces, StoreError> {
    let mut pieces = Pieces::default();
    windows(
        file,
        |window, own, from| {
            let pages = (from.next_multiple_of(PAGE)..from + own as u64).step_by(PAGE as usize);
            for page in pages {
                let begins = (page - from) as usize;
                for ((log, first, number), start, end) in rows(&window[begins..]).unwrap_or_default() {
                    if firsts.contains(&first) {
                        let place = Place { offset: page + start as u64, len: end - start };
                        let digest = sha256(&window[begins + start..begins + end]);
                        pieces.note((log, first), number, (digest, place));
                    }
                }
            }
        },
        progress,
    )?;
    Ok(pieces)
}

/// A row of a page: its key, and where in the page its value lies.
type Row = ((LogNumber, u64, u32), usize, usize);

/// The rows of the page at the beginning of these bytes; `None` where it is no such page.
fn rows(page: &[u8]) -> Option<Vec<Row>> {
    let ([1, 0, low, high], after) = page.split_first_chunk::<4>()? else { return None };
    let count = usize::from(u16::from_le_bytes([*low, *high]));
    if !(1..=ROWS_MAX).contains(&count) {
        return None;
    }
    let (ends, after) = after.split_at_checked(4 * count)?;
    let (keys, _) = after.split_at_checked(KEY * count)?;
    let mut start = 4 + (4 + KEY) * count;
    let mut rows = Vec::new();
    for (end, key) in ends.as_chunks::<4>().0.iter().zip(keys.as_chunks::<KEY>().0) {
        let end = u32::from_le_bytes(*end) as usize;
        if end < start || end > page.len() {
            return None;
        }
        rows.push((read_key(key), start, end));
        start = end;
    }
    rows.is_sorted_by_key(|(key, ..)| *key).then_some(rows)
}

fn read_key(key: &[u8; KEY]) -> (LogNumber, u64, u32) {
    let (mut log, mut first, mut number) = ([0; 4], [0; 8], [0; 4]);
    log.copy_from_slice(&key[..4]);
    first.copy_from_slice(&key[4..12]);
    number.copy_from_slice(&key[12..]);
    (u32::from_le_bytes(log), u64::from_le_bytes(first), u32::from_le_bytes(number))
}

impl Pieces {
    fn note(&mut self, pack: (LogNumber, u64), number: u32, piece: (Digest, Place)) {
        let known = self.0.entry(pack).or_default().entry(number).or_default();
        if known.iter().all(|(digest, _)| *digest != piece.0) {
            known.push(piece);
        }
    }

    /// The packs that there are pieces of.
    pub(in crate::repair) fn packs(&self) -> impl Iterator<Item = (LogNumber, u64)> {
        self.0.keys().copied()
    }

    /// The ways to put a pack together, the longest first.
    pub(in crate::repair) fn ways(&self, pack: (LogNumber, u64)) -> Vec<Vec<Place>> {
        let Some(pieces) = self.0.get(&pack) else { return Vec::new() };
        let row = (0..).zip(pieces).take_while(|(due, (number, _))| due == *number).map(|(_, (_, it))| it);
        let mut longer: Vec<Vec<Place>> = vec![Vec::new()];
        let mut ways = Vec::new();
        for forms in row {
            let each = longer.iter().flat_map(|way| {
                forms.iter().map(|(_, place)| way.iter().copied().chain([*place]).collect::<Vec<_>>())
            });
            longer = each.take(WAYS_MAX).collect();
            ways.extend(longer.iter().rev().cloned());
        }
        ways.reverse();
        ways.truncate(WAYS_MAX);
        ways
    }
}
