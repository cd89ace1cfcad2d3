//! Taking a structure segment apart.

use alloc::vec::Vec;

use super::super::CodecError;
use super::super::bytes::{Cursor, put_varint, unzigzag, zigzag};
use super::super::frame::Pieces;
use super::super::numbers::{put_floats, put_whole};
use super::{FIELDS, Field, HAS_ALIAS, NAMES_MAX, ROWS_MAX, hangs_on};

/// The columns of a plaintext; an error where it is not as rows are written.
pub(in super::super) fn shred(plain: &[u8]) -> Result<Pieces, CodecError> {
    let mut rest = Cursor(plain);
    let names = rest.count(NAMES_MAX)?;
    let list = rest.0;
    for _ in 0..names {
        rest.text()?;
    }
    let list = &list[..list.len() - rest.0.len()];
    let rows = rest.count(ROWS_MAX)?;
    let mut columns = Columns::new(names, rows);
    for _ in 0..rows {
        columns.row(&mut rest)?;
    }
    if rest.is_empty() { Ok(columns.pieces(names, list)) } else { Err(CodecError::Damaged) }
}

struct Columns {
    kinds: Vec<u8>,
    flags: Vec<u8>,
    subjects: Vec<u8>,
    codes: [Vec<u8>; FIELDS],
    new: Vec<u8>,
    alias_lens: Vec<u8>,
    aliases: Vec<u8>,
    times: Vec<i64>,
    confidences: Vec<u64>,
    fields: [Field; FIELDS],
    /// The number in its field of each name, in each field; 0 where it has not been there yet.
    locals: [Vec<u32>; FIELDS],
    highest: usize,
}

impl Columns {
    fn new(names: usize, rows: usize) -> Self {
        let column = || Vec::with_capacity(rows);
        Self {
            kinds: column(),
            flags: column(),
            subjects: column(),
            codes: core::array::from_fn(|_| column()),
            new: Vec::new(),
            alias_lens: Vec::new(),
            aliases: Vec::new(),
            times: Vec::with_capacity(rows),
            confidences: Vec::with_capacity(rows),
            fields: Field::all(),
            locals: core::array::from_fn(|_| alloc::vec![0; names + 1]),
            highest: 0,
        }
    }

    fn row(&mut self, rest: &mut Cursor<'_>) -> Result<(), CodecError> {
        self.kinds.push(rest.byte()?);
        self.times.push(unzigzag(rest.varint()?));
        let subject = rest.byte()?;
        self.subjects.push(subject);
        self.names(subject, rest)?;
        let alias = rest.byte()?;
        if alias == HAS_ALIAS {
            let text = rest.text()?;
            put_varint(&mut self.alias_lens, text.len() as u64);
            self.aliases.extend_from_slice(text);
        }
        let sure = rest.byte()?;
        if sure == 1 {
            let (bits, after) = rest.0.split_first_chunk().ok_or(CodecError::Damaged)?;
            self.confidences.push(u64::from_le_bytes(*bits));
            *rest = Cursor(after);
        }
        if alias > 1 || sure > 1 {
            return Err(CodecError::Damaged);
        }
        self.flags.push(alias | (sure << 1));
        Ok(())
    }

    fn names(&mut self, subject: u8, rest: &mut Cursor<'_>) -> Result<(), CodecError> {
        let mut trace = 0;
        for place in 0..FIELDS {
            let (field, codes) = (&mut self.fields[place], &mut self.codes[place]);
            let on = hangs_on(place, subject, trace);
            let name = rest.count(NAMES_MAX)?;
            let known = self.locals[place].get_mut(name).ok_or(CodecError::Damaged)?;
            if field.guesses && field.guess(on) == name {
                codes.push(0);
            } else {
                let is_new = name > 0 && *known == 0;
                if is_new {
                    field.names.push(name);
                    *known = field.names.len() as u32;
                    put_varint(&mut self.new, if name == self.highest + 1 { 0 } else { name as u64 });
                    self.highest = self.highest.max(name);
                }
                put_varint(codes, u64::from(*known) + u64::from(field.guesses));
            }
            field.note(on, name);
            if place == 0 {
                trace = name;
            }
        }
        Ok(())
    }

    fn pieces(&self, names: usize, list: &[u8]) -> Pieces {
        let mut out = Pieces::default();
        let [traces, agents, sessions, actions, intents] = &self.codes;
        let parts = [traces, agents, sessions, actions, intents, &self.new, &self.alias_lens, &self.aliases];
        let counts = [names, list.len(), self.kinds.len()];
        for count in counts.into_iter().chain(parts.iter().map(|part| part.len())) {
            put_varint(&mut out.bytes, count as u64);
        }
        for part in [list, &self.kinds, &self.flags, &self.subjects] {
            out.put(part);
        }
        parts.into_iter().for_each(|part| out.put(part));
        if let [first, since @ ..] = &*self.times {
            put_varint(&mut out.bytes, zigzag(*first));
            put_whole(&mut out, since);
        }
        put_floats(&mut out, &self.confidences);
        out
    }
}
