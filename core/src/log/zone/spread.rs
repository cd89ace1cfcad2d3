//! Between what a number lies.

use alloc::vec::Vec;

use super::{Rest, SOME_WITHOUT, ZoneError};

const SOME_WITH: u8 = 2;

/// Between what a number lies, where there is one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// The least and the greatest; `None` where no record has one.
    pub ends: Option<(f64, f64)>,
    /// Whether some records have none, or one that is no number.
    pub some_without: bool,
}

impl Spread {
    pub(super) fn note(&mut self, number: Option<f64>) {
        match number.filter(|number| !number.is_nan()) {
            None => self.some_without = true,
            Some(number) => {
                let (least, most) = self.ends.unwrap_or((number, number));
                self.ends = Some((least.min(number), most.max(number)));
            }
        }
    }

    pub(super) fn write(self, bytes: &mut Vec<u8>) {
        let with = if self.ends.is_some() { SOME_WITH } else { 0 };
        bytes.push(u8::from(self.some_without) | with);
        if let Some((least, most)) = self.ends {
            bytes.extend(least.to_le_bytes());
            bytes.extend(most.to_le_bytes());
        }
    }

    pub(super) fn read(rest: &mut Rest<'_>) -> Result<Self, ZoneError> {
        let [bits] = rest.take()?;
        let mut end = || Ok(f64::from_le_bytes(rest.take()?));
        let ends = if bits & SOME_WITH == 0 { None } else { Some((end()?, end()?)) };
        let right = ends.is_none_or(|(least, most)| least <= most) && bits <= SOME_WITH | SOME_WITHOUT;
        if right { Ok(Self { ends, some_without: bits & SOME_WITHOUT != 0 }) } else { Err(ZoneError::Field) }
    }
}
