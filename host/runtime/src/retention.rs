//! Retention: payloads move hot → warm → cold → gone, by age or by size, and what is held stays. Small
//! blocks become warm by themselves ([`Limits::merge_after`](crate::Limits::merge_after)); no rule is
//! needed for that, and none prevents it.
//!
//! # What a hold covers
//!
//! A hold is on the namespace, or on one trace, session or person. While it lasts, retention lets no block
//! go in which there is, or was, something of it, and none that lies in one pack with such a block; and
//! the person is not erased. It does not keep a payload from being packed or from going into the cold
//! store, where nothing is lost. Holds and releases are records of the log, sealed and signed like any
//! other, and are never let go themselves.
//!
//! # What a wrong clock does
//!
//! Blocks whose time cannot be one have no age (see `due`). What is let go does not come back, so a run
//! lets nothing go by age where its clock is further ahead of the run before than [`CLOCK_AHEAD_MAX`]
//! (before the first run: of the newest block), unless it is told that the clock is right. A clock that
//! went back makes everything younger: nothing moves early.
//!
//! # What a run that is stopped leaves
//!
//! Every move is one transaction. A pack that was uploaded and not yet counted, or counted as gone and
//! not yet deleted, lies in the cold store and is named by nothing: the next run removes it.

mod due;
mod holds;
pub(crate) mod rules;
mod run;

use core::time::Duration;

use activemirror_core::log::LogId;
use activemirror_core::time::Timestamp;
use activemirror_store::{Author, Fact, Tier};

pub use self::holds::Hold;
pub use self::rules::{Age, ColdPlace, Moves, Namespaces, Rule, Rules};
pub use self::run::{Asked, Due, Outcome, Trouble};
use crate::error::Error;
use crate::plan::RUNTIME_TRACE;
use crate::runtime::{Inner, Runtime, now};
pub use activemirror_store::{BlockRef, HoldOn, Unit};

/// A clock that is further ahead than this is not believed when something is to go.
pub const CLOCK_AHEAD_MAX: Duration = Duration::from_hours(45 * 24);

/// What lies in one tier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// Blocks.
    pub blocks: u64,
    /// Records in them.
    pub records: u64,
    /// Bytes of their payloads.
    pub bytes: u64,
    /// Blocks whose time has no age.
    pub undated: u64,
}

/// How retention stands.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Hot, warm, cold, gone.
    pub totals: [Total; 4],
    /// What is held.
    pub holds: Vec<Hold>,
    /// Packs in the cold store that hold sealed content of erased people.
    pub stale: usize,
}

impl Standing {
    /// What lies in this tier.
    #[must_use]
    pub const fn total(&self, tier: Tier) -> &Total {
        &self.totals[tier as usize]
    }
}

/// The day of a time, as people write it.
pub(crate) fn day(time: Timestamp) -> String {
    match jiff::Timestamp::from_millisecond(time.as_millis()) {
        Ok(time) => time.strftime("%Y-%m-%d").to_string(),
        Err(_) => format!("day {}", time.as_millis() / 86_400_000),
    }
}

impl Runtime {
    /// How much lies where, and what is held.
    pub fn retention(&self) -> Result<Standing, Error> {
        let inner = self.inner();
        let (mut standing, now) = (Standing::default(), now());
        for unit in inner.store().units()? {
            let total = &mut standing.totals[unit.tier as usize];
            total.blocks += unit.blocks;
            total.records += unit.records;
            total.bytes += unit.bytes;
            total.undated += if due::age(&unit, now).is_none() { unit.blocks } else { 0 };
        }
        standing.holds = inner.holds()?;
        standing.stale = inner.store().stale_cold()?;
        Ok(standing)
    }

    /// The log that a block is of.
    pub fn log_of(&self, at: BlockRef) -> Result<LogId, Error> {
        Ok(self.inner().store().log_of(at.log)?)
    }

    /// How many packs in the cold store still hold sealed content of people who were erased: no key
    /// opens it, and the next run of retention that reaches the cold store takes it out.
    pub fn stale_cold(&self) -> Result<usize, Error> {
        Ok(self.inner().store().stale_cold()?)
    }

    /// Puts something on hold, under a name that is free. The log keeps what, why, and since when.
    pub fn hold(&self, hold: &str, on: HoldOn, reason: &str) -> Result<(), Error> {
        let inner = self.inner();
        if inner.holds()?.iter().any(|known| known.name == hold) {
            return Err(Error::KnownHold(hold.to_owned()));
        }
        inner.say(&Fact::Held { hold: hold.to_owned(), on, reason: reason.to_owned() })
    }

    /// Ends a hold.
    pub fn release(&self, hold: &str, reason: &str) -> Result<(), Error> {
        let inner = self.inner();
        if !inner.holds()?.iter().any(|known| known.name == hold) {
            return Err(Error::UnknownHold(hold.to_owned()));
        }
        inner.say(&Fact::Released { hold: hold.to_owned(), reason: reason.to_owned() })
    }
}

impl Inner {
    pub(crate) fn author(&self) -> Author<'static> {
        self.author_at(now())
    }

    const fn author_at(&self, time: Timestamp) -> Author<'static> {
        Author { by: self.namespace, trace: RUNTIME_TRACE, time }
    }

    fn say(&self, fact: &Fact) -> Result<(), Error> {
        self.exclusively(|store| store.say(&self.author(), fact))
    }
}
