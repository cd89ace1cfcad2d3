//! Which payloads are to move: a function of what there is, the rules and the time.
//!
//! A block is as old as the latest time in its header. A clock that was wrong when something was
//! recorded must make nothing go early: a time before the year 2000 is that of a clock which counts from
//! its start, or of an import without times, and one after now is of a clock that ran ahead. Such blocks
//! have no age, and only rules by size reach them.

use std::collections::HashSet;

use activemirror_core::time::Timestamp;
use activemirror_store::{BlockRef, Tier, Unit};

use super::rules::Rule;

/// The first time that a clock gives which knows the date.
const DATED_FROM: i64 = 946_684_800_000;

/// The age of a unit, in milliseconds, where its time is one.
pub(super) fn age(unit: &Unit, now: Timestamp) -> Option<i64> {
    let time = unit.time_max.as_millis();
    (time >= DATED_FROM).then(|| now.as_millis().checked_sub(time)).flatten().filter(|age| *age >= 0)
}

/// The units that are older than the rule says.
pub(super) fn by_age(units: &[Unit], from: &[Tier], rule: Option<Rule>, now: Timestamp) -> Vec<Unit> {
    let Some(after) = rule.and_then(|rule| rule.after) else { return Vec::new() };
    let due =
        |unit: &&Unit| from.contains(&unit.tier) && age(unit, now).is_some_and(|age| age >= after.millis());
    units.iter().filter(due).copied().collect()
}

/// The oldest units that are to go for the rest to keep within the rule. `counted` are the tiers whose
/// bytes count, `may` says which units can go.
pub(super) fn by_size(
    units: &[Unit],
    counted: &[Tier],
    rule: Option<Rule>,
    may: impl Fn(&Unit) -> bool,
) -> Vec<Unit> {
    let Some(over) = rule.and_then(|rule| rule.over) else { return Vec::new() };
    let counted = units.iter().filter(|unit| counted.contains(&unit.tier));
    let mut left: u64 = counted.clone().map(|unit| unit.bytes).sum();
    // In a log, what comes first is older, whatever clocks said.
    let candidates: Vec<Unit> = counted.filter(|unit| may(unit)).copied().collect();
    let (mut dated, mut earliest, mut log) = (Vec::new(), i64::MAX, None);
    for unit in candidates.into_iter().rev() {
        earliest = if log == Some(unit.at.log) { earliest } else { i64::MAX };
        (log, earliest) = (Some(unit.at.log), earliest.min(unit.time_max.as_millis()));
        dated.push((earliest, unit));
    }
    dated.sort_by_key(|(earliest, unit)| (*earliest, unit.at));
    let goes = dated.into_iter().map(|(_, unit)| unit).take_while(|unit| {
        let goes = left > over;
        left = left.saturating_sub(if goes { unit.bytes } else { 0 });
        goes
    });
    goes.collect()
}

/// The rows of units that are to be packed: what is due, with what is loose before it.
pub(super) fn rows(units: &[Unit], due: &[Unit]) -> Vec<Vec<Unit>> {
    let due: HashSet<BlockRef> = due.iter().map(|unit| unit.at).collect();
    let is_due = |unit: &Unit| due.contains(&unit.at);
    let joins = |unit: &Unit| is_due(unit) || (unit.tier == Tier::Warm && unit.is_loose());
    let follow = |one: &Unit, next: &Unit| {
        joins(one) && joins(next) && one.at.log == next.at.log && one.end() == next.at.block
    };
    let rows = units.chunk_by(follow);
    rows.filter(|row| row.iter().any(is_due)).map(<[Unit]>::to_vec).collect()
}
