//! Which names there are in one field of some records.

use alloc::vec::Vec;

use super::{Rest, SOME_WITHOUT, ZoneError};
use crate::draft::stands_in;
use crate::limits::ZONE_NAMES_MAX;

const STANDS_IN: u8 = 2;
const TOO_MANY: u8 = 4;

/// Which names there are in one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// Whether some records have none.
    pub some_without: bool,
    /// Whether some records have one that may stand for another.
    pub some_stand_in: bool,
    /// Their hashes, in order; `None` where they are too many to say.
    hashes: Option<Vec<u16>>,
}

impl Default for Names {
    /// Those of no records.
    fn default() -> Self {
        Self { some_without: false, some_stand_in: false, hashes: Some(Vec::new()) }
    }
}

impl Names {
    /// Whether some record may have this name.
    #[must_use]
    pub fn may_hold(&self, name: &str) -> bool {
        let known = |hashes: &Vec<u16>| hashes.binary_search(&hash(name)).is_ok();
        self.some_stand_in || self.hashes.as_ref().is_none_or(known)
    }

    /// Whether some record has a name.
    #[must_use]
    pub fn some_with(&self) -> bool {
        self.hashes.as_ref().is_none_or(|hashes| !hashes.is_empty())
    }

    pub(super) fn note(&mut self, name: Option<&str>) {
        let Some(name) = name else {
            self.some_without = true;
            return;
        };
        self.some_stand_in |= stands_in(name);
        if let Some(hashes) = &mut self.hashes
            && let Err(place) = hashes.binary_search(&hash(name))
        {
            if hashes.len() == ZONE_NAMES_MAX {
                self.hashes = None;
            } else {
                hashes.insert(place, hash(name));
            }
        }
    }

    pub(super) fn write(&self, bytes: &mut Vec<u8>) {
        let bit = |bit: u8, set: bool| if set { bit } else { 0 };
        let too_many = bit(TOO_MANY, self.hashes.is_none());
        bytes.push(bit(SOME_WITHOUT, self.some_without) | bit(STANDS_IN, self.some_stand_in) | too_many);
        if let Some(hashes) = &self.hashes {
            bytes.push(hashes.len() as u8);
            bytes.extend(hashes.iter().flat_map(|hash| hash.to_le_bytes()));
        }
    }

    pub(super) fn read(rest: &mut Rest<'_>) -> Result<Self, ZoneError> {
        let [bits] = rest.take()?;
        let (some_without, some_stand_in) = (bits & SOME_WITHOUT != 0, bits & STANDS_IN != 0);
        if bits > SOME_WITHOUT | STANDS_IN | TOO_MANY {
            return Err(ZoneError::Field);
        }
        if bits & TOO_MANY != 0 {
            return Ok(Self { some_without, some_stand_in, hashes: None });
        }
        let [count] = rest.take()?;
        if usize::from(count) > ZONE_NAMES_MAX {
            return Err(ZoneError::Field);
        }
        let hashes =
            (0..count).map(|_| Ok(u16::from_le_bytes(rest.take()?))).collect::<Result<Vec<_>, _>>()?;
        let ordered = hashes.windows(2).all(|pair| pair[0] < pair[1]);
        if ordered {
            Ok(Self { some_without, some_stand_in, hashes: Some(hashes) })
        } else {
            Err(ZoneError::Field)
        }
    }
}

/// FNV-1a, folded. Whoever makes names up that collide makes blocks be opened in vain, no more.
fn hash(name: &str) -> u16 {
    let mix = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    let hash = name.as_bytes().iter().fold(0x811c_9dc5, mix);
    (hash >> 16 ^ hash) as u16
}
