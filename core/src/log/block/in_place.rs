//! Sealing a block where it lies: on a device there is no room for the stored form beside the
//! buffers that the block was built in.
//!
//! Each buffer becomes one piece of the stored form, encrypted in place behind what comes before its
//! segment. The pieces in a row are the very bytes that [`BlockBuilder::finish`] writes with
//! [`Codec::Rows`].

use sha2::{Digest as _, Sha256};

use super::{BlockBuilder, ContentState, Place, Position, PushError, Share, Varint, context};
use crate::buffer::{Buffer, BufferFull};
use crate::hash::Digest;
use crate::log::codec::Codec;
use crate::log::header::Header;
use crate::trace::SubjectRef;
use crate::vault::{Key, KeyRing, Salt, seal};

/// Room that each buffer needs beside its own bytes; the one for rows also needs that of the names.
pub const IN_PLACE_BYTES: usize = CONTENT_HEAD + seal::OVERHEAD + VARINT;

/// How many subjects there are, whose content it is, in which state, how long.
const CONTENT_HEAD: usize = VARINT + 16 + 1 + VARINT;
/// The longest varint of a `u32`.
const VARINT: usize = 5;

/// A sealed block in its builder's buffers.
#[derive(Debug)]
pub struct Sealed<'b, B> {
    header: Header,
    structure: &'b [u8],
    shares: &'b [Share<B>],
    digest: Digest,
}

impl<B: Buffer> Sealed<'_, B> {
    /// Its header.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Its stored form, piece by piece.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> + Clone {
        self.covered().chain([self.digest.as_slice()])
    }

    /// What the digest covers, beside the header.
    fn covered(&self) -> impl Iterator<Item = &[u8]> + Clone {
        [self.structure].into_iter().chain(self.shares.iter().map(|share| share.bodies.bytes()))
    }
}

impl<B: Buffer, const SUBJECTS: usize> BlockBuilder<B, SUBJECTS> {
    /// Seals the block in its own buffers, hands it to `then` and begins the next one, empty.
    ///
    /// Returns `None` while the block is empty. After an error the block is as it was: each buffer
    /// needs [`IN_PLACE_BYTES`] of room, which [`BlockBuilder::in_place`] sees to, and no segment may
    /// be longer than 16 KiB.
    pub fn finish_in_place<R>(
        &mut self,
        keys: &impl KeyRing,
        mut salts: impl FnMut() -> Salt,
        then: impl FnOnce(&Sealed<'_, B>) -> R,
    ) -> Result<Option<R>, PushError> {
        let Some(header) = self.header() else { return Ok(None) };
        let next = header.block.checked_add(1).ok_or(PushError::Full)?;
        self.check_in_place(keys)?;
        self.seal_buffers(&header, keys, &mut salts)?;
        let result = self.hand_over(header, then);
        self.begin(Position { block: next, first: header.end(), ..self.position });
        Ok(Some(result))
    }

    /// Apart, so that what sealing needs of a device's stack is free again when the block is sent.
    #[inline(never)]
    fn seal_buffers(
        &mut self,
        header: &Header,
        keys: &impl KeyRing,
        salts: &mut impl FnMut() -> Salt,
    ) -> Result<(), PushError> {
        self.seal_structure(header, keys.structure(), &salts())?;
        let subjects = self.shares.len() as u32;
        for (place, share) in self.shares.iter_mut().enumerate() {
            let key = keys.subject(share.subject).ok_or(PushError::NoKey)?;
            let first = (place == 0).then_some(subjects);
            share.seal(header, first, key.sealing(), &salts())?;
        }
        Ok(())
    }

    /// Apart, as [`Self::seal_buffers`] is.
    #[inline(never)]
    fn hand_over<R>(&self, header: Header, then: impl FnOnce(&Sealed<'_, B>) -> R) -> R {
        let structure = self.rows.bytes();
        let mut sealed = Sealed { header, structure, shares: &self.shares, digest: [0; 32] };
        let hasher = Sha256::new_with_prefix(header.to_bytes());
        sealed.digest = sealed.covered().fold(hasher, Sha256::chain_update).finalize().into();
        then(&sealed)
    }

    /// Whether nothing can fail any more.
    fn check_in_place(&self, keys: &impl KeyRing) -> Result<(), PushError> {
        match () {
            () if !self.shares.iter().all(|share| keys.subject(share.subject).is_some()) => {
                Err(PushError::NoKey)
            }
            () if !(0..self.shares.len()).all(|share| self.fits_in_place(share)) => Err(PushError::Full),
            () => Ok(()),
        }
    }

    /// Whether structure and this share can be sealed where they lie.
    pub(super) fn fits_in_place(&self, share: usize) -> bool {
        let names = self.names.bytes().len();
        fits(&self.rows, names) && fits(&self.shares[share].bodies, 0)
    }

    fn seal_structure(&mut self, header: &Header, key: &Key, salt: &Salt) -> Result<(), BufferFull> {
        let (names, rows) = (Varint::of(self.names.count()), Varint::of(header.count));
        let front = [names.bytes(), self.names.bytes(), rows.bytes()];
        let context = context(header, Codec::Rows, Place::Structure);
        seal_buffer(&mut self.rows, &[&[Codec::Rows as u8]], &front, |buffer, start| {
            seal::seal_here(key, salt, &[&context], start, buffer)
        })
    }
}

impl<B: Buffer> Share<B> {
    /// `subjects` is how many people's content the block holds, before the first of them.
    fn seal(
        &mut self,
        header: &Header,
        subjects: Option<u32>,
        key: &Key,
        salt: &Salt,
    ) -> Result<(), BufferFull> {
        let (subjects, count) = (subjects.map(Varint::of), Varint::of(self.count));
        let SubjectRef(subject) = &self.subject;
        let state = Varint::of(ContentState::SEALED);
        let head = [subjects.as_ref().map_or(&[][..], Varint::bytes), subject, state.bytes()];
        let context = context(header, Codec::Rows, Place::Content(self.subject));
        seal_buffer(&mut self.bodies, &head, &[count.bytes()], |buffer, start| {
            seal::seal_here(key, salt, &[&context], start, buffer)
        })
    }
}

/// Whether what `buffer` holds, behind `more` bytes, can be sealed there.
fn fits(buffer: &impl Buffer, more: usize) -> bool {
    let message = buffer.bytes().len() + more + 2 * VARINT;
    buffer.room() >= more + IN_PLACE_BYTES && message < seal::CHUNK
}

/// Puts `head` and a length in the open, and `front` in the sealed part, before what `buffer`
/// holds; then has `seal` seal it.
fn seal_buffer<B: Buffer>(
    buffer: &mut B,
    head: &[&[u8]],
    front: &[&[u8]],
    seal: impl FnOnce(&mut B, usize) -> Result<(), BufferFull>,
) -> Result<(), BufferFull> {
    let plain = buffer.bytes().len();
    let front_len: usize = front.iter().map(|part| part.len()).sum();
    let sealed_len = Varint::of(seal::sealed_len(front_len + plain) as u32);
    head.iter().try_for_each(|part| buffer.append(part))?;
    buffer.append(sealed_len.bytes())?;
    let start = buffer.bytes().len() - plain;
    buffer.append(&[0; seal::HEAD])?;
    front.iter().try_for_each(|part| buffer.append(part))?;
    bring_to_front(buffer.bytes_mut(), plain);
    seal(buffer, start)
}

/// Brings what lies from `from` on before the rest. `rotate_left` does the same, faster, for two
/// kilobytes of flash.
fn bring_to_front(bytes: &mut [u8], from: usize) {
    let (back, front) = bytes.split_at_mut(from);
    back.reverse();
    front.reverse();
    bytes.reverse();
}
