//! When the records of a block happened, as a few spans of time with nothing between them.
//!
//! A header says the earliest and the latest time. One record whose clock was wrong, or an old trace
//! that is recorded late, makes that all the time there is; the spans still leave out what lies
//! between.

use alloc::vec::Vec;

use super::{Rest, ZoneError};
use crate::limits::ZONE_SPANS_MAX;
use crate::time::Timestamp;

/// Milliseconds without a record that end no span.
const GAP: u64 = 60_000;

/// Spans of time, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spans(Vec<Span>);

/// The earliest and the latest time of some records.
pub type Span = (Timestamp, Timestamp);

impl Spans {
    /// The spans; every record is in one of them.
    pub fn iter(&self) -> impl Iterator<Item = Span> {
        self.0.iter().copied()
    }

    pub(super) fn note(&mut self, time: Timestamp) {
        let next = self.0.partition_point(|(_, latest)| *latest < time);
        if self.0.get(next).is_some_and(|(earliest, _)| *earliest <= time) {
            return;
        }
        self.0.insert(next, (time, time));
        if self.gap_after(next).is_some_and(|gap| gap <= GAP) {
            self.join(next);
        }
        if next > 0 && self.gap_after(next - 1).is_some_and(|gap| gap <= GAP) {
            self.join(next - 1);
        }
        if self.0.len() > ZONE_SPANS_MAX {
            self.join_closest();
        }
    }

    /// Milliseconds between a span and the next; `None` after the last.
    fn gap_after(&self, place: usize) -> Option<u64> {
        let [(_, latest), (earliest, _)] = self.0.get(place..place + 2)? else { return None };
        Some(latest.0.abs_diff(earliest.0))
    }

    /// Makes a span and the next one.
    fn join(&mut self, place: usize) {
        let (_, latest) = self.0.remove(place + 1);
        self.0[place].1 = latest;
    }

    fn join_closest(&mut self) {
        if let Some(closest) = (0..self.0.len() - 1).min_by_key(|place| self.gap_after(*place)) {
            self.join(closest);
        }
    }

    pub(super) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.push(self.0.len() as u8);
        for (earliest, latest) in &self.0 {
            bytes.extend(earliest.0.to_le_bytes());
            bytes.extend(latest.0.to_le_bytes());
        }
    }

    pub(super) fn read(rest: &mut Rest<'_>) -> Result<Self, ZoneError> {
        let [count] = rest.take()?;
        if usize::from(count) > ZONE_SPANS_MAX {
            return Err(ZoneError::Field);
        }
        let mut time = || Ok(Timestamp(i64::from_le_bytes(rest.take()?)));
        let spans = (0..count).map(|_| Ok((time()?, time()?))).collect::<Result<Vec<_>, _>>()?;
        let forward = spans.iter().all(|(earliest, latest)| earliest <= latest);
        let ordered = spans.windows(2).all(|pair| pair[0].1 < pair[1].0);
        if forward && ordered { Ok(Self(spans)) } else { Err(ZoneError::Field) }
    }
}
