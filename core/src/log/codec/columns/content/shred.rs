//! Taking a content segment apart.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::super::CodecError;
use super::super::bytes::{Cursor, put_varint, unzigzag};
use super::super::frame::Pieces;
use super::super::numbers::{put_floats, put_whole};
use super::{HAS_MARKS, HAS_TEXT, MOST, OTHER, VERDICT, case, is_content};
use crate::trace::Body;

/// The columns of a plaintext; an error where it is not as bodies are written.
pub(in super::super) fn shred(plain: &[u8]) -> Result<Pieces, CodecError> {
    let mut rest = Cursor(plain);
    let bodies = rest.count(MOST)?;
    let mut columns = Columns::default();
    for _ in 0..bodies {
        columns.body(&mut rest)?;
    }
    if rest.is_empty() { Ok(columns.pieces()) } else { Err(CodecError::Damaged) }
}

#[derive(Default)]
struct Texts {
    lens: Vec<u8>,
    bytes: Vec<u8>,
    count: usize,
}

impl Texts {
    fn put(&mut self, text: &[u8]) {
        put_varint(&mut self.lens, text.len() as u64);
        self.bytes.extend_from_slice(text);
        self.count += 1;
    }
}

/// What lies at one path.
struct Path<'a> {
    path: &'a [u8],
    whole: Vec<i64>,
    floats: Vec<u64>,
    texts: Texts,
    /// The path of the leaf that last came after one at this path.
    after: usize,
}

#[derive(Default)]
struct Columns<'a> {
    heads: Vec<u8>,
    paths: Vec<Path<'a>>,
    path_numbers: BTreeMap<&'a [u8], usize>,
    /// The path of the leaf before, and of the last first leaf.
    before: Option<usize>,
    first: usize,
    /// The shape of the body that is being read, and of the last one.
    shape: Vec<u8>,
    last_shape: (Vec<u8>, usize),
    shapes: Vec<u8>,
    shape_numbers: BTreeMap<Vec<u8>, usize>,
    of_bodies: Vec<u8>,
    texts: Texts,
    reasons: Texts,
    rest: Vec<u8>,
    verdicts: [Vec<i64>; 4],
}

impl<'a> Columns<'a> {
    fn body(&mut self, rest: &mut Cursor<'a>) -> Result<(), CodecError> {
        let begin = *rest;
        match rest.byte()? {
            case if is_content(case) => self.content(case, rest),
            VERDICT => self.verdict(rest),
            _ => {
                let (_, after) =
                    postcard::take_from_bytes::<Body<'_>>(begin.0).map_err(|_| CodecError::Damaged)?;
                self.heads.push(OTHER);
                self.put_rest(&begin.0[..begin.0.len() - after.len()]);
                *rest = Cursor(after);
                Ok(())
            }
        }
    }

    fn content(&mut self, case: u8, rest: &mut Cursor<'a>) -> Result<(), CodecError> {
        let mut head = case;
        if let Some(text) = optional(rest)? {
            head |= HAS_TEXT;
            self.texts.put(text);
        }
        self.shape.clear();
        self.before = None;
        let leaves = rest.count(usize::MAX)?;
        put_varint(&mut self.shape, leaves as u64);
        for _ in 0..leaves {
            self.leaf(rest)?;
        }
        let shape = self.shape_number()?;
        put_varint(&mut self.of_bodies, shape as u64);
        if rest.0.first() == Some(&0) {
            rest.byte()?;
        } else {
            head |= HAS_MARKS;
            let marks = take_marks(rest)?;
            self.put_rest(marks);
        }
        self.heads.push(head);
        Ok(())
    }

    fn leaf(&mut self, rest: &mut Cursor<'a>) -> Result<(), CodecError> {
        let number = self.path_number(rest.text()?)?;
        put_varint(&mut self.shape, number as u64);
        let case = rest.byte()?;
        self.shape.push(case);
        let path = &mut self.paths[number];
        match case {
            case::NULL | case::EMPTY_OBJECT | case::EMPTY_LIST => {}
            case::BOOL => self.rest.push(rest.byte()?),
            case::SIGNED => path.whole.push(unzigzag(rest.varint()?)),
            case::UNSIGNED => put_varint(&mut self.rest, rest.varint()?),
            case::FLOAT => {
                let (bits, after) = rest.0.split_first_chunk().ok_or(CodecError::Damaged)?;
                path.floats.push(u64::from_le_bytes(*bits));
                *rest = Cursor(after);
            }
            case::DECIMAL | case::TEXT => path.texts.put(rest.text()?),
            _ => return Err(CodecError::Damaged),
        }
        Ok(())
    }

    fn verdict(&mut self, rest: &mut Cursor<'a>) -> Result<(), CodecError> {
        for column in &mut self.verdicts {
            column.push(rest.varint()? as i64);
        }
        let reason = optional(rest)?;
        self.heads.push(VERDICT | if reason.is_some() { HAS_TEXT } else { 0 });
        reason.into_iter().for_each(|reason| self.reasons.put(reason));
        Ok(())
    }

    /// The number of this path. What follows on one leaf is mostly what did so the last time.
    fn path_number(&mut self, text: &'a [u8]) -> Result<usize, CodecError> {
        let guess = self.before.map_or(self.first, |before| self.paths[before].after);
        let number = match self.paths.get(guess) {
            Some(path) if path.path == text => guess,
            _ => self.searched(text)?,
        };
        match self.before {
            Some(before) => self.paths[before].after = number,
            None => self.first = number,
        }
        self.before = Some(number);
        Ok(number)
    }

    fn searched(&mut self, path: &'a [u8]) -> Result<usize, CodecError> {
        let new = self.paths.len();
        let number = *self.path_numbers.entry(path).or_insert(new);
        if number == new {
            let (whole, floats, texts) = Default::default();
            self.paths.push(Path { path, whole, floats, texts, after: 0 });
        }
        if number < MOST { Ok(number) } else { Err(CodecError::Damaged) }
    }

    fn shape_number(&mut self) -> Result<usize, CodecError> {
        if self.shape == self.last_shape.0 {
            return Ok(self.last_shape.1);
        }
        let new = self.shape_numbers.len();
        let number = self.shape_numbers.get(&self.shape).copied().unwrap_or(new);
        if number == new {
            self.shapes.extend_from_slice(&self.shape);
            self.shape_numbers.insert(self.shape.clone(), new);
        }
        self.last_shape.0.clone_from(&self.shape);
        self.last_shape.1 = number;
        if number < MOST { Ok(number) } else { Err(CodecError::Damaged) }
    }

    fn put_rest(&mut self, bytes: &[u8]) {
        put_varint(&mut self.rest, bytes.len() as u64);
        self.rest.extend_from_slice(bytes);
    }

    fn pieces(mut self) -> Pieces {
        let mut path_list = Vec::new();
        for path in &self.paths {
            put_varint(&mut path_list, path.path.len() as u64);
            path_list.extend_from_slice(path.path);
            let counts = [path.whole.len(), path.floats.len(), path.texts.count];
            counts.into_iter().for_each(|count| put_varint(&mut path_list, count as u64));
        }
        let of_paths = self.paths.iter().map(|path| &path.texts);
        for texts in core::iter::once(&self.reasons).chain(of_paths) {
            self.texts.bytes.extend_from_slice(&texts.bytes);
            self.texts.lens.extend_from_slice(&texts.lens);
        }
        let mut out = Pieces::default();
        out.texts = self.texts.bytes.len();
        let front = [&path_list, &self.shapes, &self.texts.bytes, &self.texts.lens];
        let back = [&self.of_bodies, &self.rest];
        let counts = [self.heads.len(), self.paths.len(), self.shape_numbers.len()];
        let lens = front.iter().chain(&back).map(|part| part.len());
        counts.into_iter().chain(lens).for_each(|count| put_varint(&mut out.bytes, count as u64));
        // Paths and texts are of one kind.
        front[..2].iter().for_each(|part| out.bytes.extend_from_slice(part));
        front[2..].iter().for_each(|part| out.put(part));
        out.put(&self.heads);
        back.iter().for_each(|part| out.put(part));
        self.verdicts.iter().for_each(|column| put_whole(&mut out, column));
        for path in &self.paths {
            put_whole(&mut out, &path.whole);
            put_floats(&mut out, &path.floats);
        }
        out
    }
}

/// An `Option` of a text, as postcard writes it.
fn optional<'a>(rest: &mut Cursor<'a>) -> Result<Option<&'a [u8]>, CodecError> {
    match rest.byte()? {
        0 => Ok(None),
        1 => rest.text().map(Some),
        _ => Err(CodecError::Damaged),
    }
}

/// The list of marks that begins here, as it stands.
fn take_marks<'a>(rest: &mut Cursor<'a>) -> Result<&'a [u8], CodecError> {
    let begin = rest.0;
    let (_, after) =
        postcard::take_from_bytes::<Vec<crate::trace::Mark<'_>>>(begin).map_err(|_| CodecError::Damaged)?;
    *rest = Cursor(after);
    Ok(&begin[..begin.len() - after.len()])
}
