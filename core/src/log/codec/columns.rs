//! Codec 2: a segment's rows as columns, in Zstandard.
//!
//! A column holds one field of all rows, and what is alike lies side by side. A segment is
//!
//! | offset | size | meaning |
//! |---|---|---|
//! | 0 | 1 | what the frame holds: 0 the plaintext itself, 1 columns of structure, 2 columns of content |
//! | 1 | n | a Zstandard frame that says how long its content is, without magic number; with the number of its [`dictionary`], if it has one |
//!
//! Columns give back the plaintext they were made of, byte by byte; whoever writes makes sure of
//! that, and leaves a plaintext as it is where they would not. Whatever comes, no more is unpacked
//! than a block has room for.

mod bytes;
mod content;
mod dictionary;
mod frame;
mod numbers;
mod structure;

use alloc::vec::Vec;

use super::CodecError;

pub(in crate::log) use structure::{ColumnRow, Rows};

const PLAIN: u8 = 0;
const STRUCTURE: u8 = 1;
const CONTENT: u8 = 2;

/// The plaintext of a segment.
pub(super) fn unpack(segment: &[u8], room: usize) -> Result<Vec<u8>, CodecError> {
    let (form, frame) = segment.split_first().ok_or(CodecError::Damaged)?;
    let unpacked = frame::unpack(frame, room)?;
    unshred(*form, unpacked, room)
}

/// The plaintext of a structure segment, or its columns.
pub(super) fn unpack_structure(segment: &[u8], room: usize) -> Result<super::Unpacked, CodecError> {
    let (form, frame) = segment.split_first().ok_or(CodecError::Damaged)?;
    let unpacked = frame::unpack(frame, room)?;
    match *form {
        STRUCTURE => Ok(super::Unpacked::Columns(unpacked)),
        form => unshred(form, unpacked, room).map(super::Unpacked::Plain),
    }
}

fn unshred(form: u8, unpacked: Vec<u8>, room: usize) -> Result<Vec<u8>, CodecError> {
    match form {
        PLAIN => Ok(unpacked),
        STRUCTURE => structure::unshred(&unpacked, room),
        CONTENT => content::unshred(&unpacked, room),
        _ => Err(CodecError::Damaged),
    }
}

#[cfg(feature = "zstd")]
mod write {
    use alloc::vec::Vec;

    use super::frame::{self, Pieces};
    use super::{CONTENT, PLAIN, STRUCTURE, content, structure};
    use crate::log::codec::{CodecError, Contents};

    /// Packs segments, one after the other.
    #[derive(Debug)]
    pub(in crate::log) struct Packer(frame::Packer);

    impl Packer {
        pub(in super::super) fn new() -> Result<Self, CodecError> {
            frame::Packer::new().map(Self).ok_or(CodecError::NeedsHeap)
        }

        pub(in super::super) fn thorough() -> Result<Self, CodecError> {
            frame::Packer::thorough().map(Self).ok_or(CodecError::NeedsHeap)
        }

        /// Hands the segment that holds this plaintext, given in pieces, to `then`.
        pub(in super::super) fn pack<R>(
            &mut self,
            contents: Contents,
            plain: &[&[u8]],
            then: impl FnOnce(&[&[u8]]) -> R,
        ) -> Result<R, CodecError> {
            let (form, pieces) = shredded(contents, plain.concat());
            let mut segment = alloc::vec![form];
            self.0.pack(&pieces, &mut segment).ok_or(CodecError::NeedsHeap)?;
            Ok(then(&[&segment]))
        }
    }

    /// The columns, where they give back the plaintext; or else the plaintext.
    fn shredded(contents: Contents, plain: Vec<u8>) -> (u8, Pieces) {
        let (form, columns) = match contents {
            Contents::Structure => (STRUCTURE, structure::shred(&plain)),
            Contents::Bodies => (CONTENT, content::shred(&plain)),
        };
        match columns {
            Ok(pieces) if gives_back(form, &pieces, &plain) => (form, pieces),
            _ => (PLAIN, Pieces::whole(plain)),
        }
    }

    fn gives_back(form: u8, pieces: &Pieces, plain: &[u8]) -> bool {
        let back = match form {
            STRUCTURE => structure::unshred(&pieces.bytes, plain.len()),
            _ => content::unshred(&pieces.bytes, plain.len()),
        };
        back.is_ok_and(|back| back == plain)
    }
}

#[cfg(feature = "zstd")]
pub(super) use write::Packer;
