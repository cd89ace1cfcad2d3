//! The columns of a content segment.
//!
//! | column | form |
//! |---|---|
//! | head | varints: bodies, paths, shapes, bytes of each of the columns marked * |
//! | paths* | each path as a text, and varints: how many whole numbers, floats and texts lie at it |
//! | shapes* | each shape: varint number of leaves, then for each varint path and 1 byte value case |
//! | texts* | those of bodies, then verdicts' reasons, then path by path those of leaves |
//! | lengths of texts* | varints |
//! | heads | a byte a body: its case, or [`OTHER`]; [`HAS_TEXT`]; [`HAS_MARKS`] |
//! | shapes of bodies* | varints |
//! | rest* | in the bodies' order what has no column: bytes behind their length, truths, `u64`s |
//! | verdicts | whole numbers: how far back, plugins, outcomes, fuel |
//! | leaves | path by path: whole numbers, floats |
//!
//! A shape is the list of a body's leaves without their values: bodies of one kind of event mostly
//! have one.

#[cfg(feature = "zstd")]
mod shred;

use alloc::vec::Vec;

use super::CodecError;
use super::bytes::{Cursor, Plain, zigzag};
use super::numbers::{Floats, Whole};
use crate::limits::BLOCK_RECORDS_MAX;

#[cfg(feature = "zstd")]
pub(super) use shred::shred;

/// Bodies, paths and shapes that columns are made of; a segment with more stays as it is.
const MOST: usize = BLOCK_RECORDS_MAX as usize;

/// In place of a body's case: all of it is in the rest.
const OTHER: u8 = 7;
const HAS_TEXT: u8 = 1 << 3;
const HAS_MARKS: u8 = 1 << 4;

/// The case of [`Body`](crate::trace::Body) that is a verdict.
const VERDICT: u8 = 3;

/// Whether this case of a body has a text, leaves and marks.
const fn is_content(case: u8) -> bool {
    matches!(case, 0 | 1 | 2 | 5)
}

/// The cases of [`Value`](crate::value::Value) as its postcard numbers them.
mod case {
    pub(super) const NULL: u8 = 0;
    pub(super) const BOOL: u8 = 1;
    pub(super) const SIGNED: u8 = 2;
    pub(super) const UNSIGNED: u8 = 3;
    pub(super) const FLOAT: u8 = 4;
    pub(super) const DECIMAL: u8 = 5;
    pub(super) const TEXT: u8 = 6;
    pub(super) const EMPTY_OBJECT: u8 = 7;
    pub(super) const EMPTY_LIST: u8 = 8;
}

/// Texts in a row, and their lengths.
#[derive(Clone, Copy, Debug, Default)]
struct Texts<'a> {
    lens: Cursor<'a>,
    bytes: Cursor<'a>,
}

impl<'a> Texts<'a> {
    /// The next `count` texts, apart.
    fn split(&mut self, count: usize) -> Result<Self, CodecError> {
        let (begin, mut bytes) = (self.lens, 0usize);
        for _ in 0..count {
            bytes = bytes.checked_add(self.lens.count(usize::MAX)?).ok_or(CodecError::Damaged)?;
        }
        let lens = Cursor(&begin.0[..begin.0.len() - self.lens.0.len()]);
        Ok(Self { lens, bytes: Cursor(self.bytes.take(bytes)?) })
    }

    #[inline]
    fn next(&mut self) -> Result<&'a [u8], CodecError> {
        let len = self.lens.count(usize::MAX)?;
        self.bytes.take(len)
    }

    const fn is_done(&self) -> bool {
        self.lens.is_empty() && self.bytes.is_empty()
    }
}

/// What lies at one path, body by body.
struct Path<'a> {
    path: &'a [u8],
    counts: [usize; 3],
    whole: Whole<'a>,
    floats: Floats<'a>,
    texts: Texts<'a>,
}

/// Gives back the plaintext.
pub(super) fn unshred(columns: &[u8], room: usize) -> Result<Vec<u8>, CodecError> {
    let mut reader = Columns::read(columns)?;
    let mut plain = Plain::new(columns.len(), room);
    plain.varint(reader.heads.len() as u64)?;
    for head in reader.heads {
        reader.body(*head, &mut plain)?;
    }
    if reader.is_done() { Ok(plain.finish()) } else { Err(CodecError::Damaged) }
}

struct Columns<'a> {
    heads: &'a [u8],
    paths: Vec<Path<'a>>,
    shapes: Vec<Cursor<'a>>,
    of_bodies: Cursor<'a>,
    texts: Texts<'a>,
    reasons: Texts<'a>,
    rest: Cursor<'a>,
    verdicts: [Whole<'a>; 4],
}

impl<'a> Columns<'a> {
    fn read(columns: &'a [u8]) -> Result<Self, CodecError> {
        let mut bytes = Cursor(columns);
        let (bodies, paths, shapes) = (bytes.count(MOST)?, bytes.count(MOST)?, bytes.count(MOST)?);
        let mut lens = [0; 6];
        for len in &mut lens {
            *len = bytes.count(columns.len())?;
        }
        let [paths_len, shapes_len, texts_len, lens_len, of_bodies_len, rest_len] = lens;
        let mut path_list = Cursor(bytes.take(paths_len)?);
        let mut shape_list = Cursor(bytes.take(shapes_len)?);
        let texts = Cursor(bytes.take(texts_len)?);
        let mut texts = Texts { bytes: texts, lens: Cursor(bytes.take(lens_len)?) };
        let heads = bytes.take(bodies)?;
        let of_bodies = Cursor(bytes.take(of_bodies_len)?);
        let rest = Cursor(bytes.take(rest_len)?);
        let paths = (0..paths).map(|_| Path::read(&mut path_list)).collect::<Result<Vec<_>, _>>()?;
        let shapes = (0..shapes).map(|_| shape(&mut shape_list, paths.len()));
        let shapes = shapes.collect::<Result<Vec<_>, _>>()?;
        let verdict = |head: &&u8| *head & 7 == VERDICT;
        let has_text = |head: &&u8| *head & HAS_TEXT != 0;
        let verdicts = heads.iter().filter(verdict).count();
        let reasons = heads.iter().filter(verdict).filter(has_text).count();
        let said = heads.iter().filter(has_text).count() - reasons;
        let mut columns = Self {
            heads,
            paths,
            shapes,
            of_bodies,
            texts: texts.split(said)?,
            reasons: texts.split(reasons)?,
            rest,
            verdicts: [Whole::default(); 4],
        };
        for column in &mut columns.verdicts {
            *column = Whole::read(&mut bytes, verdicts)?;
        }
        for path in &mut columns.paths {
            path.texts = texts.split(path.counts[2])?;
            path.whole = Whole::read(&mut bytes, path.counts[0])?;
            path.floats = Floats::read(&mut bytes, path.counts[1])?;
        }
        let done = bytes.is_empty() && texts.is_done() && path_list.is_empty() && shape_list.is_empty();
        if done { Ok(columns) } else { Err(CodecError::Damaged) }
    }

    fn is_done(&self) -> bool {
        let verdicts = self.verdicts.iter().all(Whole::is_done);
        let paths = self.paths.iter().all(Path::is_done);
        let texts = self.texts.is_done() && self.reasons.is_done();
        verdicts && paths && texts && self.rest.is_empty() && self.of_bodies.is_empty()
    }

    fn body(&mut self, head: u8, plain: &mut Plain) -> Result<(), CodecError> {
        match head & 7 {
            case if is_content(case) && head < 2 * HAS_MARKS => self.content(case, head, plain),
            VERDICT if head < HAS_MARKS => self.verdict(head, plain),
            OTHER if head == OTHER => plain.put(self.rest.text()?),
            _ => Err(CodecError::Damaged),
        }
    }

    fn content(&mut self, case: u8, head: u8, plain: &mut Plain) -> Result<(), CodecError> {
        plain.byte(case)?;
        let text = if head & HAS_TEXT == 0 { None } else { Some(self.texts.next()?) };
        optional(text, plain)?;
        let shape = self.of_bodies.count(MOST)?;
        let mut shape = *self.shapes.get(shape).ok_or(CodecError::Damaged)?;
        plain.varint(shape.varint()?)?;
        while !shape.is_empty() {
            let path = shape.count(MOST)?;
            let path = self.paths.get_mut(path).ok_or(CodecError::Damaged)?;
            plain.text(path.path)?;
            path.value(shape.byte()?, &mut self.rest, plain)?;
        }
        if head & HAS_MARKS == 0 { plain.byte(0) } else { plain.put(self.rest.text()?) }
    }

    fn verdict(&mut self, head: u8, plain: &mut Plain) -> Result<(), CodecError> {
        plain.byte(VERDICT)?;
        for column in &mut self.verdicts {
            plain.varint(column.next()? as u64)?;
        }
        let reason = if head & HAS_TEXT == 0 { None } else { Some(self.reasons.next()?) };
        optional(reason, plain)
    }
}

impl<'a> Path<'a> {
    fn read(list: &mut Cursor<'a>) -> Result<Self, CodecError> {
        let path = list.text()?;
        let counts = [list.count(usize::MAX)?, list.count(usize::MAX)?, list.count(usize::MAX)?];
        let (whole, floats, texts) = Default::default();
        Ok(Self { path, counts, whole, floats, texts })
    }

    fn value(&mut self, case: u8, rest: &mut Cursor<'_>, plain: &mut Plain) -> Result<(), CodecError> {
        plain.byte(case)?;
        match case {
            case::NULL | case::EMPTY_OBJECT | case::EMPTY_LIST => Ok(()),
            case::BOOL => plain.byte(rest.byte()?),
            case::SIGNED => plain.varint(zigzag(self.whole.next()?)),
            case::UNSIGNED => plain.varint(rest.varint()?),
            case::FLOAT => plain.put(&self.floats.next()?.to_le_bytes()),
            case::DECIMAL | case::TEXT => plain.text(self.texts.next()?),
            _ => Err(CodecError::Damaged),
        }
    }

    const fn is_done(&self) -> bool {
        self.whole.is_done() && self.floats.is_done() && self.texts.is_done()
    }
}

/// The next shape of the list, whose leaves are at some of so many paths.
fn shape<'a>(list: &mut Cursor<'a>, paths: usize) -> Result<Cursor<'a>, CodecError> {
    let begin = *list;
    let leaves = list.count(begin.0.len())?;
    for _ in 0..leaves {
        list.count(paths)?;
        list.byte()?;
    }
    Ok(Cursor(&begin.0[..begin.0.len() - list.0.len()]))
}

/// An `Option` of a text, as postcard writes it.
#[inline]
fn optional(text: Option<&[u8]>, plain: &mut Plain) -> Result<(), CodecError> {
    plain.byte(u8::from(text.is_some()))?;
    text.map_or(Ok(()), |text| plain.text(text))
}
