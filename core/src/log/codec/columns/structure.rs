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
use super::bytes::{Cursor, Plain, unzigzag, zigzag};
use super::numbers::{Floats, Whole};
use crate::limits::{BLOCK_RECORDS_MAX, RECORD_NAMES_MAX};
use crate::trace::Kind;

#[cfg(feature = "zstd")]
pub(super) use shred::shred;

const ROWS_MAX: usize = BLOCK_RECORDS_MAX as usize;
const NAMES_MAX: usize = ROWS_MAX * RECORD_NAMES_MAX;

const HAS_ALIAS: u8 = 1;
const HAS_CONFIDENCE: u8 = 2;

/// The fields that hold names.
const FIELDS: usize = RECORD_NAMES_MAX;

/// One more than a kind's highest number: from here on a byte would be read as half of another.
const KINDS: u8 = Kind::ALL.len() as u8;

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
    let mut reader = Rows::read(columns)?;
    let mut plain = Plain::new(columns.len(), room);
    plain.varint(reader.names.most as u64)?;
    plain.put(reader.list)?;
    plain.varint(reader.len() as u64)?;
    while let Some(row) = reader.next()? {
        plain.byte(row.kind)?;
        plain.varint(zigzag(row.time))?;
        plain.byte(row.subject)?;
        row.names.iter().try_for_each(|name| plain.varint(*name as u64))?;
        plain.byte(u8::from(row.alias.is_some()))?;
        row.alias.map_or(Ok(()), |alias| plain.text(alias))?;
        plain.byte(u8::from(row.confidence.is_some()))?;
        row.confidence.map_or(Ok(()), |bits| plain.put(&bits.to_le_bytes()))?;
    }
    Ok(plain.finish())
}

/// One row as it comes back.
#[derive(Clone, Copy, Debug)]
pub(in crate::log) struct ColumnRow<'a> {
    pub(in crate::log) kind: u8,
    pub(in crate::log) time: i64,
    pub(in crate::log) subject: u8,
    /// Numbers in the list of names, 0 for none: trace, agent, session, action, intent.
    pub(in crate::log) names: [usize; FIELDS],
    pub(in crate::log) alias: Option<&'a [u8]>,
    /// Its bits.
    pub(in crate::log) confidence: Option<u64>,
}

/// The rows as they come back, one after the other.
#[derive(Debug)]
pub(in crate::log) struct Rows<'a> {
    /// The list of names, without its count.
    list: &'a [u8],
    kinds: &'a [u8],
    flags: &'a [u8],
    subjects: &'a [u8],
    names: Names<'a>,
    alias_lens: Cursor<'a>,
    aliases: Cursor<'a>,
    first: i64,
    times: Whole<'a>,
    confidences: Floats<'a>,
    rest: Cursor<'a>,
    at: usize,
}

impl<'a> Rows<'a> {
    pub(in crate::log) fn read(columns: &'a [u8]) -> Result<Self, CodecError> {
        let mut rest = Cursor(columns);
        let names = rest.count(NAMES_MAX)?;
        let names_len = rest.count(columns.len())?;
        let rows = rest.count(ROWS_MAX)?;
        let mut lens = [0; FIELDS + 3];
        for len in &mut lens {
            *len = rest.count(columns.len())?;
        }
        let list = rest.take(names_len)?;
        check_list(list, names)?;
        let (kinds, flags, subjects) = (rest.take(rows)?, rest.take(rows)?, rest.take(rows)?);
        let mut parts = [Cursor::default(); FIELDS + 3];
        for (part, len) in parts.iter_mut().zip(lens) {
            *part = Cursor(rest.take(len)?);
        }
        let [codes @ .., new, alias_lens, aliases] = parts;
        let names = Names { codes, new, fields: Field::all(), highest: 0, most: names };
        let first = if rows > 0 { unzigzag(rest.varint()?) } else { 0 };
        let times = Whole::read(&mut rest, rows.saturating_sub(1))?;
        let sure = flags.iter().filter(|flags| **flags & HAS_CONFIDENCE != 0).count();
        let confidences = Floats::read(&mut rest, sure)?;
        Ok(Self {
            list,
            kinds,
            flags,
            subjects,
            names,
            alias_lens,
            aliases,
            first,
            times,
            confidences,
            rest,
            at: 0,
        })
    }

    /// The list of names as it stands in the plaintext, without its count, and its count.
    pub(in crate::log) const fn list(&self) -> (&'a [u8], usize) {
        (self.list, self.names.most)
    }

    pub(in crate::log) const fn len(&self) -> usize {
        self.kinds.len()
    }

    /// The next row; `None` where nothing is left, in any column.
    #[inline]
    pub(in crate::log) fn next(&mut self) -> Result<Option<ColumnRow<'a>>, CodecError> {
        let row = self.at;
        if row == self.kinds.len() {
            return if self.is_done() { Ok(None) } else { Err(CodecError::Damaged) };
        }
        self.at += 1;
        let flags = Some(self.flags[row]).filter(|flags| *flags <= 3).ok_or(CodecError::Damaged)?;
        let subject = self.subjects[row];
        let time = if row == 0 { self.first } else { self.times.next()? };
        let kind = Some(self.kinds[row]).filter(|kind| *kind < KINDS).ok_or(CodecError::Damaged)?;
        let names = self.names.row(subject)?;
        let alias = if flags & HAS_ALIAS == 0 { None } else { Some(self.alias()?) };
        let confidence = if flags & HAS_CONFIDENCE == 0 { None } else { Some(self.confidences.next()?) };
        Ok(Some(ColumnRow { kind, time, subject, names, alias, confidence }))
    }

    fn alias(&mut self) -> Result<&'a [u8], CodecError> {
        let len = self.alias_lens.count(usize::MAX)?;
        self.aliases.take(len)
    }

    fn is_done(&self) -> bool {
        let columns = self.alias_lens.is_empty() && self.aliases.is_empty();
        columns && self.rest.is_empty() && self.names.is_done()
    }
}

/// Whether a list holds just so many names: whoever reads it as columns and whoever reads it as
/// plaintext must come to the same rows.
fn check_list(list: &[u8], names: usize) -> Result<(), CodecError> {
    let mut rest = Cursor(list);
    (0..names).try_for_each(|_| rest.text().map(drop))?;
    if rest.is_empty() { Ok(()) } else { Err(CodecError::Damaged) }
}

/// The names of the rows as they come back.
#[derive(Debug)]
struct Names<'a> {
    codes: [Cursor<'a>; FIELDS],
    new: Cursor<'a>,
    fields: [Field; FIELDS],
    /// The highest number of a name so far.
    highest: usize,
    most: usize,
}

impl Names<'_> {
    /// One row's names.
    #[inline]
    fn row(&mut self, subject: u8) -> Result<[usize; FIELDS], CodecError> {
        let (mut row, mut trace) = ([0; FIELDS], 0);
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
            row[place] = name;
            if place == 0 {
                trace = name;
            }
        }
        Ok(row)
    }

    fn is_done(&self) -> bool {
        self.new.is_empty() && self.codes.iter().all(Cursor::is_empty)
    }
}
