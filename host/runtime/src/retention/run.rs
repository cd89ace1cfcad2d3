//! A run of retention: what is due moves, one transaction at a time.
//!
//! What goes by age goes first, so that nothing is packed or uploaded in vain; what goes by size goes
//! last, when packing has made room.

use core::fmt;
use std::collections::HashSet;

use activemirror_core::time::Timestamp;
use activemirror_store::{BlockRef, ColdFault, StoreError, Tier, Unit};

use super::CLOCK_AHEAD_MAX;
use super::due::{by_age, by_size, rows};
use super::holds::Held;
use super::rules::{Moves, Rule};
use crate::error::Error;
use crate::runtime::{Inner, Runtime};

/// What is on this machine.
const HERE: [Tier; 2] = [Tier::Hot, Tier::Warm];
/// What has a payload.
const ANYWHERE: [Tier; 3] = [Tier::Hot, Tier::Warm, Tier::Cold];

/// What a run is asked to do.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The rules.
    pub moves: Moves,
    /// What time it is.
    pub now: Timestamp,
    /// Whether that is known to be right, however far ahead it seems.
    pub clock_is_right: bool,
}

/// Something that is due, or was moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// What, where it was.
    pub unit: Unit,
    /// Where to.
    pub to: Tier,
    /// By which rule.
    pub rule: String,
}

/// Why something that is due did not move.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trouble {
    /// The clock is too far ahead of this time for anything to go by age.
    Clock(Timestamp),
    /// Blocks of a log did not go into the cold store, or were not taken out of it: the first, the one
    /// after the last, and why.
    Cold(u64, u64, ColdFault),
    /// The cold store was not looked through for what is left there.
    Sweep(ColdFault),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clock(known) => write!(
                f,
                "nothing went by age: the clock is more than {} days ahead of {}, when this was last looked at; \
                 say --clock-is-right if it is",
                CLOCK_AHEAD_MAX.as_secs() / 86_400,
                super::day(*known)
            ),
            Self::Cold(first, end, why) => write!(f, "blocks {first} to {} did not move: {why}", end - 1),
            Self::Sweep(why) => write!(f, "what is left over in the cold store was not removed: {why}"),
        }
    }
}

/// What a run did.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What moved; or, where it only looked, what would.
    pub moved: Vec<Due>,
    /// What is due to go and is held.
    pub held: Vec<Due>,
    /// Packs in the cold store from which the content of erased people was taken.
    pub renewed: usize,
    /// Objects that nothing named and that were removed from the cold store.
    pub swept: usize,
    /// What did not come about.
    pub troubles: Vec<Trouble>,
}

impl Runtime {
    /// Says what a run would move as things are now. Packing makes room, so less may go by size.
    pub fn plan_retention(&self, asked: &Asked) -> Result<Outcome, Error> {
        let inner = self.inner();
        self.flush()?;
        let (units, held) = (inner.movable()?, inner.held()?);
        let mut outcome = Outcome::default();
        let aged = inner.aged(asked, &units, &held, &mut outcome)?;
        let going = places(&aged);
        let left: Vec<Unit> = units.iter().filter(|unit| !going.contains(&unit.at)).copied().collect();
        let cold = due(to_cool(&asked.moves, &left, asked.now), Tier::Cold, asked.moves.cold);
        let warm = to_warm(&asked.moves, &left, asked.now);
        let cooling = places(&cold);
        let warm = warm.into_iter().filter(|unit| !cooling.contains(&unit.at)).collect();
        let sized = sized(&asked.moves, &left, &held, &mut outcome);
        let moved = [aged, due(warm, Tier::Warm, asked.moves.warm), cold, sized];
        outcome.moved = moved.into_iter().flatten().collect();
        Ok(outcome)
    }

    /// Moves what is due. `progress` is told of each move, done. Recording goes on meanwhile.
    pub fn run_retention(&self, asked: &Asked, mut progress: impl FnMut(&Due)) -> Result<Outcome, Error> {
        let inner = self.inner();
        // Two runs at once would move the same, and so would a merge.
        let _only = inner.store().moving();
        self.flush()?;
        let held = inner.held()?;
        let mut outcome = Outcome::default();
        let aged = inner.aged(asked, &inner.movable()?, &held, &mut outcome)?;
        inner.let_go(aged, asked.now, &mut outcome, &mut progress)?;
        inner.pack(asked, &mut outcome, &mut progress)?;
        inner.cool(asked, &mut outcome, &mut progress)?;
        let sized = sized(&asked.moves, &inner.movable()?, &held, &mut outcome);
        inner.let_go(sized, asked.now, &mut outcome, &mut progress)?;
        inner.tidy_cold(asked, &mut outcome)?;
        if !outcome.troubles.iter().any(|trouble| matches!(trouble, Trouble::Clock(_))) {
            inner.exclusively(|store| store.note_retention(asked.now))?;
        }
        inner.keep_seen();
        Ok(outcome)
    }
}

impl Inner {
    /// All payloads but those that stay where they were written.
    fn movable(&self) -> Result<Vec<Unit>, Error> {
        let store = self.store();
        Ok(store.units()?.into_iter().filter(|unit| !store.stays(unit)).collect())
    }

    /// What is to go by age, and may.
    fn aged(
        &self,
        asked: &Asked,
        units: &[Unit],
        held: &Held,
        outcome: &mut Outcome,
    ) -> Result<Vec<Due>, Error> {
        let aged = due(by_age(units, &ANYWHERE, asked.moves.gone, asked.now), Tier::Gone, asked.moves.gone);
        let (kept, goes): (Vec<Due>, Vec<Due>) = aged.into_iter().partition(|due| held.keeps(&due.unit));
        outcome.held = kept;
        let known = match self.store().retention_ran()? {
            Some(ran) => Some(ran),
            None => units.iter().map(|unit| unit.time_max).filter(|time| *time <= asked.now).max(),
        };
        let ahead = |known: Timestamp| {
            let ahead = i128::from(asked.now.as_millis()) - i128::from(known.as_millis());
            ahead > CLOCK_AHEAD_MAX.as_millis().cast_signed()
        };
        match known.filter(|known| ahead(*known)) {
            Some(known) if !asked.clock_is_right && !goes.is_empty() => {
                outcome.troubles.push(Trouble::Clock(known));
                Ok(Vec::new())
            }
            _ => Ok(goes),
        }
    }

    fn let_go(
        &self,
        due: Vec<Due>,
        now: Timestamp,
        outcome: &mut Outcome,
        progress: &mut impl FnMut(&Due),
    ) -> Result<(), Error> {
        let Some(rule) = due.first().map(|due| due.rule.clone()) else { return Ok(()) };
        let units: Vec<Unit> = due.iter().map(|due| due.unit).collect();
        self.exclusively(|store| store.let_go(&units, &rule, &self.author_at(now)))?;
        due.iter().for_each(progress);
        outcome.moved.extend(due);
        Ok(())
    }

    fn pack(
        &self,
        asked: &Asked,
        outcome: &mut Outcome,
        progress: &mut impl FnMut(&Due),
    ) -> Result<(), Error> {
        let units = self.movable()?;
        let mut wanted = to_warm(&asked.moves, &units, asked.now);
        // What is to become cold is packed first.
        wanted.extend(
            to_cool(&asked.moves, &units, asked.now).into_iter().filter(|unit| unit.tier == Tier::Hot),
        );
        let rule = asked.moves.warm.or(asked.moves.cold);
        for row in rows(&units, &wanted) {
            let mut rest = &row[..];
            while !rest.is_empty() {
                let count = self.store().pack(rest)?;
                let (packed, after) = rest.split_at(count.max(1));
                let packed = packed.iter().filter(|unit| unit.tier == Tier::Hot).copied().collect();
                let packed = due(packed, Tier::Warm, rule);
                packed.iter().for_each(&mut *progress);
                outcome.moved.extend(packed);
                rest = after;
            }
        }
        Ok(())
    }

    fn cool(
        &self,
        asked: &Asked,
        outcome: &mut Outcome,
        progress: &mut impl FnMut(&Due),
    ) -> Result<(), Error> {
        let units = to_cool(&asked.moves, &self.movable()?, asked.now);
        let warm = units.into_iter().filter(|unit| unit.tier == Tier::Warm).collect();
        for due in due(warm, Tier::Cold, asked.moves.cold) {
            let sent = match self.store().send_cold(&due.unit) {
                Err(StoreError::Cold { why, .. }) => {
                    // Whatever keeps one pack from it keeps the others.
                    outcome.troubles.push(Trouble::Cold(due.unit.at.block, due.unit.end(), why));
                    return Ok(());
                }
                sent => sent?,
            };
            // Somebody may have been erased meanwhile: the next run sends it.
            if self.exclusively(|store| store.moved_cold(sent, &self.author_at(asked.now)))? {
                progress(&due);
                outcome.moved.push(due);
            }
        }
        Ok(())
    }

    /// Takes out of the cold store what is not to be there any more.
    fn tidy_cold(&self, asked: &Asked, outcome: &mut Outcome) -> Result<(), Error> {
        let went = |due: &Due| due.unit.tier == Tier::Cold;
        let is_used = self.movable()?.iter().any(|unit| unit.tier == Tier::Cold);
        if asked.moves.cold.is_none() && !is_used && !outcome.moved.iter().any(went) {
            return Ok(());
        }
        match self.store().renew_cold() {
            Ok(renewed) => outcome.renewed = renewed,
            Err(StoreError::Cold { block, why }) => {
                outcome.troubles.push(Trouble::Cold(block, block + 1, why));
            }
            Err(error) => return Err(error.into()),
        }
        match self.store().sweep_cold()? {
            Ok(swept) => outcome.swept = swept,
            Err(why) => outcome.troubles.push(Trouble::Sweep(why)),
        }
        Ok(())
    }

    /// Takes erased people's content out of the cold store, as far as it can be reached.
    pub(crate) fn renew_cold(&self) -> Result<(), Error> {
        if self.store().stale_cold()? == 0 {
            return Ok(());
        }
        match self.store().renew_cold() {
            Ok(_) => self.store().sweep_cold().map(drop).map_err(Error::from),
            Err(StoreError::Cold { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// What is to be packed.
fn to_warm(moves: &Moves, units: &[Unit], now: Timestamp) -> Vec<Unit> {
    either(by_age(units, &[Tier::Hot], moves.warm, now), by_size(units, &[Tier::Hot], moves.warm, |_| true))
}

/// What is to go into the cold store.
fn to_cool(moves: &Moves, units: &[Unit], now: Timestamp) -> Vec<Unit> {
    either(by_age(units, &HERE, moves.cold, now), by_size(units, &HERE, moves.cold, |_| true))
}

/// What is to go by size.
fn sized(moves: &Moves, units: &[Unit], held: &Held, outcome: &mut Outcome) -> Vec<Due> {
    let all = by_size(units, &ANYWHERE, moves.gone, |_| true);
    let goes = by_size(units, &ANYWHERE, moves.gone, |unit| !held.keeps(unit));
    let kept = all.into_iter().filter(|unit| held.keeps(unit)).collect();
    let kept = due(kept, Tier::Gone, moves.gone).into_iter();
    let known = places(&outcome.held);
    let new: Vec<Due> = kept.filter(|due| !known.contains(&due.unit.at)).collect();
    outcome.held.extend(new);
    due(goes, Tier::Gone, moves.gone)
}

fn either(mut units: Vec<Unit>, others: Vec<Unit>) -> Vec<Unit> {
    units.extend(others);
    units.sort_by_key(|unit| unit.at);
    units.dedup();
    units
}

fn places(due: &[Due]) -> HashSet<BlockRef> {
    due.iter().map(|due| due.unit.at).collect()
}

fn due(units: Vec<Unit>, to: Tier, rule: Option<Rule>) -> Vec<Due> {
    let rule = rule.map(|rule| rule.to_string()).unwrap_or_default();
    units.into_iter().map(|unit| Due { unit, to, rule: rule.clone() }).collect()
}
