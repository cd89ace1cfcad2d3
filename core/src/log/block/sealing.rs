//! Sealing a block: its plaintext in, its stored form out.

use super::{ContentState, Place, PushError, Share, context, digest};
use crate::buffer::{Buffer, BufferFull};
use crate::log::codec::{Codec, Encoder};
use crate::log::header::Header;
use crate::vault::{Key, KeyRing, Salt, seal};

/// Seals blocks, one after the other, in one codec. What that codec needs is made once.
#[derive(Debug)]
pub struct Sealer {
    codec: Codec,
    encoder: Encoder,
}

impl Sealer {
    /// Seals in this codec.
    pub fn new(codec: Codec) -> Result<Self, PushError> {
        Ok(Self { codec, encoder: Encoder::new(codec)? })
    }
}

/// The plaintext of a block.
#[derive(Clone, Copy)]
pub(super) struct Parts<'b, B> {
    pub(super) header: &'b Header,
    /// How many names, and the list of them.
    pub(super) names: (u32, &'b [u8]),
    pub(super) rows: &'b [u8],
    pub(super) shares: &'b [Share<B>],
}

impl<B: Buffer> Parts<'_, B> {
    /// Appends the stored form, or nothing.
    pub(super) fn seal(
        &self,
        sealer: &mut Sealer,
        keys: &impl KeyRing,
        salts: &mut impl FnMut() -> Salt,
        out: &mut impl Buffer,
    ) -> Result<(), PushError> {
        let start = out.bytes().len();
        self.write(sealer, keys, salts, out).inspect_err(|_| out.truncate(start))
    }

    /// Writes what [`super::write_stored`] writes, but each segment straight from its buffers.
    fn write(
        &self,
        sealer: &mut Sealer,
        keys: &impl KeyRing,
        salts: &mut impl FnMut() -> Salt,
        out: &mut impl Buffer,
    ) -> Result<(), PushError> {
        let Sealer { codec, encoder } = sealer;
        let (codec, header) = (*codec, self.header);
        let start = out.bytes().len();
        out.append(&[codec as u8])?;
        let (names, rows) = (Varint::of(self.names.0), Varint::of(header.count));
        let plain = [names.bytes(), self.names.1, rows.bytes(), self.rows];
        let structure = Segment { codec, header, place: Place::Structure };
        structure.write(encoder, keys.structure(), &salts(), &plain, out)?;
        out.append(Varint::of(self.shares.len() as u32).bytes())?;
        for share in self.shares {
            let key = keys.subject(share.subject).ok_or(PushError::NoKey)?;
            let place = Place::Content(share.subject);
            out.append_postcard(&(share.subject, ContentState::SEALED))?;
            let count = Varint::of(share.count);
            let plain = [count.bytes(), share.bodies.bytes()];
            Segment { codec, header, place }.write(encoder, key.sealing(), &salts(), &plain, out)?;
        }
        let digest = digest(header, &out.bytes()[start..]);
        Ok(out.append(&digest)?)
    }
}

/// A segment's place in its block.
struct Segment<'h> {
    codec: Codec,
    header: &'h Header,
    place: Place,
}

impl Segment<'_> {
    /// Encodes, seals and appends the segment behind its length.
    fn write(
        &self,
        encoder: &mut Encoder,
        key: &Key,
        salt: &Salt,
        plain: &[&[u8]],
        out: &mut impl Buffer,
    ) -> Result<(), PushError> {
        let context = context(self.header, self.codec, self.place);
        let written = encoder.encode(self.place.contents(), plain, |encoded| {
            let len = encoded.iter().map(|part| part.len()).sum();
            let sealed_len = u32::try_from(seal::sealed_len(len)).map_err(|_| BufferFull)?;
            out.append(Varint::of(sealed_len).bytes())?;
            seal::seal_parts(key, salt, &[&context], encoded, out)
        });
        Ok(written??)
    }
}

/// A length as postcard writes it.
pub(super) struct Varint {
    bytes: [u8; 5],
    len: usize,
}

impl Varint {
    pub(super) fn of(number: u32) -> Self {
        let mut bytes = [0; 5];
        let len = postcard::to_slice(&number, &mut bytes).map_or(0, |written| written.len());
        debug_assert!(len > 0, "a u32 has at most five varint bytes");
        Self { bytes, len }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}
