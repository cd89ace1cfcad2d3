//! Finding things among many: how long one thing takes, how much of the store is opened for it, and
//! how much memory; SQLite with the same rows and its three indexes beside it.
//!
//! Events are of workload S, in traces as an agent makes them: a session begins a new one every few
//! thousand events, and each is about a matter or two, so that an intent is in the blocks of some
//! minutes and not in all.

mod sql;
mod world;

use core::ops::ControlFlow;
use core::time::Duration;
use std::path::Path;
use std::time::Instant;

use activemirror::filter::{Compare, Filter, Kinds, LeafTest, Name, Number, Test, Words};
use activemirror::{Kind, Query, Timestamp};
use anyhow::{Result, ensure};
use rusqlite::types::Value;

use self::world::{Sample, World};
use crate::at;
use crate::report::{Better, Row};

/// The window in which an agent's events are looked for.
const WINDOW_MILLIS: i64 = 10_000;

/// What is looked for, a sample at a time.
struct LookUp {
    what: &'static str,
    goal_ms: Option<f64>,
    limit: Option<u64>,
    sql: &'static str,
    ask: fn(&World, &Sample) -> (Filter, Vec<Value>),
}

const LOOK_UPS: [LookUp; 5] = [
    LookUp {
        what: "an event by its address",
        goal_ms: Some(5.0),
        limit: Some(1),
        sql: "SELECT * FROM events WHERE id = ?",
        ask: |world, sample| {
            let address = Test::Sequence(Compare::Equal, sample.sequence);
            (Filter::from(Test::Log(world.log)).and(address.into()), vec![sample.row.into()])
        },
    },
    LookUp {
        what: "the first event of a trace by its id",
        goal_ms: Some(5.0),
        limit: Some(1),
        sql: "SELECT * FROM events WHERE trace = ? LIMIT 1",
        ask: |_, sample| {
            (events().and(Filter::named(Name::Trace, &sample.trace)), vec![sample.trace.clone().into()])
        },
    },
    LookUp {
        what: "all events of a trace by its id",
        goal_ms: None,
        limit: None,
        sql: "SELECT * FROM events WHERE trace = ?",
        ask: |_, sample| {
            (events().and(Filter::named(Name::Trace, &sample.trace)), vec![sample.trace.clone().into()])
        },
    },
    LookUp {
        what: "an agent's events of ten seconds",
        goal_ms: Some(5.0),
        limit: None,
        sql: "SELECT * FROM events WHERE agent = ? AND time >= ? AND time < ?",
        ask: |_, sample| {
            let end = sample.time + WINDOW_MILLIS;
            let from = Test::Time(Compare::AtLeast, Timestamp::from_millis(sample.time));
            let to = Test::Time(Compare::Less, Timestamp::from_millis(end));
            let agent = events().and(Filter::named(Name::Agent, &sample.agent));
            let values = vec![sample.agent.clone().into(), sample.time.into(), end.into()];
            (agent.and(from.into()).and(to.into()), values)
        },
    },
    LookUp {
        what: "the first ten by type, intent and confidence",
        goal_ms: None,
        limit: Some(10),
        sql: "SELECT * FROM events WHERE intent = ? AND confidence < 0.3 AND kind = 'action' LIMIT 10",
        ask: |_, sample| {
            let filter = unsure_action().and(Filter::named(Name::Intent, &sample.intent));
            (filter, vec![sample.intent.clone().into()])
        },
    },
];

/// What is counted over everything.
struct Scan {
    what: &'static str,
    goal_s: Option<f64>,
    sql: &'static str,
    filter: fn() -> Filter,
}

const SCANS: [Scan; 2] = [
    Scan {
        what: "a filter on structure over everything",
        goal_s: Some(2.0),
        sql: "SELECT count(*) FROM events WHERE kind = 'action' AND confidence < 0.3 AND action = 'tool_007'",
        filter: || unsure_action().and(Filter::named(Name::Action, "tool_007")),
    },
    Scan {
        what: "a filter on content over everything",
        goal_s: None,
        sql: "SELECT count(*) FROM events WHERE parameters ->> '$.amount' > 499.5",
        filter: || {
            let amount = LeafTest::Number(Compare::More, Number::Float(499.5));
            events().and(Test::Leaf("/parameters/amount".to_owned(), amount).into())
        },
    },
];

const WORD: Scan = Scan {
    what: "a word in the texts of a tenth as many T",
    goal_s: None,
    sql: "SELECT count(*) FROM events WHERE content LIKE '%compensation%'",
    filter: || events().and(Test::Text(Words::Contains("compensation".to_owned())).into()),
};

/// All rows about finding things, among so many events.
pub(crate) fn rows(folder: &Path, count: usize, seed: u64) -> Result<Vec<Row>> {
    let world = World::structured(folder, count, seed)?;
    world::forget_peak();
    let mut rows = Vec::new();
    for look_up in &LOOK_UPS {
        rows.extend(looked_up(&world, look_up)?);
    }
    for scan in &SCANS {
        rows.push(scanned(&world, scan)?);
    }
    if let Some(bytes) = world::peak() {
        let what = "memory, peak of the process while finding all of these";
        rows.push(Row::new(what, "MiB", Better::Lower, bytes / f64::from(1 << 20)));
    }
    rows.extend(sql::rows(&world)?);
    drop(world);
    let [small, full] = [count / 200, count / 10];
    rows.extend(looked_up_in_packs("merged", &World::waited_for(folder, small, seed)?)?);
    rows.extend(looked_up_in_packs("packed", &World::packed(folder, full, seed)?)?);
    rows.push(scanned(&World::texts(folder, count / 10, seed)?, &WORD)?);
    Ok(rows)
}

/// How long a look-up takes in the middle and at worst, and how many blocks it opens.
fn looked_up(world: &World, look_up: &LookUp) -> Result<[Row; 2]> {
    let (mut ours, mut theirs, mut opened) = (Vec::new(), Vec::new(), 0);
    for sample in &world.samples {
        let (filter, values) = (look_up.ask)(world, sample);
        let query = Query { filter, limit: look_up.limit, ..Query::default() };
        let begun = Instant::now();
        let (found, blocks) = found(world, &query)?;
        ours.push(begun.elapsed());
        let begun = Instant::now();
        let expected = world.sqlite_rows(look_up.sql, &values)?;
        theirs.push(begun.elapsed());
        ensure!(found == expected, "{}: {found} here, {expected} in SQLite", look_up.what);
        opened += blocks;
    }
    ours.sort_unstable();
    theirs.sort_unstable();
    let blocks = opened as f64 / world.samples.len() as f64;
    let row = |share: f64| {
        let what = format!("find {}, {blocks:.1} blocks opened, p{}", look_up.what, share * 100.0);
        let millis = |times: &[Duration]| at(times, share).as_secs_f64() * 1e3;
        Row::new(what, "ms", Better::Lower, millis(&ours)).beside("SQLite", millis(&theirs))
    };
    let worst = row(0.99);
    Ok([row(0.5), look_up.goal_ms.map_or_else(|| row(0.99), |goal| worst.goal(goal))])
}

/// By address, and over everything by structure, where blocks lie in packs.
fn looked_up_in_packs(how: &str, world: &World) -> Result<Vec<Row>> {
    let mut rows: Vec<Row> = looked_up(world, &LOOK_UPS[0])?.into();
    rows.push(scanned(world, &SCANS[0])?);
    rows.iter_mut().for_each(|row| row.what = format!("{}, blocks {how}", row.what));
    Ok(rows)
}

fn scanned(world: &World, scan: &Scan) -> Result<Row> {
    let query = Query { filter: (scan.filter)(), content: false, ..Query::default() };
    let begun = Instant::now();
    let (found, blocks) = found(world, &query)?;
    let ours = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    let expected = world.sqlite_count(scan.sql)?;
    let theirs = begun.elapsed().as_secs_f64();
    ensure!(found == expected && found > 0, "{}: {found} here, {expected} in SQLite", scan.what);
    let what = format!("find {}, {} events, {blocks} blocks opened", scan.what, world.count);
    let row = Row::new(what, "s", Better::Lower, ours).beside("SQLite", theirs);
    Ok(if let Some(goal) = scan.goal_s { row.goal(goal) } else { row })
}

/// How many records are found, and how many blocks were opened for it.
fn found(world: &World, query: &Query) -> Result<(u64, u64)> {
    let mut found = 0;
    let explain = world.runtime.find(query, &mut |_| {
        found += 1;
        ControlFlow::Continue(())
    })?;
    ensure!(explain.unread.is_empty(), "{explain}");
    Ok((found, explain.opened))
}

fn events() -> Filter {
    Filter::of(Kinds::EVENTS)
}

fn unsure_action() -> Filter {
    Filter::of(Kind::Action).and(Test::Confidence(Compare::Less, 0.3).into())
}
