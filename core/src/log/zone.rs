//! What all records of a block have in common: enough to leave most blocks closed when something
//! is looked for.
//!
//! A zone says less than the structure that it was made of, and never anything of content; it is
//! sealed as that is, and bound to its block's header. It may say "perhaps" where the block says
//! no, and never the other way round:
//!
//! | offset | size | meaning |
//! |---|---|---|
//! | 0 | 1 | version, 1 |
//! | 1 | 2 | bits: which kinds there are, by [`Kind`](crate::trace::Kind)'s numbers |
//! | 3 | 1 | bits: 1 some records have no confidence, 2 some have one |
//! | 4 | 16 | where some have one, the least and the greatest, as floats |
//! | | 1 | how many spans of time; no more than [`ZONE_SPANS_MAX`](crate::limits::ZONE_SPANS_MAX) |
//! | | 16n | the earliest and the latest time of each, in order, signed milliseconds |
//! | | | agents, then actions, then intents: |
//! | 0 | 1 | bits: 1 some records have none, 2 some have a stand-in, 4 too many to say |
//! | 1 | 1 | how many, where they are not too many; no more than [`ZONE_NAMES_MAX`] |
//! | 2 | 2n | a hash of each, in order |
//!
//! Numbers are little-endian. Two bytes of a name are enough to tell: with 64 names in a block, one
//! of a thousand others is taken for one of them, and costs opening a block that holds nothing.

mod noting;
mod spans;

use alloc::vec::Vec;
use core::fmt;

use super::header::Header;
use crate::buffer::Buffer;
use crate::draft::stands_in;
use crate::limits::ZONE_NAMES_MAX;
use crate::trace::{Kinds, Structure};
use crate::vault::{Key, Salt, SealError, seal};

pub use noting::Noting;
pub use spans::{Span, Spans};

const VERSION: u8 = 1;

const SOME_WITHOUT: u8 = 1;
const SOME_WITH: u8 = 2;
const STANDS_IN: u8 = 2;
const TOO_MANY: u8 = 4;

/// What a block's records have in common.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    /// Which kinds there are.
    pub kinds: Kinds,
    /// How sure they are.
    pub confidence: Spread,
    /// When they happened.
    pub times: Spans,
    /// Who acted.
    pub agents: Names,
    /// What was done, where it was.
    pub actions: Names,
    /// What was wanted.
    pub intents: Names,
}

/// Between what a number lies, where there is one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// The least and the greatest; `None` where no record has one.
    pub ends: Option<(f64, f64)>,
    /// Whether some records have none, or one that is no number.
    pub some_without: bool,
}

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

/// Why bytes are no zone of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ZoneError {
    /// They do not open.
    Seal(SealError),
    /// They are not of a version that this program knows.
    Version,
    /// A field cannot be right.
    Field,
}

impl fmt::Display for ZoneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seal(error) => write!(f, "what is noted of the block does not open: {error}"),
            Self::Version => f.write_str("what is noted of the block was written by a newer version"),
            Self::Field => f.write_str("what is noted of the block cannot be right"),
        }
    }
}

impl core::error::Error for ZoneError {}

impl Default for Zone {
    /// That of a block without records.
    fn default() -> Self {
        let names = || Names { some_without: false, some_stand_in: false, hashes: Some(Vec::new()) };
        Self {
            kinds: Kinds::default(),
            confidence: Spread::default(),
            times: Spans::default(),
            agents: names(),
            actions: names(),
            intents: names(),
        }
    }
}

impl Zone {
    /// Takes in one more record.
    pub fn note(&mut self, structure: &Structure<'_>) {
        self.note_but_names(structure);
        self.agents.note(structure.agent);
        self.actions.note(structure.action);
        self.intents.note(structure.intent);
    }

    fn note_but_names(&mut self, structure: &Structure<'_>) {
        self.kinds = self.kinds.with(structure.kind);
        self.confidence.note(structure.confidence);
        self.times.note(structure.time);
    }

    /// The byte form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::from([VERSION]);
        bytes.extend(self.kinds.bits().to_le_bytes());
        self.confidence.write(&mut bytes);
        self.times.write(&mut bytes);
        [&self.agents, &self.actions, &self.intents].into_iter().for_each(|names| names.write(&mut bytes));
        bytes
    }

    /// Reads the byte form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ZoneError> {
        let mut rest = Rest(bytes);
        let [version] = rest.take()?;
        if version != VERSION {
            return Err(ZoneError::Version);
        }
        let kinds = Kinds::from_bits(u16::from_le_bytes(rest.take()?)).ok_or(ZoneError::Field)?;
        let (confidence, times) = (Spread::read(&mut rest)?, Spans::read(&mut rest)?);
        let (agents, actions) = (Names::read(&mut rest)?, Names::read(&mut rest)?);
        let zone = Self { kinds, confidence, times, agents, actions, intents: Names::read(&mut rest)? };
        if rest.0.is_empty() { Ok(zone) } else { Err(ZoneError::Field) }
    }

    /// Sealed for the block with this header.
    #[must_use]
    pub fn seal(&self, key: &Key, salt: &Salt, header: &Header) -> Vec<u8> {
        let mut sealed = Vec::new();
        seal::seal(key, salt, &[&context(header)], &self.to_bytes(), &mut sealed)
            .expect("invariant: a Vec takes every byte");
        sealed
    }

    /// Opens what was sealed for the block with this header.
    pub fn open(key: &Key, header: &Header, sealed: &[u8]) -> Result<Self, ZoneError> {
        let mut bytes = Vec::with_capacity(sealed.len());
        seal::open(key, &[&context(header)], sealed, &mut bytes).map_err(ZoneError::Seal)?;
        Self::from_bytes(bytes.bytes())
    }
}

fn context(header: &Header) -> [u8; 46] {
    let mut context = [0; 46];
    context[..14].copy_from_slice(b"AMBLOCK1/zone/");
    context[14..].copy_from_slice(&header.leaf_hash());
    context
}

impl Spread {
    fn note(&mut self, number: Option<f64>) {
        match number.filter(|number| !number.is_nan()) {
            None => self.some_without = true,
            Some(number) => {
                let (least, most) = self.ends.unwrap_or((number, number));
                self.ends = Some((least.min(number), most.max(number)));
            }
        }
    }

    fn write(self, bytes: &mut Vec<u8>) {
        let with = if self.ends.is_some() { SOME_WITH } else { 0 };
        bytes.push(u8::from(self.some_without) | with);
        if let Some((least, most)) = self.ends {
            bytes.extend(least.to_le_bytes());
            bytes.extend(most.to_le_bytes());
        }
    }

    fn read(rest: &mut Rest<'_>) -> Result<Self, ZoneError> {
        let [bits] = rest.take()?;
        let mut end = || Ok(f64::from_le_bytes(rest.take()?));
        let ends = if bits & SOME_WITH == 0 { None } else { Some((end()?, end()?)) };
        let right = ends.is_none_or(|(least, most)| least <= most) && bits <= SOME_WITH | SOME_WITHOUT;
        if right { Ok(Self { ends, some_without: bits & SOME_WITHOUT != 0 }) } else { Err(ZoneError::Field) }
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

    fn note(&mut self, name: Option<&str>) {
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

    fn write(&self, bytes: &mut Vec<u8>) {
        let bit = |bit: u8, set: bool| if set { bit } else { 0 };
        let too_many = bit(TOO_MANY, self.hashes.is_none());
        bytes.push(bit(SOME_WITHOUT, self.some_without) | bit(STANDS_IN, self.some_stand_in) | too_many);
        if let Some(hashes) = &self.hashes {
            bytes.push(hashes.len() as u8);
            bytes.extend(hashes.iter().flat_map(|hash| hash.to_le_bytes()));
        }
    }

    fn read(rest: &mut Rest<'_>) -> Result<Self, ZoneError> {
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

/// What is left to read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], ZoneError> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(ZoneError::Field)?;
        self.0 = rest;
        Ok(*taken)
    }
}
