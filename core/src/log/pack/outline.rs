//! A pack's structure without anybody's content, and single people's content behind it.

use alloc::vec::Vec;

use super::{StoredPack, context, root};
use crate::hash::Digest;
use crate::log::block::{Content, ContentState, Place};
use crate::log::header::Header;
use crate::log::reader::{
    BlockError, OpenContent, Opened, Outline, PersonContent, PersonState, Room, SegmentError, leaf_hashes,
};
use crate::vault::{Key, KeyRing, SealError, seal};

impl StoredPack<'_> {
    /// Opens the structure of all its blocks, and nobody's content.
    pub fn outline(&self, headers: &[Header], key: &Key, room: &mut Room) -> Result<Outline, BlockError> {
        let unpacked = self
            .unsealed_segment(headers, key, Place::Structure, self.packed.structure)
            .and_then(|encoded| {
                self.codec.decode_structure(encoded, &mut room.0).map_err(SegmentError::Codec)
            })
            .map_err(|error| error.or(BlockError::Structure))?;
        let subjects = self.packed.contents.iter().map(|content| content.subject).collect();
        Ok(Outline::of_pack(headers.to_vec(), subjects, unpacked))
    }

    /// What is left of a person's content, by their place in the outline: told without opening it. Of a
    /// pack that carries leaf hashes, content that should be open may turn out to be that of somebody
    /// who was erased and is back.
    #[must_use]
    pub fn state_of(&self, keys: &impl KeyRing, person: u8) -> PersonState {
        match self.content_at(person).map(|content| (content.state, content.subject)) {
            Some((ContentState::Erased(_), _)) => PersonState::Erased,
            Some((_, subject)) if keys.subject(subject).is_some() => PersonState::Open,
            _ if self.has_leaves() => PersonState::Erased,
            _ => PersonState::Sealed,
        }
    }

    /// Opens the content of one person, by their place in the outline.
    pub fn content_of(
        &self,
        outline: &Outline,
        keys: &impl KeyRing,
        person: u8,
        room: &mut Room,
    ) -> Result<PersonContent, BlockError> {
        let content = self.content_at(person).ok_or(BlockError::Segment)?;
        let subject = content.subject;
        let kept = || self.kept(outline, person);
        let state = match (content.state, keys.subject(subject)) {
            (ContentState::Erased(hashes), _) => Opened::Erased(leaf_hashes(hashes)?),
            (ContentState::Sealed(_), None) => kept()?.map_or(Opened::Sealed, Opened::Erased),
            (ContentState::Sealed(sealed), Some(key)) => {
                let place = Place::Content(subject);
                let segment = self.unsealed_segment(outline.headers(), key.sealing(), place, sealed);
                let plain = segment
                    .and_then(|encoded| self.codec.decode(encoded, &mut room.0).map_err(SegmentError::Codec));
                match plain {
                    Ok(plain) => Opened::Plain(plain),
                    Err(error) => {
                        let is_of_another = matches!(error, SegmentError::Seal(SealError::WrongKey));
                        let kept = if is_of_another { kept()? } else { None };
                        let error = error.or(|seal| BlockError::Content(subject, seal));
                        kept.map(Opened::Erased).ok_or(error)?
                    }
                }
            }
        };
        Ok(PersonContent(OpenContent { subject, state }))
    }

    fn content_at(&self, person: u8) -> Option<&Content<'_>> {
        self.packed.contents.get(usize::from(person))
    }

    /// The leaf hashes that the pack carries of a person's records.
    fn kept(&self, outline: &Outline, person: u8) -> Result<Option<Vec<Digest>>, BlockError> {
        let Some(leaves) = self.leaves(outline.headers())? else { return Ok(None) };
        let (mut rows, mut leaves, mut own) = (outline.rows()?, leaves.into_iter(), Vec::new());
        while let Some(row) = rows.next()? {
            let leaf = leaves.next().ok_or(BlockError::Segment)?;
            own.extend(Some(leaf).filter(|_| row.person == person));
        }
        Ok(Some(own))
    }

    fn unsealed_segment(
        &self,
        headers: &[Header],
        key: &Key,
        place: Place,
        sealed: &[u8],
    ) -> Result<Vec<u8>, SegmentError> {
        let (context, mut encoded) =
            (context(&root(headers), self.codec, place), Vec::with_capacity(sealed.len()));
        seal::open(key, &[&context], sealed, &mut encoded).map_err(SegmentError::Seal)?;
        Ok(encoded)
    }
}
