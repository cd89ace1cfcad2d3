//! The columns of a structure segment.
//!
//! | column | form |
//! |---|---|
//! | head | varints: names, bytes of the list of names, rows, bytes of each of the columns marked * |
//! | names | the list as it stands in the plaintext |
//! | kinds | a byte a row |
//! | flags | a byte a row: 1 it has an alias, 2 it has a confidence |
//! | subjects | a byte a row |
//! | traces*, agents*, sessions*, actions*, intents* | varints, see [`Field`] |
//! | new names* | varints: a name's number where a field first has it; 0 for the next one in the list |
//! | lengths of aliases* | varints |
//! | aliases* | the texts in a row |
//! | first time | zigzag varint |
//! | times since the row before | whole numbers, from the second row on |
//! | confidences | floats |

#[cfg(feature = "zstd")]
mod shred;

use alloc::vec::Vec;

use super::CodecError;
use super::bytes::{Cursor, Plain, zigzag};
use super::numbers::{Floats, Whole};
use crate::limits::{BLOCK_RECORDS_MAX, RECORD_NAMES_MAX};

#[cfg(feature = "zstd")]
pub(super) use shred::shred;

const ROWS_MAX: usize = BLOCK_RECORDS_MAX as usize;
const NAMES_MAX: usize = ROWS_MAX * RECORD_NAMES_MAX;

const HAS_ALIAS: u8 = 1;
const HAS_CONFIDENCE: u8 = 2;

/// The fields that hold names.
const FIELDS: usize = RECORD_NAMES_MAX;

/// One field's names. In each field the names that it has are numbered anew, as they come, so that
/// they stay small; 0 is none. A trace, an agent and a session mostly are what they were in the row
/// before of the same person or trace: that is 0 there, and the rest begins at 1.
#[derive(Debug)]
struct Field {
    /// What the column says, up to the names themselves.
    guesses: bool,
    /// The names that this field had, by their number in it less one.
    names: Vec<usize>,
    /// What it last was, by what it hangs on.
    last: Vec<usize>,
}

impl Field {
    /// The five of them in the order of the columns.
    fn all() -> [Self; FIELDS] {
        let field = |guesses| Self { guesses, names: Vec::new(), last: Vec::new() };
        [field(true), field(true), field(true), field(false), field(false)]
    }

    /// What it was in the row before that hangs on the same; 0 for none.
    #[inline]
    fn guess(&self, on: usize) -> usize {
        self.last.get(on).copied().unwrap_or(0)
    }

    #[inline]
    fn note(&mut self, on: usize, name: usize) {
        if self.guesses {
            if self.last.len() <= on {
                self.last.resize(on + 1, 0);
            }
            self.last[on] = name;
        }
    }
}

/// On what each field hangs: the trace on the person, the others on the trace.
#[inline]
fn hangs_on(field: usize, subject: u8, trace: usize) -> usize {
    if field == 0 { usize::from(subject) } else { trace }
}

/// Gives back the plaintext.
pub(super) fn unshred(columns: &[u8], room: usize) -> Result<Vec<u8>, CodecError> {
    let mut rest = Cursor(columns);
    let names = rest.count(NAMES_MAX)?;
    let names_len = rest.count(columns.len())?;
    let rows = rest.count(ROWS_MAX)?;
    let mut lens = [0; FIELDS + 3];
    for len in &mut lens {
        *len = rest.count(columns.len())?;
    }
    let mut plain = Plain::new(columns.len(), room);
    plain.varint(names as u64)?;
    plain.put(rest.take(names_len)?)?;
    plain.varint(rows as u64)?;
    let (kinds, flags, subjects) = (rest.take(rows)?, rest.take(rows)?, rest.take(rows)?);
    let mut parts = [Cursor::default(); FIELDS + 3];
    for (part, len) in parts.iter_mut().zip(lens) {
        *part = Cursor(rest.take(len)?);
    }
    let [codes @ .., new, alias_lens, aliases] = parts;
    let mut names = Names { codes, new, fields: Field::all(), highest: 0, most: names };
    let mut aliases = (alias_lens, aliases);
    let first = if rows > 0 { rest.varint()? } else { 0 };
    let mut times = Whole::read(&mut rest, rows.saturating_sub(1))?;
    let sure = flags.iter().filter(|flags| **flags & HAS_CONFIDENCE != 0).count();
    let mut confidences = Floats::read(&mut rest, sure)?;
    for row in 0..rows {
        plain.byte(kinds[row])?;
        plain.varint(if row == 0 { first } else { zigzag(times.next()?) })?;
        plain.byte(subjects[row])?;
        names.row(subjects[row], &mut plain)?;
        let flags = Some(flags[row]).filter(|flags| *flags <= 3).ok_or(CodecError::Damaged)?;
        plain.byte(flags & HAS_ALIAS)?;
        if flags & HAS_ALIAS != 0 {
            let len = aliases.0.count(usize::MAX)?;
            plain.text(aliases.1.take(len)?)?;
        }
        plain.byte(flags / HAS_CONFIDENCE)?;
        if flags & HAS_CONFIDENCE != 0 {
            plain.put(&confidences.next()?.to_le_bytes())?;
        }
    }
    let done = rest.is_empty() && names.is_done() && aliases.0.is_empty() && aliases.1.is_empty();
    if done { Ok(plain.finish()) } else { Err(CodecError::Damaged) }
}

/// The names of the rows as they come back.
struct Names<'a> {
    codes: [Cursor<'a>; FIELDS],
    new: Cursor<'a>,
    fields: [Field; FIELDS],
    /// The highest number of a name so far.
    highest: usize,
    most: usize,
}

impl Names<'_> {
    /// Writes one row's names.
    fn row(&mut self, subject: u8, plain: &mut Plain) -> Result<(), CodecError> {
        let mut trace = 0;
        for (place, codes) in self.codes.iter_mut().enumerate() {
            let field = &mut self.fields[place];
            let on = hangs_on(place, subject, trace);
            let code = codes.count(NAMES_MAX + 2)?;
            let name = match code.checked_sub(usize::from(field.guesses)) {
                None => field.guess(on),
                Some(0) => 0,
                Some(local) => match field.names.get(local - 1) {
                    Some(name) => *name,
                    None if local == field.names.len() + 1 => {
                        let name = match self.new.count(self.most)? {
                            0 => self.highest + 1,
                            name => name,
                        };
                        if name > self.most {
                            return Err(CodecError::Damaged);
                        }
                        self.highest = self.highest.max(name);
                        field.names.push(name);
                        name
                    }
                    None => return Err(CodecError::Damaged),
                },
            };
            field.note(on, name);
            plain.varint(name as u64)?;
            if place == 0 {
                trace = name;
            }
        }
        Ok(())
    }

    fn is_done(&self) -> bool {
        self.new.is_empty() && self.codes.iter().all(Cursor::is_empty)
    }
}
